"""Gateways: their direction, and what an event-based one leads to."""

from __future__ import annotations

from typing import Any

from engine.bpmn.diagram import GATEWAYS
from engine.bpmn.standard.model import Model, kind
from engine.bpmn.standard.rules import Breaches, rule

AFTER_EVENT_GATEWAY = {"message", "signal", "timer", "conditional"}


@rule("gateway.converging", "10.6.1", "A converging gateway has several incoming flows and one outgoing.", "warning")
def converges(model: Model) -> Breaches:
    for node in model.each(*GATEWAYS):
        if node.get("gatewayDirection") == "Converging" and not _has(model, node, many_in=True, many_out=False):
            yield node


@rule("gateway.diverging", "10.6.1", "A diverging gateway has one incoming flow and several outgoing.", "warning")
def diverges(model: Model) -> Breaches:
    for node in model.each(*GATEWAYS):
        if node.get("gatewayDirection") == "Diverging" and not _has(model, node, many_in=False, many_out=True):
            yield node


@rule("gateway.mixed", "10.6.1", "A mixed gateway has several incoming and several outgoing flows.", "warning")
def mixes(model: Model) -> Breaches:
    for node in model.each(*GATEWAYS):
        if node.get("gatewayDirection") == "Mixed" and not _has(model, node, many_in=True, many_out=True):
            yield node


@rule("gateway.idle", "10.6.1", "A gateway has several incoming or several outgoing flows.", "warning")
def does_something(model: Model) -> Breaches:
    for node in model.each(*GATEWAYS):
        if len(model.into(node)) < 2 and len(model.out_of(node)) < 2 and kind(node) != "eventBasedGateway":
            yield node


@rule("event-gateway.several", "10.6.6", "An event-based gateway leads to at least two events.", "warning")
def waits_for_several(model: Model) -> Breaches:
    return (node for node in model.each("eventBasedGateway") if len(model.out_of(node)) < 2)


@rule("event-gateway.condition", "10.6.6", "A flow out of an event-based gateway has no condition.")
def waits_without_condition(model: Model) -> Breaches:
    for node in model.each("eventBasedGateway"):
        yield from (flow for flow in model.out_of(node) if model.children(flow, "conditionExpression"))


@rule(
    "event-gateway.target",
    "10.6.6",
    "An event-based gateway leads to receive tasks and to events on a message, signal, timer or condition.",
)
def waits_for_what_may(model: Model) -> Breaches:
    for node, target in _targets(model):
        waits = kind(target) == "intermediateCatchEvent" and set(model.definitions(target)) <= AFTER_EVENT_GATEWAY
        if kind(target) != "receiveTask" and not waits:
            yield node


@rule(
    "event-gateway.mixed", "10.6.6", "An event-based gateway leads to receive tasks or to message events, not to both."
)
def waits_for_messages_in_one_way(model: Model) -> Breaches:
    for node in model.each("eventBasedGateway"):
        targets = [model.at(flow.get("targetRef")) for flow in model.out_of(node)]
        found = [target for target in targets if target is not None]
        if any(kind(t) == "receiveTask" for t in found) and any("message" in model.definitions(t) for t in found):
            yield node


@rule("event-gateway.boundary", "10.6.6", "A receive task behind an event-based gateway has no boundary event.")
def waits_in_a_plain_task(model: Model) -> Breaches:
    attached = {event.get("attachedToRef") for event in model.all["boundaryEvent"]}
    for _, target in _targets(model):
        if kind(target) == "receiveTask" and target.get("id") in attached:
            yield target


@rule("event-gateway.only", "10.6.6", "What an event-based gateway leads to has no other incoming flow.")
def waits_alone(model: Model) -> Breaches:
    return (target for _, target in _targets(model) if len(model.into(target)) > 1)


@rule("event-gateway.instantiates", "10.6.6", "An event-based gateway that starts an instance has no incoming flow.")
def starts_without_incoming(model: Model) -> Breaches:
    for node in model.each("eventBasedGateway"):
        if node.get("instantiate") == "true" and model.into(node):
            yield node


@rule("event-gateway.parallel", "10.6.6", "A parallel event-based gateway starts an instance.")
def is_parallel_at_the_start_only(model: Model) -> Breaches:
    for node in model.each("eventBasedGateway"):
        if node.get("eventGatewayType") == "Parallel" and node.get("instantiate") != "true":
            yield node


def _has(model: Model, node: Any, many_in: bool, many_out: bool) -> bool:
    ways_in, ways_out = len(model.into(node)), len(model.out_of(node))
    return (ways_in > 1 if many_in else ways_in <= 1) and (ways_out > 1 if many_out else ways_out <= 1)


def _targets(model: Model) -> list[tuple[Any, Any]]:
    pairs = [(n, model.at(f.get("targetRef"))) for n in model.each("eventBasedGateway") for f in model.out_of(n)]
    return [(node, target) for node, target in pairs if target is not None]
