"""Starts the matter of a period by itself, once, reminds before the period ends and records what was missed.

`start_periods` and `watch_periods` are duties of the scheduler. A row is locked while it is worked on, and the others
pass it over; the period's key is unique, so that a restart, a wrong clock or a second scheduler never starts it twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import Engine
from engine.clock import SHANGHAI
from engine.refusals import Refusal
from processes import organisation as organisations
from processes.disclosure.matters import Matter, open_matter
from processes.notices import notify
from processes.organisation import Organisation
from processes.periodic import rules
from processes.periodic.rules import Period
from processes.periodic.schedules import Schedule, SchedulePeriod, new_period, row_in_force, start_data

log = logging.getLogger("mingtang.periodic")
PAUSE = timedelta(minutes=5)
"""How long a date that could not be started waits for its next try."""


class NobodyHandles(Refusal):
    """Nobody holds the post of handler in {organisation}, so the matter of this period cannot be started."""


class RowGone(Refusal):
    """The row “{content}” is no longer in the catalogue in force."""


class AlreadyStarted(Refusal):
    """The period {key} of “{content}” has been started already."""


def start_periods(engine: Engine, now: datetime) -> int:
    """Start what is due; of several dates that passed unseen only the last one is caught up, the others are missed."""
    with engine.database.read() as session:
        due = list(session.scalars(_due(now)))
    return sum(_start_due(engine, schedule_id, now) for schedule_id in due)


def run_now(engine: Engine, session: Session, schedule: Schedule, by: str, now: datetime) -> SchedulePeriod:
    """A person starts the period that is running, or the next one. AlreadyStarted, NobodyHandles, RowGone."""
    period = next(period for period in rules.periods(schedule.rule, _a_year_before(now)) if period.ends_at > now)
    if session.get(SchedulePeriod, (schedule.id, period.key)):
        raise AlreadyStarted(key=period.key, content=schedule.content)
    return _start(engine, session, schedule, period, now, by)


def watch_periods(engine: Engine, now: datetime) -> int:
    """Remind of periods that end soon, and record those that ended without a release."""
    with engine.database.read() as session:
        due = [(row.schedule_id, row.key) for row in session.execute(_to_look_at(now))]
    return sum(_look(engine, schedule_id, key, now) for schedule_id, key in due)


def _due(now: datetime) -> Any:
    may_try = or_(Schedule.retry_at.is_(None), Schedule.retry_at <= now)
    return select(Schedule.id).where(Schedule.next_at <= now, may_try).order_by(Schedule.next_at).limit(50)


def _to_look_at(now: datetime) -> Any:
    key = select(SchedulePeriod.schedule_id, SchedulePeriod.key)
    return key.where(SchedulePeriod.look_at <= now).order_by(SchedulePeriod.look_at).limit(100)


def _start_due(engine: Engine, schedule_id: str, now: datetime) -> int:
    try:
        with engine.database.write() as session:
            held = select(Schedule).where(Schedule.id == schedule_id, Schedule.next_at <= now)
            schedule = session.scalar(held.with_for_update(skip_locked=True))
            return _catch_up(engine, session, schedule, now) if schedule else 0
    except Exception as error:
        log.exception("schedule %s", schedule_id)
        _postpone(engine, schedule_id, error, now)
        return 0


def _catch_up(engine: Engine, session: Session, schedule: Schedule, now: datetime) -> int:
    assert schedule.next_at is not None
    before = schedule.next_at - timedelta(seconds=1)
    past = list(takewhile(lambda period: period.starts_at <= now, rules.periods(schedule.rule, before)))
    fresh = [period for period in past if not session.get(SchedulePeriod, (schedule.id, period.key))]
    for period in fresh[:-1]:
        _miss(session, schedule, period, now)
    for period in fresh[-1:]:
        _start(engine, session, schedule, period, now, None)
    schedule.next_at = rules.first(schedule.rule, now).starts_at
    schedule.retry_at = schedule.failure = None
    return len(fresh) or 1


def _start(
    engine: Engine, session: Session, schedule: Schedule, period: Period, now: datetime, by: str | None
) -> SchedulePeriod:
    row = new_period(schedule, period)
    session.add(row)
    session.flush()
    item = row_in_force(session, schedule)
    if item is None:
        raise RowGone(content=schedule.content)
    given = {"period": dict(start_data(schedule, period)), **_last_plan(session, schedule)}
    handler = _handler(session, schedule.organisation, now)
    matter = open_matter(session, engine, schedule.organisation, item, handler, now, given=given)
    row.matter_id, row.started_at, row.started_by = matter.id, now, by
    session.flush()
    return row


def _miss(session: Session, schedule: Schedule, period: Period, now: datetime) -> None:
    row = new_period(schedule, period)
    row.look_at, row.missed_at = None, now
    session.add(row)
    _tell_missed(session, schedule, row, now)


def _handler(session: Session, organisation: str, now: datetime) -> str:
    """Who holds the unit's handler seat; the one appointed first where there are several."""
    holders = organisations.holders(session, organisation, "handler", now.astimezone(SHANGHAI).date())
    if not holders:
        raise NobodyHandles(organisation=Organisation.of(session, organisation).name)
    return holders[0].id


