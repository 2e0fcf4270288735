"""Diagrams into SpiffWorkflow's specs: parsed by SpiffWorkflow, then adopted with our behaviour.

SpiffWorkflow reads the graph only. Events, loops, properties and conditions are taken from `diagram.py`, so what its
parser lacks (signal end events, error and escalation start events) or trips over (missing references) never reaches it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from threading import Lock
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.control import (
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnStartTask,
    StartEventJoin,
    StartEventSplit,
    _EndJoin,
)
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser

from engine.bpmn import specs
from engine.bpmn.decisions import Decision
from engine.bpmn.diagram import SCOPES, TASKS, Diagram, Element, Flow, links
from engine.bpmn.events import Boundary, Catch, EventGateway, Listener, Throw
from engine.bpmn.repeat import Repeat
from engine.bpmn.sandbox import Expression, expression, script
from engine.bpmn.xml import BPMN, SPIFF
from engine.refusals import Finding

DEEP = 20_000
CHILD = " [child]"
SPLIT = ".BoundaryEventSplit"
MARK = "~"
LINK = "~link"
TAKEN = ("Start", "End", "Root", "StartEventSplit", "StartEventJoin")
TAKEN_ENDINGS = (".EndJoin", SPLIT, ".BoundaryEventJoin")
KINDS: dict[str, type[specs.Lean]] = {
    "userTask": specs.UserTask,
    "manualTask": specs.UserTask,
    "task": specs.Plain,
    "scriptTask": specs.ScriptTask,
    "serviceTask": specs.ServiceTask,
    "businessRuleTask": specs.RuleTask,
    "sendTask": Throw,
    "receiveTask": Catch,
    "subProcess": specs.SubProcess,
    "transaction": specs.SubProcess,
    "callActivity": specs.SubProcess,
    "exclusiveGateway": specs.Exclusive,
    "parallelGateway": specs.Parallel,
    "inclusiveGateway": specs.Inclusive,
    "complexGateway": specs.Inclusive,
    "eventBasedGateway": EventGateway,
    "startEvent": specs.Plain,
    "endEvent": Throw,
    "intermediateCatchEvent": Catch,
    "intermediateThrowEvent": Throw,
    "boundaryEvent": Boundary,
}
ACTIVITIES = frozenset((*TASKS, *SCOPES))
SYNTHETIC: dict[type, type[specs.Lean]] = {
    BpmnStartTask: specs.Start,
    _EndJoin: specs.EndJoin,
    BoundaryEventSplit: specs.Split,
}
DROPPED = (BoundaryEventJoin, StartEventJoin, StartEventSplit)


def _splitting(kind: type) -> type:
    """A parser of elements that may have several ways out."""
    return type(kind.__name__, (kind,), {"handles_multiple_outgoing": lambda self: True})


class _Parser(SpiffBpmnParser):  # type: ignore[misc]
    """Leaves decisions and ways to us."""

    OVERRIDE_PARSER_CLASSES = {
        tag: (_splitting(kind), spec)
        for tag, (kind, spec) in {**SpiffBpmnParser.PARSER_CLASSES, **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES}.items()
    }

    def get_engine(self, decision_ref: str, node: Any) -> str:
        return decision_ref


def parse(
    diagrams: list[Diagram], elements: Mapping[str, Element], decisions: Mapping[str, Decision]
) -> tuple[dict[str, Any], list[Finding]]:
    """All process and sub-process specs by id; findings where SpiffWorkflow cannot read a process."""
    parser, findings, found = _Parser(), list[Finding](), dict[str, Any]()
    with _deep():
        for diagram in diagrams:
            parser.add_bpmn_xml(simplified(diagram.root, links(diagram.elements)), diagram.path)
        for diagram in diagrams:
            for process in diagram.executable:
                try:
                    found[process] = parser.get_spec(process)
                except ValidationException as error:
                    findings.append(_unreadable(diagram.path, error, elements))
        if findings:
            return {}, findings
        while inner := [key for key in parser.process_parsers if own(key) in elements and own(key) not in found]:
            try:
                found.update((own(key), parser.get_spec(key)) for key in inner)
            except ValidationException as error:
                return {}, [_unreadable(elements[own(inner[0])].path, error, elements)]
    flows = [flow for diagram in diagrams for flow in diagram.flows]
    for spec in found.values():
        _Adoption(spec, elements, found, flows, decisions).adopt()
    return found, []


_LOCK = Lock()


@contextmanager
def _deep() -> Iterator[None]:
    """SpiffWorkflow parses recursively along the flows; a long diagram needs more depth than Python gives."""
    with _LOCK:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(before, DEEP))
        try:
            yield
        finally:
            sys.setrecursionlimit(before)


def _unreadable(path: str, error: Any, elements: Mapping[str, Element]) -> Finding:
    element = elements.get(getattr(error, "id", ""))
    line = element.line if element else None
    return Finding(
        path, "bpmn.unreadable", "{reason}", element.id if element else None, line, parameters={"reason": str(error)}
    )


def simplified(root: Any, leads: Mapping[str, str]) -> Any:
    """A copy of the diagram with what we read ourselves taken out, and flows in the place of links."""
    copy = deepcopy(root)
    for node in list(copy.iter(f"{BPMN}intermediateThrowEvent")):
        if node.get("id") in leads:
            etree.SubElement(
                node.getparent(), f"{BPMN}sequenceFlow", sourceRef=node.get("id"), targetRef=leads[node.get("id")]
            ).set("id", node.get("id") + LINK)
    for node in list(copy.iter(f"{BPMN}*")):
        kind = etree.QName(node).localname
        _rename(node)
        if kind.endswith("EventDefinition") or kind in (
            "eventDefinitionRef",
            "dataStore",
            "dataStoreReference",
            "collaboration",
        ):
            _take_out(node)
        elif kind in ("sendTask", "receiveTask"):
            node.attrib.pop("messageRef", None)
        elif kind == "complexGateway":
            node.tag = f"{BPMN}inclusiveGateway"
        elif kind == "multiInstanceLoopCharacteristics":
            for child in list(node):
                node.remove(child)
            etree.SubElement(node, f"{BPMN}loopCardinality").text = "1"
    for node in copy.iter(f"{BPMN}boundaryEvent"):
        etree.SubElement(node, f"{BPMN}signalEventDefinition")
    for node in [*copy.iter(f"{BPMN}correlationProperty"), *copy.iter(f"{SPIFF}parameter")]:
        _take_out(node)
    return copy


def _rename(node: Any) -> None:
    """SpiffWorkflow takes an element called Start or End for its own and drops what follows."""
    for attribute in ("id", "sourceRef", "targetRef", "attachedToRef"):
        name = node.get(attribute)
        if name in TAKEN or name and name.endswith(TAKEN_ENDINGS):
            node.set(attribute, name + MARK)


def own(name: str) -> str:
    """The element that a spec is named after."""
    return name.removesuffix(SPLIT).removesuffix(MARK)


def _take_out(node: Any) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


class _Adoption:
    """Gives the specs of one process our classes and what they need."""

    def __init__(
        self,
        spec: Any,
        elements: Mapping[str, Element],
        processes: Mapping[str, Any],
        flows: list[Flow],
        decisions: Mapping[str, Decision],
    ) -> None:
        self.spec, self.elements, self.processes, self.decisions = spec, elements, processes, decisions
        self.flows = {(flow.source, flow.target): (place, flow) for place, flow in enumerate(flows)}

    def adopt(self) -> None:
        """Take over every task spec of the process."""
        self._drop()
        self.spec.listeners = []
        for task_spec in list(self.spec.task_specs.values()):
            self._adopt(task_spec)
        for task_spec in self.spec.task_specs.values():
            if isinstance(task_spec, specs.Inclusive):
                task_spec.reach = reachable(self.spec.task_specs, task_spec)
        self._arrange_starts()

    def _drop(self) -> None:
        """Take out the joins that our boundary events and starts do without."""
        all_specs = self.spec.task_specs
        dropped = [name for name, task_spec in all_specs.items() if isinstance(task_spec, DROPPED)]
        for name in dropped:
            del all_specs[name]
        for task_spec in all_specs.values():
            task_spec._outputs = [name for name in task_spec._outputs if name not in dropped]
            task_spec._inputs = [name for name in task_spec._inputs if name not in dropped]

    def _arrange_starts(self) -> None:
        names = [
            spec.name for spec in self.spec.task_specs.values() if spec.element and spec.element.kind == "startEvent"
        ]
        self.spec.start._outputs = sorted(names, key=lambda name: bool(self.elements[own(name)].events))
        for listener in self.spec.listeners:
            listener._outputs = [self.spec.end.name]

    def _adopt(self, task_spec: Any) -> None:
        element = self.elements.get(own(task_spec.bpmn_id)) if task_spec.bpmn_id else None
        adopted = self._class_of(task_spec, element)
        task_spec.__class__ = adopted
        task_spec.element, task_spec.before, task_spec.after = element, None, None
        task_spec._outputs = sorted(task_spec._outputs, key=lambda name: self._place(task_spec, name))
        if element is not None:
            self._equip(task_spec, element)
        if isinstance(task_spec, specs.Split):
            self._equip_split(task_spec)
        elif element is not None and not task_spec._outputs and not task_spec.name.endswith(CHILD):
            task_spec._outputs = [self.spec.end.name]

    def _class_of(self, task_spec: Any, element: Element | None) -> type[specs.Lean]:
        if element is None:
            return next((ours for theirs, ours in SYNTHETIC.items() if isinstance(task_spec, theirs)), specs.Silent)
        if isinstance(task_spec, LoopTask):
            return Repeat
        if element.by_event:
            return Listener
        if element.event is not None and element.event.kind == "link":
            return specs.Plain
        if element.activation:
            return specs.Complex
        return KINDS[element.kind]

    def _place(self, task_spec: Any, name: str) -> int:
        return self.flows.get((own(task_spec.bpmn_id or ""), own(name)), (0, None))[0]

    def _equip(self, task_spec: Any, element: Element) -> None:
        if not (element.loop and not isinstance(task_spec, Repeat)):
            self._equip_scripts(task_spec, element)
        if element.kind in ACTIVITIES and not task_spec.name.endswith(CHILD):
            task_spec.choice = self._choice(task_spec, element)
        for kind, equip in EQUIPMENT.items():
            if isinstance(task_spec, kind):
                equip(self, task_spec, element)

    def _equip_scripts(self, task_spec: Any, element: Element) -> None:
        task_spec.before = script(element.scripts["preScript"][0]) if "preScript" in element.scripts else None
        task_spec.after = script(element.scripts["postScript"][0]) if "postScript" in element.scripts else None

    def _equip_script(self, task_spec: Any, element: Element) -> None:
        task_spec.compiled = script(element.scripts["script"][0])

    def _equip_rule(self, task_spec: Any, element: Element) -> None:
        task_spec.decision = self.decisions[element.decision]
        task_spec.variable = element.properties.get("variable") or element.id

    def _equip_service(self, task_spec: Any, element: Element) -> None:
        assert element.operator is not None
        task_spec.service, task_spec.result = element.operator.service, element.operator.result
        task_spec.arguments = {name: expression(value) for name, value in element.operator.parameters.items() if value}

    def _equip_process(self, task_spec: Any, element: Element) -> None:
        task_spec.called = self.processes[element.called or element.id]

    def _equip_ways(self, task_spec: Any, element: Element) -> None:
        task_spec.conditions, task_spec.otherwise = [], None
        for name in task_spec._outputs:
            _, flow = self.flows[(element.id, own(name))]
            if flow.id == element.default or not flow.condition:
                task_spec.otherwise = name
            else:
                task_spec.conditions.append((expression(flow.condition), name))

    def _equip_complex(self, task_spec: Any, element: Element) -> None:
        task_spec.activation = expression(element.activation)

    def _choice(self, task_spec: Any, element: Element) -> specs.Ways | None:
        """The ways out of an activity that has conditions on them."""
        places = {name: self.flows.get((element.id, own(name))) for name in task_spec._outputs}
        flows = {name: found[1] for name, found in places.items() if found is not None}
        if not any(flow.condition for flow in flows.values()):
            return None
        default = next((name for name, flow in flows.items() if flow.id == element.default), None)
        always = tuple(name for name, flow in flows.items() if not flow.condition and name != default)
        held = tuple((expression(f.condition), name) for name, f in flows.items() if f.condition and name != default)
        return specs.Ways({name: place for place, name in enumerate(flows)}, always, held, default)

    def _equip_waiting(self, task_spec: Any, element: Element) -> None:
        start = self._start_of(element)
        event = (start or element).event
        assert event is not None
        task_spec.event = event
        task_spec.timer = expression(event.timer[1]) if event.timer else None
        task_spec.correlation = _optional((start or element).properties.get("correlation"))
        task_spec.condition = _optional(event.condition)
        if start is not None:
            element.properties = {**start.properties, **element.properties}
            element.interrupting = start.interrupting
            self.spec.listeners.append(task_spec)

    def _start_of(self, element: Element) -> Element | None:
        if not element.by_event:
            return None
        return next(e for e in self.elements.values() if e.within == element.id and e.kind == "startEvent")

    def _equip_throw(self, task_spec: Any, element: Element) -> None:
        task_spec.events = element.events
        task_spec.correlation = _optional(element.properties.get("correlation"))
        task_spec.payload = _optional(element.properties.get("payload"))

    def _equip_repeat(self, task_spec: Any, element: Element) -> None:
        assert element.loop is not None
        loop = task_spec.loop = element.loop
        task_spec.instance = task_spec.task_spec
        task_spec.items = _optional(loop.collection or loop.cardinality)
        task_spec.completion, task_spec.condition = _optional(loop.completion), _optional(loop.condition)

    def _equip_split(self, task_spec: Any) -> None:
        activity = task_spec.name.removesuffix(SPLIT)
        task_spec.activity = activity
        task_spec.boundaries = [name for name in task_spec._outputs if name != activity]


EQUIPMENT: dict[type, Any] = {
    specs.ScriptTask: _Adoption._equip_script,
    specs.RuleTask: _Adoption._equip_rule,
    specs.ServiceTask: _Adoption._equip_service,
    specs.SubProcess: _Adoption._equip_process,
    specs.Exclusive: _Adoption._equip_ways,
    specs.Complex: _Adoption._equip_complex,
    Catch: _Adoption._equip_waiting,
    Boundary: _Adoption._equip_waiting,
    Listener: _Adoption._equip_waiting,
    Throw: _Adoption._equip_throw,
    Repeat: _Adoption._equip_repeat,
}


def _optional(source: str | None) -> Expression | None:
    return expression(source) if source else None


def reachable(task_specs: Mapping[str, Any], gateway: Any) -> dict[str, frozenset[str]]:
    """Spec name → the gateway's incoming sources by which a token there can still come, not passing the gateway."""
    found: dict[str, set[str]] = {}
    for name in gateway._inputs:
        source = own(task_specs[name].bpmn_id or name)
        todo, seen = [name], {gateway.name}
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            found.setdefault(here, set()).add(source)
            todo.extend(task_specs[here]._inputs)
    return {name: frozenset(sources) for name, sources in found.items()}
