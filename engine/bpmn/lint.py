"""What a diagram may not hold, each with element and line, before anything of it runs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from math import isfinite
from posixpath import dirname, join, normpath
from typing import Any

from engine.bpmn import limits, periods, standard
from engine.bpmn.assignments import FORM
from engine.bpmn.decisions import Decision
from engine.bpmn.diagram import SCOPES, TASKS, Diagram, Element, Event, Flow, links
from engine.bpmn.sandbox import NotAllowedHere, expression, reason, script
from engine.bpmn.xml import BPMN, DC, DI
from engine.outcomes import EXTERNAL, topic_of
from engine.refusals import Finding

UNSUPPORTED = {"adHocSubProcess": "ad-hoc sub-process"}
EVENT_KINDS: dict[str, tuple[str, ...]] = {
    "startEvent": ("message",),
    "endEvent": ("message", "signal", "error", "escalation", "terminate", "cancel"),
    "intermediateThrowEvent": ("message", "signal", "escalation", "link"),
    "intermediateCatchEvent": ("message", "signal", "timer", "conditional", "link"),
    "boundaryEvent": ("message", "signal", "timer", "conditional", "error", "escalation", "cancel"),
    "receiveTask": ("message",),
    "sendTask": ("message",),
}
LISTENER_KINDS = ("message", "signal", "timer", "conditional", "error", "escalation")
MUST_HAVE_EVENT = ("intermediateCatchEvent", "boundaryEvent", "receiveTask", "sendTask")
CATCHING = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
CHOOSING = ("exclusiveGateway", "inclusiveGateway", "complexGateway")
REPEATING = ("boundaryEvent", "startEvent")
CONDITIONED = (*CHOOSING, *TASKS, *SCOPES)
CORRELATIONS = ("correlationKey", "correlationProperty", "correlationSubscription")
EXPRESSIONS = ("organisation", "person", "due", "correlation", "payload")
WRITTEN = re.compile(r"""^(['"])([^'"\\]*)\1$""")
BARE_PERIOD = re.compile(r"^(?:R\d*/.*|P[\dT][\dA-Z]*)$")


def _misplaced(diagram: Diagram) -> Iterator[Finding]:
    """Shapes and lines that are drawn at no place."""
    message = 'It is drawn at {name} = "{value}", which is no number.'
    for node in diagram.root.iter(f"{DC}Bounds", f"{DI}waypoint"):
        for name in ("x", "y", "width", "height"):
            if not _is_number(value := node.get(name, "0")):
                drawn = next((key for each in node.iterancestors() if (key := each.get("bpmnElement"))), None)
                said = {"name": name, "value": value[:40]}
                yield Finding(diagram.path, "bpmn.drawing", message, drawn, node.sourceline, parameters=said)


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def lint(
    diagrams: list[Diagram], decisions: Mapping[str, Decision], files: Collection[str], services: Collection[str] | None
) -> list[Finding]:
    """All findings over all diagrams of a version, by file and line."""
    found = list(_Version(diagrams, decisions, files, services).findings())
    found += [finding for diagram in diagrams for finding in _of_the_standard(diagram, found)]
    return sorted(found, key=lambda finding: (finding.path, finding.line or 0, finding.code, finding.element or ""))


def _of_the_standard(diagram: Diagram, found: list[Finding]) -> Iterator[Finding]:
    closer = [f for f in found if f.path == diagram.path and f.code in standard.SAID_CLOSER]
    elements, lines = {f.element for f in closer}, {f.line for f in closer}
    for finding in standard.findings(diagram):
        if finding.element not in elements and finding.line not in lines:
            yield finding


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
        self.leads = links(self.elements)
        self.outgoing: dict[str, list[Flow]] = defaultdict(list)
        self.incoming: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)

    def findings(self) -> Iterator[Finding]:
        yield from self._ids()
        for diagram in self.diagrams:
            yield from self._diagram(diagram)
            yield from limits.findings(diagram)
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
            root = diagram.root
            message = "There is no executable process in this file."
            yield Finding(diagram.path, "bpmn.process.none", message, root.get("id"), root.sourceline)
        for kind, key, line in diagram.strangers:
            yield Finding(
                diagram.path, "bpmn.unsupported", "{kind} is not supported.", key, line, parameters={"kind": kind}
            )
        for node in diagram.root.iter(*(f"{BPMN}{kind}" for kind in CORRELATIONS)):
            message = "Correlation keys of a collaboration are not read: the event would take any message of its name."
            yield Finding(diagram.path, "bpmn.correlation", message, node.get("id"), node.sourceline)
        yield from _misplaced(diagram)
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
                    line = next(n.sourceline for n in diagram.root.iter(f"{BPMN}process") if n.get("id", "") == process)
                    yield Finding(diagram.path, "bpmn.start.none", "The process has no start event.", process, line)
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
                todo += [self.leads[here]] if here in self.leads else []
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
            if source.kind == "parallelGateway":
                message = "The condition is never looked at: a parallel gateway takes every way."
                yield self.wrong(flow, "bpmn.flow.condition", message, level="warning")
            elif source.kind not in CONDITIONED:
                message = "Only flows from activities and exclusive, inclusive or complex gateways have conditions."
                yield self.wrong(flow, "bpmn.flow.condition", message)
            elif len(self.outgoing[flow.source]) == 1 and source.kind not in CHOOSING:
                message = "The only flow out of an activity has a condition: when it does not hold nothing goes on."
                yield self.wrong(flow, "bpmn.flow.condition", message)

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
        elif event.kind == "conditional":
            yield from self._conditional(element, event)
        elif event.kind == "link":
            yield from self._link(element, event)
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
        elif event.timer[0] == "cycle" and (element.interrupting or element.kind not in REPEATING):
            message = "Only a boundary event or event sub-process that does not interrupt can repeat by a timer cycle."
            yield self._on(element, event, "bpmn.timer.cycle", message)
        elif BARE_PERIOD.match(event.timer[1]):
            message = "Put the period in quotes: {period} is read as the name of a variable."
            yield self._on(element, event, "bpmn.timer.quotes", message, period=event.timer[1])
        else:
            yield from self._expression(element, event.timer[1], event.line)
            yield from self._moment(element, event)

    def _moment(self, element: Element, event: Event) -> Iterator[Finding]:
        """A timer that is written out can be read now."""
        assert event.timer is not None
        kind, source = event.timer
        if found := WRITTEN.match(source):
            try:
                periods.read(kind, found[2])
            except (ValueError, OverflowError) as error:
                message = "The timer cannot be read: {reason}"
                yield self._on(element, event, "bpmn.timer.period", message, reason=reason(error))

    def _conditional(self, element: Element, event: Event) -> Iterator[Finding]:
        if not event.condition:
            yield self._on(element, event, "bpmn.event.condition", "The conditional event has no condition.")
        else:
            yield from self._expression(element, event.condition, event.line)

    def _link(self, element: Element, event: Event) -> Iterator[Finding]:
        catching = element.kind == "intermediateCatchEvent"
        twins = [e for e in self.elements if e.kind == element.kind and _place(e) == _place(element)]
        if not event.name:
            yield self._on(element, event, "bpmn.event.name", "The {kind} has no name.", kind=event.kind)
        elif not catching and element.id not in self.leads:
            message = 'The link "{name}" leads nowhere: no catching link of this name is in the same process level.'
            yield self._on(element, event, "bpmn.link.loose", message, name=event.name)
        elif catching and element.id not in self.leads.values() and len(twins) < 2:
            message = 'No link "{name}" leads here from the same process level.'
            yield self._on(element, event, "bpmn.link.loose", message, name=event.name)
        elif catching and len(twins) > 1:
            message = 'Two catching links are called "{name}": it is not clear where the link leads.'
            yield self._on(element, event, "bpmn.link.twice", message, name=event.name)
        around = self.outgoing[element.id] if not catching else self.incoming[element.id]
        if around:
            message = "A link stands for a sequence flow: none leaves where it begins, none leads to where it ends."
            yield self._on(element, event, "bpmn.link.flow", message)

    def flows_out(self, element: Element) -> Iterator[Finding]:
        out = self.outgoing[element.id]
        if element.kind in CHOOSING and len(out) > 1:
            yield from self._choice(element, out)
        if element.default and element.default not in {flow.id for flow in out}:
            yield self.wrong(element, "bpmn.flow.default", "The default flow does not leave this element.")
        if element.kind == "complexGateway" and len(self.incoming[element.id]) > 1 and not element.activation:
            message = "A complex gateway that joins says when it goes on: an activationCondition over activationCount."
            yield self.wrong(element, "bpmn.flow.activation", message)
        if element.activation:
            yield from self._expression(element, element.activation, element.line)
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


def _place(element: Element) -> tuple[str, ...]:
    """What two links have in common that belong together."""
    kind, name = (element.event.kind, element.event.name) if element.event is not None else ("", "")
    return kind, name, element.process, element.within


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
