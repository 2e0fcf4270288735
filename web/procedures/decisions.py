"""A decision table as rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

ANY = "-"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what people call it, and the expression or variable behind it."""

    label: str
    expression: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: conditions, answers, and the article or reason."""

    number: int
    inputs: list[str]
    outputs: list[str]
    note: str


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """The decision of a *.dmn file."""

    path: str
    id: str
    name: str
    description: str
    hit_policy: str
    inputs: list[Column]
    outputs: list[Column]
    rules: list[Rule]


def tables(files: Mapping[str, bytes]) -> list[DecisionTable]:
    """The decision tables of a version by file name. The files were checked when they were deployed."""
    found = (_table(path, data) for path, data in sorted(files.items()) if path.endswith(".dmn"))
    return [table for table in found if table]


def _table(path: str, data: bytes) -> DecisionTable | None:
    root = fromstring(data, forbid_dtd=True)
    decision = root.find("{*}decision")
    table = decision.find("{*}decisionTable") if decision is not None else None
    if decision is None or table is None:
        return None
    return DecisionTable(
        path=path,
        id=decision.get("id", ""),
        name=decision.get("name", ""),
        description=_text(decision, "{*}description"),
        hit_policy=table.get("hitPolicy", "UNIQUE"),
        inputs=[_input(each) for each in table.findall("{*}input")],
        outputs=[_output(each) for each in table.findall("{*}output")],
        rules=[_rule(number, each) for number, each in enumerate(table.findall("{*}rule"), 1)],
    )


def _input(column: Element) -> Column:
    return Column(column.get("label", ""), _text(column, "{*}inputExpression/{*}text"))


def _output(column: Element) -> Column:
    return Column(column.get("label", ""), column.get("name", ""))


def _rule(number: int, rule: Element) -> Rule:
    inputs = [_text(entry, "{*}text") or ANY for entry in rule.findall("{*}inputEntry")]
    outputs = [_text(entry, "{*}text") for entry in rule.findall("{*}outputEntry")]
    notes = [_text(entry, "{*}text") for entry in rule.findall("{*}annotationEntry")]
    return Rule(number, inputs, outputs, " ".join(filter(None, [_text(rule, "{*}description"), *notes])))


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
