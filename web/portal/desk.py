"""The desk officer's list: what was said to one's units, and how far its handling is (Art. 18, 20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine import Task
from engine.clock import SHANGHAI
from processes.disclosure.publications import Publication
from processes.feedback import Feedback
from processes.organisation import Organisation, seats_of
from web.auth import current

POST = "desk_officer"
SIZE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of feedback with its publication, if it is about one, and the task that waits in its handling."""

    feedback: Feedback
    publication: Publication | None
    task: Task | None


def units(session: Session) -> list[str]:
    """The organisations for which the person holds the desk officer's seat and to which something was said."""
    on = current.now().astimezone(SHANGHAI).date()
    spoken_to = select(Feedback.organisation).union(select(Publication.organisation))
    known = session.scalars(
        select(Organisation.code).where(Organisation.code.in_(spoken_to)).order_by(Organisation.code)
    )
    return [unit for unit in known if (seats_of(session, unit, on)[POST], POST) in current.seats()]


def unanswered(session: Session, of_units: Sequence[str]) -> int:
    """How many pieces wait for a reply."""
    query = _said(of_units).where(Feedback.reply.is_(None)).with_only_columns(func.count())
    return session.scalar(query) or 0


def page(session: Session, of_units: Sequence[str], *, open_only: bool, number: int) -> tuple[list[Line], int]:
    """Page `number` (from 1) and how many there are: what waits longest first, or what came last first."""
    query = _said(of_units)
    if open_only:
        query = query.where(Feedback.reply.is_(None))
    total = session.scalar(query.with_only_columns(func.count())) or 0
    order = Feedback.at.asc() if open_only else Feedback.at.desc()
    found = session.scalars(query.order_by(order, Feedback.id).limit(SIZE).offset((number - 1) * SIZE)).all()
    waiting = _waiting(session, [each.case_id for each in found if each.case_id])
    about = {each.publication_id: session.get(Publication, each.publication_id or "") for each in found}
    return [Line(each, about[each.publication_id], waiting.get(each.case_id or "")) for each in found], total


def _said(of_units: Sequence[str]) -> Select[Feedback]:
    """What is kept apart is not the desk officer's."""
    return select(Feedback).where(Feedback.organisation.in_(of_units), Feedback.kept_apart.is_(False))


def _waiting(session: Session, cases: Sequence[str]) -> dict[str, Task]:
    query = (
        select(Task).where(Task.instance_id.in_(cases), Task.state == "open").order_by(Task.opened_at.desc(), Task.id)
    )
    return {task.instance_id: task for task in session.scalars(query)}
