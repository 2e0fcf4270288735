"""Events: which kinds stand where, and what they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.standard.model import (
    SUB_PROCESSES,
    THROWING,
    XSI_TYPE,
    Model,
    is_formal,
    kind,
    local,
    text_of,
)
from engine.bpmn.standard.rules import Breaches, rule
from engine.bpmn.xml import BPMN

TOP_STARTS = {"message", "timer", "conditional", "signal"}
EVENT_STARTS = {"message", "timer", "escalation", "conditional", "signal"}
INTERRUPTING_STARTS = EVENT_STARTS | {"error", "compensate"}
BOUNDARIES = {"message", "timer", "escalation", "conditional", "signal"}
INTERRUPTING_BOUNDARIES = BOUNDARIES | {"error", "cancel", "compensate"}
CATCHES = {"message", "timer", "conditional", "link", "signal"}
THROWS = {"message", "escalation", "compensate", "link", "signal"}
ENDS = {"message", "escalation", "error", "cancel", "compensate", "signal", "terminate"}


@rule("start.kind", "10.5.2", "The start of a process is none, or on a message, timer, condition or signal.")
def starts_a_process_by_what_may(model: Model) -> Breaches:
    for node in model.each("startEvent"):
        if kind(node.getparent()) == "process" and set(model.definitions(node)) - TOP_STARTS:
            yield node


@rule("start.sub-process", "10.5.2", "The start event of a sub-process waits for nothing.")
def starts_a_sub_process_at_once(model: Model) -> Breaches:
    for node in model.each("startEvent"):
        around = node.getparent()
        if kind(around) in SUB_PROCESSES and not model.is_event_sub_process(around) and model.definitions(node):
            yield node


@rule("start.event-sub-process", "10.5.2", "The start event of an event sub-process says what it waits for.")
def starts_an_event_sub_process_by_an_event(model: Model) -> Breaches:
    for node in model.each("startEvent"):
        if model.is_event_sub_process(node.getparent()):
            interrupts = node.get("isInterrupting", "true") != "false"
            found = set(model.definitions(node))
            if not found or found - (INTERRUPTING_STARTS if interrupts else EVENT_STARTS):
                yield node


@rule("start.one", "10.3.5", "An event sub-process has exactly one start event.")
def starts_an_event_sub_process_once(model: Model) -> Breaches:
    for node in model.each(*SUB_PROCESSES):
        if model.is_event_sub_process(node) and len(model.children(node, "startEvent")) != 1:
            yield node


@rule("start.leads", "10.5.2", "A start event has an outgoing sequence flow.", "warning")
def leads_from_a_start(model: Model) -> Breaches:
    return (node for node in model.each("startEvent") if not model.out_of(node))


@rule("end.reached", "10.5.3", "An end event has an incoming sequence flow.", "warning")
def leads_to_an_end(model: Model) -> Breaches:
    return (node for node in model.each("endEvent") if not model.into(node))


@rule("end.kind", "10.5.3", "An end event does not wait: no timer, condition or link.")
def ends_by_what_may(model: Model) -> Breaches:
    return (node for node in model.each("endEvent") if set(model.definitions(node)) - ENDS)


@rule("end.cancel", "10.5.3", "A cancel end event stands in a transaction only.")
def cancels_a_transaction(model: Model) -> Breaches:
    for node in model.each("endEvent"):
        if "cancel" in model.definitions(node) and kind(node.getparent()) != "transaction":
            yield node


@rule(
    "catch.kind", "10.5.4", "An intermediate event that catches waits for a message, timer, condition, link or signal."
)
def catches_what_may(model: Model) -> Breaches:
    for node in model.each("intermediateCatchEvent"):
        found = set(model.definitions(node))
        if not found or found - CATCHES:
            yield node


@rule("throw.kind", "10.5.4", "An intermediate event throws a message, escalation, compensation, link or signal.")
def throws_what_may(model: Model) -> Breaches:
    return (node for node in model.each("intermediateThrowEvent") if set(model.definitions(node)) - THROWS)


@rule("boundary.kind", "10.5.4", "A boundary event is of a kind that exists, and interrupts where it must.")
def watches_for_what_may(model: Model) -> Breaches:
    for node in model.each("boundaryEvent"):
        interrupts = node.get("cancelActivity", "true") != "false"
        found = set(model.definitions(node))
        if not found or found - (INTERRUPTING_BOUNDARIES if interrupts else BOUNDARIES):
            yield node


@rule("boundary.cancel", "10.5.4", "A cancel boundary event is attached to a transaction.")
def is_cancelled_as_a_transaction(model: Model) -> Breaches:
    for node in model.each("boundaryEvent"):
        host = model.at(node.get("attachedToRef"))
        if "cancel" in model.definitions(node) and host is not None and kind(host) != "transaction":
            yield node


@rule("boundary.leads", "10.5.4", "A boundary event has an outgoing sequence flow.", "warning")
def leads_from_a_boundary(model: Model) -> Breaches:
    for node in model.each("boundaryEvent"):
        if not model.out_of(node) and "compensate" not in model.definitions(node):
            yield node


@rule("boundary.compensation-flow", "10.7.2", "No sequence flow leaves a compensation boundary event.")
def compensates_without_a_flow(model: Model) -> Breaches:
    for node in model.each("boundaryEvent"):
        if model.out_of(node) and "compensate" in model.definitions(node):
            yield node


@rule("boundary.compensation", "10.7.2", "A compensation boundary event is associated with a compensation activity.")
def compensates_by_an_activity(model: Model) -> Breaches:
    for node in model.each("boundaryEvent"):
        if "compensate" in model.definitions(node):
            led = [model.at(a.get("targetRef")) for a in model.all["association"] if _from(a, node)]
            if not any(target is not None and target.get("isForCompensation") == "true" for target in led):
                yield node


@rule("intermediate.reached", "10.5.4", "An intermediate event has an incoming sequence flow.", "warning")
def leads_to_an_intermediate(model: Model) -> Breaches:
    for level, nodes in model.levels():
        if any(kind(node) in ("startEvent", "endEvent") for node in nodes) and kind(level) != "adHocSubProcess":
            for node in nodes:
                is_link = "link" in model.definitions(node) and kind(node) == "intermediateCatchEvent"
                if kind(node).startswith("intermediate") and not model.into(node) and not is_link:
                    yield node


@rule("intermediate.left", "10.5.4", "An intermediate event has an outgoing sequence flow.", "warning")
def leads_from_an_intermediate(model: Model) -> Breaches:
    for node in model.each("intermediateCatchEvent", "intermediateThrowEvent"):
        is_link = "link" in model.definitions(node) and kind(node) == "intermediateThrowEvent"
        if not model.out_of(node) and not is_link:
            yield node


@rule("link.flow", "10.5.5", "A link has no sequence flow on the side where it leads.")
def links_in_place_of_a_flow(model: Model) -> Breaches:
    for node in model.each("intermediateThrowEvent"):
        if "link" in model.definitions(node) and model.out_of(node):
            yield node
    for node in model.each("intermediateCatchEvent"):
        if "link" in model.definitions(node) and model.into(node):
            yield node


@rule("link.pair", "10.5.5", "Each link has its counterpart, in the same process or sub-process.")
def links_what_belongs_together(model: Model) -> Breaches:
    throwing = list(_links(model, "intermediateThrowEvent"))
    catching = list(_links(model, "intermediateCatchEvent"))
    for these, others in ((throwing, catching), (catching, throwing)):
        for event, link in these:
            if not any(_paired(link, other) and event.getparent() is at.getparent() for at, other in others):
                yield event


@rule("link.target", "10.5.5", "A link that throws names one target, a link that catches names its sources.", "warning")
def links_by_name(model: Model) -> Breaches:
    names_ends = any(
        link.find(f"{BPMN}{end}") is not None for link in model.all["linkEventDefinition"] for end in ENDS_OF
    )
    if names_ends:
        for event, link in _links(model, "intermediateThrowEvent"):
            if len(model.children(link, "target")) != 1:
                yield event
        for event, link in _links(model, "intermediateCatchEvent"):
            if not model.children(link, "source"):
                yield event


ENDS_OF = ("source", "target")


@rule("event.shared", "10.5.1", "An event definition that stands in a throwing event is used there only.")
def keeps_its_own_definition(model: Model) -> Breaches:
    own = {d.get("id") for e in model.each(*THROWING) for d in e if kind(d).endswith("EventDefinition")}
    return (node for node in model.all["eventDefinitionRef"] if local(node.text or "") in own)


@rule("event.escalation-code", "10.5.5", "An escalation that is thrown has a code.", "warning")
def escalates_with_a_code(model: Model) -> Breaches:
    for event in model.each(*THROWING):
        for definition in _definition_nodes(model, event, "escalationEventDefinition"):
            escalation = model.at(definition.get("escalationRef"))
            if model.is_executable(event) and (escalation is None or not escalation.get("escalationCode")):
                yield event


@rule("event.message", "10.5.5", "In an executable process a message event names its message.", "warning")
def names_its_message(model: Model) -> Breaches:
    for definition in model.each("messageEventDefinition"):
        if not definition.get("messageRef") and model.is_executable(definition):
            yield definition


@rule("event.operation", "10.5.5", "Where there are interfaces a message event names its operation.", "warning")
def names_its_operation(model: Model) -> Breaches:
    for definition in model.each("messageEventDefinition") if model.all["interface"] else ():
        if model.is_executable(definition) and not model.children(definition, "operationRef"):
            yield definition


@rule("event.formal-condition", "10.5.5", "In an executable process a condition is a formal expression.", "warning")
def states_its_condition_formally(model: Model) -> Breaches:
    for condition in model.each("condition"):
        is_of_event = kind(condition.getparent()) == "conditionalEventDefinition"
        if is_of_event and model.is_executable(condition) and not is_formal(condition):
            yield condition


EXPRESSIONS = (
    "conditionExpression",
    "timeDate",
    "timeCycle",
    "timeDuration",
    "activationCondition",
    "completionCondition",
    "loopCondition",
    "loopCardinality",
    "from",
    "to",
    "transformation",
)


@rule("expression.formal", "8.4.7", "In an executable process expressions are formal.", "warning")
def speaks_formally(model: Model) -> Breaches:
    for node in model.each(*EXPRESSIONS):
        if model.is_executable(node) and kind(node) != "transformation" and not is_formal(node):
            yield node


@rule("expression.body", "8.4.8", "A formal expression is not empty.", "warning")
def says_something(model: Model) -> Breaches:
    for node in model.root.iter(f"{BPMN}*"):
        formal = is_formal(node) if node.get(XSI_TYPE) else kind(node) == "transformation"
        if formal and not text_of(node):
            yield node


def _definition_nodes(model: Model, event: Any, name: str) -> Iterator[Any]:
    for child in model.children(event, name, "eventDefinitionRef"):
        found = child if kind(child) == name else model.at(child.text)
        if found is not None and kind(found) == name:
            yield found


def _links(model: Model, name: str) -> Iterator[tuple[Any, Any]]:
    for event in model.each(name):
        for link in _definition_nodes(model, event, "linkEventDefinition"):
            yield event, link


def _paired(one: Any, other: Any) -> bool:
    """By name, or by naming each other."""
    named = {local(end.text or "") for link in (one, other) for end in link if kind(end) in ENDS_OF}
    is_named_alike = bool(one.get("name")) and one.get("name") == other.get("name")
    return is_named_alike or bool({one.get("id"), other.get("id")} & named)


def _from(association: Any, node: Any) -> bool:
    return local(association.get("sourceRef", "")) == str(node.get("id"))
