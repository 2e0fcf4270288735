"""A regulation from its YAML files, read strictly: whatever is wrong is named with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from engine.canonical import digest
from engine.refusals import Finding, Refusal
from engine.regulation.rules import (
    KINDS,
    Absent,
    ActWord,
    Body,
    Exactly,
    Happening,
    Precedes,
    Regulation,
    Responds,
    Rule,
    Separate,
    Within,
    Words,
)

NAME = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")
ID = re.compile(r"^[a-z][a-z0-9-]*$")


class BadRegulation(Refusal):
    """The regulation cannot be read: {count} findings."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(count=len(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.findings)])


class Fault(Exception):
    """Something wrong at a node."""

    def __init__(self, node: Any, message: str, **parameters: Any) -> None:
        super().__init__(message)
        self.line, self.message, self.parameters = node.start_mark.line + 1, message, parameters


def read_regulation(path: str, data: bytes) -> Regulation:
    """The vocabulary and the rules of a file. BadRegulation names every finding with its line."""
    reader = Reader(path)
    tree = reader.compose(data)
    try:
        top = reader.fields(tree, {"name", "objects", "acts", "rules"})
        objects = frozenset(reader.names(top["objects"]))
        acts = dict(reader.each(top["acts"], lambda key, node: _act(reader, key, node, objects)))
        rules = list(reader.items(top["rules"], lambda node: _rule(reader, node, acts, objects)))
        for line, twice in _twice(rules):
            reader.wrong(line, 'The rule "{id}" is there twice.', id=twice)
        name = reader.words(top["name"])
    except Fault as fault:
        reader.note(fault)
    if reader.findings:
        raise BadRegulation(reader.findings)
    return Regulation(name, acts, tuple(rules), digest(data))


