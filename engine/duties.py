"""What a scheduler does at every beat, as small steps that a test can call: fire timers, empty the outbox, run duties.

A duty is a function `duty(engine, now) -> int`; it answers how much it did, is idempotent by a key of its own and safe
beside any number of schedulers. What it did or why it failed is kept for the operators, who may pause it or run it now.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, Text, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import outbox, timers
from engine.clock import new_id
from engine.core import Duty, Engine
from engine.db import Base
from engine.firing import fire_due
from engine.refusals import NotFound, NotOpen, ReasonMissing, Refusal

log = logging.getLogger("mingtang.duties")
TIMERS, OUTBOX = "timers", "outbox"
KEPT = timedelta(days=30)
"""So long it is told what ran without a failure."""

Step = Callable[[], int]


class AlreadyPaused(Refusal):
    """“{what}” is paused already, since {at}."""


class DutyRun(Base):
    """A duty did something, or failed. A failure that repeats is one row: `times`, first `at`, last `last_at`.

    `worker` is the scheduler's host and process; `by` the person who ran it by hand.
    """

    __tablename__ = "duty_runs"
    __table_args__ = (Index("ix_duty_runs_duty", "duty", "last_at"), Index("ix_duty_runs_last_at", "last_at"))
    id: Mapped[str] = mapped_column(primary_key=True)
    duty: Mapped[str]
    at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]
    worker: Mapped[str]
    by: Mapped[str | None]
    done: Mapped[int]
    failure: Mapped[str | None] = mapped_column(Text)


class DutyPause(Base):
    """Somebody stopped a duty, and perhaps let it go on. The pause in force has no `ended_at`."""

    __tablename__ = "duty_pauses"
    __table_args__ = (
        Index(
            "uq_duty_pauses_open",
            "duty",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    duty: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


def tick(engine: Engine, worker: str = "worker", now: datetime | None = None, *, urgent: bool = False) -> int:
    """One beat: every step that is not paused, of an `urgent` one timers and outbox. Answers how much was done."""
    now = now or engine.clock()
    with engine.database.looking():
        return _beat(engine, worker, now, urgent)


def _beat(engine: Engine, worker: str, now: datetime, urgent: bool) -> int:
    with engine.database.read() as session:
        resting, is_quiet = set(paused(session)), not timers.is_due(session, now)
        has_calls = timers.is_call_due(session, now)
    done = 0
    for name, step in _steps(engine, worker, now).items():
        if urgent and name not in (TIMERS, OUTBOX):
            continue
        has_nothing = (name == TIMERS and is_quiet) or (name == OUTBOX and is_quiet and not has_calls)
        if not has_nothing and name not in resting:
            done += _run(engine, name, step, worker, now)
    return done


def names(engine: Engine) -> list[str]:
    """What this engine does at a beat, in order."""
    return [TIMERS, OUTBOX, *engine.duties]


def run_now(engine: Engine, name: str, by: str) -> int:
    """An operator runs a step at once, paused or not; answers how much it did. Its failure is kept, and raised."""
    now = engine.clock()
    _known(engine, name)
    try:
        done = _steps(engine, by, now)[name]()
    except Exception as error:
        _record(engine, name, "", now, by=by, failure=_said(error))
        raise
    _record(engine, name, "", now, by=by, done=done)
    return done


def pause(engine: Engine, name: str, by: str, reason: str) -> None:
    """Stop a step until somebody resumes it. AlreadyPaused; ReasonMissing without a reason."""
    _known(engine, name)
    if not reason.strip():
        raise ReasonMissing
    with engine.database.write() as session:
        if (before := paused(session).get(name)) is not None:
            raise AlreadyPaused(what=name, at=before.at)
        at = engine.clock()
        session.add(DutyPause(id=new_id(), duty=name, at=at, by=by, reason=reason.strip()))


def resume(engine: Engine, name: str, by: str) -> None:
    """Let a paused step go on. NotOpen where it is not paused."""
    with engine.database.write() as session:
        found = paused(session).get(name)
        if found is None:
            raise NotOpen(what=name)
        found.ended_at, found.ended_by = engine.clock(), by


def paused(session: Session) -> Mapping[str, DutyPause]:
    """The steps that rest now, with who stopped them, when and why."""
    return {pause.duty: pause for pause in session.scalars(select(DutyPause).where(DutyPause.ended_at.is_(None)))}


def runs(session: Session, limit: int = 50) -> list[DutyRun]:
    """What ran or failed lately, newest first."""
    return list(session.scalars(select(DutyRun).order_by(DutyRun.last_at.desc(), DutyRun.id).limit(limit)))


def pauses(session: Session, limit: int = 20) -> list[DutyPause]:
    """Who paused what lately, newest first."""
    return list(session.scalars(select(DutyPause).order_by(DutyPause.at.desc(), DutyPause.id).limit(limit)))


def _steps(engine: Engine, worker: str, now: datetime) -> dict[str, Step]:
    own = {TIMERS: lambda: fire_due(engine, worker, now), OUTBOX: lambda: outbox.drain(engine, worker, now)}
    return own | dict(_bound(engine, now))


def _bound(engine: Engine, now: datetime) -> Iterator[tuple[str, Step]]:
    for name, duty in engine.duties.items():
        yield name, lambda duty=duty: duty(engine, now)  # type: ignore[misc]


def _run(engine: Engine, name: str, step: Step, worker: str, now: datetime) -> int:
    """Carry out one step; its failure harms no other."""
    try:
        done = step()
    except Exception as error:
        log.exception("duty %s", name)
        _record(engine, name, worker, now, failure=_said(error))
        return 0
    if done:
        _record(engine, name, worker, now, done=done)
    return done


def _record(engine: Engine, name: str, worker: str, now: datetime, **result: Any) -> None:
    with engine.database.write() as session:
        if (again := _same_failure(session, name, result)) is not None:
            again.times, again.last_at, again.worker = again.times + 1, now, worker
            return
        row: dict[str, Any] = {"by": None, "done": 0, "failure": None} | result
        session.add(DutyRun(id=new_id(), duty=name, at=now, last_at=now, times=1, worker=worker, **row))
        old = delete(DutyRun).where(DutyRun.duty == name, DutyRun.last_at < now - KEPT, DutyRun.failure.is_(None))
        session.execute(old)


def _same_failure(session: Session, name: str, result: Mapping[str, Any]) -> DutyRun | None:
    """The last run of the duty, where it failed for the same reason."""
    last = session.scalar(select(DutyRun).where(DutyRun.duty == name).order_by(DutyRun.last_at.desc()).limit(1))
    is_same = last is not None and last.failure and last.failure == result.get("failure") and "by" not in result
    return last if is_same else None


def _known(engine: Engine, name: str) -> None:
    if name not in names(engine):
        raise NotFound(what="duty", key=name)


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:2000]


__all__ = ["Duty", "DutyPause", "DutyRun", "names", "pause", "paused", "pauses", "resume", "run_now", "runs", "tick"]
