"""What readers say about a release, and what they are answered (Art. 11(4))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import deliver
from engine.clock import new_id
from engine.db import Base
from processes.disclosure.publications import Publication
from processes.feedback.refusals import (
    AlreadyReplied,
    FeedbackClosed,
    FeedbackEmpty,
    FeedbackKind,
    SignInForFeedback,
)
from processes.notices import notify

if TYPE_CHECKING:
    from engine import Engine
    from processes.organisation import Person

KINDS = ("QUESTION", "SUGGESTION", "COMPLAINT", "MISCONDUCT")
MISCONDUCT = "MISCONDUCT"
"""A report of misconduct: only the discipline body learns of it (Art. 24)."""

CHANNELS = ("WEB", "BOX", "HOTLINE", "LETTER")
LONGEST = 5000
SHOWN = 200

LEFT = "FeedbackLeft"
"""The message that begins the handling of what a reader left on the portal."""


class Feedback(Base):
    """What somebody said: about a publication, or to an organisation by box, hotline or letter (`channel`).

    `person_id` is None for who did not sign. `case_id` is the case that handles it, `number` its number there.
    `kept_apart`: for the discipline body only. `public` says that readers of the publication see it with its reply.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_publication", "publication_id", "at"),
        Index("ix_feedback_organisation", "organisation", "at"),
        Index("ix_feedback_case_id", "case_id"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id"))
    organisation: Mapped[str]
    case_id: Mapped[str | None]
    channel: Mapped[str]
    person_id: Mapped[str | None]
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    kept_apart: Mapped[bool] = mapped_column(default=False)
    public: Mapped[bool] = mapped_column(default=False)
    reply: Mapped[str | None] = mapped_column(Text)
    replied_by: Mapped[str | None]
    replied_at: Mapped[datetime | None]

    @classmethod
    def of(cls, session: Session, publication_id: str) -> list[Feedback]:
        """What was said about a publication, oldest first, without what is kept apart; for the archive."""
        query = select(cls).where(cls.publication_id == publication_id, cls.kept_apart.is_(False))
        return list(session.scalars(query.order_by(cls.at, cls.id)))

    @classmethod
    def shown_to(cls, session: Session, publication_id: str, person: Person | None) -> list[Feedback]:
        """What a reader of the page sees: their own, and what was answered in public."""
        mine = cls.person_id.is_not(None) & (cls.person_id == (person.id if person else ""))
        query = select(cls).where(cls.publication_id == publication_id, mine | cls.public.is_(True))
        return list(session.scalars(query.order_by(cls.at, cls.id)))


def leave(
    session: Session,
    engine: Engine,
    publication: Publication,
    person: Person | None,
    kind: str,
    text: str,
    at: datetime,
) -> Feedback:
    """A reader (None: not signed in, only on a PUBLIC release) says something; its handling begins.

    The caller has found the publication through `Publication.read`, so the reader is in its scope. The case begins in
    nobody's name: who said it finds the reply on the portal, not the opinions on the way.
    """
    _check(publication, person, kind, text, at)
    feedback = Feedback(
        id=new_id(),
        publication_id=publication.id,
        organisation=publication.organisation,
        channel="WEB",
        person_id=person.id if person else None,
        kind=kind,
        title=publication.title,
        text=text.strip(),
        at=at,
        kept_apart=kind == MISCONDUCT,
    )
    session.add(feedback)
    session.flush()
    deliver(engine, LEFT, feedback.id, _message(feedback), None, session)
    return feedback


def record(
    session: Session, organisation: str, said: Mapping[str, Any], publication: str | None, at: datetime
) -> Feedback:
    """Enter what came by box, hotline or letter, as the form register.form.json says it."""
    feedback = Feedback(
        id=new_id(),
        publication_id=publication,
        organisation=organisation,
        channel=said["channel"],
        person_id=said.get("person") or None,
        kind=said["kind"],
        title=said["title"],
        text=said["text"],
        at=at,
        kept_apart=said["kind"] == MISCONDUCT,
    )
    session.add(feedback)
    session.flush()
    return feedback


def answer(session: Session, feedback: Feedback, text: str, by: str | None, at: datetime, *, public: bool) -> None:
    """Reply, once: to who signed, and in public where the feedback was anonymous. AlreadyReplied."""
    if not _set_reply(session, feedback, text.strip(), by, at, public):
        raise AlreadyReplied
    if feedback.person_id:
        zh = f"您关于“{feedback.title}”的意见建议已有答复：{text[:SHOWN]}"
        en = f"Your feedback on “{feedback.title}” has a reply: {text[:SHOWN]}"
        link = f"/portal/{feedback.publication_id}#feedback" if feedback.publication_id else "/notices"
        notify(session, [feedback.person_id], "feedback_replied", feedback.id, zh=zh, en=en, at=at, link=link)


def _message(feedback: Feedback) -> dict[str, Any]:
    return {
        "feedback": feedback.id,
        "channel": feedback.channel,
        "kind": feedback.kind,
        "title": feedback.title,
        "text": feedback.text,
        "person": feedback.person_id,
        "organisation": feedback.organisation,
        "links": {"publication": feedback.publication_id},
    }


def _set_reply(session: Session, feedback: Feedback, text: str, by: str | None, at: datetime, public: bool) -> bool:
    """Compare and set: false when somebody else got there first."""
    unanswered = update(Feedback).where(Feedback.id == feedback.id, Feedback.reply.is_(None))
    answered = session.execute(
        unanswered.values(reply=text, replied_by=by, replied_at=at, public=public).returning(Feedback.id),
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
