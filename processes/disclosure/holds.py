"""Releases that wait: while an incident is handled, a person may hold them and lets them go on (Art. 21(7))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base
from engine.refusals import NotOpen, Refusal
from processes.disclosure.matters import Matter
from processes.organisation import Organisation, ancestry

RESUME = "ResumeRelease"
"""The signal on which held matters ask again whether they may be released."""


class HoldReasonMissing(Refusal):
    """Please say why the releases are to be held or resumed: it is shown on the matters."""


class HoldOver(NotOpen):
    """This hold has already been lifted. Nothing was changed."""


class ReleaseHold(Base):
    """A person's decision that one matter, or the matters of an organisation and of those below it, must wait.

    In force until somebody resumes them. `incident_id` is the incident for whose handling it was decided.
    """

    __tablename__ = "release_holds"
    __table_args__ = (Index("ix_release_holds_resumed_at", "resumed_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(index=True)
    matter_id: Mapped[str | None] = mapped_column(ForeignKey("matters.id"))
    organisation: Mapped[str | None] = mapped_column(ForeignKey("organisations.code"))
    reason: Mapped[str] = mapped_column(Text)
    held_at: Mapped[datetime]
    held_by: Mapped[str]
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[str | None]
    resumption: Mapped[str | None] = mapped_column(Text)

    @property
    def is_in_force(self) -> bool:
        """Do the releases still wait?"""
        return self.resumed_at is None

    @classmethod
    def of_incident(cls, session: Session, incident_id: str) -> list[ReleaseHold]:
        """Every hold decided for an incident, oldest first."""
        query = select(cls).where(cls.incident_id == incident_id).order_by(cls.held_at, cls.id)
        return list(session.scalars(query))

    @classmethod
    def over(cls, session: Session, matter: Matter) -> list[ReleaseHold]:
        """Every hold that is or was over this matter before its release, oldest first."""
        above = [organisation.code for organisation in ancestry(session, matter.organisation)]
        query = select(cls).where(or_(cls.matter_id == matter.id, cls.organisation.in_(above)))
        return [hold for hold in session.scalars(query.order_by(cls.held_at, cls.id)) if hold.met(matter)]

    def met(self, matter: Matter) -> bool:
        """Was the hold in force while the matter was under way?"""
        began = self.resumed_at is None or self.resumed_at >= matter.started_at
        return began and (matter.ended_at is None or self.held_at <= matter.ended_at)


def hold(
    session: Session,
    incident_id: str,
    reason: str,
    by: str,
    at: datetime,
    *,
    matter_id: str | None = None,
    organisation: str | None = None,
    key: str | None = None,
) -> ReleaseHold:
    """Hold one matter, or all of an organisation; HoldReasonMissing without words. `key` is its id, for idempotency."""
    if not reason.strip():
        raise HoldReasonMissing
    if matter_id is None:
        organisation = Organisation.of(session, organisation or "").code
    found = session.get(ReleaseHold, key) if key else None
    held = found or ReleaseHold(
        id=key or new_id(),
        incident_id=incident_id,
        matter_id=matter_id,
        organisation=organisation,
        reason=reason.strip(),
        held_at=at,
        held_by=by,
    )
    session.add(held)
    session.flush()
    return held


def resume(session: Session, held: ReleaseHold, reason: str, by: str, at: datetime) -> None:
    """Lift a hold; who waits is told by the signal. HoldOver when it was lifted before."""
    if not reason.strip():
        raise HoldReasonMissing
    if held.resumed_at is not None:
        raise HoldOver(what=held.id)
    held.resumed_at, held.resumed_by, held.resumption = at, by, reason.strip()
    session.flush()


def in_force(session: Session, matter: Matter) -> list[ReleaseHold]:
    """The holds that stand between this matter and its release now."""
    if session.scalar(select(ReleaseHold.id).where(ReleaseHold.resumed_at.is_(None)).limit(1)) is None:
        return []
    return [held for held in ReleaseHold.over(session, matter) if held.is_in_force]


def said(holds: Iterable[ReleaseHold]) -> list[dict[str, str]]:
    """What the journal keeps of holds: [{id, reason, at, by}]."""
    return [{"id": it.id, "reason": it.reason, "at": it.held_at.isoformat(), "by": it.held_by} for it in holds]
