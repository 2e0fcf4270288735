"""What an auditor asks first, one query each: every list should be empty, or have its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from engine import Entry, Instance, Task, says
from processes.audit import Reach, shown
from processes.correction import Correction
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from processes.feedback import Feedback

SIZE = 50
QUIET_DAYS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom and when a list is asked for; `days` is how long an instance may stand still."""

    reach: Reach
    now: datetime
    days: int = QUIET_DAYS


@dataclass(frozen=True, slots=True)
class List:
    """One question with its query, whose columns are instance, title, organisation, person, detail, at."""

    title: Any
    explanation: Any
    person: Any
    detail: Any
    at: Any
    query: Callable[[Asked], Select[*tuple[Any, ...]]]

    def page(self, session: Session, asked: Asked, number: int, size: int = SIZE) -> tuple[list[Any], int]:
        """Page `number` (from 1) and how many there are in all."""
        query = self.query(asked)
        rows = session.execute(query.limit(size).offset((number - 1) * size)).all()
        return list(rows), self.count(session, asked)

    def count(self, session: Session, asked: Asked) -> int:
        """How many there are."""
        counted = select(func.count()).select_from(self.query(asked).order_by(None).subquery())
        return session.scalar(counted) or 0


def _columns(person: Any, detail: Any, at: Any) -> Select[*tuple[Any, ...]]:
    title = func.coalesce(Matter.title, Instance.subject)
    return select(
        Instance.id.label("instance"),
        title.label("title"),
        Instance.organisation.label("organisation"),
        person.label("person"),
        detail.label("detail"),
        at.label("at"),
    )


def _proposed_and_approved(asked: Asked) -> Select[*tuple[Any, ...]]:
    draft, approval = aliased(Task), aliased(Task)
    proposed = select(draft.id).where(
        draft.instance_id == Instance.id,
        draft.domain_state == "DRAFT",
        draft.state == "completed",
        draft.closed_by == approval.closed_by,
    )
    return (
        _columns(approval.closed_by, approval.name, approval.closed_at)
        .join(approval, approval.instance_id == Instance.id)
        .outerjoin(Matter, Matter.instance_id == Instance.id)
        .where(approval.domain_state == "IN_APPROVAL", approval.state == "completed")
        .where(or_(Matter.proposer == approval.closed_by, proposed.exists()))
        .where(*shown(asked.reach))
        .order_by(approval.closed_at.desc(), approval.id)
    )


def _released_otherwise(asked: Asked) -> Select[*tuple[Any, ...]]:
    """What the journal never says to be approved; a matter in stages has several approved texts, one after another.

    A corrected text was approved in the case of its correction.
    """
    said = literal('"approved_hash":"').concat(Publication.text_hash).concat('"')
    corrected = select(Correction.id).where(Correction.publication_id == Publication.id)
    of_matter = or_(Entry.instance_id == Instance.id, Entry.instance_id.in_(corrected))
    approved = select(Entry.position).where(of_matter, says(said))
    differs = or_(Matter.approved_hash.is_(None), ~approved.exists())
    return (
        _columns(Publication.released_by, Publication.text_hash, Publication.released_at)
        .join(Matter, Matter.instance_id == Instance.id)
        .join(Publication, Publication.matter_id == Matter.id)
        .where(differs, *shown(asked.reach))
        .order_by(Publication.released_at.desc(), Publication.id)
    )


def _unanswered(asked: Asked) -> Select[*tuple[Any, ...]]:
    return (
        _columns(Feedback.person_id, Feedback.text, Feedback.at)
        .join(Matter, Matter.instance_id == Instance.id)
        .join(Publication, Publication.matter_id == Matter.id)
        .join(Feedback, Feedback.publication_id == Publication.id)
        .where(Feedback.reply.is_(None), Feedback.kept_apart.is_(False), *shown(asked.reach))
        .order_by(Feedback.at, Feedback.id)
    )


def _quiet(asked: Asked) -> Select[*tuple[Any, ...]]:
    last = and_(Entry.instance_id == Instance.id, Entry.position == Instance.position)
    return (
        _columns(Entry.by, Entry.kind, Entry.at)
        .join(Entry, last)
        .outerjoin(Matter, Matter.instance_id == Instance.id)
        .where(Instance.state == "open", Entry.at < asked.now - timedelta(days=asked.days))
        .where(*shown(asked.reach))
        .order_by(Entry.at, Instance.id)
    )


def _overdue(asked: Asked) -> Select[*tuple[Any, ...]]:
    return (
        _columns(Task.person, Task.name, Task.due_at)
        .join(Task, Task.instance_id == Instance.id)
        .outerjoin(Matter, Matter.instance_id == Instance.id)
        .where(Task.state == "open", Task.due_at < asked.now)
        .where(*shown(asked.reach))
        .order_by(Task.due_at, Task.id)
    )


LISTS: Mapping[str, List] = {
    "own-approval": List(
        _("Proposed and approved by the same person"),
        _("Whoever proposes a matter may not approve it (Art. 11). There must be none."),
        _("Who"),
        _("Approval"),
        _("Approved"),
        _proposed_and_approved,
    ),
    "other-text": List(
        _("Released with another text than was approved"),
        _("The hash of the released text must be that of the approved one. There must be none."),
        _("Released by"),
        _("Hash of what was released"),
        _("Released on"),
        _released_otherwise,
    ),
    "unanswered": List(
        _("Feedback without a reply"),
        _("The oldest first (Art. 11(4))."),
        _("Reader"),
        _("Words"),
        _("Received"),
        _unanswered,
    ),
    "overdue": List(
        _("Overdue tasks"),
        _("Open tasks whose deadline has passed, the longest overdue first."),
        _("Named person"),
        _("Step"),
        _("Deadline"),
        _overdue,
    ),
    "quiet": List(
        _("Nothing has happened for long"),
        _("Open matters whose last entry in the journal is older than the number of days."),
        _("Acted last"),
        _("Last entry"),
        _("Since"),
        _quiet,
    ),
}
"""Name in the address → list."""
