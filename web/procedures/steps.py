"""The elements of a version as a list: what, whose, on which basis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from engine import Element, Program
from web import i18n

KINDS: Mapping[str, Any] = {
    "userTask": _("Task of a person"),
    "manualTask": _("Task outside the system"),
    "serviceTask": _("Service"),
    "scriptTask": _("Script"),
    "businessRuleTask": _("Decision table"),
    "sendTask": _("Sends a message"),
    "receiveTask": _("Waits for a message"),
    "callActivity": _("Called procedure"),
    "subProcess": _("Sub-process"),
    "startEvent": _("Start"),
    "endEvent": _("End event"),
    "intermediateCatchEvent": _("Waits for an event"),
    "intermediateThrowEvent": _("Throws an event"),
    "boundaryEvent": _("Event on a step"),
    "exclusiveGateway": _("Decision"),
    "parallelGateway": _("Parallel gateway"),
    "inclusiveGateway": _("Inclusive gateway"),
    "eventBasedGateway": _("Waits for the first event"),
}
PLUMBING = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "boundaryEvent", "endEvent"})
"""Elements that are listed only when everything is asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One element with the words about it."""

    id: str
    name: str
    kind: str
    path: str
    lane: str
    post: str
    form: str
    due: str
    basis: str
    documentation: str


def steps(program: Program, *, everything: bool) -> dict[str, list[Step]]:
    """File → its elements in the order of the diagram; gateways and boundary events only with `everything`."""
    found: dict[str, list[Step]] = {}
    for step in _steps(program):
        if everything or step.kind not in PLUMBING:
            found.setdefault(step.path, []).append(step)
    return found


def _steps(program: Program) -> Iterator[Step]:
    for element in program.elements.values():
        if element.kind in KINDS:
            yield _step(element)


def _step(element: Element) -> Step:
    said = {**element.lane_properties, **element.properties}
    return Step(
        id=element.id,
        name=i18n.named({"name": element.name or element.id, "en": element.properties.get("en")}),
        kind=element.kind,
        path=element.path,
        lane=i18n.named({"name": element.lane or "", "en": element.lane_properties.get("en")}),
        post=said.get("post", "") if element.kind == "userTask" else "",
        form=element.properties.get("formJsonSchemaFilename", ""),
        due=element.properties.get("due", ""),
        basis=element.properties.get("basis", ""),
        documentation=element.documentation or "",
    )
