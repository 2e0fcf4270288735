"""A plain picture (SVG) of the diagrams of an instance, for paper: what was passed is drawn dark, the rest pale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from defusedxml import ElementTree
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from engine import Instance
from web.matters import diagram

MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
PALE, DARK, NOW = "#b8bec8", "#1f2937", "#b3261e"
LINE = 1.25
CHARACTERS = 7
"""Chinese characters on a line of a label."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A diagram on paper; width and height in the diagram's own points."""

    name: str
    svg: Markup
    width: float
    height: float


def of_instance(session: Session, instance: Instance) -> list[Drawing]:
    """Every diagram of the version that something happened on."""
    files = diagram.position(session, instance)["files"]
    return [drawn for file in files if file["done"] or file["active"] if (drawn := draw(file))]


def draw(file: Mapping[str, Any]) -> Drawing | None:
    """The picture of one diagram; None for a diagram that has no layout."""
    root = ElementTree.fromstring(file["xml"].encode())
    elements = {each.get("id", ""): each for each in root.iter() if each.tag.startswith(MODEL)}
    shapes = [_Shape.read(shape, elements) for shape in root.iter(f"{DI}BPMNShape")]
    edges = [(edge.get("bpmnElement", ""), _points(edge)) for edge in root.iter(f"{DI}BPMNEdge")]
    if not shapes:
        return None
    places = [(x, y) for shape in shapes for x, y in shape.corners] + [point for _, line in edges for point in line]
    left, top = min(x for x, _ in places) - 10, min(y for _, y in places) - 10
    width, height = max(x for x, _ in places) + 10 - left, max(y for _, y in places) + 10 - top
    inner = "".join([*_lines(edges, file), *(part for shape in shapes for part in shape.drawn(file))])
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {top:g} {width:g} {height:g}" '
        f'font-family="Noto Sans CJK SC, Noto Sans SC, sans-serif" font-size="12">{inner}</svg>'
    )
    name = next((each.get("name") or "" for each in elements.values() if each.tag == f"{MODEL}process"), "")
    return Drawing(name, Markup(svg), width, height)  # noqa: S704 every name in it is escaped


@dataclass(frozen=True, slots=True)
class _Shape:
    id: str
    kind: str
    name: str
    x: float
    y: float
    width: float
    height: float
    label: tuple[float, float] | None

    @classmethod
    def read(cls, shape: Any, elements: Mapping[str, Any]) -> _Shape:
        element = elements.get(shape.get("bpmnElement", ""))
        tag = element.tag.removeprefix(MODEL) if element is not None else ""
        name = (element.get("name") or "") if element is not None else ""
        bounds = shape.find(f"{DC}Bounds")
        label = shape.find(f"{DI}BPMNLabel/{DC}Bounds")
        at = (
            (float(label.get("x")) + float(label.get("width")) / 2, float(label.get("y")))
            if label is not None
            else None
        )
        x, y, width, height = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
        return cls(shape.get("bpmnElement", ""), tag, name, x, y, width, height, at)

    @property
    def corners(self) -> list[tuple[float, float]]:
        below = 12 * LINE * len(_wrapped(self.name)) + 4 if self.is_round else 0
        return [(self.x, self.y), (self.x + self.width, self.y + self.height + below)]

    @property
    def is_round(self) -> bool:
        return self.kind.endswith(("Event", "Gateway"))

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def drawn(self, file: Mapping[str, Any]) -> Iterator[str]:
        colour = _colour(self.id, file)
        cx, cy = self.middle
        if self.kind in {"participant", "lane"}:
            yield self._box(PALE, "none", 0)
            yield f'<g transform="translate({self.x + 16:g} {cy:g}) rotate(-90)">{_text([self.name], 0, 4, DARK)}</g>'
        elif self.kind.endswith("Event"):
            width = 3 if self.kind == "endEvent" else 1.5
            yield f'<circle cx="{cx:g}" cy="{cy:g}" r="{self.width / 2:g}" {_pen(colour, "#fff", width)}/>'
            if self.kind in {"boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}:
                yield f'<circle cx="{cx:g}" cy="{cy:g}" r="{self.width / 2 - 3:g}" {_pen(colour, "none", 1)}/>'
            yield self._below(colour)
        elif self.kind.endswith("Gateway"):
            x, y, right, bottom = self.x, self.y, self.x + self.width, self.y + self.height
            corners = f"{cx:g},{y:g} {right:g},{cy:g} {cx:g},{bottom:g} {x:g},{cy:g}"
            yield f'<polygon points="{corners}" {_pen(colour, "#fff", 1.5)}/>'
            yield self._below(colour)
        elif self.kind == "subProcess":
            yield self._box(colour, "none", 8)
            yield _text([self.name], cx, self.y + 16, colour)
        else:
            yield self._box(colour, "#fff", 8)
            lines = _wrapped(self.name)
            yield _text(lines, cx, cy + 4 - (len(lines) - 1) * 6 * LINE, DARK if colour == PALE else colour)

    def _box(self, colour: str, fill: str, corner: float) -> str:
        box = f'x="{self.x:g}" y="{self.y:g}" width="{self.width:g}" height="{self.height:g}" rx="{corner:g}"'
        return f"<rect {box} {_pen(colour, fill, 1.5)}/>"

    def _below(self, colour: str) -> str:
        x, y = self.label or (self.middle[0], self.y + self.height + 2)
        return _text(_wrapped(self.name), x, y + 12, DARK if colour == PALE else colour)


def _lines(edges: Sequence[tuple[str, list[tuple[float, float]]]], file: Mapping[str, Any]) -> Iterator[str]:
    for flow, points in edges:
        colour = DARK if flow in file["flows"] else PALE
        along = " ".join(f"{x:g},{y:g}" for x, y in points)
        yield f'<polyline points="{along}" {_pen(colour, "none", 1.5)}/>'
        if len(points) > 1:
            yield _head(points[-2], points[-1], colour)


def _head(start: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1
    dx, dy = dx / length, dy / length
    x, y = end[0] - 8 * dx, end[1] - 8 * dy
    corners = f"{end[0]:g},{end[1]:g} {x - 4 * dy:g},{y + 4 * dx:g} {x + 4 * dy:g},{y - 4 * dx:g}"
    return f'<polygon points="{corners}" fill="{colour}"/>'


def _points(edge: Any) -> list[tuple[float, float]]:
    return [(float(point.get("x")), float(point.get("y"))) for point in edge.iter(f"{DD}waypoint")]


def _colour(element: str, file: Mapping[str, Any]) -> str:
    return NOW if element in file["active"] else DARK if element in file["done"] else PALE


def _pen(colour: str, fill: str, width: float) -> str:
    return f'stroke="{colour}" fill="{fill}" stroke-width="{width:g}"'


def _wrapped(name: str) -> list[str]:
    return [name[at : at + CHARACTERS] for at in range(0, len(name), CHARACTERS)][:4]


def _text(lines: Sequence[str], x: float, y: float, colour: str) -> str:
    said = (
        f'<text x="{x:g}" y="{y + number * 12 * LINE:g}" text-anchor="middle" fill="{colour}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return "".join(said)
