"""The desk officer's list: what readers said about the releases of one's units (Art. 18, 20)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import deadline, mainland
from engine.clock import SHANGHAI
from processes import settings
from processes.disclosure.feedback import Feedback
from processes.disclosure.publications import Publication
from processes.organisation import seats_of
from web.auth import current

POST = "desk_officer"
SIZE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of feedback with its publication; `due_at` is None once it is answered."""

    feedback: Feedback
    publication: Publication
    due_at: datetime | None
    due_how: str | None


def units(session: Session) -> list[str]:
    """The organisations with releases for which the person holds the desk officer's seat."""
    on = current.now().astimezone(SHANGHAI).date()
    with_releases = session.scalars(select(Publication.organisation).distinct().order_by(Publication.organisation))
    return [unit for unit in with_releases if (seats_of(session, unit, on)[POST], POST) in current.seats()]


def unanswered(session: Session, of_units: Sequence[str]) -> int:
    """How many pieces wait for a reply."""
    query = select(func.count()).select_from(Feedback).join(Publication, Publication.id == Feedback.publication_id)
    return session.scalar(query.where(Publication.organisation.in_(of_units), Feedback.reply.is_(None))) or 0


def page(session: Session, of_units: Sequence[str], *, open_only: bool, number: int) -> tuple[list[Line], int]:
    """Page `number` (from 1) and how many there are: what waits longest first, or what came last first."""
    query = select(Feedback, Publication).join(Publication, Publication.id == Feedback.publication_id)
    query = query.where(Publication.organisation.in_(of_units))
    if open_only:
        query = query.where(Feedback.reply.is_(None))
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(Feedback.id).subquery())) or 0
    order = Feedback.at.asc() if open_only else Feedback.at.desc()
    rows = session.execute(query.order_by(order, Feedback.id).limit(SIZE).offset((number - 1) * SIZE)).all()
    return [_line(session, feedback, publication) for feedback, publication in rows], total


def _line(session: Session, feedback: Feedback, publication: Publication) -> Line:
    if feedback.reply is not None:
        return Line(feedback, publication, None, None)
    period = settings.effective(session, publication.organisation, feedback.at)["t.feedback_reply"]
    due = deadline(period, feedback.at, mainland())
    return Line(feedback, publication, due.at, json.dumps(due.how))
