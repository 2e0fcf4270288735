"""What a BPMN file says, read once: elements, flows, events, loops, lanes, properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.xml import BPMN, SPIFF

TASKS = ("userTask", "manualTask", "task", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask")
SCOPES = ("subProcess", "transaction", "callActivity", "adHocSubProcess")
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway")
EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
NODES = frozenset((*TASKS, *SCOPES, *GATEWAYS, *EVENTS))
DEFINITION = "EventDefinition"


@dataclass(frozen=True, slots=True)
class Event:
    """One event definition: `kind` is message, signal, timer, error, escalation, terminate, cancel, link …

    `name` is the name of the message, signal or link or the code of the error or escalation; "" catches any code.
    `timer` is (date | duration | cycle, expression), `condition` the expression of a conditional event.
    """

    kind: str
    name: str = ""
    timer: tuple[str, str] | None = None
    line: int | None = None
    missing: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """A multi-instance or standard loop. `collection` and `cardinality` are expressions."""

    kind: str
    collection: str = ""
    cardinality: str = ""
    item: str = ""
    output: str = ""
    output_item: str = ""
    completion: str = ""
    maximum: int | None = None
    condition: str = ""
    test_before: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """Which service a service task calls: parameter name → expression, and where the result goes."""

    service: str
    parameters: Mapping[str, str]
    result: str


@dataclass(slots=True)
class Element:
    """One element of a diagram. `process` is the process whose diagram draws it, `within` the sub-process around it."""

    id: str
    kind: str
    name: str
    process: str
    path: str
    line: int | None = None
    lane: str | None = None
    lane_properties: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    documentation: str = ""
    within: str = ""
    events: tuple[Event, ...] = ()
    attached_to: str = ""
    interrupting: bool = True
    by_event: bool = False
    loop: Loop | None = None
    called: str = ""
    decision: str = ""
    operator: Operator | None = None
    scripts: dict[str, tuple[str, int]] = field(default_factory=dict)
    default: str = ""
    activation: str = ""
    """When a complex gateway goes on: an expression over `activationCount`."""

    def says(self, name: str) -> str:
        """A property of the element, else of its lane, else ""."""
        return self.properties.get(name) or self.lane_properties.get(name, "")

    @property
    def event(self) -> Event | None:
        return self.events[0] if self.events else None


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is an expression or ""."""

    id: str
    source: str
    target: str
    process: str
    path: str
    condition: str = ""
    line: int | None = None


@dataclass(slots=True)
class Diagram:
    """All that one file draws."""

    path: str
    root: Any
    processes: dict[str, str] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    executable: list[str] = field(default_factory=list)
    strangers: list[tuple[str, str, int]] = field(default_factory=list)
    """(tag, id, line) of BPMN flow nodes that nobody here knows."""


def read(path: str, root: Any) -> Diagram:
    """Read a parsed BPMN file."""
    diagram = Diagram(path, root)
    names = _names(root)
    for process in root.iter(f"{BPMN}process"):
        key = process.get("id", "")
        diagram.processes[key] = process.get("name") or key
        if process.get("isExecutable", "true") == "true":
            diagram.executable.append(key)
        _Reader(diagram, key, names, _lanes(process)).read(process, "")
    return diagram


