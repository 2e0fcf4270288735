"""Decision tables: one table a file, hit policies UNIQUE, FIRST, ANY, RULE ORDER, plain COLLECT; and their lint."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any

from engine.bpmn.sandbox import Expression, NotAllowedHere, ScriptFailed, expression, reason
from engine.bpmn.values import clean
from engine.canonical import dump
from engine.refusals import Finding, Refusal, Saying

POLICIES = ("UNIQUE", "FIRST", "ANY", "RULE ORDER", "COLLECT")
LISTS = ("RULE ORDER", "COLLECT")
MOST_CASES = 20_000
NUMBER = r"-?\d+(?:\.\d+)?"
COMPARED = re.compile(rf"^(<=|>=|<|>|=)?\s*({NUMBER})$")
INTERVAL = re.compile(rf"^([\[\]\(])\s*({NUMBER})\s*\.\.\s*({NUMBER})\s*([\]\[\)])$")
TEXT = re.compile(r'^"((?:[^"\\]|\\.)*)"$')
WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


class NoRule(Refusal):
    """No rule of the decision "{decision}" fits {inputs}."""


class SeveralRules(Refusal):
    """Rules {rules} of the decision "{decision}" fit {inputs} at once."""


class RulesDisagree(Refusal):
    """Rules {rules} of the decision "{decision}" fit {inputs} and answer differently."""


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers from `low` to `high`; None is unbounded."""

    low: float | None
    high: float | None
    low_in: bool = True
    high_in: bool = True

    def holds(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        above = self.low is None or value > self.low or (self.low_in and value == self.low)
        return above and (self.high is None or value < self.high or (self.high_in and value == self.high))


@dataclass(frozen=True, slots=True)
class Exactly:
    """One text, yes/no or null."""

    value: Any

    def holds(self, value: Any) -> bool:
        return type(value) is type(self.value) and bool(value == self.value)


@dataclass(frozen=True, slots=True)
class Test:
    """An input entry: any of its parts, or none of them when negated; no parts is anything."""

    parts: tuple[Span | Exactly, ...]
    negated: bool = False

    def holds(self, value: Any) -> bool:
        """Does the value pass? A list passes when one of its items does."""
        if not self.parts:
            return True
        if isinstance(value, list):
            return any(part.holds(item) for item in value for part in self.parts) is not self.negated
        return any(part.holds(value) for part in self.parts) is not self.negated


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: `number` counts from 1."""

    number: int
    tests: tuple[Test, ...]
    outputs: tuple[Expression, ...]
    id: str = ""
    line: int | None = None

    def fits(self, values: tuple[Any, ...]) -> bool:
        return all(test.holds(value) for test, value in zip(self.tests, values, strict=True))


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision table. `declared` are the values each input may have, where the table declares them."""

    id: str
    name: str
    path: str
    policy: str
    inputs: tuple[Expression, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]
    declared: tuple[tuple[Any, ...] | None, ...] = ()

    @property
    def is_list(self) -> bool:
        """Does it answer a list: of every rule that fits, in the order of the rules?"""
        return self.policy in LISTS

    def result(self, variables: Mapping[str, Any], element: str = "") -> Any:
        """UNIQUE, FIRST, ANY: {output: value}. RULE ORDER, COLLECT: a list of them, of bare values of a single output.

        NoRule when no rule fits (a list is empty then), SeveralRules when UNIQUE is not unique, RulesDisagree when the
        rules of ANY do not answer the same.
        """
        return self.decide(variables, element)[0]

    def decide(self, variables: Mapping[str, Any], element: str = "") -> tuple[Any, list[int]]:
        """`result`, and the numbers of the rules that gave it."""
        values = tuple(source.value(variables, element or self.id) for source in self.inputs)
        hits = [rule for rule in self.rules if rule.fits(values)]
        if self.is_list:
            return [self._collected(rule, variables, element) for rule in hits], [rule.number for rule in hits]
        if not hits:
            raise NoRule(decision=self.name, inputs=self._said(values))
        if self.policy == "UNIQUE" and len(hits) > 1:
            raise SeveralRules(decision=self.name, inputs=self._said(values), rules=[rule.number for rule in hits])
        row = self._row(hits[0], variables, element)
        if self.policy != "ANY":
            return row, [hits[0].number]
        numbers = [rule.number for rule in hits]
        if any(dump(self._row(rule, variables, element)) != dump(row) for rule in hits[1:]):
            raise RulesDisagree(decision=self.name, inputs=self._said(values), rules=numbers)
        return row, numbers

    def _collected(self, rule: Rule, variables: Mapping[str, Any], element: str) -> Any:
        row = self._row(rule, variables, element)
        return row[self.outputs[0]] if len(self.outputs) == 1 else row

    def _row(self, rule: Rule, variables: Mapping[str, Any], element: str) -> dict[str, Any]:
        pairs = zip(self.outputs, rule.outputs, strict=True)
        return {name: clean(source.value(variables, element or self.id)) for name, source in pairs}

    def _said(self, values: tuple[Any, ...]) -> str:
        return ", ".join(f"{source.source} = {value!r}" for source, value in zip(self.inputs, values, strict=True))


def unary_test(text: str) -> Test:
    """Read `"A"`, `"A","B"`, `not("A")`, `-`, `3`, `> 3`, `[1..5]`, `true`. ValueError for anything else."""
    text = text.strip()
    if text in ("", "-"):
        return Test(())
    negated = text.startswith("not(") and text.endswith(")")
    inner = text[4:-1] if negated else text
    return Test(tuple(_part(part.strip()) for part in _split(inner)), negated)


def _split(text: str) -> list[str]:
    """At the commas that stand outside of quotes."""
    parts, quoted = [""], False
    for place, letter in enumerate(text):
        if letter == '"' and text[place - 1 : place] != "\\":
            quoted = not quoted
        if letter == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _part(text: str) -> Span | Exactly:
    if found := TEXT.match(text):
        return Exactly(found[1].replace('\\"', '"').replace("\\\\", "\\"))
    if text in WORDS:
        return Exactly(WORDS[text])
    if found := INTERVAL.match(text):
        return Span(float(found[2]), float(found[3]), found[1] == "[", found[4] == "]")
    if found := COMPARED.match(text):
        return _compared(found[1] or "=", float(found[2]))
    raise ValueError(
        Saying('{value} is no test; write for example "A", not("A"), > 3, [1..5], true or -', value=repr(text))
    )


def _compared(sign: str, number: float) -> Span:
    if sign == "=":
        return Span(number, number)
    return Span(number, None, sign == ">=") if sign[0] == ">" else Span(None, number, True, sign == "<=")


# -- reading


def read_decision(path: str, root: Any) -> tuple[Decision | None, list[Finding]]:
    """The decision of a DMN file, and what is wrong with it."""
    reader = _Reader(path)
    decision = reader.read(root)
    if reader.findings or decision is None:
        return None, reader.findings
    return decision, lint(decision)


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.element = ""
        self.findings: list[Finding] = []

    def read(self, root: Any) -> Decision | None:
        decisions = [node for node in root.iter("{*}decision") if node.find("{*}decisionTable") is not None]
        if len(decisions) != 1:
            self.wrong("dmn.tables", "A file holds one decision table; here are {count}.", root, count=len(decisions))
            return None
        node, table = decisions[0], decisions[0].find("{*}decisionTable")
        self.element = node.get("id", "")
        policy = table.get("hitPolicy", "UNIQUE")
        if policy not in POLICIES or table.get("aggregation"):
            policy = f"{policy} {table.get('aggregation', '')}".strip()
            self.wrong(
                "dmn.policy",
                "The hit policy {policy} is not supported; use UNIQUE, FIRST, ANY, RULE ORDER or COLLECT.",
                table,
                policy=policy,
            )
        inputs = [
            self._expression(item, item.findtext("{*}inputExpression/{*}text"), "input")
            for item in table.iterfind("{*}input")
        ]
        names = tuple(item.get("name") or item.get("label") or "" for item in table.iterfind("{*}output"))
        if not all(names) or len(set(names)) < len(names) or not names:
            self.wrong("dmn.outputs", "Every output needs a name of its own.", table)
        default = table.find("{*}output/{*}defaultOutputEntry")
        if default is not None and policy in LISTS:
            self.wrong("dmn.default", "A table that answers a list has no default output here.", default)
        rows = [
            self._rule(number, rule, len(inputs), len(names))
            for number, rule in enumerate(table.iterfind("{*}rule"), 1)
        ]
        declared = tuple(self._declared(item) for item in table.iterfind("{*}input"))
        key, name = node.get("id", ""), node.get("name") or node.get("id", "")
        return Decision(key, name, self.path, policy, tuple(inputs), names, tuple(rows), declared)

    def _declared(self, node: Any) -> tuple[Any, ...] | None:
        text = node.findtext("{*}inputValues/{*}text")
        try:
            parts = unary_test(text or "").parts
        except ValueError:
            return None
        values = tuple(part.value for part in parts if isinstance(part, Exactly))
        return values if values and len(values) == len(parts) else None

    def _rule(self, number: int, node: Any, inputs: int, outputs: int) -> Rule:
        tests = [self._test(number, entry) for entry in node.iterfind("{*}inputEntry")]
        results = [
            self._expression(e, e.findtext("{*}text"), f"rule {number}") for e in node.iterfind("{*}outputEntry")
        ]
        if len(tests) != inputs or len(results) != outputs:
            self.wrong(
                "dmn.columns", "Rule {rule} has not as many entries as the table has columns.", node, rule=number
            )
        return Rule(number, tuple(tests), tuple(results), node.get("id", ""), node.sourceline)

    def _test(self, number: int, node: Any) -> Test:
        try:
            return unary_test(node.findtext("{*}text") or "")
        except ValueError as error:
            self.wrong("dmn.test", "Rule {rule}: {reason}", node, rule=number, reason=reason(error))
            return Test(())

    def _expression(self, node: Any, text: str | None, where: str) -> Expression:
        text = (text or "").strip()
        try:
            return expression({"true": "True", "false": "False", "null": "None", "": "None"}.get(text, text))
        except NotAllowedHere as error:
            self.wrong("dmn.expression", "{where}: {reason}", node, where=where, reason=error.reason)
            return expression("None")

    def wrong(self, code: str, message: str, node: Any, **parameters: Any) -> None:
        """Note a finding."""
        where = {"element": self.element or None, "line": node.sourceline}
        self.findings.append(Finding(self.path, code, message, parameters=parameters, **where))


# -- lint


def lint(decision: Decision) -> list[Finding]:
    """Overlaps of a UNIQUE table, gaps, and rules that no case ever reaches; each names its rule."""
    return [*_overlaps(decision), *_unreachable(decision), *_gaps(decision)]


def _overlaps(decision: Decision) -> Iterator[Finding]:
    if decision.policy != "UNIQUE":
        return
    for first, second in combinations(decision.rules, 2):
        case = _shared(decision, first, second)
        if case is not None:
            yield _found(
                decision,
                second,
                "dmn.overlap",
                "Rules {first} and {rule} overlap: both fit {case}.",
                first=first.number,
                case=case,
            )


def _shared(decision: Decision, first: Rule, second: Rule) -> str | None:
    """A case that both rules fit, said in words."""
    case = []
    for column, (one, other) in enumerate(zip(first.tests, second.tests, strict=True)):
        value = next((v for v in _samples(decision, column) if one.holds(v) and other.holds(v)), _NONE)
        if value is _NONE:
            return None
        case.append(value)
    return _case(decision, tuple(case))


def _unreachable(decision: Decision) -> Iterator[Finding]:
    for place, rule in enumerate(decision.rules):
        columns = range(len(decision.inputs))
        if any(not any(rule.tests[c].holds(v) for v in _samples(decision, c)) for c in columns):
            yield _found(decision, rule, "dmn.unreachable", "Rule {rule} fits no case.")
        elif decision.policy == "FIRST" and _covered(decision, rule, decision.rules[:place]):
            yield _found(
                decision,
                rule,
                "dmn.unreachable",
                "Rule {rule} is never reached: the rules before it take all its cases.",
            )


def _covered(decision: Decision, rule: Rule, earlier: tuple[Rule, ...]) -> bool:
    cases = _cases(decision, rule)
    if cases is None:
        return False
    return all(any(other.fits(case) for other in earlier) for case in cases)


def _gaps(decision: Decision) -> Iterator[Finding]:
    if decision.is_list:
        return
    cases = _cases(decision, None)
    missing = (
        None if cases is None else next((case for case in cases if not any(r.fits(case) for r in decision.rules)), None)
    )
    if missing is not None:
        message = "There is a gap: no rule fits {case}."
        yield Finding(
            decision.path, "dmn.gap", message, decision.id, parameters={"case": _case(decision, missing), "rule": 0}
        )


def _cases(decision: Decision, rule: Rule | None) -> list[tuple[Any, ...]] | None:
    """Every combination of sample values (that the rule fits); None when there are too many to look at."""
    columns = []
    for column in range(len(decision.inputs)):
        values = _samples(decision, column, for_gaps=True)
        columns.append([v for v in values if rule is None or rule.tests[column].holds(v)])
    total = 1
    for values in columns:
        total *= len(values)
    return None if total > MOST_CASES else list(islice(product(*columns), MOST_CASES))


class _Other:
    """A value that no rule names."""

    def __repr__(self) -> str:
        return "any other value"


_NONE, OTHER = object(), _Other()


def _samples(decision: Decision, column: int, for_gaps: bool = False) -> list[Any]:
    """Values that stand for all: the declared or used ones, the ends of spans and points between them, any other."""
    declared = decision.declared[column] if column < len(decision.declared) else None
    parts = [part for rule in decision.rules for part in rule.tests[column].parts]
    if declared is not None:
        return list(declared)
    exact = list(dict.fromkeys((type(p.value), p.value) for p in parts if isinstance(p, Exactly)))
    values: list[Any] = [value for _, value in exact] + _numbers([p for p in parts if isinstance(p, Span)])
    if {type(value) for value in values} == {bool}:
        return [True, False]
    singles = bool(values) and not any(isinstance(p, Span) and p.low != p.high for p in parts)
    if singles and for_gaps and not any(rule.tests[column].negated for rule in decision.rules):
        numbers = sorted({p.low for p in parts if isinstance(p, Span) and p.low is not None})
        return [value for _, value in exact] + numbers
    return values if values and not singles else [*values, OTHER]


def _numbers(spans: list[Span]) -> list[float]:
    ends = sorted({end for span in spans for end in (span.low, span.high) if end is not None})
    if not ends:
        return []
    between = [(low + high) / 2 for low, high in zip(ends, ends[1:], strict=False)]
    return sorted([ends[0] - 1, *ends, *between, ends[-1] + 1])


def _case(decision: Decision, case: tuple[Any, ...]) -> str:
    return ", ".join(
        f"{source.source} = {_spelled(value)}" for source, value in zip(decision.inputs, case, strict=True)
    )


def _spelled(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _found(decision: Decision, rule: Rule, code: str, message: str, **parameters: Any) -> Finding:
    return Finding(decision.path, code, message, decision.id, rule.line, parameters={"rule": rule.number, **parameters})


__all__ = ["Decision", "NoRule", "RulesDisagree", "ScriptFailed", "SeveralRules", "lint", "read_decision", "unary_test"]
