"""Faults drawn into the shipped diagrams: each takes an element tree of one file and changes one thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from web.procedures_folder import files_in

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
FOLDER = Path(__file__).parents[3] / "processes"
Edit = Callable[[Any], None]


def mutated(folder: str, file: str, *edits: Edit) -> dict[str, bytes]:
    """The files of a shipped procedure with one of them changed."""
    files = files_in(FOLDER / folder)
    root = etree.fromstring(files[file])
    for edit in edits:
        edit(root)
    for diagram in root.findall("{*}BPMNDiagram"):
        root.remove(diagram)
    return {**files, file: etree.tostring(root)}


def find(root: Any, key: str) -> Any:
    return next(node for node in root.iter(f"{BPMN}*") if node.get("id") == key)


def redirect(flow: str, target: str) -> Edit:
    """A flow may lead somewhere else: nobody can know when."""

    def edit(root: Any) -> None:
        old = find(root, flow)
        process, fork = old.getparent(), f"{flow}_fork"
        for word in [w for w in root.iter(f"{BPMN}incoming") if w.text == flow]:
            word.getparent().remove(word)
        process.append(etree.fromstring(f'<exclusiveGateway xmlns="{BPMN[1:-1]}" id="{fork}" default="{fork}_no"/>'))
        for key, where, text in ((f"{fork}_no", old.get("targetRef"), ""), (f"{fork}_yes", target, 'defined("odd")')):
            new = etree.SubElement(process, f"{BPMN}sequenceFlow", id=key, sourceRef=fork, targetRef=where)
            if text:
                etree.SubElement(new, f"{BPMN}conditionExpression").text = text
        old.set("targetRef", fork)

    return edit


def bypass(element: str) -> Edit:
    """An element is taken out: what led to it leads on to what followed."""

    def edit(root: Any) -> None:
        flows = list(root.iter(f"{BPMN}sequenceFlow"))
        out = next(flow for flow in flows if flow.get("sourceRef") == element)
        for flow in flows:
            if flow.get("targetRef") == element:
                flow.set("targetRef", out.get("targetRef"))
        remove(root, out)
        for boundary in [b for b in root.iter(f"{BPMN}boundaryEvent") if b.get("attachedToRef") == element]:
            drop_after(root, boundary)
        remove(root, find(root, element))
        for reference in list(root.iter(f"{BPMN}flowNodeRef")):
            if reference.text == element:
                reference.getparent().remove(reference)

    return edit


def drop_after(root: Any, boundary: Any) -> None:
    """A boundary event and the end event that it leads to."""
    for flow in [f for f in root.iter(f"{BPMN}sequenceFlow") if f.get("sourceRef") == boundary.get("id")]:
        end = find(root, flow.get("targetRef"))
        remove(root, flow)
        if end.tag == f"{BPMN}endEvent":
            unlane(root, end.get("id"))
            remove(root, end)
    unlane(root, boundary.get("id"))
    remove(root, boundary)


def unlane(root: Any, key: str) -> None:
    for reference in list(root.iter(f"{BPMN}flowNodeRef")):
        if reference.text == key:
            reference.getparent().remove(reference)


def remove(root: Any, node: Any) -> None:
    """Without the words of flows that are gone."""
    key = node.get("id")
    node.getparent().remove(node)
    for word in [w for w in root.iter(f"{BPMN}incoming", f"{BPMN}outgoing") if w.text == key]:
        word.getparent().remove(word)


def says(element: str, name: str, value: str | None) -> Edit:
    """A property says something else, or nothing."""

    def edit(root: Any) -> None:
        group = find(root, element).find(f"{BPMN}extensionElements/{SPIFF}properties")
        for item in group.findall(f"{SPIFF}property"):
            if item.get("name") == name:
                group.remove(item)
        if value is not None:
            etree.SubElement(group, f"{SPIFF}property", name=name, value=value)

    return edit


def condition(flow: str, text: str) -> Edit:
    """A flow has another condition."""
    return lambda root: setattr(find(root, flow).find(f"{BPMN}conditionExpression"), "text", text)


def default(gateway: str, flow: str, other: str) -> Edit:
    """The default flow and another one change their parts."""

    def edit(root: Any) -> None:
        text = find(root, flow).findtext(f"{BPMN}conditionExpression")
        find(root, gateway).set("default", flow)
        find(root, flow).remove(find(root, flow).find(f"{BPMN}conditionExpression"))
        etree.SubElement(find(root, other), f"{BPMN}conditionExpression").text = text

    return edit


def insert(flow: str, node: str) -> Edit:
    """An element on a flow."""

    def edit(root: Any) -> None:
        line = find(root, flow)
        new = etree.fromstring(f'<x xmlns="{BPMN[1:-1]}" xmlns:s="{SPIFF[1:-1]}">{node}</x>')[0]
        line.getparent().append(new)
        etree.SubElement(
            line.getparent(),
            f"{BPMN}sequenceFlow",
            id=f"{new.get('id')}_on",
            sourceRef=new.get("id"),
            targetRef=line.get("targetRef"),
        )
        line.set("targetRef", new.get("id"))

    return edit


def add(process: str, *nodes: str) -> Edit:
    """Elements and flows beside the others."""

    def edit(root: Any) -> None:
        for node in nodes:
            find(root, process).append(
                etree.fromstring(f'<x xmlns="{BPMN[1:-1]}" xmlns:s="{SPIFF[1:-1]}">{node}</x>')[0]
            )

    return edit


def line(key: str, source: str, target: str, text: str = "") -> str:
    inside = f"<conditionExpression>{text}</conditionExpression>" if text else ""
    return f'<sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


def timer(key: str, host: str, interrupting: str = "true") -> str:
    definition = '<timerEventDefinition><timeDuration>"2d"</timeDuration></timerEventDefinition>'
    return (
        f'<boundaryEvent id="{key}" attachedToRef="{host}" cancelActivity="{interrupting}">{definition}</boundaryEvent>'
    )


def script(key: str, text: str) -> str:
    return f'<scriptTask id="{key}"><script>{text}</script></scriptTask>'
