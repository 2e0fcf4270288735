"""Schedules: which catalogue row starts a matter when, and what became of each of its periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, exists, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base
from engine.refusals import NotFound, NotOpen, Refusal
from processes.catalogue import CatalogueItem, CatalogueVersion
from processes.disclosure.publications import Publication
from processes.periodic import rules
from processes.periodic.rules import Period, Rule

GRACE = 5
"""Days after a period's end until a release that is still missing is recorded as missed."""
REMIND = 7
"""Days before a period's end at which the handler is reminded."""


class AlreadyScheduled(Refusal):
    """“{content}” already has a schedule for this unit."""


class NotPeriodic(Refusal):
    """The row “{content}” is not in force, so it cannot be scheduled."""


class UnitMissing(Refusal):
    """“{unit}” is not a responsible unit of “{content}”."""


class SchedulePaused(Refusal):
    """The schedule of “{content}” is paused already."""


class WhyMissing(Refusal):
    """A pause needs a reason."""


class Schedule(Base):
    """A catalogue row and a unit, the rule in words and as data, and the next date.

    `next_at` is None while the schedule is paused; `retry_at` and `failure` tell of a date at which no matter could be
    started. The row is that of the version in force when a date comes, found by its content.
    """

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("content", "organisation"), Index("ix_schedules_next_at", "next_at"))
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    item_id: Mapped[str] = mapped_column(String(32))
    owner: Mapped[str]
    organisation: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    rule_data: Mapped[dict[str, Any]] = mapped_column(JSON)
    grace_days: Mapped[int] = mapped_column(default=GRACE)
    remind_days: Mapped[int] = mapped_column(default=REMIND)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    next_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)

    @property
    def rule(self) -> Rule:
        """When matters start."""
        return rules.from_data(self.rule_data)

    @classmethod
    def of(cls, session: Session, schedule_id: str) -> Schedule:
        """The schedule with this id, or NotFound."""
        if found := session.get(cls, schedule_id):
            return found
        raise NotFound(what="schedule", key=schedule_id)

    @classmethod
    def all(cls, session: Session) -> list[Schedule]:
        """Every schedule, the next date first, the paused ones last."""
        query = select(cls).order_by(cls.next_at.is_(None), cls.next_at, cls.content, cls.organisation)
        return list(session.scalars(query))

    def periods(self, session: Session) -> list[SchedulePeriod]:
        """What became of its periods, newest first."""
        query = select(SchedulePeriod).where(SchedulePeriod.schedule_id == self.id)
        return list(session.scalars(query.order_by(SchedulePeriod.starts_at.desc())))

    def pause_in_force(self, session: Session) -> SchedulePause | None:
        """Who paused it, when and why; None while it runs."""
        query = select(SchedulePause).where(SchedulePause.schedule_id == self.id, SchedulePause.ended_at.is_(None))
        return session.scalar(query)

    def pauses(self, session: Session) -> list[SchedulePause]:
        """Every pause, newest first."""
        query = select(SchedulePause).where(SchedulePause.schedule_id == self.id)
        return list(session.scalars(query.order_by(SchedulePause.at.desc())))


