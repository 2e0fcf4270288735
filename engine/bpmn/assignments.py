"""Who a user task is for and until when: its properties, worked out in its own variables."""

from __future__ import annotations

from typing import Any

from engine.bpmn import seal
from engine.bpmn.diagram import Element
from engine.bpmn.outcome import OpenTask
from engine.bpmn.sandbox import ScriptFailed, expression, reason
from engine.bpmn.tokens import Token
from engine.bpmn.values import text
from engine.calendar import not_a_period

FORM = "formJsonSchemaFilename"
ASSIGNED = "assigned"
"""What a token remembers when its task was given to somebody else: {organisation, post, person}."""


def open_task(token: Token, data: dict[str, Any]) -> OpenTask:
    """The task as it opens, seeing `data`."""
    element: Element = token.task_spec.element
    due_at, due_how = _due(element, data)
    to = token.internal_data.get(ASSIGNED) or _meant(element, data)
    return OpenTask(
        id=token.id,
        element=element.id,
        name=element.name or element.id,
        scope=token.workflow.key,
        organisation=to["organisation"],
        post=to["post"],
        person=to["person"],
        form=element.properties.get(FORM),
        due_at=due_at,
        due_how=due_how,
        separate_from=[part.strip() for part in element.says("separate_from").split(",") if part.strip()],
        state=element.properties.get("state"),
        data=data,
    )


def _meant(element: Element, data: dict[str, Any]) -> dict[str, Any]:
    """Whom the diagram means."""
    return {
        "organisation": _organisation(element, data),
        "post": element.says("post"),
        "person": _said(element, "person", data),
    }


def _organisation(element: Element, data: dict[str, Any]) -> str:
    if element.says("organisation"):
        return _said(element, "organisation", data) or ""
    return text(data.get("organisation") or "")


def _said(element: Element, name: str, data: dict[str, Any]) -> str | None:
    source = element.says(name)
    value = expression(source).value(data, element.id) if source else None
    return None if value is None else text(value)


def _due(element: Element, data: dict[str, Any]) -> tuple[str | None, dict[str, Any] | None]:
    source = element.says("due")
    value = expression(source).value(data, element.id) if source else None
    if not value:
        return None, None
    if not isinstance(value, str):
        raise ScriptFailed(element=element.id, line=1, reason=not_a_period(value))
    if isinstance(value, seal.Moment):
        return str(value), {**value.how, "by": source}
    try:
        moment = seal.deadline(value)
    except ValueError as error:
        raise ScriptFailed(element=element.id, line=1, reason=reason(error)) from None
    return str(moment), {**moment.how, "by": source}
