"""A file as the standard sees it: its nodes by id, its flows by their ends, its levels and pools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from engine.bpmn.diagram import GATEWAYS, TASKS
from engine.bpmn.xml import BPMN

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
SUB_PROCESSES = ("subProcess", "transaction", "adHocSubProcess")
ACTIVITIES = (*TASKS, *SUB_PROCESSES, "callActivity")
CATCHING = ("startEvent", "intermediateCatchEvent", "boundaryEvent")
THROWING = ("intermediateThrowEvent", "endEvent")
EVENTS = (*CATCHING, *THROWING)
CHOREOGRAPHY = ("choreographyTask", "callChoreography", "subChoreography")
FLOW_NODES = (*ACTIVITIES, *GATEWAYS, *EVENTS, *CHOREOGRAPHY)
ARTIFACTS = ("textAnnotation", "group", "association")
LEVELS = ("process", *SUB_PROCESSES)


def kind(node: Any) -> str:
    """The tag of a BPMN node without its namespace; "" for any other."""
    name = node.tag if isinstance(node.tag, str) else ""
    return name[len(BPMN) :] if name.startswith(BPMN) else ""


def said(node: Any, name: str) -> str:
    """The text of an attribute or of the first child of that name."""
    text = node.get(name)
    return (text if text is not None else node.findtext(f"{BPMN}{name}") or "").strip()


def local(reference: str) -> str:
    """A reference without its prefix."""
    return reference.strip().rpartition(":")[2]


class Model:
    """One file. Every answer is in the order of the file."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.all: dict[str, list[Any]] = defaultdict(list)
        self.by_id: dict[str, Any] = {}
        for node in root.iter(f"{BPMN}*"):
            self.all[kind(node)].append(node)
            if node.get("id"):
                self.by_id.setdefault(node.get("id"), node)
        self.incoming: dict[str, list[Any]] = defaultdict(list)
        self.outgoing: dict[str, list[Any]] = defaultdict(list)
        for flow in self.all["sequenceFlow"]:
            self.outgoing[local(flow.get("sourceRef", ""))].append(flow)
            self.incoming[local(flow.get("targetRef", ""))].append(flow)

    def each(self, *kinds: str) -> Iterator[Any]:
        """The nodes of these kinds."""
        for name in kinds:
            yield from self.all[name]

    def at(self, reference: str | None) -> Any | None:
        """The node that a reference names, None if it is not in this file."""
        return self.by_id.get(local(reference or ""))

    def into(self, node: Any) -> list[Any]:
        return self.incoming[node.get("id", "")]

    def out_of(self, node: Any) -> list[Any]:
        return self.outgoing[node.get("id", "")]

    def ends(self, flow: Any) -> tuple[Any | None, Any | None]:
        """Source and target."""
        return self.at(flow.get("sourceRef")), self.at(flow.get("targetRef"))

    def definitions(self, event: Any) -> list[str]:
        """What an event is: message, timer …; its own definitions and those it refers to."""
        found = []
        for child in event.iterchildren(f"{BPMN}*"):
            name = kind(child)
            if name == "eventDefinitionRef":
                referred = self.at(child.text)
                name = kind(referred) if referred is not None else ""
            if name.endswith("EventDefinition"):
                found.append(name.removesuffix("EventDefinition"))
        return found

    def is_event_sub_process(self, node: Any) -> bool:
        return kind(node) in SUB_PROCESSES and node.get("triggeredByEvent") == "true"

    def process_of(self, node: Any) -> Any | None:
        """The process around a node."""
        return next(node.iterancestors(f"{BPMN}process"), None)

    def is_executable(self, node: Any) -> bool:
        """Is it in a process that is marked as executable?"""
        process = node if kind(node) == "process" else self.process_of(node)
        return process is not None and process.get("isExecutable") == "true"

    @cached_property
    def pools(self) -> dict[str, Any]:
        """Process id → its participant."""
        return {local(pool.get("processRef", "")): pool for pool in self.all["participant"] if pool.get("processRef")}

    def pool_of(self, node: Any) -> Any | None:
        """The participant that a node is or lies in; the process itself where it has none."""
        if kind(node) == "participant":
            return node
        process = self.process_of(node)
        return None if process is None else self.pools.get(process.get("id", ""), process)

    def levels(self) -> Iterator[tuple[Any, list[Any]]]:
        """(process or sub-process, its flow nodes)."""
        for level in self.each(*LEVELS):
            yield level, [child for child in level.iterchildren(f"{BPMN}*") if kind(child) in FLOW_NODES]

    def children(self, node: Any, *kinds: str) -> list[Any]:
        return [child for child in node.iterchildren(f"{BPMN}*") if kind(child) in kinds]

    def structure(self, node: Any | None) -> tuple[str, bool] | None:
        """The structure and plurality of the item that a data element or message holds; None when it is not said."""
        if node is None:
            return None
        reference = node.get("itemSubjectRef") or node.get("itemRef") or node.get("structureRef")
        if kind(node) in ("error", "escalation", "signal"):
            reference = node.get("structureRef")
        if not reference:
            return None
        item = self.at(reference)
        if item is None or kind(item) != "itemDefinition":
            return local(reference), False
        return item.get("structureRef") or item.get("id", ""), item.get("isCollection") == "true"


def owner(node: Any) -> Any:
    """The nearest element with an id: the node itself or what it belongs to."""
    while node.get("id") is None and node.getparent() is not None:
        node = node.getparent()
    return node


def is_formal(expression: Any) -> bool:
    return local(expression.get(XSI_TYPE, "")) == "tFormalExpression"


def text_of(node: Any) -> str:
    """All text below a node."""
    return "".join(node.itertext()).strip()
