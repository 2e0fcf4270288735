"""References: what an attribute or child names is there, and is what it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.standard.model import ACTIVITIES, CHOREOGRAPHY, EVENTS, FLOW_NODES, Model, kind
from engine.bpmn.standard.rules import Breaches, rule

ITEMS = ("itemDefinition",)
CONVERSATIONS = ("conversation", "subConversation", "callConversation")
INTERACTING = ("participant", *ACTIVITIES, *EVENTS, *CHOREOGRAPHY, *CONVERSATIONS)
NAMED: dict[tuple[str, str], tuple[str, ...]] = {
    ("*", "messageRef"): ("message",),
    ("*", "inMessageRef"): ("message",),
    ("*", "outMessageRef"): ("message",),
    ("*", "signalRef"): ("signal",),
    ("*", "escalationRef"): ("escalation",),
    ("*", "errorRef"): ("error",),
    ("*", "operationRef"): ("operation",),
    ("*", "interfaceRef"): ("interface",),
    ("*", "supportedInterfaceRef"): ("interface",),
    ("*", "itemSubjectRef"): ITEMS,
    ("*", "itemRef"): ITEMS,
    ("*", "partnerEntityRef"): ("partnerEntity",),
    ("*", "participantRef"): ("participant",),
    ("*", "processRef"): ("process",),
    ("*", "definitionalCollaborationRef"): ("collaboration", "globalConversation", "choreography"),
    ("*", "choreographyRef"): ("choreography", "globalChoreographyTask"),
    ("*", "dataObjectRef"): ("dataObject",),
    ("*", "dataStoreRef"): ("dataStore",),
    ("*", "dataInputRefs"): ("dataInput",),
    ("*", "dataOutputRefs"): ("dataOutput",),
    ("*", "optionalInputRefs"): ("dataInput",),
    ("*", "optionalOutputRefs"): ("dataOutput",),
    ("*", "whileExecutingInputRefs"): ("dataInput",),
    ("*", "whileExecutingOutputRefs"): ("dataOutput",),
    ("*", "inputSetRefs"): ("inputSet",),
    ("*", "outputSetRefs"): ("outputSet",),
    ("*", "flowNodeRef"): FLOW_NODES,
    ("*", "attachedToRef"): ACTIVITIES,
    ("*", "activityRef"): ACTIVITIES,
    ("*", "categoryValueRef"): ("categoryValue",),
    ("*", "correlationPropertyRef"): ("correlationProperty",),
    ("*", "resourceRef"): ("resource",),
    ("*", "messageFlowRef"): ("messageFlow",),
    ("*", "incoming"): ("sequenceFlow",),
    ("*", "outgoing"): ("sequenceFlow",),
    ("*", "default"): ("sequenceFlow",),
    ("sequenceFlow", "sourceRef"): (),
    ("sequenceFlow", "targetRef"): (),
    ("messageFlow", "sourceRef"): INTERACTING,
    ("messageFlow", "targetRef"): INTERACTING,
    ("association", "sourceRef"): (),
    ("association", "targetRef"): (),
}
"""(tag, attribute or child) → what may be named; nothing is anything."""
TEXTUAL = ("incoming", "outgoing")


@rule("reference.there", "8.2", "A reference names something that is there.")
def names_what_is_there(model: Model) -> Breaches:
    known = _imported(model)
    for node, _, reference in _references(model):
        if model.at(reference) is None and not _is_elsewhere(model, reference, known):
            yield node


@rule("reference.kind", "8.2", "A reference names something of the right kind.")
def names_what_may_be_named(model: Model) -> Breaches:
    for node, kinds, reference in _references(model):
        target = model.at(reference)
        if target is not None and kinds and kind(target) not in kinds:
            yield node


@rule("reference.prefix", "8.2", "A reference uses a prefix that is declared.")
def uses_known_prefixes(model: Model) -> Breaches:
    for node, _, reference in _references(model):
        prefix = reference.rpartition(":")[0]
        if prefix and prefix not in node.nsmap and "/" not in prefix:
            yield node


def _references(model: Model) -> Iterator[tuple[Any, tuple[str, ...], str]]:
    """(the node that names, what it may name, the name)."""
    for (tag, name), kinds in NAMED.items():
        if tag == "*":
            for node in model.all[name]:
                if (node.text or "").strip():
                    yield node, kinds, node.text.strip()
    for nodes in model.all.values():
        for node in nodes:
            for name, value in node.attrib.items():
                named = NAMED.get((kind(node), name), NAMED.get(("*", name)))
                if named is not None and value.strip():
                    yield node, named, value.strip()


def _imported(model: Model) -> set[str]:
    """The namespaces that the file imports from others."""
    return {node.get("namespace", "") for node in model.all["import"]}


def _is_elsewhere(model: Model, reference: str, known: set[str]) -> bool:
    """Does the reference lead to another file?"""
    prefix = reference.rpartition(":")[0]
    namespace = model.root.nsmap.get(prefix or None, "")
    return namespace in known if prefix else False
