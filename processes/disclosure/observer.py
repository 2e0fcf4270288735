"""Keeps a matter in step with its instance, and tells people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Task
from engine.clock import SHANGHAI
from processes import organisation as organisations
from processes.disclosure.matters import PROCEDURES, Matter
from processes.disclosure.notices import seat_holders, tell, tell_proposer
from processes.notices import step_names

if TYPE_CHECKING:
    from engine import Advanced

ESCALATIONS = ("remind", "overdue")
SUPERIORS = ("principal_officer", "disclosure_supervisor")
"""Who else learns that a task is overdue (Art. 21, 24)."""


def matter_observer(session: Session, advanced: Advanced) -> None:
    """After every command: the matter's state, notices for new tasks, reminders and overdue tasks."""
    if advanced.instance.definition not in PROCEDURES:
        return
    matter = Matter.of_instance(session, advanced.instance.id)
    if matter is None:
        return
    at = advanced.line.at
    _follow(session, matter, advanced.outcome.opened, at)
    _announce(session, matter, advanced, at)
    _escalate(session, matter, advanced)
    _end(matter, advanced, at)
    session.flush()


def _follow(session: Session, matter: Matter, opened: Iterable[Any], at: datetime) -> None:
    """A plan that was registered and lies with its handler again was returned."""
    opened = list(opened)
    states = [task.state for task in opened if task.state]
    if not states:
        return
    matter.state = "RETURNED" if states[-1] == "DRAFT" and matter.text_hash else states[-1]
    if matter.state == "RETURNED":
        tell_proposer(session, matter, "use_staged" if _is_for_stages(opened[-1]) else "returned", at)


def _is_for_stages(task: Any) -> bool:
    """Did a plan come back because its matter is to be released in stages, by a procedure of its own (Art. 16)?"""
    said = task.data
    is_staged = (said.get("time") or {}).get("mode") == "STAGED"
    return is_staged and not (said.get("plan") or {}).get("stages")


def _announce(session: Session, matter: Matter, advanced: Advanced, at: datetime) -> None:
    for task in advanced.outcome.opened:
        people = [task.person] if task.person else seat_holders(session, task.organisation, task.post, at)
        link, names = f"/tasks/{task.id}", step_names(advanced, task)
        tell(session, people, "task_opened", matter.id, matter.title, at, link=link, task=names)


def _escalate(session: Session, matter: Matter, advanced: Advanced) -> None:
    kinds = [thrown.name for thrown in advanced.outcome.thrown if thrown.kind == "escalation"]
    for kind in kinds:
        if kind in ESCALATIONS:
            _tell_of_delay(session, matter, kind, advanced)


def _tell_of_delay(session: Session, matter: Matter, kind: str, advanced: Advanced) -> None:
    timer = str(json.loads(advanced.line.body)["command"].get("element", ""))
    for task in _open_tasks(session, advanced.instance.id, timer.removesuffix(f"_{kind}")):
        people = _responsible(session, task, advanced.line.at)
        if kind == "overdue":
            people |= _superiors(session, matter, advanced.line.at)
        tell(session, people, kind, matter.id, matter.title, advanced.line.at, task=step_names(advanced, task))


def _open_tasks(session: Session, instance_id: str, element: str) -> list[Task]:
    query = select(Task).where(Task.instance_id == instance_id, Task.element == element, Task.state == "open")
    return list(session.scalars(query.order_by(Task.id)))


def _responsible(session: Session, task: Task, at: datetime) -> set[str]:
    return {task.person} if task.person else set(seat_holders(session, task.organisation, task.post, at))


def _superiors(session: Session, matter: Matter, at: datetime) -> set[str]:
    seats = organisations.seats_of(session, matter.organisation, at.astimezone(SHANGHAI).date())
    return {person for post in SUPERIORS for person in seat_holders(session, seats[post], post, at)}


def _end(matter: Matter, advanced: Advanced, at: datetime) -> None:
    if advanced.instance.has_ended:
        matter.ended_at = at
    if advanced.instance.state == "cancelled":
        matter.state = "WITHDRAWN"
