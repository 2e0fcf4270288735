"""Faults of a drawing that make it hard to read: what is not drawn, what lies on something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from engine.bpmn import parse_xml
from engine.bpmn.diagram import NODES, SCOPES
from engine.bpmn.xml import BPMN, BPMNDI, DC, DI
from engine.refusals import Finding, NotDeployable

SOLID = NODES - set(SCOPES) | {"callActivity"}

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(slots=True)
class Picture:
    """One diagram: what it says and how it is drawn."""

    path: str
    kinds: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, Any] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    flows: dict[str, Any] = field(default_factory=dict)
    lanes: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)


def faults(files: Mapping[str, bytes]) -> list[Finding]:
    """Warnings about the drawings of these diagrams; unreadable files are left to the check."""
    found: list[Finding] = []
    for path in sorted(files):
        if path.endswith(".bpmn"):
            try:
                root = parse_xml(files[path], path)
            except NotDeployable:
                continue
            found += _faults(_picture(path, root))
    return found


def _picture(path: str, root: Any) -> Picture:
    seen = Picture(path)
    for node in root.iter(f"{BPMN}*"):
        key, kind = node.get("id", ""), str(node.tag).rpartition("}")[2]
        if kind in NODES:
            seen.nodes[key], seen.kinds[key] = node, kind
        if kind == "boundaryEvent":
            seen.hosts[key] = node.get("attachedToRef", "")
        if kind == "sequenceFlow":
            seen.flows[key] = node
        if kind == "lane":
            seen.lanes.update({(each.text or "").strip(): key for each in node.iterchildren(f"{BPMN}flowNodeRef")})
    for shape in root.iter(f"{BPMNDI}BPMNShape"):
        bounds = shape.find(f"{DC}Bounds")
        if bounds is not None:
            seen.boxes[shape.get("bpmnElement", "")] = _box(bounds)
        if shape.get("isExpanded") == "false":
            seen.folded.add(shape.get("bpmnElement", ""))
    for edge in root.iter(f"{BPMNDI}BPMNEdge"):
        points = [_point(each) for each in edge.iterchildren(f"{DI}waypoint")]
        seen.lines[edge.get("bpmnElement", "")] = points
    return seen


def _faults(seen: Picture) -> Iterator[Finding]:
    hidden = _hidden(seen)
    for key, node in seen.nodes.items():
        if key not in seen.boxes and key not in hidden:
            yield _fault(seen, "drawing.missing", "This element is not drawn.", node)
    for key, flow in seen.flows.items():
        if len(seen.lines.get(key, ())) < 2 and not _inside(flow, hidden):
            yield _fault(seen, "drawing.missing", "This element is not drawn.", flow)
    yield from _overlaps(seen)
    yield from _strays(seen)
    yield from _pierced(seen)


def _overlaps(seen: Picture) -> Iterator[Finding]:
    solid = sorted((seen.boxes[key], key) for key in seen.nodes if seen.kinds[key] in SOLID and key in seen.boxes)
    for (a, first), (b, second) in combinations(solid, 2):
        if b[0] < a[0] + a[2] - 1 and _overlap(a, b) and not _belong(seen, first, second):
            message = 'It lies on "{other}".'
            yield _fault(seen, "drawing.overlap", message, seen.nodes[second], other=first)


def _strays(seen: Picture) -> Iterator[Finding]:
    for key, lane in seen.lanes.items():
        box, around = seen.boxes.get(key), seen.boxes.get(lane)
        if key in seen.nodes and box and around and not _within(box, around):
            yield _fault(seen, "drawing.lane", "It is drawn outside of its lane.", seen.nodes[key])


def _pierced(seen: Picture) -> Iterator[Finding]:
    solid = {key: seen.boxes[key] for key in seen.nodes if seen.kinds[key] in SOLID and key in seen.boxes}
    for key, flow in seen.flows.items():
        ends = {flow.get("sourceRef"), flow.get("targetRef")}
        own = ends | {seen.hosts.get(end or "") for end in ends}
        points = seen.lines.get(key, [])
        for node, box in solid.items():
            if node not in own and seen.hosts.get(node) not in own and _runs_through(points, box):
                message = 'The line runs through "{other}".'
                yield _fault(seen, "drawing.line", message, flow, other=node)


def _fault(seen: Picture, code: str, message: str, node: Any, **parameters: str) -> Finding:
    return Finding(seen.path, code, message, node.get("id"), node.sourceline, "warning", parameters)


def _hidden(seen: Picture) -> set[str]:
    """What lies inside of folded sub-processes."""
    return {key for key, node in seen.nodes.items() if _inside(node, seen.folded)}


def _inside(node: Any, around: set[str]) -> bool:
    return any(each.get("id") in around for each in node.iterancestors())


def _belong(seen: Picture, first: str, second: str) -> bool:
    return seen.hosts.get(first) == second or seen.hosts.get(second) == first


def _box(bounds: Any) -> Box:
    x, y, width, height = (_number(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, width, height


def _point(waypoint: Any) -> Point:
    return _number(waypoint.get("x")), _number(waypoint.get("y"))


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _overlap(a: Box, b: Box) -> bool:
    across = a[0] + 1 < b[0] + b[2] and b[0] + 1 < a[0] + a[2]
    return across and a[1] + 1 < b[1] + b[3] and b[1] + 1 < a[1] + a[3]


def _within(a: Box, b: Box) -> bool:
    across = a[0] >= b[0] - 2 and a[0] + a[2] <= b[0] + b[2] + 2
    return across and a[1] >= b[1] - 2 and a[1] + a[3] <= b[1] + b[3] + 2


def _runs_through(points: list[Point], box: Box) -> bool:
    return any(_through(a, b, box) for a, b in zip(points, points[1:], strict=False))


def _through(start: Point, end: Point, box: Box) -> bool:
    """Does the segment pass through the inside of the box (clipped by Liang and Barsky)?"""
    (x, y), slack, enter, leave = start, 3.0, 0.0, 1.0
    sides = (
        (end[0] - x, box[0] + slack - x, box[0] + box[2] - slack - x),
        (end[1] - y, box[1] + slack - y, box[1] + box[3] - slack - y),
    )
    for delta, near, far in sides:
        if abs(delta) < 1e-9:
            if near > 0 or far < 0:
                return False
            continue
        low, high = sorted((near / delta, far / delta))
        enter, leave = max(enter, low), min(leave, high)
    return leave - enter > 1e-6
