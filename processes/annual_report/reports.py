"""The yearly reports: figures, text, bulletin, what was heard about it (Art. 19, 22, 23)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base

DEFINITION = "annual_report"


class AnnualReport(Base):
    """The report of an organisation for a calendar year, as approved; `id` is that of its case.

    `attended`, `satisfied`: people in the appraisal of Art. 23; `guidance` is what the superior answered.
    """

    __tablename__ = "annual_reports"
    __table_args__ = (UniqueConstraint("organisation", "year"),)
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation: Mapped[str]
    year: Mapped[int]
    html: Mapped[str] = mapped_column(Text)
    figures_json: Mapped[str] = mapped_column(Text)
    announcement_id: Mapped[str]
    approved_at: Mapped[datetime]
    guidance: Mapped[str | None] = mapped_column(Text)
    attended: Mapped[int | None]
    satisfied: Mapped[int | None]
    opinions: Mapped[str | None] = mapped_column(Text)
    adopted: Mapped[str | None] = mapped_column(Text)
    concluded_at: Mapped[datetime | None]

    @property
    def figures(self) -> dict[str, Any]:
        """See `processes.figures.of`."""
        return dict(json.loads(self.figures_json))

    @classmethod
    def of_year(cls, session: Session, organisation: str, year: int) -> AnnualReport | None:
        """The report of an organisation for a year, or None."""
        return session.scalar(select(cls).where(cls.organisation == organisation, cls.year == year))
