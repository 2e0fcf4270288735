"""User tasks: who may do them, who took them, and the lists that an inbox shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, outerjoin, select, tuple_, union_all, update
from sqlalchemy.orm import Session, aliased

from engine.db import table
from engine.refusals import (
    AlreadyClaimed,
    AlreadyDone,
    MustBeSomebodyElse,
    NotFound,
    NotOpen,
    NotTaken,
    NotYourTask,
)
from engine.schema import Claim, Task

Seat = tuple[str, str]
"""An organisation and a post in it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person and the seats that the person holds at this moment."""

    person: str
    seats: frozenset[Seat] = frozenset()


def of_person(actor: Actor) -> ColumnElement[bool]:
    """Tasks that `actor` took, or that are for this person by name: each found by its own index."""
    named = aliased(Task)
    taken = select(Claim.task_id).where(Claim.person == actor.person, Claim.released_at.is_(None))
    return Task.id.in_(union_all(select(named.id).where(named.person == actor.person), taken))


def of_seats(actor: Actor) -> ColumnElement[bool]:
    """Tasks for the posts that `actor` holds."""
    if not actor.seats:
        return false()
    return tuple_(Task.organisation, Task.post).in_(sorted(actor.seats))


def open_for(actor: Actor) -> Select[Task]:
    """The open tasks that `actor` may do, soonest due first."""
    mine = or_(of_person(actor), of_seats(actor))
    return select(Task).where(Task.state == "open", mine).order_by(Task.due_at.is_(None), Task.due_at, Task.opened_at)


def done_by(person: str) -> Select[Task]:
    """What the person completed, latest first."""
    return select(Task).where(Task.closed_by == person, Task.state == "completed").order_by(Task.closed_at.desc())


def claimed(session: Session, task_ids: Iterable[str]) -> dict[str, Claim]:
    """The open claims on these tasks, by task id."""
    query = select(Claim).where(Claim.task_id.in_(list(task_ids)), Claim.released_at.is_(None))
    return {claim.task_id: claim for claim in session.scalars(query)}


def find(session: Session, task_id: str) -> Task:
    """The task; NotFound where there is none."""
    task = session.get(Task, task_id)
    if task is None:
        raise NotFound(what="task", key=task_id)
    return task


def may_do(task: Any, actor: Actor) -> bool:
    """Is the task for this person, or for a post that the person holds?"""
    return task.person == actor.person if task.person else (task.organisation, task.post) in actor.seats


def separated(session: Session, task: Any) -> dict[str, str]:
    """Who may not do the task because of an earlier one in the instance: person → the earlier task's name."""
    elements = [element for element in task.separate_from.split(",") if element]
    if not elements:
        return {}
    earlier = select(Task.element, Task.name, Task.closed_by).where(
        Task.instance_id == task.instance_id, Task.element.in_(elements), Task.state == "completed"
    )
    last = {element: (by, name) for element, name, by in session.execute(earlier.order_by(Task.closed_position))}
    return {by: name for by, name in last.values() if by}


def require_row(session: Session, row: Any, actor: Actor) -> None:
    """As `require`, for a row of `ROW`."""
    _check(session, row, actor, row.claimed_by, row.claimed_at)


def require(session: Session, task: Task, actor: Actor) -> None:
    """Refuse `actor` where the task is not open, not theirs, taken by another, or must be done by somebody else."""
    require_with(session, task, actor, claimed(session, [task.id]).get(task.id))


def require_with(session: Session, task: Task, actor: Actor, claim: Claim | None) -> None:
    """The same where the open claim on the task is known."""
    _check(session, task, actor, claim.person if claim else None, claim.at if claim else None)


def _check(session: Session, task: Any, actor: Actor, claimed_by: str | None, claimed_at: datetime | None) -> None:
    require_open(task)
    if not may_do(task, actor):
        raise NotYourTask
    if actor.person in (before := separated(session, task)):
        raise MustBeSomebodyElse(earlier=before[actor.person])
    if claimed_by and claimed_by != actor.person:
        raise AlreadyClaimed(by=claimed_by, at=claimed_at)


def require_open(task: Any) -> None:
    """AlreadyDone names who was faster; NotOpen where the task was cancelled."""
    if task.state == "completed":
        raise AlreadyDone(by=task.closed_by, at=task.closed_at)
    if task.state != "open":
        raise NotOpen(what=task.name)


def claim(session: Session, task: Task, actor: Actor, claim_id: str, at: datetime) -> None:
    """Take the task. Taking it twice is taking it once."""
    before = claimed(session, [task.id]).get(task.id)
    require_with(session, task, actor, before)
    if before is None:
        session.add(Claim(id=claim_id, task_id=task.id, person=actor.person, at=at, released_at=None))
        session.flush()


def release(session: Session, task: Task, actor: Actor, at: datetime) -> None:
    """Give the task back to its post. Who has not taken it has nothing to give back."""
    require_open(task)
    mine = (Claim.task_id == task.id, Claim.person == actor.person, Claim.released_at.is_(None))
    if session.execute(update(Claim).where(*mine).values(released_at=at)).rowcount != 1:  # type: ignore[attr-defined]
        raise NotTaken


def of_instance(session: Session, instance_id: str) -> list[Any]:
    """Every task that the instance ever opened, in order."""
    return list(session.scalars(select(Task).where(Task.instance_id == instance_id).order_by(Task.opened_at, Task.id)))


_OPEN_CLAIM = and_(Claim.task_id == Task.id, Claim.released_at.is_(None))
WITH_CLAIM = outerjoin(table(Task), table(Claim), _OPEN_CLAIM)
ROW = (
    *table(Task).columns,
    Claim.person.label("claimed_by"),
    Claim.at.label("claimed_at"),
)
"""A task with the claim on it, as the columns of a row."""