class _Reader:
    def __init__(
        self, diagram: Diagram, process: str, names: Mapping[str, str | None], lanes: Mapping[str, Any]
    ) -> None:
        self.diagram, self.process, self.names, self.lanes = diagram, process, names, lanes

    def read(self, scope: Any, within: str) -> None:
        for node in scope.iterchildren(tag=f"{BPMN}*"):
            kind = _local(node)
            if kind == "sequenceFlow":
                self.diagram.flows.append(self._flow(node))
            elif kind in NODES:
                self.diagram.elements.append(self._element(node, kind, within))
                if kind in SCOPES:
                    self.read(node, node.get("id", ""))
            elif kind.endswith(("Task", "Event", "Gateway", "Process")) or kind == "transaction":
                self.diagram.strangers.append((kind, node.get("id", ""), node.sourceline))

    def _flow(self, node: Any) -> Flow:
        condition = (node.findtext(f"{BPMN}conditionExpression") or "").strip()
        where = node.get("sourceRef", ""), node.get("targetRef", "")
        return Flow(node.get("id", ""), *where, self.process, self.diagram.path, condition, node.sourceline)

    def _element(self, node: Any, kind: str, within: str) -> Element:
        key = node.get("id", "")
        lane = self.lanes.get(key, self.lanes.get(within))
        properties = _properties(node)
        element = Element(key, kind, node.get("name") or "", self.process, self.diagram.path, node.sourceline)
        if lane is not None:
            element.lane, element.lane_properties = lane.get("name") or lane.get("id"), _properties(lane)
            self.lanes = {**self.lanes, key: lane}
        element.properties, element.within = properties, within
        element.documentation = (node.findtext(f"{BPMN}documentation") or "").strip()
        element.events = tuple(self._events(node, kind))
        element.attached_to = node.get("attachedToRef", "")
        element.interrupting = node.get("cancelActivity", node.get("isInterrupting", "true")) != "false"
        element.by_event = node.get("triggeredByEvent") == "true"
        element.loop = _loop(node, properties)
        element.called = node.get("calledElement", "")
        element.decision = (_extension(node, "calledDecisionId") or "").strip()
        element.operator = _operator(node)
        element.scripts = dict(_scripts(node))
        element.default = node.get("default", "")
        element.activation = _said(node, "activationCondition")
        return element

    def _events(self, node: Any, kind: str) -> Iterator[Event]:
        if kind in ("sendTask", "receiveTask"):
            reference = node.get("messageRef")
            if reference:
                yield self._referred("message", reference, node)
        for child in node.iterchildren(tag=f"{BPMN}*"):
            name = _local(child)
            if name == "eventDefinitionRef":
                yield self._shared(child)
            elif name.endswith(DEFINITION):
                yield self._event(name.removesuffix(DEFINITION), child)

    def _shared(self, node: Any) -> Event:
        """An event definition that stands at the root of the file."""
        key = (node.text or "").strip().rpartition(":")[2]
        for shared in self.diagram.root.iterchildren(tag=f"{BPMN}*"):
            if shared.get("id") == key and _local(shared).endswith(DEFINITION):
                return self._event(_local(shared).removesuffix(DEFINITION), shared)
        return Event("reference", line=node.sourceline, missing=key)

    def _event(self, kind: str, node: Any) -> Event:
        if kind == "timer":
            return Event(kind, timer=_timer(node), line=node.sourceline)
        if kind == "conditional":
            return Event(kind, condition=_said(node, "condition"), line=node.sourceline)
        reference = node.get(f"{kind}Ref")
        if reference:
            return self._referred(kind, reference, node)
        if kind == "link":
            return Event(kind, node.get("name") or "", line=node.sourceline)
        if kind in ("message", "signal"):
            return Event(kind, node.getparent().get("name") or "", line=node.sourceline)
        return Event(kind, line=node.sourceline)

    def _referred(self, kind: str, reference: str, node: Any) -> Event:
        name = self.names.get(f"{kind}#{reference.rpartition(':')[2]}")
        missing = "" if name is not None else reference
        return Event(kind, name or "", line=node.sourceline, missing=missing)


def links(elements: Iterable[Element]) -> dict[str, str]:
    """Throwing link event → the catching one it leads to: of the same name, in the same process or sub-process."""
    elements = list(elements)
    catching = {
        (element.process, element.within, element.event.name): element.id
        for element in elements
        if element.kind == "intermediateCatchEvent" and element.event is not None and element.event.kind == "link"
    }
    leads = {}
    for element in elements:
        if element.kind == "intermediateThrowEvent" and element.event is not None and element.event.kind == "link":
            target = catching.get((element.process, element.within, element.event.name))
            if target is not None:
                leads[element.id] = target
    return leads


