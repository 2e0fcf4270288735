"""The list of demands and what became of them, and the decisions not to disclose (Art. 5, 11(1))."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base

DEFINITION = "plan_demand"
STATES = ("OPEN", "PROPOSED", "EXCUSED")
GROUNDS = ("SECRET", "UNSUITABLE", "NOT_DUE")
"""Why something is not disclosed (Art. 5), or not yet."""


class PlanDemand(Base):
    """A plan was demanded; `id` is that of its case. `content` names the catalogue row, where there is one.

    `demanded_by` is the person who asked, None for the calendar; `matter_id` the matter with which it was answered.
    """

    __tablename__ = "plan_demands"
    __table_args__ = (Index("ix_plan_demands_state", "state", "organisation"),)
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    period: Mapped[str]
    demanded_by: Mapped[str | None]
    demanded_at: Mapped[datetime]
    state: Mapped[str]
    matter_id: Mapped[str | None]
    settled_at: Mapped[datetime | None]

    @classmethod
    def open_ones(cls, session: Session) -> list[PlanDemand]:
        """The demands without an answer, oldest first."""
        query = select(cls).where(cls.state == "OPEN").order_by(cls.demanded_at, cls.id)
        return list(session.scalars(query))


class NonDisclosure(Base):
    """Something is not disclosed, with its ground (Art. 5): who decided, and when it must be looked at again."""

    __tablename__ = "non_disclosures"
    __table_args__ = (Index("ix_non_disclosures_review_on", "review_on"),)
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    ground: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    review_on: Mapped[date]
    reviewed_at: Mapped[datetime | None]
