"""A task as one person sees it: what there is to read, what may be done, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from engine import Actor, Claim, Instance, Task, claimed, find, may_do, require_with
from engine.refusals import NotFound, Refusal
from processes.disclosure.matters import Matter
from web import versions
from web.matters import sight
from web.tasks import drafts
from web.tasks.choices import choices
from web.wiring import parts

PROPOSES = "propose"
"""The act of a task whose form begins with what was proposed before; whoever decides begins afresh."""

TITLE = 120
NATURES = {
    "LONG_TERM": "STABLE",
    "PERIODIC": "REGULAR",
    "STAGED": "PROGRESSIVE",
    "IMMEDIATE": "URGENT",
    "POSTPONED": "COMPLEX",
}
"""Time mode of Art. 16 → the nature of matters for which it is meant."""


@dataclass(slots=True)
class Desk:
    """One task on one person's desk. `form` is its definition in the version that the instance runs on.

    `obstacle` says why it may not be filled in; None: it may.
    """

    task: Task
    instance: Instance
    matter: Matter | None
    program: Any
    form: bytes | None
    claim: Claim | None
    obstacle: Refusal | None
    may_claim: bool
    may_withdraw: bool
    offered: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    draft: drafts.Draft | None = None

    @property
    def properties(self) -> Mapping[str, str]:
        """What the diagram says of the step: names, act, basis."""
        element = self.program.elements.get(self.task.element)
        return element.properties if element else {}

    @property
    def is_open(self) -> bool:
        """May the form be filled in?"""
        return self.task.state == "open" and self.obstacle is None

    @property
    def beginning(self) -> dict[str, Any]:
        """What the form holds when it is opened: the draft, what was proposed last time, or what is known before."""
        if self.draft:
            return self.draft.data
        begins_with = self.properties.get("begins_with")
        if self.properties.get("act") != PROPOSES and not begins_with:
            return {}
        before = self.data.get(self.properties.get("variable", "")) or self.data.get(begins_with or "")
        if isinstance(before, dict):
            return dict(before)
        return from_row(self.data.get("item") or {}) or from_reason(self.data.get("outside") or {})


def from_row(item: Mapping[str, Any]) -> dict[str, Any]:
    """A plan as the catalogue row foresees it, for the handler to complete (Art. 11(1)); {} without a row."""
    foreseen = {
        "title": str(item.get("content") or "")[:TITLE],
        "content": item.get("content"),
        "scope": item.get("scope"),
        "channels": item.get("channels"),
        "nature": NATURES.get(item.get("time_mode") or ""),
        "start_point": item.get("start_point"),
        "display_duration": item.get("display_duration"),
        "co_units": item.get("collaborator_units"),
        "remarks": item.get("remarks"),
    }
    return {key: value for key, value in foreseen.items() if value}


def from_reason(outside: Mapping[str, Any]) -> dict[str, Any]:
    """A plan as the reason of a matter outside the catalogue begins it (Art. 12); {} for a matter with a row."""
    content = outside.get("content")
    return {"title": content, "content": content} if content else {}


def lay(session: Session, task_id: str, actor: Actor) -> Desk:
    """The task for this person. NotFound where the person has nothing to do with it."""
    task = find(session, task_id)
    instance = session.get_one(Instance, task.instance_id)
    if not (may_do(task, actor) or task.closed_by == actor.person or sight.may_see(session, instance, actor)):
        raise NotFound(what="task", key=task_id)
    engine = parts().engine
    claim = claimed(session, [task_id]).get(task_id)
    obstacle = _obstacle(session, task, actor, claim)
    desk = Desk(
        task,
        instance,
        Matter.of_instance(session, instance.id),
        versions.program_of(session, instance.version_id),
        versions.files_of(session, instance.version_id)[task.form] if task.form else None,
        claim,
        obstacle,
        may_claim=obstacle is None and claim is None and not task.person,
        may_withdraw=engine.may_withdraw(session, task, actor),
    )
    if desk.is_open:
        desk.offered = choices(session, [desk.form] if desk.form else [])
        desk.data = {**engine.data(session, task), **desk.offered}
    return desk


def _obstacle(session: Session, task: Task, actor: Actor, claim: Claim | None) -> Refusal | None:
    try:
        require_with(session, task, actor, claim)
    except Refusal as refusal:
        return refusal
    return None
