"""A decision table as people read and change it: its columns and rows as text, and the same table with other rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.bpmn.decisions import TEXT, Decision, read_decision
from engine.bpmn.xml import parse_xml
from engine.refusals import NotDeployable

ANY = "-"


@dataclass(frozen=True, slots=True)
class Column:
    """What people call a column, the expression or variable behind it, and the values it may have where it says so."""

    label: str
    expression: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: conditions, answers, and the article or reason."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table as text. Two tables of the same `shape` ask and answer the same."""

    id: str
    name: str
    description: str
    policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def shape(self) -> tuple[Any, ...]:
        """Everything but the rows and the words."""
        columns = [tuple(column.expression for column in side) for side in (self.inputs, self.outputs)]
        return self.id, self.policy, *columns


@lru_cache(maxsize=256)
def read_table(data: bytes, path: str = "") -> Table:
    """The table of a DMN file that was checked before."""
    root = parse_xml(data, path)
    node = next(each for each in root.iter("{*}decision") if each.find("{*}decisionTable") is not None)
    table = node.find("{*}decisionTable")
    return Table(
        id=node.get("id", ""),
        name=node.get("name", ""),
        description=_text(node, "{*}description"),
        policy=table.get("hitPolicy", "UNIQUE"),
        inputs=tuple(_input(each) for each in table.iterfind("{*}input")),
        outputs=tuple(_output(each) for each in table.iterfind("{*}output")),
        rows=tuple(_row(each) for each in table.iterfind("{*}rule")),
    )


@lru_cache(maxsize=256)
def compiled(data: bytes, path: str = "") -> Decision:
    """The decision of a DMN file. NotDeployable with every finding, overlaps and gaps among them."""
    decision, findings = read_decision(path, parse_xml(data, path))
    errors = [finding for finding in findings if finding.level == "error"]
    if decision is None or errors:
        raise NotDeployable(errors or findings)
    return decision


def with_rows(data: bytes, rows: Sequence[Row]) -> bytes:
    """The same table with these rules."""
    root = parse_xml(data)
    table = next(root.iter("{*}decisionTable"))
    namespace, key = etree.QName(table).namespace, table.get("id", "table")
    for rule in list(table.iterfind("{*}rule")):
        table.remove(rule)
    for number, row in enumerate(rows, 1):
        _write(etree.SubElement(table, f"{{{namespace}}}rule", id=f"{key}_row{number}"), row)
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def normal(row: Row) -> Row:
    """A row with its blank conditions spelled as they are meant."""
    return replace(row, inputs=tuple(text.strip() or ANY for text in row.inputs), note=row.note.strip())


def _write(rule: Any, row: Row) -> None:
    namespace, key = etree.QName(rule).namespace, rule.get("id")
    etree.SubElement(rule, f"{{{namespace}}}description").text = row.note
    for kind, texts in (("inputEntry", row.inputs), ("outputEntry", row.outputs)):
        for number, text in enumerate(texts, 1):
            entry = etree.SubElement(rule, f"{{{namespace}}}{kind}", id=f"{key}_{kind}{number}")
            etree.SubElement(entry, f"{{{namespace}}}text").text = text


def _input(node: Any) -> Column:
    values = _values(node, "{*}inputValues/{*}text")
    return Column(node.get("label", ""), _text(node, "{*}inputExpression/{*}text"), values)


def _output(node: Any) -> Column:
    return Column(node.get("label", ""), node.get("name", ""), _values(node, "{*}outputValues/{*}text"))


def _values(node: Any, path: str) -> tuple[str, ...]:
    parts = [part.strip() for part in _text(node, path).split(",") if part.strip()]
    return tuple(parts) if all(TEXT.match(part) for part in parts) else ()


def _row(node: Any) -> Row:
    notes = [_text(node, "{*}description"), *(_text(entry, "{*}text") for entry in node.iterfind("{*}annotationEntry"))]
    return Row(
        inputs=tuple(_text(entry, "{*}text") or ANY for entry in node.iterfind("{*}inputEntry")),
        outputs=tuple(_text(entry, "{*}text") for entry in node.iterfind("{*}outputEntry")),
        note=" ".join(filter(None, notes)),
    )


def _text(node: Any, path: str) -> str:
    return str(node.findtext(path) or "").strip()
