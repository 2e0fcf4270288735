"""The register of postponements: what waits, why, by whose consent, until when, and what came of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Instance
from engine.db import Base

ASKED, CONSENTED, REFUSED, OVER, NOT_DISCLOSED = "ASKED", "CONSENTED", "REFUSED", "OVER", "NOT_DISCLOSED"


class Postponement(Base):
    """One postponement of one instance, `number` from 1: a further one needs a consent of its own.

    `state`: ASKED | CONSENTED | REFUSED | OVER | NOT_DISCLOSED (with the day of the next review in `review_on`).
    """

    __tablename__ = "postponements"
    __table_args__ = (
        UniqueConstraint("instance_id", "number"),
        Index("ix_postponements_state", "state", "until"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str]
    number: Mapped[int]
    organisation: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str | None]
    consent: Mapped[str] = mapped_column(Text)
    consented_at: Mapped[datetime | None]
    consented_by: Mapped[str | None]
    state: Mapped[str]
    review_on: Mapped[date | None]

    @classmethod
    def of(cls, session: Session, instance_id: str) -> list[Postponement]:
        """Every postponement of an instance, oldest first."""
        return list(session.scalars(select(cls).where(cls.instance_id == instance_id).order_by(cls.number)))

    @classmethod
    def passed(cls, session: Session, on: date) -> list[Postponement]:
        """Those whose day has passed and that still wait for a decision, the oldest first: an auditor's question."""
        going_on = select(Instance.id).where(Instance.state.in_(("open", "suspended")))
        query = select(cls).where(cls.state == CONSENTED, cls.until < on, cls.instance_id.in_(going_on))
        return list(session.scalars(query.order_by(cls.until, cls.id)))
