"""The register of consultations: how was asked, what was said, what became of it, and the meeting (Art. 17)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from processes.cases import Case
from processes.predecision_consultation.refusals import NotConsulted

DEFINITION = "predecision_consultation"


class ConsultationRecord(Base):
    """That an item was consulted upon, or why it was not; `id` is that of its case.

    `kind` is HELD or EXEMPT (secret, confirmed by the secrecy office); `ways` those besides the opinions, with commas.
    """

    __tablename__ = "consultation_records"
    __table_args__ = (Index("ix_consultation_records_organisation", "organisation", "recorded_at"),)
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str]
    ways: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    announcement_id: Mapped[str | None] = mapped_column(ForeignKey("announcements.id"))
    recorded_at: Mapped[datetime]
    meeting: Mapped[str | None]
    meeting_on: Mapped[date | None]

    @classmethod
    def required(cls, session: Session, case: Case) -> ConsultationRecord:
        """The record without which an item has no meeting; NotConsulted."""
        if found := session.get(cls, case.id):
            return found
        raise NotConsulted(title=case.title)

    def opinions(self, session: Session) -> list[ConsultationOpinion]:
        """What was said, in order."""
        query = select(ConsultationOpinion).where(ConsultationOpinion.consultation_id == self.id)
        return list(session.scalars(query.order_by(ConsultationOpinion.number)))


class ConsultationOpinion(Base):
    """One opinion and what became of it: ADOPTED, PARTLY or REJECTED, each with its reason."""

    __tablename__ = "consultation_opinions"
    consultation_id: Mapped[str] = mapped_column(ForeignKey("consultation_records.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    words: Mapped[str] = mapped_column(Text)
    result: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
