"""The findings of inspections and what became of them, by organisation (Art. 24)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base

DEFINITION = "inspection"


class Inspection(Base):
    """One inspection that has been carried out; `id` is that of its case. `score` is out of 100 (Art. 23, 24)."""

    __tablename__ = "inspections"
    __table_args__ = (Index("ix_inspections_organisation", "organisation", "inspected_at"),)
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation: Mapped[str]
    score: Mapped[int]
    passed: Mapped[str] = mapped_column(Text)
    inspected_by: Mapped[str]
    inspected_at: Mapped[datetime]
    circulated_to: Mapped[str | None]
    bulletin: Mapped[str | None] = mapped_column(Text)
    circulated_at: Mapped[datetime | None]

    def findings(self, session: Session) -> list[Finding]:
        """What was found, in order."""
        query = select(Finding).where(Finding.inspection_id == self.id)
        return list(session.scalars(query.order_by(Finding.number)))


class Finding(Base):
    """One finding. `rectified_at` is when the supervisor accepted its rectification."""

    __tablename__ = "inspection_findings"
    inspection_id: Mapped[str] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(Text)
    measures: Mapped[str | None] = mapped_column(Text)
    rectified_at: Mapped[datetime | None]

    @classmethod
    def by_organisation(cls) -> Select[str, int, int]:
        """(organisation, findings, rectified ones): what Art. 23 wants for the assessment."""
        counted = select(Inspection.organisation, func.count(), func.count(cls.rectified_at))
        joined = counted.join(Inspection, Inspection.id == cls.inspection_id)
        return joined.group_by(Inspection.organisation).order_by(Inspection.organisation)
