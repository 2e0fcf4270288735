"""What a designer asks about files that need not run yet: what is in them, where each thing is known, their drawing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import parse_xml
from engine.bpmn.decisions import Decision, read_decision, unary_test
from engine.bpmn.diagram import NODES, Diagram, Element, Flow
from engine.bpmn.diagram import read as read_diagram
from engine.bpmn.layout import lay_out as lay_out_xml
from engine.bpmn.routing import Patience, TooMuch
from engine.bpmn.sandbox import NotAllowedHere, expression, reason, script
from engine.bpmn.xml import BPMN
from engine.refusals import NotDeployable, Refusal

OURS = (
    "http://www.omg.org/spec/BPMN/",
    "http://www.omg.org/spec/DD/",
    "http://www.omg.org/spec/DMN/",
    "https://www.omg.org/spec/DMN/",
    "http://www.w3.org/",
    "http://spiffworkflow.org/",
    "http://bpmn.io/schema/bpmn/biocolor/",
    "http://bpmn.io/schema/dmn/biodi/",
)
"""Namespaces that this product reads; whatever else a tool wrote is kept and not executed."""
DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}"
MOST_DRAWN, POINTS = 400, 30_000
"""Elements and flows, and points that their lines may be looked for at: about a second."""
MOST_FOREIGN = 500


class TooMuchToDraw(Refusal):
    """ "{path}" has no drawing, and its {count} elements and flows are too many or too tangled to draw."""


class CannotBeDrawn(Refusal):
    """The drawing of "{path}" could not be made. Does every process begin, and every flow lead somewhere?"""


@dataclass(frozen=True, slots=True)
class Foreign:
    """An element or attribute of another tool: kept, listed, not executed."""

    path: str
    element: str | None
    line: int
    name: str
    namespace: str


@dataclass(slots=True)
class Sketch:
    """The readable files of a draft: its diagrams and decision tables. What cannot be read is left out."""

    diagrams: list[Diagram] = field(default_factory=list)
    decisions: dict[str, Decision] = field(default_factory=dict)

    @property
    def elements(self) -> dict[str, Element]:
        return {element.id: element for diagram in self.diagrams for element in diagram.elements}

    @property
    def flows(self) -> list[Flow]:
        return [flow for diagram in self.diagrams for flow in diagram.flows]

    @property
    def processes(self) -> dict[str, tuple[str, str]]:
        """Process id → (name, file)."""
        return {key: (name, each.path) for each in self.diagrams for key, name in each.processes.items()}

    @property
    def start(self) -> str | None:
        """The file of the process that no other calls."""
        called = {element.called for element in self.elements.values() if element.called}
        free = [path for key, (_, path) in self.processes.items() if key not in called]
        return free[0] if free else next((path for _, path in self.processes.values()), None)

    def before(self, key: str) -> set[str]:
        """The ids of the elements that may have been passed when this one is reached."""
        elements, found, todo = self.elements, set[str](), [key]
        arrivals: dict[str, list[str]] = {}
        for flow in self.flows:
            arrivals.setdefault(flow.target, []).append(flow.source)
            if flow.id == key:
                todo = [flow.source]
                found.add(flow.source)
        while todo:
            for earlier in self._steps_back(todo.pop(), elements, arrivals):
                if earlier not in found:
                    found.add(earlier)
                    todo.append(earlier)
        return found

    def _steps_back(
        self, key: str, elements: Mapping[str, Element], arrivals: Mapping[str, list[str]]
    ) -> Iterable[str]:
        yield from arrivals.get(key, [])
        element = elements.get(key)
        if element is None:
            return
        yield from filter(None, (element.attached_to, element.within))
        if element.called:
            yield from (each.id for each in elements.values() if each.process == element.called)
        if element.kind in ("subProcess", "transaction"):
            yield from (each.id for each in elements.values() if each.within == key)
        if element.kind == "startEvent":
            yield from (each.id for each in elements.values() if each.called == element.process)


def sketch(files: Mapping[str, bytes]) -> Sketch:
    """What the files hold, mistakes and all."""
    found = Sketch()
    for path, root in _readable(files):
        if path.endswith(".bpmn"):
            found.diagrams.append(read_diagram(path, root))
        elif decision := read_decision(path, root)[0]:
            found.decisions[decision.id] = decision
    return found


def decision(path: str, data: bytes) -> Decision:
    """The decision of one table. NotDeployable with its findings."""
    found, findings = read_decision(path, parse_xml(data, path))
    if found is None:
        raise NotDeployable(findings)
    return found


def foreign(files: Mapping[str, bytes]) -> list[Foreign]:
    """What other tools left in the files, in the order of the files."""
    found = (each for path, root in _readable(files) for each in _foreign(path, root))
    return [each for each, _ in zip(found, range(MOST_FOREIGN), strict=False)]


def is_drawn(data: bytes) -> bool:
    """Has every process, pool or flow node of the diagram a shape?"""
    root = parse_xml(data)
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{DRAWING}BPMNShape")}
    nodes = {node.get("id") for node in root.iter(f"{BPMN}*") if str(node.tag).rpartition("}")[2] in NODES}
    return bool(drawn & nodes) or not nodes


def lay_out(path: str, data: bytes) -> bytes:
    """The diagram with a new drawing; CannotBeDrawn where none can be made."""
    drawn = sum(1 for node in parse_xml(data, path).iter(f"{BPMN}*") if _local(node) in (*NODES, "sequenceFlow"))
    if drawn > MOST_DRAWN:
        raise TooMuchToDraw(path=path, count=drawn)
    try:
        return lay_out_xml(data, Patience(POINTS, -POINTS))
    except TooMuch:
        raise TooMuchToDraw(path=path, count=drawn) from None
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError):
        raise CannotBeDrawn(path=path) from None


def _local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def tell(text: str, kind: str) -> tuple[int, str] | None:
    """Line and reason why a text is no expression, script or test of a table; None: it is one."""
    try:
        if kind == "test":
            unary_test(text)
        else:
            (script if kind == "script" else expression)(text)
    except NotAllowedHere as refused:
        return refused.line, refused.reason
    except ValueError as error:
        return 1, reason(error)
    return None


def _readable(files: Mapping[str, bytes]) -> Iterator[tuple[str, Any]]:
    for path in sorted(files):
        if path.endswith((".bpmn", ".dmn")):
            try:
                yield path, parse_xml(files[path], path)
            except NotDeployable:
                continue


def _foreign(path: str, root: Any) -> Iterator[Foreign]:
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        names = [node.tag, *(name for name in node.attrib if name.startswith("{"))]
        for name in names:
            space, _, local = name.lstrip("{").rpartition("}")
            if space and not space.startswith(OURS):
                prefix = next((key for key, uri in node.nsmap.items() if uri == space and key), "")
                yield Foreign(path, _owner(node), node.sourceline, f"{prefix}:{local}" if prefix else local, space)


def _owner(node: Any) -> str | None:
    """The id of the nearest element of the diagram around it."""
    while node is not None:
        if node.get("id") and "/spec/" in str(node.tag):
            return str(node.get("id"))
        node = node.getparent()
    return None