def _names(root: Any) -> dict[str, str | None]:
    """Message and signal names, error and escalation codes, by kind#id."""
    found: dict[str, str | None] = {}
    for kind, attribute in (
        ("message", "name"),
        ("signal", "name"),
        ("error", "errorCode"),
        ("escalation", "escalationCode"),
    ):
        for node in root.iterchildren(f"{BPMN}{kind}"):
            found[f"{kind}#{node.get('id')}"] = node.get(attribute) or _code(kind, node)
    return found


def _code(kind: str, node: Any) -> str:
    """An error or escalation without a code goes by its name or id."""
    return (node.get("name") or node.get("id") or "") if kind in ("error", "escalation") else ""


def _lanes(process: Any) -> dict[str, Any]:
    lanes = {}
    for lane in process.iter(f"{BPMN}lane"):
        for reference in lane.iterchildren(f"{BPMN}flowNodeRef"):
            lanes[(reference.text or "").strip()] = lane
    return lanes


def _properties(node: Any) -> dict[str, str]:
    found = {}
    for group in _extensions(node, "properties"):
        for item in group.iterchildren(f"{SPIFF}property"):
            found[item.get("name", "")] = item.get("value", "")
    variable = _extension(node, "variableName")
    return {"variable": variable, **found} if variable else found


def _extensions(node: Any, name: str) -> Iterator[Any]:
    for group in node.iterchildren(f"{BPMN}extensionElements"):
        yield from group.iterchildren(f"{SPIFF}{name}")


def _extension(node: Any, name: str) -> str | None:
    found = next(_extensions(node, name), None)
    return None if found is None else found.text


def _operator(node: Any) -> Operator | None:
    found = next(_extensions(node, "serviceTaskOperator"), None)
    if found is None:
        return None
    parameters = {item.get("id", ""): item.get("value", "") for item in found.iter(f"{SPIFF}parameter")}
    return Operator(found.get("id", ""), parameters, found.get("resultVariable") or "")


def _scripts(node: Any) -> Iterator[tuple[str, tuple[str, int]]]:
    for child in node.iterchildren(f"{BPMN}script"):
        yield "script", (child.text or "", child.sourceline)
    for name in ("preScript", "postScript"):
        for child in _extensions(node, name):
            if child.text and child.text.strip():
                yield name, (child.text, child.sourceline)


def _timer(node: Any) -> tuple[str, str] | None:
    for kind in ("Date", "Duration", "Cycle"):
        source = node.findtext(f"{BPMN}time{kind}")
        if source is not None:
            return kind.lower(), source.strip()
    return None


def _loop(node: Any, properties: Mapping[str, str]) -> Loop | None:
    several = node.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if several is not None:
        return _several(several, properties)
    standard = node.find(f"{BPMN}standardLoopCharacteristics")
    if standard is None:
        return None
    maximum = standard.get("loopMaximum")
    return Loop(
        "loop",
        maximum=int(maximum) if maximum and maximum.isdigit() else None,
        condition=_said(standard, "loopCondition"),
        test_before=standard.get("testBefore") == "true",
    )


def _several(node: Any, properties: Mapping[str, str]) -> Loop:
    def named(tag: str) -> str:
        found = node.find(f"{BPMN}{tag}")
        return "" if found is None else found.get("name") or found.get("id") or ""

    return Loop(
        "sequential" if node.get("isSequential") == "true" else "parallel",
        collection=properties.get("collection") or _said(node, "loopDataInputRef"),
        cardinality=_said(node, "loopCardinality"),
        item=properties.get("item") or named("inputDataItem"),
        output=properties.get("output") or _said(node, "loopDataOutputRef"),
        output_item=named("outputDataItem"),
        completion=_said(node, "completionCondition"),
    )


def _said(node: Any, tag: str) -> str:
    return (node.findtext(f"{BPMN}{tag}") or "").strip()


def _local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]
