"""Response plans: what is done when a release causes an incident (Art. 21(6)(7)). A change is a new version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base
from engine.refusals import NotFound
from processes.emergency.refusals import PlanChanged, PlanIncomplete

KEEPER = "pco_coordinator"
"""The post that keeps the response plans."""


class ResponsePlan(Base):
    """A response plan; its last version counts while it is in force (`ended_at` is empty)."""

    __tablename__ = "response_plans"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]

    @property
    def is_in_force(self) -> bool:
        """May it be chosen?"""
        return self.ended_at is None

    @classmethod
    def of(cls, session: Session, plan_id: str) -> ResponsePlan:
        """The plan; NotFound where there is none."""
        if plan := session.get(cls, plan_id):
            return plan
        raise NotFound(what="response plan", key=plan_id)

    @classmethod
    def listed(cls, session: Session) -> list[tuple[ResponsePlan, ResponsePlanVersion]]:
        """Every plan with its last version: those in force first, by title."""
        last = select(ResponsePlanVersion.plan_id, func.max(ResponsePlanVersion.number).label("number"))
        newest = last.group_by(ResponsePlanVersion.plan_id).subquery()
        query = (
            select(cls, ResponsePlanVersion)
            .join(ResponsePlanVersion, ResponsePlanVersion.plan_id == cls.id)
            .join(
                newest,
                (newest.c.plan_id == cls.id) & (newest.c.number == ResponsePlanVersion.number),
            )
            .order_by(cls.ended_at.is_not(None), ResponsePlanVersion.title, cls.id)
        )
        return [(plan, version) for plan, version in session.execute(query)]

    @classmethod
    def choices(cls, session: Session) -> list[dict[str, str]]:
        """What a form offers: [{value, label}] of the plans in force."""
        return [
            {"value": plan.id, "label": f"{version.title}（第{version.number}版）"}
            for plan, version in cls.listed(session)
            if plan.is_in_force
        ]

    def versions(self, session: Session) -> list[ResponsePlanVersion]:
        """Every version, oldest first."""
        query = select(ResponsePlanVersion).where(ResponsePlanVersion.plan_id == self.id)
        return list(session.scalars(query.order_by(ResponsePlanVersion.number)))

    def end(self, by: str, at: datetime) -> None:
        """Put it out of force; it is kept, for incidents that went by it."""
        self.ended_at, self.ended_by = self.ended_at or at, self.ended_by or by

    def renew(self) -> None:
        """Put it in force again."""
        self.ended_at = self.ended_by = None


class ResponsePlanVersion(Base):
    """A response plan as it was written at one time; a later one never replaces it."""

    __tablename__ = "response_plan_versions"
    plan_id: Mapped[str] = mapped_column(ForeignKey("response_plans.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    purpose: Mapped[str] = mapped_column(Text)
    steps: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str]


def write(
    session: Session,
    title: str,
    purpose: str,
    steps: str,
    by: str,
    at: datetime,
    *,
    plan: ResponsePlan | None = None,
    after: int | None = None,
) -> ResponsePlan:
    """A new plan, or the next version of `plan`. PlanChanged when `after` is no longer its last version."""
    texts = [text.strip() for text in (title, purpose, steps)]
    if not all(texts):
        raise PlanIncomplete
    kept = plan or ResponsePlan(id=new_id(), made_at=at)
    session.add(kept)
    session.flush()
    number = len(kept.versions(session))
    if after is not None and after != number:
        raise PlanChanged
    written = dict(zip(("title", "purpose", "steps"), texts, strict=True))
    session.add(ResponsePlanVersion(plan_id=kept.id, number=number + 1, at=at, by=by, **written))
    session.flush()
    return kept
