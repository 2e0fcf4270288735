"""Begins the follow-up of what is overdue, once a day, once for a task (Art. 24)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Instance, Task
from processes.cases import Case
from processes.cases.clockwork import CaseKey, begin_once, once_a_day
from processes.emergency.incidents import DEFINITION as EMERGENCY

if TYPE_CHECKING:
    from engine import Engine

DEFINITION = "overdue_follow_up"
APART = frozenset({DEFINITION, EMERGENCY})
"""A follow-up is not followed up; an incident has hours and its own escalation (Art. 21(7))."""


def follow_up_overdue(engine: Engine, now: datetime) -> int:
    """Begin a follow-up for each task whose deadline has passed; answers how many."""
    return once_a_day(engine, "follow_up_overdue", now, lambda: _begin(engine, now))


def _begin(engine: Engine, now: datetime) -> int:
    with engine.database.read() as session:
        late = [(task.id, _title(task, instance), task.organisation) for task, instance in _late(session, now)]
    return sum(_begin_one(engine, *each, now) for each in late)


def _late(session: Session, now: datetime) -> list[tuple[Task, Instance]]:
    """Open tasks past their deadline that nobody follows up; what a case keeps apart stays apart."""
    followed = select(CaseKey.key).where(CaseKey.definition == DEFINITION)
    apart = select(Case.id).where(Case.seen_by != "")
    query = (
        select(Task, Instance)
        .join(Instance, Instance.id == Task.instance_id)
        .where(Task.state == "open", Task.due_at <= now, Task.id.not_in(followed))
        .where(Instance.definition.not_in(sorted(APART)), Instance.id.not_in(apart), Instance.state == "open")
        .order_by(Task.due_at, Task.id)
    )
    return [(task, instance) for task, instance in session.execute(query)]


def _title(task: Task, instance: Instance) -> str:
    return f"{instance.subject}：{task.name}"[:120]


def _begin_one(engine: Engine, task: str, title: str, organisation: str, now: datetime) -> int:
    said = {"title": title, "task": task, "consequence": "NONE"}
    return int(begin_once(engine, DEFINITION, task, said, now, organisation=organisation))
