"""What readers say about a release, and what they are answered (Art. 11(4))."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import SHANGHAI, new_id
from engine.db import Base
from processes import organisation as organisations
from processes.disclosure.notices import feedback_arrived, feedback_replied
from processes.disclosure.publications import Publication
from processes.disclosure.refusals import (
    AlreadyReplied,
    FeedbackClosed,
    FeedbackEmpty,
    FeedbackKind,
    NotDeskOfficer,
    ReplyEmpty,
    SignInForFeedback,
)

if TYPE_CHECKING:
    from engine import Actor
    from processes.organisation import Person

KINDS = ("QUESTION", "SUGGESTION", "COMPLAINT")
LONGEST = 5000


class Feedback(Base):
    """One reader's words about a publication. `person_id` is None for an anonymous reader of a PUBLIC release."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_publication", "publication_id", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"))
    person_id: Mapped[str | None]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    reply: Mapped[str | None] = mapped_column(Text)
    replied_by: Mapped[str | None]
    replied_at: Mapped[datetime | None]

    @classmethod
    def of(cls, session: Session, publication_id: str) -> list[Feedback]:
        """All feedback on a publication, oldest first; for the desk officer and the archive."""
        return list(session.scalars(select(cls).where(cls.publication_id == publication_id).order_by(cls.at, cls.id)))

    @classmethod
    def shown_to(cls, session: Session, publication_id: str, person: Person | None) -> list[Feedback]:
        """What a reader of the page sees: their own, and anonymous feedback that has its reply (answered publicly)."""
        mine = cls.person_id.is_not(None) & (cls.person_id == (person.id if person else ""))
        answered_publicly = cls.person_id.is_(None) & cls.reply.is_not(None)
        query = select(cls).where(cls.publication_id == publication_id, mine | answered_publicly)
        return list(session.scalars(query.order_by(cls.at, cls.id)))

    @classmethod
    def unanswered(cls, session: Session, publication_id: str) -> int:
        """How many pieces of feedback on a publication have no reply."""
        query = select(func.count()).where(cls.publication_id == publication_id, cls.reply.is_(None))
        return session.scalar(query) or 0


def leave(
    session: Session, publication: Publication, person: Person | None, kind: str, text: str, at: datetime
) -> Feedback:
    """A reader (None: not signed in, only on a PUBLIC release) says something while the window is open.

    The caller has found the publication through `Publication.read`, so the reader is in its scope.
    """
    _check(publication, person, kind, text, at)
    feedback = Feedback(
        id=new_id(),
        publication_id=publication.id,
        person_id=person.id if person else None,
        kind=kind,
        text=text.strip(),
        at=at,
    )
    session.add(feedback)
    session.flush()
    feedback_arrived(session, publication, at)
    return feedback


def reply(session: Session, feedback: Feedback, text: str, actor: Actor, at: datetime) -> None:
    """The desk officer of the handling unit answers, once."""
    publication = session.get_one(Publication, feedback.publication_id)
    if not may_reply(session, publication, actor, at):
        raise NotDeskOfficer
    if not text.strip():
        raise ReplyEmpty
    if not _set_reply(session, feedback, text.strip(), actor.person, at):
        raise AlreadyReplied
    feedback_replied(session, publication, feedback.person_id, at)


def may_reply(session: Session, publication: Publication, actor: Actor, at: datetime) -> bool:
    """Does the actor hold the desk officer's seat for this publication (Art. 20)?"""
    seats = organisations.seats_of(session, publication.organisation, at.astimezone(SHANGHAI).date())
    return (seats["desk_officer"], "desk_officer") in actor.seats


def _set_reply(session: Session, feedback: Feedback, text: str, by: str, at: datetime) -> bool:
    """Compare and set: false when another desk officer got there first."""
    unanswered = update(Feedback).where(Feedback.id == feedback.id, Feedback.reply.is_(None))
    answered = session.execute(
        unanswered.values(reply=text, replied_by=by, replied_at=at).returning(Feedback.id),
        execution_options={"synchronize_session": False},
    ).first()
    session.refresh(feedback)
    return answered is not None


def _check(publication: Publication, person: Person | None, kind: str, text: str, at: datetime) -> None:
    if person is None and publication.scope != "PUBLIC":
        raise SignInForFeedback
    if not publication.takes_feedback(at):
        raise FeedbackClosed(what=publication.title)
    if kind not in KINDS:
        raise FeedbackKind
    if not text.strip() or len(text) > LONGEST:
        raise FeedbackEmpty(most=LONGEST)