def _last_plan(session: Session, schedule: Schedule) -> dict[str, Any]:
    """{plan: what was proposed last time, without its files}; {} the first time, when the row says what it can."""
    query = select(Matter).join(SchedulePeriod, SchedulePeriod.matter_id == Matter.id)
    of_schedule = query.where(SchedulePeriod.schedule_id == schedule.id).order_by(SchedulePeriod.starts_at.desc())
    for matter in session.scalars(of_schedule):
        if plans := matter.plans(session):
            return {"plan": {**plans[-1].plan, "attachments": [], "nature": "REGULAR"}}
    return {}


def _postpone(engine: Engine, schedule_id: str, error: Exception, now: datetime) -> None:
    with engine.database.write() as session:
        schedule = Schedule.of(session, schedule_id)
        schedule.retry_at, schedule.failure = now + PAUSE, str(error) or type(error).__name__


def _look(engine: Engine, schedule_id: str, key: str, now: datetime) -> int:
    with engine.database.write() as session:
        mine = (SchedulePeriod.schedule_id == schedule_id, SchedulePeriod.key == key, SchedulePeriod.look_at <= now)
        period = session.scalar(select(SchedulePeriod).where(*mine).with_for_update(skip_locked=True))
        if period is None:
            return 0
        _settle(session, Schedule.of(session, schedule_id), period, now)
        return 1


def _settle(session: Session, schedule: Schedule, period: SchedulePeriod, now: datetime) -> None:
    """Released: done. Otherwise remind once, and at the end of the grace record that it was missed."""
    last = period.ends_at + timedelta(days=schedule.grace_days)
    released_at = period.first_release(session)
    if released_at is not None:
        period.released_at, period.look_at = released_at, None
    elif now >= last:
        period.missed_at, period.look_at = now, None
        _tell_missed(session, schedule, period, now)
    else:
        period.reminded_at, period.look_at = now, last
        _remind(session, schedule, period, now)


def _remind(session: Session, schedule: Schedule, period: SchedulePeriod, now: datetime) -> None:
    until = (period.ends_at - timedelta(seconds=1)).astimezone(SHANGHAI).date().isoformat()
    zh = f"“{schedule.content}”{period.key}期应于{until}前公开，目前尚未公开"
    en = f"“{schedule.content}”, period {period.key}, is to be released by {until} and has not been yet"
    _tell(session, schedule, period, "period_ends", zh, en, now, ("handler",))


def _tell_missed(session: Session, schedule: Schedule, period: SchedulePeriod, now: datetime) -> None:
    zh = f"“{schedule.content}”{period.key}期未按期公开，已记录"
    en = f"“{schedule.content}”, period {period.key}, was not released in time; this has been recorded"
    posts = ("handler", "principal_officer", "disclosure_supervisor", "pco_coordinator")
    _tell(session, schedule, period, "period_missed", zh, en, now, posts)


def _tell(
    session: Session, schedule: Schedule, period: SchedulePeriod, kind: str, zh: str, en: str, now: datetime,
    posts: tuple[str, ...],
) -> None:  # fmt: skip
    people = sorted(set(_people(session, schedule.organisation, posts, now)))
    link = f"/matters/{period.matter_id}" if period.matter_id else ""
    notify(session, people, kind, period.matter_id or schedule.id, zh=zh, en=en, at=now, link=link)


def _people(session: Session, organisation: str, posts: tuple[str, ...], now: datetime) -> Iterator[str]:
    on = now.astimezone(SHANGHAI).date()
    seats = organisations.seats_of(session, organisation, on)
    for post in posts:
        yield from (person.id for person in organisations.holders(session, seats[post], post, on))


def _a_year_before(now: datetime) -> datetime:
    return now - timedelta(days=367)
