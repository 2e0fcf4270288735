"""What the calendar demands: a plan that the catalogue expects and nobody proposed, the review of a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine import deliver
from engine.clock import SHANGHAI
from engine.refusals import NoReceiver, NotOpen
from processes import organisation as organisations
from processes.cases.clockwork import CaseKey, begin_once
from processes.catalogue import CatalogueItem, CatalogueVersion
from processes.disclosure.matters import Matter
from processes.periodic import rules
from processes.periodic.schedules import Schedule, SchedulePeriod
from processes.plan_demand.demands import DEFINITION, NonDisclosure, PlanDemand

if TYPE_CHECKING:
    from engine import Engine

PROPOSED = "PlanProposed"
"""The message that a matter was opened meanwhile; its key is the case's id."""


@dataclass(frozen=True, slots=True)
class Due:
    """A row that a unit should have proposed; `period` says when."""

    content: str
    unit: str
    owner: str
    period: str

    @property
    def key(self) -> str:
        return f"{self.period}:{self.unit}:{self.content}"[:240]


def demand_plans(engine: Engine, now: datetime) -> int:
    """Demand a plan of every unit that let the time of a row pass (Art. 11(1)); answers how many. Each once."""
    with engine.database.read() as session:
        due = [one for one in _due(session, now) if not session.get(CaseKey, (DEFINITION, one.key))]
    return sum(_demand(engine, one, now) for one in due)


def settle_demands(engine: Engine, now: datetime) -> int:
    """Close the demands whose unit has opened the matter by itself; answers how many."""
    with engine.database.read() as session:
        answered = [demand.id for demand in PlanDemand.open_ones(session) if _opened_since(session, demand)]
    return sum(_settle(engine, case_id) for case_id in answered)


def review_non_disclosures(engine: Engine, now: datetime) -> int:
    """Ask again for what was not disclosed, on the day that its decision names (Art. 5); answers how many."""
    today = now.astimezone(SHANGHAI).date()
    with engine.database.read() as session:
        query = select(NonDisclosure).where(NonDisclosure.review_on <= today, NonDisclosure.reviewed_at.is_(None))
        due = list(session.scalars(query.order_by(NonDisclosure.review_on, NonDisclosure.id)))
    return sum(_review(engine, decision, now) for decision in due)


def _due(session: Session, now: datetime) -> Iterator[Due]:
    yield from _missed_periods(session)
    yield from _never_scheduled(session, now)


def _missed_periods(session: Session) -> Iterator[Due]:
    """Periods that passed before anything was started; a matter that is late is its tasks' affair."""
    query = select(SchedulePeriod, Schedule).join(Schedule, Schedule.id == SchedulePeriod.schedule_id)
    for period, schedule in session.execute(
        query.where(SchedulePeriod.missed_at.is_not(None), SchedulePeriod.matter_id.is_(None))
    ):
        yield Due(schedule.content, schedule.organisation, schedule.owner, period.key)


def _never_scheduled(session: Session, now: datetime) -> Iterator[Due]:
    """Rows with a period that nobody made a schedule of, whose last period has passed without a matter."""
    for version in session.scalars(select(CatalogueVersion).where(CatalogueVersion.status == "IN_FORCE")):
        for item in version.items:
            for unit in item.units:
                if period := _passed(session, version, item, unit, now):
                    yield Due(item.text_of("content"), unit, version.organisation, period)


def _passed(session: Session, version: CatalogueVersion, item: CatalogueItem, unit: str, now: datetime) -> str:
    """The key of the last period that ended, where it began under this catalogue and has no matter; else ""."""
    content = item.text_of("content")
    scheduled = exists().where(Schedule.content == content, Schedule.organisation == unit)
    if not str((item.start or {}).get("event", "")).startswith("EVERY_") or session.scalar(select(scheduled)):
        return ""
    try:
        rule = rules.parse(item.text_of("start_point"))
    except (rules.NotAPeriod, rules.NeverMatches):
        return ""
    since = version.in_force_at or now
    over = None
    for period in rules.periods(rule, since):
        if period.ends_at > now:
            break
        over = period
    if over is None or _has_matter(session, unit, content, over.starts_at, now):
        return ""
    return over.key


def _has_matter(session: Session, unit: str, content: str, since: datetime, until: datetime) -> bool:
    found = exists().where(
        Matter.organisation == unit, Matter.content == content, Matter.started_at >= since, Matter.started_at <= until
    )
    return bool(session.scalar(select(found)))


def _demand(engine: Engine, due: Due, now: datetime) -> int:
    said = {
        "title": due.content[:120],
        "organisation": due.unit,
        "content": due.content,
        "period": due.period,
        "reason": f"目录规定的公开时间（{due.period}）已过，尚未提出公开方案。",
    }
    return int(
        begin_once(engine, DEFINITION, due.key, said, now, organisation=due.unit, home=_asks(engine, due.unit, now))
    )


def _asks(engine: Engine, unit: str, now: datetime) -> str:
    """Whose desk officer judges the answer: that of the Party organisation which decides for the unit."""
    with engine.database.read() as session:
        decides = organisations.deciding(session, unit)
        above = organisations.superior(session, unit) if decides == unit else decides
        seats = organisations.seats_of(session, above or decides, now.astimezone(SHANGHAI).date())
        return seats["desk_officer"]


def _opened_since(session: Session, demand: PlanDemand) -> bool:
    found = exists().where(
        Matter.organisation == demand.organisation,
        Matter.content == demand.content,
        Matter.started_at >= demand.demanded_at,
    )
    return bool(session.scalar(select(found)))


def _settle(engine: Engine, case_id: str) -> int:
    try:
        deliver(engine, PROPOSED, case_id, {}, None)
    except (NoReceiver, NotOpen):
        return 0
    return 1


def _review(engine: Engine, decision: NonDisclosure, now: datetime) -> int:
    said = {
        "title": decision.content[:120],
        "organisation": decision.organisation,
        "content": decision.content,
        "period": f"{decision.review_on:%Y-%m-%d}",
        "reason": f"不公开的决定应于 {decision.review_on:%Y-%m-%d} 复核。",
    }
    key = f"review:{decision.id}"
    begun = begin_once(
        engine,
        DEFINITION,
        key,
        said,
        now,
        organisation=decision.organisation,
        home=_asks(engine, decision.organisation, now),
    )
    with engine.database.write() as session:
        session.get_one(NonDisclosure, decision.id).reviewed_at = now
    return int(begun)
