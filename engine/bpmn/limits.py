"""What the standard allows and nobody here executes: refused by name, never passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.bpmn.diagram import Diagram
from engine.bpmn.xml import BPMN
from engine.refusals import Finding

VALUES: tuple[tuple[str, str, str, str], ...] = (
    ("*", "startQuantity", "1", "An activity that waits for several tokens (startQuantity) is not supported."),
    ("*", "completionQuantity", "1", "An activity that gives several tokens (completionQuantity) is not supported."),
    ("*", "isForCompensation", "false", "Compensation is not supported."),
    ("receiveTask", "instantiate", "false", "A receive task that starts an instance is not supported."),
    ("eventBasedGateway", "instantiate", "false", "An event-based gateway that starts an instance is not supported."),
    ("eventBasedGateway", "eventGatewayType", "Exclusive", "A parallel event-based gateway is not supported."),
    ("multiInstanceLoopCharacteristics", "behavior", "All", "Events thrown by the instances are not supported."),
)
"""(tag, attribute, the value we execute, what is said of any other)."""
PARTS: tuple[tuple[str, str, str], ...] = (
    ("dataInputAssociation", "assignment", "Assignments between data are not supported; write a script."),
    ("dataOutputAssociation", "assignment", "Assignments between data are not supported; write a script."),
    ("dataInputAssociation", "transformation", "Transformations between data are not supported; write a script."),
    ("dataOutputAssociation", "transformation", "Transformations between data are not supported; write a script."),
)
LANGUAGES = ("python", "mingtang")
SPOKEN = (("scriptTask", "scriptFormat"), ("conditionExpression", "language"), ("condition", "language"))


def findings(diagram: Diagram) -> Iterator[Finding]:
    """Each use of what is not executed, in the executable processes of the file."""
    for process in diagram.root.iter(f"{BPMN}process"):
        if process.get("id", "") in diagram.executable:
            yield from _values(diagram, process)
            yield from _parts(diagram, process)
            yield from _languages(diagram, process)


def _values(diagram: Diagram, process: Any) -> Iterator[Finding]:
    for tag, attribute, ours, message in VALUES:
        for node in process.iter(f"{BPMN}{tag}"):
            if node.get(attribute, ours) != ours:
                yield _found(diagram, node, "bpmn.unsupported", message)


def _parts(diagram: Diagram, process: Any) -> Iterator[Finding]:
    for tag, part, message in PARTS:
        for node in process.iter(f"{BPMN}{tag}"):
            if node.find(f"{BPMN}{part}") is not None:
                yield _found(diagram, node, "bpmn.unsupported", message)


def _languages(diagram: Diagram, process: Any) -> Iterator[Finding]:
    for tag, attribute in SPOKEN:
        for node in process.iter(f"{BPMN}{tag}"):
            language = node.get(attribute, "")
            if language and not language.lower().rpartition("/")[2].removeprefix("x-").startswith(LANGUAGES):
                message = "This is written in {language}; only the script language of Mingtang is executed."
                yield _found(diagram, node, "bpmn.language", message, language=language)


def _found(diagram: Diagram, node: Any, code: str, message: str, **parameters: str) -> Finding:
    owner = node
    while owner.get("id") is None and owner.getparent() is not None:
        owner = owner.getparent()
    return Finding(diagram.path, code, message, owner.get("id"), node.sourceline, parameters=parameters)
