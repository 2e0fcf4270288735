"""What one set of files says otherwise than another: properties of elements, rules of tables, fields of forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import parse_xml
from engine.bpmn.diagram import NODES
from engine.bpmn.xml import BPMN, BPMNDI, SPIFF
from engine.refusals import NotDeployable

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
OWN = NODES | {"sequenceFlow", "lane", "process", "participant", "message", "signal", "error", "escalation"}
LEFT_OUT = {"incoming", "outgoing", "flowNodeRef", "laneSet"}
DEFAULTS = {
    "cancelActivity": "true",
    "cancelRemainingInstances": "true",
    "completionQuantity": "1",
    "eventGatewayType": "Exclusive",
    "gatewayDirection": "Unspecified",
    "instantiate": "false",
    "isCollection": "false",
    "isExecutable": "false",
    "isForCompensation": "false",
    "isInterrupting": "true",
    "isSequential": "false",
    "ordering": "Parallel",
    "parallelMultiple": "false",
    "startQuantity": "1",
    "testBefore": "false",
    "triggeredByEvent": "false",
    "waitForCompletion": "true",
}
"""What BPMN 2.0 takes an attribute to be where it is not written: writing it out changes nothing."""
KINDS = {".bpmn": "bpmn", ".dmn": "dmn", ".form.json": "form"}


@dataclass(frozen=True, slots=True)
class Change:
    """One property before and after; None: it was not said."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Mark:
    """An element, rule or field that differs: change = added | removed | changed | moved.

    `before` and `after` are all it said, None where it was not there.
    """

    key: str
    change: str
    kind: str
    name: str
    properties: list[Change] = field(default_factory=list)
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A file that differs, with what differs in it. `kind` is bpmn | dmn | form."""

    path: str
    kind: str
    change: str
    name: str
    marks: list[Mark]


@dataclass(slots=True)
class Said:
    """One thing of a file: what it is and all it says, flat."""

    kind: str
    name: str
    properties: dict[str, str] = field(default_factory=dict)


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileDifference]:
    """What differs, by file; files with the same bytes are left out."""
    paths = sorted(set(before) | set(after))
    return [_compare(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)]


def _compare(path: str, before: bytes | None, after: bytes | None) -> FileDifference:
    kind = next(kind for ending, kind in KINDS.items() if path.endswith(ending))
    (old_name, old), (new_name, new) = (_READ[kind](data) if data else ("", {}) for data in (before, after))
    marks = list(_marks(old, new))
    if kind == "bpmn" and before and after:
        marks += _moved(before, after, {mark.key for mark in marks})
    if before is None or after is None:
        change = ADDED if before is None else REMOVED
    else:
        change = CHANGED if any(mark.change != MOVED for mark in marks) else MOVED
    return FileDifference(path, kind, change, new_name or old_name, marks)


def _marks(old: Mapping[str, Said], new: Mapping[str, Said]) -> Iterator[Mark]:
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            yield Mark(key, REMOVED, old[key].kind, old[key].name, [], old[key].properties, None)
        elif key not in old:
            yield Mark(key, ADDED, new[key].kind, new[key].name, [], None, new[key].properties)
        elif changes := _changes(old[key], new[key]):
            name, said = new[key].name or old[key].name, (old[key].properties, new[key].properties)
            yield Mark(key, CHANGED, new[key].kind, name, changes, *said)


def _changes(old: Said, new: Said) -> list[Change]:
    was, now = {"kind": old.kind, **old.properties}, {"kind": new.kind, **new.properties}
    names = [*was, *(name for name in now if name not in was)]
    return [Change(name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)]


# -- diagrams


def _diagram(data: bytes) -> tuple[str, dict[str, Said]]:
    root = _root(data)
    if root is None:
        return "", {}
    lanes = {
        (reference.text or "").strip(): lane.get("name") or lane.get("id", "")
        for lane in root.iter(f"{BPMN}lane")
        for reference in lane.iterchildren(f"{BPMN}flowNodeRef")
    }
    found = {node.get("id", ""): _element(node, lanes) for node in root.iter(f"{BPMN}*") if _local(node) in OWN}
    process = root.find(f"{BPMN}process")
    return ("" if process is None else process.get("name") or process.get("id", "")), found


def _element(node: Any, lanes: Mapping[str, str]) -> Said:
    said = Said(_local(node), node.get("name", ""))
    said.properties.update({_plain(name): value for name, value in node.attrib.items() if name != "id"})
    if node.get("id") in lanes:
        said.properties["lane"] = lanes[node.get("id")]
    for child in node.iterchildren(tag="*"):
        if _local(child) not in OWN | LEFT_OUT:
            said.properties.update(_flat(child, ""))
    said.properties = {name: value for name, value in said.properties.items() if not _is_default(name, value)}
    return said


def _is_default(name: str, value: str) -> bool:
    return DEFAULTS.get(name.rpartition(".")[2]) == value


def _flat(node: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """What a part of an element says, as name and text; extension properties go by their own names."""
    local = _local(node)
    if node.tag == f"{SPIFF}property":
        yield node.get("name", ""), node.get("value", "")
        return
    if node.tag == f"{SPIFF}parameter":
        yield f"parameter.{node.get('id', '')}", node.get("value", "")
        return
    is_frame = local in ("extensionElements", "properties", "parameters")
    name = prefix if is_frame else f"{prefix}.{local}".lstrip(".")
    if not is_frame:
        keep = local == "serviceTaskOperator"
        yield from ((f"{name}.{_plain(key)}", value) for key, value in node.attrib.items() if key != "id" or keep)
        if (node.text or "").strip():
            yield name, node.text.strip()
        elif not len(node):
            yield name, ""
    for child in node.iterchildren(tag="*"):
        yield from _flat(child, name)


def _moved(before: bytes, after: bytes, marked: set[str]) -> list[Mark]:
    was, now = _drawn(before), _drawn(after)
    return [Mark(key, MOVED, "", "") for key in now if key in was and was[key] != now[key] and key not in marked]


def _drawn(data: bytes) -> dict[str, list[Any]]:
    root = _root(data)
    if root is None:
        return {}
    return {
        shape.get("bpmnElement", ""): [sorted(part.attrib.items()) for part in shape.iter("{*}Bounds", "{*}waypoint")]
        for shape in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge")
    }


# -- tables


def _table(data: bytes) -> tuple[str, dict[str, Said]]:
    root = _root(data)
    decision = None if root is None else root.find("{*}decision")
    table = None if decision is None else decision.find("{*}decisionTable")
    if decision is None or table is None:
        return "", {}
    name = decision.get("name", "")
    columns = [_column(item) for item in table.iterfind("{*}input")]
    columns += [item.get("name") or item.get("label") or "" for item in table.iterfind("{*}output")]
    head = {"name": name, "hitPolicy": table.get("hitPolicy", "UNIQUE"), "columns": " | ".join(columns)}
    found = {decision.get("id", ""): Said("decision", name, head)}
    for number, rule in enumerate(table.iterfind("{*}rule"), 1):
        found[rule.get("id") or f"rule {number}"] = _rule(number, rule, columns)
    return name, found


def _column(node: Any) -> str:
    return node.get("label") or _text(node, "{*}inputExpression/{*}text")


def _rule(number: int, rule: Any, columns: list[str]) -> Said:
    entries = [*rule.iterfind("{*}inputEntry"), *rule.iterfind("{*}outputEntry")]
    cells = [_text(entry, "{*}text") or "-" for entry in entries]
    notes = [_text(rule, "{*}description"), *(_text(e, "{*}text") for e in rule.iterfind("{*}annotationEntry"))]
    said = dict(zip(columns, cells, strict=False)) | {"note": " ".join(filter(None, notes))}
    return Said("rule", str(number), said)


def _text(node: Any, path: str) -> str:
    return (node.findtext(path) or "").strip()


# -- forms


def _form(data: bytes) -> tuple[str, dict[str, Said]]:
    try:
        form = json.loads(data)
        return str(form.get("title") or form.get("id") or ""), dict(_fields(form.get("components", ()), ""))
    except (ValueError, AttributeError, TypeError):
        return "", {}


def _fields(components: Any, prefix: str) -> Iterator[tuple[str, Said]]:
    for component in components:
        key = prefix + str(component.get("key") or component.get("path") or component.get("id") or "")
        said = {name: _spelt(value) for name, value in component.items() if name not in ("components", "id", "layout")}
        yield (
            key,
            Said(str(component.get("type", "")), str(component.get("label") or ""), said),
        )
        yield from _fields(component.get("components", ()), f"{key}.")


def _spelt(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _root(data: bytes) -> Any:
    try:
        return parse_xml(data)
    except NotDeployable:
        return None


def _local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def _plain(name: str) -> str:
    return name.rpartition("}")[2]


_READ: Mapping[str, Callable[[bytes], tuple[str, dict[str, Said]]]] = {"bpmn": _diagram, "dmn": _table, "form": _form}
