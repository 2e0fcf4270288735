"""What a scheduler does at every beat, as small steps that a test can call."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import update

from engine import outbox, timers
from engine.core import Engine
from engine.schema import Timer

log = logging.getLogger("mingtang.duties")
AFTER_FAILURE = timedelta(days=3650)
"""A timer whose step failed waits for an operator, not for the next beat."""


def tick(engine: Engine, worker: str = "worker", now: datetime | None = None) -> int:
    """One beat: fire what is due, then empty the outbox. Answers how much was done."""
    now = now or engine.clock()
    return fire_due(engine, worker, now) + outbox.drain(engine, worker, now)


def fire_due(engine: Engine, worker: str, now: datetime, limit: int = 50) -> int:
    """Fire the timers that are due, each in its own transaction."""
    with engine.database.write() as session:
        taken = timers.lease(session, worker, now, limit)
    for timer_id in taken:
        _fire(engine, timer_id, now)
    return len(taken)


def _fire(engine: Engine, timer_id: str, now: datetime) -> None:
    try:
        with engine.database.write() as session:
            timer = session.get(Timer, timer_id)
            if timer is None:
                return
            engine.lock(session, timer.instance_id)
            session.expire(timer)
            if session.get(Timer, timer_id, populate_existing=True) is not None:
                engine.fire(timer.instance_id, timer.id, timer.element, session)
    except Exception as error:
        log.exception("timer %s", timer_id)
        _ask_for_help(engine, timer_id, str(error) or type(error).__name__, now)


def _ask_for_help(engine: Engine, timer_id: str, reason: str, now: datetime) -> None:
    with engine.database.write() as session:
        timer = session.get(Timer, timer_id)
        if timer is None:
            return
        session.execute(update(Timer).where(Timer.id == timer_id).values(leased_until=now + AFTER_FAILURE))
        outbox.open_incident(session, timer.instance_id, timer.id, timer.element, timer.element, reason, now)
