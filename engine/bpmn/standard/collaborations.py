"""Pools and the messages between them, choreographies and conversations."""

from __future__ import annotations

from engine.bpmn.standard.model import Model, kind, local
from engine.bpmn.standard.rules import Breaches, rule

PARTS_OF_CONVERSATIONS = (
    "conversation",
    "subConversation",
    "callConversation",
    "participantAssociation",
    "messageFlowAssociation",
    "conversationAssociation",
    "association",
    "group",
    "textAnnotation",
)


@rule("message-flow.pools", "9.4", "A message flow joins different pools.")
def joins_different_pools(model: Model) -> Breaches:
    for flow in model.each("messageFlow"):
        source, target = model.ends(flow)
        if source is not None and target is not None:
            pool = model.pool_of(source)
            if pool is not None and pool is model.pool_of(target):
                yield flow


@rule("message-flow.from-start", "10.5.2", "A start event sends no message.")
def does_not_begin_at_a_start(model: Model) -> Breaches:
    return _flows(model, 0, "startEvent")


@rule("message-flow.to-end", "10.5.3", "An end event receives no message.")
def does_not_end_at_an_end(model: Model) -> Breaches:
    return _flows(model, 1, "endEvent")


@rule("message-flow.from-catch", "10.5.4", "An intermediate event that catches sends no message.")
def does_not_begin_at_a_catch(model: Model) -> Breaches:
    return _flows(model, 0, "intermediateCatchEvent")


@rule("message-flow.to-throw", "10.5.4", "An intermediate event that throws receives no message.")
def does_not_end_at_a_throw(model: Model) -> Breaches:
    return _flows(model, 1, "intermediateThrowEvent")


@rule("message-flow.start", "10.5.2", "A start event that a message flow leads to waits for a message.")
def starts_by_its_message(model: Model) -> Breaches:
    for flow in _flows(model, 1, "startEvent"):
        if "message" not in model.definitions(model.ends(flow)[1]):
            yield flow


@rule("message-flow.end", "10.5.3", "An end event that a message flow leaves sends a message.")
def ends_with_its_message(model: Model) -> Breaches:
    for flow in _flows(model, 0, "endEvent"):
        if "message" not in model.definitions(model.ends(flow)[0]):
            yield flow


@rule("choreography.reference", "9.1", "A choreography or global conversation refers to no choreography.")
def refers_to_no_choreography(model: Model) -> Breaches:
    for node in model.each("choreography", "globalChoreographyTask", "globalConversation"):
        if model.children(node, "choreographyRef"):
            yield node


@rule("choreography.closed", "9.1", "A collaboration is closed if and only if its choreography is.", "warning")
def is_closed_like_its_choreography(model: Model) -> Breaches:
    for node in model.each("collaboration"):
        for reference in model.children(node, "choreographyRef"):
            other = model.at(reference.text)
            if other is not None and other.get("isClosed", "false") != node.get("isClosed", "false"):
                yield node


@rule("conversation.global", "9.5", "A global conversation holds no conversations, associations or artifacts.")
def is_empty(model: Model) -> Breaches:
    return (node for node in model.each("globalConversation") if model.children(node, *PARTS_OF_CONVERSATIONS))


@rule("participant.multiplicity", "9.3", "The maximum of a participant is at least 1 and not below its minimum.")
def counts_its_participants(model: Model) -> Breaches:
    for node in model.each("participantMultiplicity"):
        low, high = _number(node.get("minimum", "0")), _number(node.get("maximum", "1"))
        if low < 0 or high < max(low, 1):
            yield node


def _flows(model: Model, end: int, name: str) -> Breaches:
    for flow in model.each("messageFlow"):
        node = model.ends(flow)[end]
        if node is not None and kind(node) == name:
            yield flow


def _number(text: str) -> int:
    return int(text) if local(text).lstrip("-").isdigit() else 0