class SchedulePeriod(Base):
    """One period of a schedule: started once, whoever starts it. `key` names it, such as 2026Q1.

    `started_by` is the person who ran it by hand, None for the scheduler; `matter_id` None where the date had passed
    before any scheduler ran. `look_at` is when it is looked at next: for the reminder, then for the release.
    """

    __tablename__ = "schedule_periods"
    __table_args__ = (Index("ix_schedule_periods_look_at", "look_at"), Index("ix_schedule_periods_matter", "matter_id"))
    schedule_id: Mapped[str] = mapped_column(ForeignKey("schedules.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    matter_id: Mapped[str | None]
    started_at: Mapped[datetime | None]
    started_by: Mapped[str | None]
    look_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]

    @classmethod
    def of_matter(cls, session: Session, matter_id: str) -> SchedulePeriod | None:
        """The period for which a matter was started, or None."""
        return session.scalar(select(cls).where(cls.matter_id == matter_id))

    @classmethod
    def missed(cls, session: Session, limit: int = 50) -> list[tuple[SchedulePeriod, Schedule]]:
        """The periods without a release in time, newest first."""
        query = select(cls, Schedule).join(Schedule, Schedule.id == cls.schedule_id).where(cls.missed_at.is_not(None))
        return [(row[0], row[1]) for row in session.execute(query.order_by(cls.starts_at.desc()).limit(limit))]

    def first_release(self, session: Session) -> datetime | None:
        """When its matter was first released."""
        if self.matter_id is None:
            return None
        query = select(Publication.released_at).where(Publication.matter_id == self.matter_id)
        return session.scalar(query.order_by(Publication.released_at).limit(1))


class SchedulePause(Base):
    """Somebody stopped a schedule, and perhaps let it go on."""

    __tablename__ = "schedule_pauses"
    __table_args__ = (
        Index(
            "uq_schedule_pauses_open",
            "schedule_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    schedule_id: Mapped[str] = mapped_column(ForeignKey("schedules.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


def make(
    session: Session,
    item: CatalogueItem,
    organisation: str,
    words: str,
    by: str,
    at: datetime,
    *,
    grace_days: int = GRACE,
    remind_days: int = REMIND,
) -> Schedule:
    """Schedule a row in force for one of its units. NotAPeriod, NeverMatches, NotPeriodic, UnitMissing,
    AlreadyScheduled.
    """
    rule = rules.parse(words)
    coming = rules.first(rule, at)
    content = item.text_of("content")
    if item.version.status != "IN_FORCE":
        raise NotPeriodic(content=content)
    if item.units and organisation not in item.units:
        raise UnitMissing(unit=organisation, content=content)
    same = exists().where(Schedule.content == content, Schedule.organisation == organisation)
    if session.scalar(select(same)):
        raise AlreadyScheduled(content=content)
    schedule = Schedule(
        item_id=item.id,
        owner=item.version.organisation,
        organisation=organisation,
        content=content,
        words=words.strip(),
        rule_data=rule.as_data(),
        grace_days=grace_days,
        remind_days=remind_days,
        made_at=at,
        made_by=by,
        next_at=coming.starts_at,
    )
    session.add(schedule)
    session.flush()
    return schedule


def pause(session: Session, schedule: Schedule, by: str, reason: str, at: datetime) -> None:
    """No matter starts until somebody resumes it."""
    if not reason.strip():
        raise WhyMissing
    if schedule.pause_in_force(session):
        raise SchedulePaused(content=schedule.content)
    schedule.next_at = None
    session.add(SchedulePause(schedule_id=schedule.id, at=at, by=by, reason=reason.strip()))
    session.flush()


def resume(session: Session, schedule: Schedule, by: str, at: datetime) -> None:
    """From now on matters start again; a date that fell into the pause is started by hand, if at all."""
    found = schedule.pause_in_force(session)
    if found is None:
        raise NotOpen(what=schedule.content)
    found.ended_at, found.ended_by = at, by
    schedule.next_at = rules.first(schedule.rule, at).starts_at
    session.flush()


def row_in_force(session: Session, schedule: Schedule) -> CatalogueItem | None:
    """The row as the catalogue in force has it now: the same row, or the one that took its place with its content."""
    version = CatalogueVersion.in_force(session, schedule.owner)
    items: Sequence[CatalogueItem] = version.items if version else []
    same = [item for item in items if item.id == schedule.item_id or item.text_of("content") == schedule.content]
    return next(iter(same), None)


def new_period(schedule: Schedule, period: Period) -> SchedulePeriod:
    """A period that has not been started."""
    remind_at = period.ends_at - timedelta(days=schedule.remind_days)
    return SchedulePeriod(
        schedule_id=schedule.id,
        key=period.key,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        look_at=max(remind_at, period.starts_at),
    )


def start_data(schedule: Schedule, period: Period) -> Mapping[str, Any]:
    """What the diagram learns of the period: {schedule, key, words, starts_at, ends_at}."""
    return {
        "schedule": schedule.id,
        "key": period.key,
        "words": schedule.words,
        "starts_at": period.starts_at.isoformat(),
        "ends_at": period.ends_at.isoformat(),
    }
