"""Activities: quantities, loops, what they call, and what sub-processes hold."""

from __future__ import annotations

from typing import Any

from engine.bpmn.standard.model import ACTIVITIES, CHOREOGRAPHY, SUB_PROCESSES, Model, kind, local
from engine.bpmn.standard.rules import Breaches, rule
from engine.bpmn.xml import BPMN, SPIFF

CALLABLE = ("process", "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask")
CONVERSATION = ("conversation", "subConversation", "callConversation", "conversationLink")


@rule("activity.quantity", "10.3", "The quantities of an activity are at least 1.")
def counts_from_one(model: Model) -> Breaches:
    for node in model.each(*ACTIVITIES):
        if any(_number(node.get(name, "1")) < 1 for name in ("startQuantity", "completionQuantity")):
            yield node


@rule("activity.receive-start", "10.3.3", "A receive task that starts an instance has no incoming flow.")
def starts_by_receiving(model: Model) -> Breaches:
    for node in model.each("receiveTask"):
        if node.get("instantiate") == "true" and model.into(node):
            yield node


@rule("activity.loop", "10.3.8", "Several instances are told by a cardinality or a collection.")
def says_how_many(model: Model) -> Breaches:
    for node in model.each("multiInstanceLoopCharacteristics"):
        told = model.children(node, "loopCardinality", "loopDataInputRef")
        if not told and model.is_executable(node) and not _has_collection(node.getparent()):
            yield node


@rule("activity.choreography", "11.1", "A process holds no choreography activities.")
def holds_no_choreography(model: Model) -> Breaches:
    for node in model.each(*CHOREOGRAPHY):
        if kind(node.getparent()) in ("process", *SUB_PROCESSES):
            yield node


@rule("ad-hoc.activity", "10.3.5", "An ad-hoc sub-process holds at least one activity.")
def holds_an_activity(model: Model) -> Breaches:
    return (node for node in model.each("adHocSubProcess") if not model.children(node, *ACTIVITIES))


@rule("ad-hoc.events", "10.3.5", "An ad-hoc sub-process has no start or end event, conversation or choreography.")
def holds_no_start_or_end(model: Model) -> Breaches:
    for node in model.each("adHocSubProcess"):
        yield from model.children(node, "startEvent", "endEvent", *CONVERSATION, *CHOREOGRAPHY)


@rule("process.public", "10.2", "A public process is not executable.", "warning")
def is_public_or_executable(model: Model) -> Breaches:
    for node in model.each("process"):
        if node.get("processType") == "Public" and node.get("isExecutable") == "true":
            yield node


@rule("call.start", "10.3.6", "A called process has a start event without a trigger.")
def calls_what_can_start(model: Model) -> Breaches:
    for node in model.each("callActivity"):
        called = model.at(node.get("calledElement"))
        if called is not None and kind(called) == "process":
            starts = model.children(called, "startEvent")
            if starts and all(model.definitions(start) for start in starts):
                yield node


@rule("call.process", "10.3.6", "A call activity calls a process or a global task.")
def calls_a_callable(model: Model) -> Breaches:
    for node in model.each("callActivity"):
        called = model.at(node.get("calledElement"))
        if called is not None and kind(called) not in CALLABLE:
            yield node


@rule("compensation.activity", "10.7.2", "An association from a compensation event leads to a task or sub-process.")
def compensates_by_what_may(model: Model) -> Breaches:
    for association in model.each("association"):
        source, target = model.at(association.get("sourceRef")), model.at(association.get("targetRef"))
        if source is None or target is None or kind(source) != "boundaryEvent":
            continue
        if "compensate" in model.definitions(source) and not _compensates(target):
            yield association


def _compensates(node: Any) -> bool:
    return kind(node) in ACTIVITIES and node.get("isForCompensation") == "true"


def _has_collection(activity: Any) -> bool:
    """Ours says it by a property."""
    found = activity.iterfind(f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property")
    return any(item.get("name") == "collection" for item in found)


def _number(text: str) -> int:
    try:
        return int(local(text))
    except ValueError:
        return 1
