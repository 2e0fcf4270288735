"""Fires the timers that are due: many taken at once, several instances in one transaction, each timer exactly once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import select, update

from engine import incidents, timers
from engine.core import SUSPENDED, Engine, Standing
from engine.db import Transaction, is_away, table
from engine.journal import INSTANCES
from engine.schema import Timer

log = logging.getLogger("mingtang.timers")
TIMERS = table(Timer)
TAKEN = 200
"""So many timers a scheduler takes in one lease."""
TOGETHER = 20
"""So many instances move in one transaction: few enough that nobody waits long for one of them."""
AFTER_FAILURE = timedelta(days=3650)
"""A timer whose step failed waits for an operator, not for the next beat."""


def fire_due(engine: Engine, worker: str, now: datetime, limit: int = TAKEN) -> int:
    """Fire the timers that are due; answers how many were taken."""
    with engine.database.read() as session:
        if not timers.is_due(session, now):
            return 0
    with engine.database.write() as session:
        taken = timers.lease(session, worker, now, limit)
    for batch in apart(taken):
        _fire(engine, batch, now)
    return len(taken)


def apart(taken: Sequence[timers.Taken], size: int = TOGETHER) -> Iterator[list[str]]:
    """Batches of timer ids in which no instance comes twice; those of one instance stay in their order."""
    of_instance: dict[str, list[str]] = {}
    for timer in taken:
        of_instance.setdefault(timer.instance_id, []).append(timer.id)
    for row in zip_longest(*of_instance.values()):
        due = [timer_id for timer_id in row if timer_id]
        yield from (due[place : place + size] for place in range(0, len(due), size))


def _fire(engine: Engine, batch: list[str], now: datetime) -> None:
    """Fire together; what is held by somebody else, and all of it when one step fails, is fired one by one."""
    try:
        left = set(batch) - _fire_together(engine, batch)
    except Exception as error:
        if is_away(error):
            raise
        log.info("%d timers are fired one by one", len(batch))
        left = set(batch)
    for timer_id in batch:
        if timer_id in left:
            _fire_alone(engine, timer_id, now)


def _fire_together(engine: Engine, batch: list[str]) -> set[str]:
    """Lock the instances that nobody holds, then fire what still waits there; answers what is settled."""
    with engine.database.write() as session:
        connection = session.connection()
        places = dict(connection.execute(select(TIMERS.c.id, TIMERS.c.instance_id).where(TIMERS.c.id.in_(batch))).all())
        held = select(INSTANCES).where(INSTANCES.c.id.in_(sorted(set(places.values())))).order_by(INSTANCES.c.id)
        locked = {row.id: row for row in connection.execute(held.with_for_update(skip_locked=True))}
        waiting = select(TIMERS.c.id, TIMERS.c.instance_id, TIMERS.c.element).where(TIMERS.c.id.in_(batch))
        for timer in connection.execute(waiting).all():
            if timer.instance_id in locked:
                _fire_in(engine, session, Standing(**locked[timer.instance_id]._mapping), timer)
    return {timer for timer in batch if timer not in places or places[timer] in locked}


def _fire_in(engine: Engine, session: Transaction, instance: Standing, timer: Any) -> None:
    """The timers of a suspended instance wait."""
    if instance.state == SUSPENDED:
        timers.set_aside(session, instance.id)
    else:
        engine.fire(instance, timer.id, timer.element, session)


def _fire_alone(engine: Engine, timer_id: str, now: datetime) -> None:
    try:
        with engine.database.write() as session:
            timer = session.get(Timer, timer_id)
            if timer is None:
                return
            instance = engine.lock(session, timer.instance_id)
            session.expire(timer)
            if session.get(Timer, timer_id, populate_existing=True) is not None:
                _fire_in(engine, session, instance, timer)
    except Exception as error:
        if is_away(error):
            raise
        log.exception("timer %s", timer_id)
        _ask_for_help(engine, timer_id, str(error) or type(error).__name__, now)


def _ask_for_help(engine: Engine, timer_id: str, reason: str, now: datetime) -> None:
    with engine.database.write() as session:
        timer = session.get(Timer, timer_id)
        if timer is None:
            return
        session.execute(update(Timer).where(Timer.id == timer_id).values(leased_until=now + AFTER_FAILURE))
        incidents.open_incident(session, timer.instance_id, timer.id, timer.element, timer.element, reason, now)