class Reader:
    """Walks YAML nodes, which know their lines; plain tags only, no aliases to bombs."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.findings: list[Finding] = []

    def compose(self, data: bytes) -> Any:
        """The tree of a file. BadRegulation when it is no YAML of plain values."""
        try:
            tree = yaml.compose(data, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", "") or str(error)
            self.wrong(mark.line + 1 if mark else 1, "This is not YAML: {reason}", reason=reason)
            raise BadRegulation(self.findings) from None
        if tree is None:
            self.wrong(1, "The file is empty.")
            raise BadRegulation(self.findings)
        return tree

    def fields(self, node: Any, needed: set[str], allowed: set[str] | None = None) -> dict[str, Any]:
        """The entries of a mapping whose keys are known."""
        if not isinstance(node, yaml.MappingNode):
            raise Fault(node, "A mapping belongs here.")
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in found:
                raise Fault(key, '"{key}" is there twice.', key=key.value)
            if key.value not in needed | (allowed or set()):
                raise Fault(key, 'Nobody knows "{key}" here.', key=key.value)
            found[key.value] = value
        for missing in sorted(needed - found.keys()):
            raise Fault(node, '"{key}" is missing.', key=missing)
        return found

    def each(self, node: Any, read: Callable[[str, Any], Any]) -> Iterator[tuple[str, Any]]:
        """The entries of a mapping of names, each read by itself; a fault in one does not hide the others."""
        if not isinstance(node, yaml.MappingNode):
            raise Fault(node, "A mapping belongs here.")
        seen: set[str] = set()
        for key, value in node.value:
            try:
                if key.value in seen:
                    raise Fault(key, '"{key}" is there twice.', key=key.value)
                seen.add(key.value)
                yield key.value, read(key.value, value)
            except Fault as fault:
                self.note(fault)

    def items(self, node: Any, read: Callable[[Any], Any]) -> Iterator[Any]:
        """The items of a list, each read by itself."""
        if not isinstance(node, yaml.SequenceNode):
            raise Fault(node, "A list belongs here.")
        for item in node.value:
            try:
                yield read(item)
            except Fault as fault:
                self.note(fault)

    def names(self, node: Any, known: Mapping[str, Any] | frozenset[str] | None = None) -> list[str]:
        """One name or a list of them, each of which is known."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return [self.name(each, known) for each in nodes]

    def name(self, node: Any, known: Mapping[str, Any] | frozenset[str] | None = None) -> str:
        """A name that is known."""
        text = self.text(node)
        if known is not None and text not in known:
            raise Fault(node, 'Nobody knows "{name}".', name=text)
        return text

    def text(self, node: Any) -> str:
        """A text."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise Fault(node, "A text belongs here.")
        return str(node.value)

    def words(self, node: Any) -> Words:
        """A sentence in both languages."""
        found = self.fields(node, {"zh", "en"})
        return Words(self.text(found["zh"]), self.text(found["en"]))

    def value(self, node: Any) -> Any:
        """A plain value."""
        if not isinstance(node, yaml.ScalarNode):
            raise Fault(node, "A plain value belongs here.")
        return yaml.SafeLoader("").construct_object(node)

    def values(self, node: Any) -> tuple[Any, ...]:
        """A list of plain values."""
        if not isinstance(node, yaml.SequenceNode):
            raise Fault(node, "A list belongs here.")
        return tuple(self.value(each) for each in node.value)

    def whole(self, node: Any) -> int:
        """A whole number from 1."""
        value = self.value(node)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise Fault(node, "A whole number from 1 belongs here.")
        return value

    def truth(self, node: Any) -> bool:
        """Yes or no."""
        value = self.value(node)
        if not isinstance(value, bool):
            raise Fault(node, "true or false belongs here.")
        return value

    def day(self, node: Any) -> date:
        """A day such as 2018-12-02."""
        value = self.value(node)
        if not isinstance(value, date):
            raise Fault(node, "A day such as 2018-12-02 belongs here.")
        return value

    def note(self, fault: Fault) -> None:
        """Keep a fault as a finding."""
        self.findings.append(
            Finding(self.path, "regulation", fault.message, line=fault.line, parameters=fault.parameters)
        )

    def wrong(self, line: int, message: str, **parameters: Any) -> None:
        """Note a finding."""
        self.findings.append(Finding(self.path, "regulation", message, line=line, parameters=parameters))


def _act(reader: Reader, name: str, node: Any, objects: frozenset[str]) -> ActWord:
    if not NAME.match(name):
        raise Fault(node, '"{name}" is no name of an act: small letters, digits, _ and dots.', name=name)
    found = reader.fields(node, {"says"}, {"basis", "field", "outcomes", "changes", "tells"})
    outcomes = dict(reader.each(found["outcomes"], lambda _, n: reader.values(n))) if "outcomes" in found else {}
    seen: set[Any] = set()
    for value in (value for values in outcomes.values() for value in values):
        if value in seen:
            raise Fault(found["outcomes"], 'The value "{value}" belongs to two outcomes.', value=value)
        seen.add(value)
    return ActWord(
        name,
        reader.words(found["says"]),
        reader.text(found["basis"]) if "basis" in found else "",
        reader.text(found["field"]) if "field" in found else "result",
        outcomes,
        frozenset(reader.names(found["changes"], objects)) if "changes" in found else frozenset(),
        dict(reader.each(found["tells"], lambda key, n: reader.text(n))) if "tells" in found else {},
    )


def _rule(reader: Reader, node: Any, acts: Mapping[str, ActWord], objects: frozenset[str]) -> Rule:
    found = reader.fields(node, {"id", "basis", "says", "valid_from"}, {"valid_to", "guarded", *KINDS})
    kinds = sorted(KINDS.keys() & found.keys())
    if len(kinds) != 1:
        raise Fault(node, "A rule says one thing: precedes, responds, absent, separate, within or exactly.")
    if not ID.match(reader.text(found["id"])):
        raise Fault(found["id"], "The id of a rule is made of small letters, digits and hyphens.")
    kind = kinds[0]
    return Rule(
        reader.text(found["id"]),
        reader.text(found["basis"]),
        reader.words(found["says"]),
        _BODIES[kind](_Body(reader, acts, objects), found[kind]),
        reader.day(found["valid_from"]),
        reader.day(found["valid_to"]) if "valid_to" in found else None,
        reader.truth(found["guarded"]) if "guarded" in found else False,
        node.start_mark.line + 1,
    )


class _Body:
    """Reads what a rule says, of each kind."""

    def __init__(self, reader: Reader, acts: Mapping[str, ActWord], objects: frozenset[str]) -> None:
        self.reader, self.known, self.objects = reader, acts, objects

    def acts(self, node: Any) -> frozenset[str]:
        return frozenset(self.reader.names(node, self.known))

    def same(self, found: Mapping[str, Any], name: str = "same") -> frozenset[str]:
        return frozenset(self.reader.names(found[name], self.objects)) if name in found else frozenset()

    def happening(self, node: Any, allowed: set[str] | None = None) -> tuple[Happening, dict[str, Any]]:
        found = self.reader.fields(node, {"act"}, {"outcome", *(allowed or set())})
        acts = self.acts(found["act"])
        return Happening(acts, self.outcome(found, "outcome", acts)), found

    def outcome(self, found: Mapping[str, Any], name: str, acts: frozenset[str]) -> str:
        if name not in found:
            return ""
        outcome = self.reader.text(found[name])
        for act in sorted(acts):
            if outcome not in self.known[act].outcomes:
                raise Fault(found[name], 'The act "{act}" has no outcome "{outcome}".', act=act, outcome=outcome)
        return outcome

    def precedes(self, node: Any) -> Body:
        found = self.reader.fields(node, {"act", "needs"}, {"same", "by"})
        needs, more = self.happening(found["needs"], {"unless", "optional"})
        unless = self.outcome(more, "unless", needs.acts)
        optional = "optional" in more and self.reader.truth(more["optional"])
        by = tuple(self.reader.names(found["by"])) if "by" in found else ()
        return Precedes(self.acts(found["act"]), needs, unless, self.same(found), optional, by)

    def responds(self, node: Any) -> Body:
        found = self.reader.fields(node, {"act", "by"}, {"outcome"})
        acts = self.acts(found["act"])
        return Responds(Happening(acts, self.outcome(found, "outcome", acts)), self.acts(found["by"]))

    def absent(self, node: Any) -> Body:
        found = self.reader.fields(node, {"act", "after"}, {"same"})
        return Absent(self.acts(found["act"]), self.happening(found["after"])[0], self.same(found))

    def separate(self, node: Any) -> Body:
        found = self.reader.fields(node, {"from"}, {"act", "posts"})
        acts = self.acts(found["act"]) if "act" in found else frozenset()
        posts = frozenset(self.reader.names(found["posts"])) if "posts" in found else frozenset()
        if bool(acts) is bool(posts):
            raise Fault(node, "Say either the act or the posts that are kept apart.")
        return Separate(self.acts(found["from"]), acts, posts)

    def within(self, node: Any) -> Body:
        return Within(self.acts(self.reader.fields(node, {"act"})["act"]))

    def exactly(self, node: Any) -> Body:
        found = self.reader.fields(node, {"act", "times"}, {"per", "after"})
        after = self.acts(found["after"]) if "after" in found else frozenset()
        return Exactly(self.acts(found["act"]), self.reader.whole(found["times"]), self.same(found, "per"), after)


_BODIES: Mapping[str, Callable[[_Body, Any], Body]] = {
    "precedes": _Body.precedes,
    "responds": _Body.responds,
    "absent": _Body.absent,
    "separate": _Body.separate,
    "within": _Body.within,
    "exactly": _Body.exactly,
}


def _twice(rules: list[Rule]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            yield rule.line, rule.id
        seen.add(rule.id)
