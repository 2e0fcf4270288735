"""What a diagram may not hold, each with element and line, before anything of it runs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from engine.bpmn.assignments import FORM
from engine.bpmn.decisions import Decision
from engine.bpmn.diagram import SCOPES, Diagram, Element, Event, Flow
from engine.bpmn.sandbox import NotAllowedHere, expression, script
from engine.bpmn.xml import BPMN
from engine.outcomes import EXTERNAL, topic_of
from engine.refusals import Finding

UNSUPPORTED = {"complexGateway": "complex gateway", "adHocSubProcess": "ad-hoc sub-process"}
EVENT_KINDS: dict[str, tuple[str, ...]] = {
    "startEvent": ("message",),
    "endEvent": ("message", "signal", "error", "escalation", "terminate", "cancel"),
    "intermediateThrowEvent": ("message", "signal", "escalation"),
    "intermediateCatchEvent": ("message", "signal", "timer"),
    "boundaryEvent": ("message", "signal", "timer", "error", "escalation", "cancel"),
    "receiveTask": ("message",),
    "sendTask": ("message",),
}
LISTENER_KINDS = ("message", "signal", "timer", "error", "escalation")
MUST_HAVE_EVENT = ("intermediateCatchEvent", "boundaryEvent", "receiveTask", "sendTask")
CATCHING = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
CHOOSING = ("exclusiveGateway", "inclusiveGateway")
SPLITTING = (*CHOOSING, "parallelGateway", "eventBasedGateway", "startEvent")
EXPRESSIONS = ("organisation", "person", "due", "correlation", "payload")
BARE_PERIOD = re.compile(r"^P[\dT][\dA-Z]*$")


def lint(
    diagrams: list[Diagram], decisions: Mapping[str, Decision], files: Collection[str], services: Collection[str] | None
) -> list[Finding]:
    """All findings over all diagrams of a version, by file and line."""
    found = list(_Version(diagrams, decisions, files, services).findings())
    return sorted(found, key=lambda finding: (finding.path, finding.line or 0, finding.code, finding.element or ""))


class _Version:
    """The diagrams of a version side by side."""

    def __init__(
        self,
        diagrams: list[Diagram],
        decisions: Mapping[str, Decision],
        files: Collection[str],
        services: Collection[str] | None,
    ) -> None:
        self.diagrams, self.decisions, self.files, self.services = diagrams, decisions, files, services
        self.executable = {process for diagram in diagrams for process in diagram.executable}
        self.elements = [e for diagram in diagrams for e in diagram.elements if e.process in self.executable]
        self.flows = [f for diagram in diagrams for f in diagram.flows if f.process in self.executable]
        self.by_id = {element.id: element for element in self.elements}
        self.outgoing: dict[str, list[Flow]] = defaultdict(list)
        self.incoming: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)

    def findings(self) -> Iterator[Finding]:
        yield from self._ids()
        for diagram in self.diagrams:
            yield from self._diagram(diagram)
        for flow in self.flows:
            yield from self._flow(flow)
        for element in self.elements:
            for check in CHECKS:
                yield from check(self, element)
        yield from self._scopes()
        yield from self._unreachable()

    # -- the version

    def _ids(self) -> Iterator[Finding]:
        places: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
        for diagram in self.diagrams:
            for key in diagram.processes:
                places[key].append((diagram.path, None))
            items: list[Element | Flow] = [*diagram.elements, *diagram.flows]
            for item in items:
                places[item.id].append((diagram.path, item.line))
        for key, found in places.items():
            path, line = found[-1]
            if not key:
                yield Finding(path, "bpmn.id.missing", "An element has no id.", line=line)
            elif len(found) > 1:
                message = 'The id "{id}" is used {count} times.'
                yield Finding(path, "bpmn.id.twice", message, key, line, parameters={"id": key, "count": len(found)})

    def _diagram(self, diagram: Diagram) -> Iterator[Finding]:
        if not diagram.executable:
            yield Finding(diagram.path, "bpmn.process.none", "There is no executable process in this file.")
        for kind, key, line in diagram.strangers:
            yield Finding(
                diagram.path, "bpmn.unsupported", "{kind} is not supported.", key, line, parameters={"kind": kind}
            )
        objects = {node.get("id") for node in diagram.root.iter(f"{BPMN}dataObjectReference")}
        for kind, tag in (("dataInputAssociation", "sourceRef"), ("dataOutputAssociation", "targetRef")):
            for node in diagram.root.iter(f"{BPMN}{kind}"):
                if any(reference.text not in objects for reference in node.iterchildren(f"{BPMN}{tag}")):
                    owner = node.getparent().get("id")
                    message = "Only data objects can be read and written; data stores are not supported."
                    yield Finding(diagram.path, "bpmn.store", message, owner, node.sourceline)

    def _scopes(self) -> Iterator[Finding]:
        for diagram in self.diagrams:
            for process in diagram.executable:
                starts = [e for e in self.elements if e.process == process and not e.within and e.kind == "startEvent"]
                if not starts:
                    yield Finding(diagram.path, "bpmn.start.none", "The process has no start event.", process)
                for second in [start for start in starts if not start.events][1:]:
                    yield self.wrong(second, "bpmn.start.several", "There is more than one plain start event.")

    def _unreachable(self) -> Iterator[Finding]:
        reached: set[str] = set()
        todo = [e.id for e in self.elements if e.kind == "startEvent" or e.by_event]
        while todo:
            here = todo.pop()
            if here not in reached:
                reached.add(here)
                todo += [flow.target for flow in self.outgoing[here]]
                todo += [e.id for e in self.elements if e.attached_to == here]
        for element in self.elements:
            if element.id not in reached:
                yield self.wrong(element, "bpmn.unreachable", "No way leads to this element.")

    def _flow(self, flow: Flow) -> Iterator[Finding]:
        source, target = self.by_id.get(flow.source), self.by_id.get(flow.target)
        if source is None or target is None:
            yield self.wrong(flow, "bpmn.flow.loose", "The sequence flow leads from or to nothing.")
            return
        if source.within != target.within or source.process != target.process:
            yield self.wrong(
                flow, "bpmn.flow.crosses", "The sequence flow crosses the border of a sub-process or process."
            )
        twin = [other for other in self.outgoing[flow.source] if other.target == flow.target]
        if len(twin) > 1 and twin[0] is not flow:
            message = 'Two sequence flows lead from "{source}" to "{target}": playback could not tell them apart.'
            yield self.wrong(flow, "bpmn.flow.twin", message, source=flow.source, target=flow.target)
        if flow.condition:
            yield from self._expression(flow, flow.condition, flow.line)
            if source.kind not in CHOOSING:
                yield self.wrong(
                    flow,
                    "bpmn.flow.condition",
                    "Only flows from exclusive and inclusive gateways may have a condition.",
                )

    # -- one element

    def unsupported(self, element: Element) -> Iterator[Finding]:
        if element.kind in UNSUPPORTED:
            yield self.wrong(element, "bpmn.unsupported", "{kind} is not supported.", kind=UNSUPPORTED[element.kind])

    def events(self, element: Element) -> Iterator[Finding]:
        allowed = self._allowed(element)
        for event in element.events:
            yield from self._event(element, event, allowed)
        if len(element.events) > 1 and element.kind in CATCHING:
            yield self.wrong(element, "bpmn.event.several", "Several event definitions on one event are not supported.")
        must = element.kind in MUST_HAVE_EVENT or (element.kind == "startEvent" and self._is_listener_start(element))
        if must and not element.events:
            yield self.wrong(element, "bpmn.event.none", "The event says not what it is: message, signal, timer …")

    def _allowed(self, element: Element) -> tuple[str, ...]:
        if element.kind == "startEvent" and element.within:
            return LISTENER_KINDS if self._is_listener_start(element) else ()
        return EVENT_KINDS.get(element.kind, ())

    def _is_listener_start(self, element: Element) -> bool:
        around = self.by_id.get(element.within)
        return around is not None and around.by_event

    def _event(self, element: Element, event: Event, allowed: tuple[str, ...]) -> Iterator[Finding]:
        if event.missing:
            message = 'The {kind} event refers to "{reference}", which is not there.'
            yield self._on(element, event, "bpmn.event.reference", message, kind=event.kind, reference=event.missing)
        elif event.kind not in allowed:
            yield self._on(element, event, "bpmn.event.kind", "A {kind} event is not supported here.", kind=event.kind)
        elif event.kind in ("message", "signal") and not event.name:
            yield self._on(element, event, "bpmn.event.name", "The {kind} has no name.", kind=event.kind)
        elif event.kind == "timer":
            yield from self._timer(element, event)
        elif event.kind == "error" and not element.interrupting:
            yield self._on(element, event, "bpmn.error.interrupts", "An error always interrupts.")
        elif event.kind == "cancel" and not self._in_transaction(element):
            yield self._on(element, event, "bpmn.event.kind", "A {kind} event is not supported here.", kind=event.kind)

    def _in_transaction(self, element: Element) -> bool:
        around = self.by_id.get(element.attached_to or element.within)
        return around is not None and around.kind == "transaction"

    def _timer(self, element: Element, event: Event) -> Iterator[Finding]:
        if event.timer is None or not event.timer[1]:
            yield self._on(element, event, "bpmn.timer.none", "The timer says not when it is due.")
        elif event.timer[0] == "cycle":
            message = "Timer cycles are not supported: they drift. Calendar periods belong to the scheduler."
            yield self._on(element, event, "bpmn.timer.cycle", message)
        elif BARE_PERIOD.match(event.timer[1]):
            message = "Put the period in quotes: {period} is read as the name of a variable."
            yield self._on(element, event, "bpmn.timer.quotes", message, period=event.timer[1])
        else:
            yield from self._expression(element, event.timer[1], event.line)

    def flows_out(self, element: Element) -> Iterator[Finding]:
        out = self.outgoing[element.id]
        if len(out) > 1 and element.kind not in SPLITTING:
            yield self.wrong(element, "bpmn.flow.several", "Several flows leave this element; only gateways may split.")
        if element.kind in CHOOSING and len(out) > 1:
            yield from self._choice(element, out)
        if element.default and element.default not in {flow.id for flow in out}:
            yield self.wrong(element, "bpmn.flow.default", "The default flow does not leave this element.")
        if not out and element.kind in (*CHOOSING, "eventBasedGateway"):
            yield self.wrong(element, "bpmn.flow.none", "No flow leaves this gateway.")
        if out and (element.kind == "endEvent" or element.by_event):
            yield self.wrong(element, "bpmn.flow.after", "No flow may leave this element.")

    def _choice(self, element: Element, out: list[Flow]) -> Iterator[Finding]:
        for flow in out:
            if flow.id != element.default and not flow.condition:
                message = 'The flow from "{gateway}" has neither a condition nor is it the default.'
                yield self.wrong(flow, "bpmn.flow.open", message, gateway=element.id)
        if not element.default and all(flow.condition for flow in out):
            message = "The gateway has no default flow: when no condition holds the instance cannot go on."
            yield self.wrong(element, "bpmn.flow.nodefault", message, level="warning")

    def flows_in(self, element: Element) -> Iterator[Finding]:
        if self.incoming[element.id] and (element.kind in ("startEvent", "boundaryEvent") or element.by_event):
            yield self.wrong(element, "bpmn.flow.before", "No flow may lead to this element.")

    def after_event_gateway(self, element: Element) -> Iterator[Finding]:
        if element.kind == "eventBasedGateway":
            for flow in self.outgoing[element.id]:
                target = self.by_id.get(flow.target)
                if target is not None and target.kind not in ("intermediateCatchEvent", "receiveTask"):
                    yield self.wrong(
                        flow,
                        "bpmn.eventgateway",
                        "An event-based gateway leads to catch events and receive tasks only.",
                    )

    def boundary(self, element: Element) -> Iterator[Finding]:
        if element.kind == "boundaryEvent":
            host = self.by_id.get(element.attached_to)
            if host is None or host.by_event or not (host.kind in SCOPES or host.kind.endswith(("Task", "task"))):
                yield self.wrong(element, "bpmn.boundary.loose", "The boundary event is attached to no activity.")

    def scripts(self, element: Element) -> Iterator[Finding]:
        if element.kind == "scriptTask" and not element.scripts.get("script", ("", 0))[0].strip():
            yield self.wrong(element, "bpmn.script.none", "The script task has no script.")
        for source, line in element.scripts.values():
            try:
                script(source)
            except NotAllowedHere as refused:
                yield self._outside(element, refused, line)

    def expressions(self, element: Element) -> Iterator[Finding]:
        for name in EXPRESSIONS:
            if element.says(name):
                yield from self._expression(element, element.says(name), element.line)

    def service(self, element: Element) -> Iterator[Finding]:
        if element.kind != "serviceTask":
            return
        if element.operator is None or not element.operator.service:
            yield self.wrong(element, "bpmn.service.none", "The service task says not which service it calls.")
            return
        if element.operator.service.startswith(EXTERNAL):
            if topic_of(element.operator.service) is None:
                message = 'The external service "{service}" names no topic: letters, digits, points and hyphens.'
                yield self.wrong(element, "bpmn.service.topic", message, service=element.operator.service)
        elif self.services is not None and element.operator.service not in self.services:
            message = 'There is no service "{service}".'
            yield self.wrong(element, "bpmn.service.unknown", message, service=element.operator.service)
        for value in element.operator.parameters.values():
            if value:
                yield from self._expression(element, value, element.line)

    def decision(self, element: Element) -> Iterator[Finding]:
        if element.kind == "businessRuleTask" and element.decision not in self.decisions:
            message = (
                'There is no decision "{decision}".'
                if element.decision
                else "The rule task says not which decision it asks."
            )
            yield self.wrong(element, "bpmn.decision.unknown", message, decision=element.decision)

    def form(self, element: Element) -> Iterator[Finding]:
        name = element.properties.get(FORM)
        if name and not {name, normpath(join(dirname(element.path), name))} & set(self.files):
            yield self.wrong(element, "bpmn.form.missing", 'The form "{form}" is not among the files.', form=name)

    def called(self, element: Element) -> Iterator[Finding]:
        if element.kind == "callActivity" and element.called not in self.executable:
            message = (
                'There is no executable process "{process}" to call.'
                if element.called
                else "It says not what it calls."
            )
            yield self.wrong(element, "bpmn.called.unknown", message, process=element.called)

    def separation(self, element: Element) -> Iterator[Finding]:
        for other in filter(None, (part.strip() for part in element.says("separate_from").split(","))):
            if other not in self.by_id:
                yield self.wrong(
                    element, "bpmn.separate.unknown", 'separate_from names "{other}", which is not there.', other=other
                )

    def loop(self, element: Element) -> Iterator[Finding]:
        loop = element.loop
        if loop is None:
            return
        if element.by_event or element.kind not in SCOPES and not element.kind.lower().endswith("task"):
            yield self.wrong(element, "bpmn.loop.here", "This element cannot be repeated.")
        if loop.kind == "loop" and not loop.condition and loop.maximum is None:
            yield self.wrong(element, "bpmn.loop.endless", "The loop has neither a condition nor a maximum.")
        if loop.kind != "loop" and bool(loop.collection) is bool(loop.cardinality):
            yield self.wrong(
                element, "bpmn.loop.over", "Say either the collection or the cardinality of the instances."
            )
        if loop.collection and not loop.item:
            yield self.wrong(
                element, "bpmn.loop.item", "Say which variable holds the item of the collection (property item)."
            )
        for source in filter(None, (loop.collection, loop.cardinality, loop.completion, loop.condition)):
            yield from self._expression(element, source, element.line)

    def sub_process(self, element: Element) -> Iterator[Finding]:
        if element.kind not in ("subProcess", "transaction"):
            return
        inside = [other.kind for other in self.elements if other.within == element.id]
        if inside.count("startEvent") != 1:
            message = "A sub-process has exactly one start event; here are {count}."
            yield self.wrong(element, "bpmn.sub.start", message, count=inside.count("startEvent"))
        if "endEvent" not in inside:
            yield self.wrong(element, "bpmn.sub.end", "A sub-process has an end event.")

    # -- saying it

    def _expression(self, where: Element | Flow, source: str, line: int | None) -> Iterator[Finding]:
        try:
            expression(source)
        except NotAllowedHere as refused:
            yield self._outside(where, refused, line)

    def _outside(self, where: Element | Flow, refused: NotAllowedHere, line: int | None) -> Finding:
        at = None if line is None else line + refused.line - 1
        message = "Outside the script language: {reason}"
        return Finding(where.path, "bpmn.script", message, where.id, at, parameters={"reason": refused.reason})

    def _on(self, element: Element, event: Event, code: str, message: str, **parameters: Any) -> Finding:
        return Finding(element.path, code, message, element.id, event.line or element.line, parameters=parameters)

    def wrong(self, where: Element | Flow, code: str, message: str, level: str = "error", **parameters: Any) -> Finding:
        """A finding on an element or a flow."""
        return Finding(where.path, code, message, where.id, where.line, level, parameters)


CHECKS: tuple[Callable[[_Version, Element], Iterator[Finding]], ...] = (
    _Version.unsupported,
    _Version.events,
    _Version.flows_out,
    _Version.flows_in,
    _Version.after_event_gateway,
    _Version.boundary,
    _Version.scripts,
    _Version.expressions,
    _Version.service,
    _Version.decision,
    _Version.form,
    _Version.called,
    _Version.separation,
    _Version.loop,
    _Version.sub_process,
)
