"""Sequence flows: what they may join, and what must be joined."""

from __future__ import annotations

from typing import Any

from engine.bpmn.standard.model import (
    ACTIVITIES,
    ARTIFACTS,
    CATCHING,
    FLOW_NODES,
    Model,
    kind,
    local,
)
from engine.bpmn.standard.rules import Breaches, rule


@rule("flow.artifact", "7.6.2", "An artifact is neither source nor target of a sequence flow or message flow.")
def joins_no_artifact(model: Model) -> Breaches:
    for flow in model.each("sequenceFlow", "messageFlow"):
        if any(end is not None and kind(end) in ARTIFACTS for end in model.ends(flow)):
            yield flow


@rule("flow.ends", "8.4.13", "A sequence flow joins activities, gateways and events.")
def joins_flow_nodes(model: Model) -> Breaches:
    for flow in model.each("sequenceFlow"):
        if any(end is not None and kind(end) not in (*FLOW_NODES, *ARTIFACTS) for end in model.ends(flow)):
            yield flow


@rule("flow.event-sub-process", "10.3.5", "No sequence flow leads to or from an event sub-process.")
def leaves_event_sub_processes_alone(model: Model) -> Breaches:
    for flow in model.each("sequenceFlow"):
        if any(end is not None and model.is_event_sub_process(end) for end in model.ends(flow)):
            yield flow


@rule("flow.level", "7.6.1", "A sequence flow does not cross the border of a pool, process or sub-process.")
def stays_on_its_level(model: Model) -> Breaches:
    for flow in model.each("sequenceFlow"):
        source, target = model.ends(flow)
        if source is None or target is None or kind(source) not in FLOW_NODES or kind(target) not in FLOW_NODES:
            continue
        if source.getparent() is not target.getparent():
            yield flow


@rule("flow.into-start", "10.5.2", "A start event has no incoming sequence flow.")
def does_not_lead_to_a_start(model: Model) -> Breaches:
    return (node for node in model.each("startEvent") if model.into(node))


@rule("flow.out-of-end", "10.5.3", "An end event has no outgoing sequence flow.")
def does_not_leave_an_end(model: Model) -> Breaches:
    return (node for node in model.each("endEvent") if model.out_of(node))


@rule("flow.into-boundary", "10.5.4", "A boundary event has no incoming sequence flow.")
def does_not_lead_to_a_boundary(model: Model) -> Breaches:
    return (node for node in model.each("boundaryEvent") if model.into(node))


@rule("flow.listed", "8.4.9", "An element lists the sequence flows that lead to and from it.", "warning")
def is_listed_at_its_ends(model: Model) -> Breaches:
    if not model.all["incoming"] and not model.all["outgoing"]:
        return
    for node in model.each(*FLOW_NODES):
        listed = {name: {local(c.text or "") for c in model.children(node, name)} for name in ("incoming", "outgoing")}
        flows = {"incoming": model.into(node), "outgoing": model.out_of(node)}
        if any(flow.get("id") not in listed[name] for name in listed for flow in flows[name]):
            yield node


@rule("flow.lone-condition", "8.4.13", "The only sequence flow out of an activity has no condition.")
def is_free_where_it_is_alone(model: Model) -> Breaches:
    for node in model.each(*ACTIVITIES):
        out = model.out_of(node)
        if len(out) == 1 and _condition(model, out[0]) is not None:
            yield node


@rule("flow.condition-source", "8.4.13", "A sequence flow out of an event has no condition.")
def is_free_after_an_event(model: Model) -> Breaches:
    for node in model.each(*CATCHING, "intermediateThrowEvent"):
        yield from (flow for flow in model.out_of(node) if _condition(model, flow) is not None)


@rule("flow.default", "8.4.13", "The default flow leaves the element whose default it is.")
def is_the_default_of_its_source(model: Model) -> Breaches:
    for node in model.root.iter():
        if isinstance(node.tag, str) and kind(node) in FLOW_NODES and node.get("default"):
            flow = model.at(node.get("default"))
            if flow is None or local(flow.get("sourceRef", "")) != node.get("id"):
                yield node


@rule("flow.default-condition", "8.4.13", "The default flow has no condition.", "warning")
def has_no_condition_as_default(model: Model) -> Breaches:
    for node in model.each(*FLOW_NODES):
        flow = model.at(node.get("default")) if node.get("default") else None
        if flow is not None and _condition(model, flow) is not None:
            yield flow


@rule("flow.immediate", "8.4.13", "In an executable process isImmediate is not false.", "warning")
def is_immediate(model: Model) -> Breaches:
    for flow in model.each("sequenceFlow"):
        if flow.get("isImmediate") == "false" and model.is_executable(flow):
            yield flow


@rule("level.start", "10.5.2", "Where there is an end event there is a start event.", "warning")
def begins_where_it_ends(model: Model) -> Breaches:
    for level, nodes in model.levels():
        kinds = [kind(node) for node in nodes]
        if "endEvent" in kinds and "startEvent" not in kinds and not any(_starts(model, node) for node in nodes):
            yield level


@rule("level.end", "10.5.3", "Where there is a start event there is an end event.", "warning")
def ends_where_it_begins(model: Model) -> Breaches:
    for level, nodes in model.levels():
        kinds = [kind(node) for node in nodes]
        if "startEvent" in kinds and "endEvent" not in kinds:
            yield level


@rule("level.reached", "10.5.2", "Where there is a start event every other element has an incoming flow.", "warning")
def leads_to_every_element(model: Model) -> Breaches:
    for level, nodes in model.levels():
        if kind(level) != "adHocSubProcess" and any(kind(node) == "startEvent" for node in nodes):
            yield from (node for node in nodes if not model.into(node) and not _needs_no_way_in(model, node))


@rule("level.left", "10.5.3", "Where there is an end event every other element has an outgoing flow.", "warning")
def leads_on_from_every_element(model: Model) -> Breaches:
    for level, nodes in model.levels():
        if kind(level) != "adHocSubProcess" and any(kind(node) == "endEvent" for node in nodes):
            yield from (node for node in nodes if not model.out_of(node) and not _needs_no_way_out(model, node))


def _condition(model: Model, flow: Any) -> Any | None:
    return next(iter(model.children(flow, "conditionExpression")), None)


def _starts(model: Model, node: Any) -> bool:
    """May it begin a process without a start event?"""
    return node.get("instantiate") == "true" and not model.into(node)


def _needs_no_way_in(model: Model, node: Any) -> bool:
    name = kind(node)
    if name in ("startEvent", "boundaryEvent") or model.is_event_sub_process(node) or _is_aside(node):
        return True
    return _starts(model, node) or (name == "intermediateCatchEvent" and "link" in model.definitions(node))


def _needs_no_way_out(model: Model, node: Any) -> bool:
    name = kind(node)
    if name == "endEvent" or model.is_event_sub_process(node) or _is_aside(node):
        return True
    link = name == "intermediateThrowEvent" and "link" in model.definitions(node)
    return link or (name == "boundaryEvent" and "compensate" in model.definitions(node))


def _is_aside(node: Any) -> bool:
    return bool(node.get("isForCompensation") == "true")
