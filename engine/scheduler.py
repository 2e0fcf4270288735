"""The scheduler: APScheduler calls the small steps of `duties`, any number of processes share the work."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.exc import DBAPIError

from engine.clock import SHANGHAI, new_id
from engine.core import Engine
from engine.duties import tick
from engine.presence import take_back
from engine.timers import give_back, next_due
from engine.waking import Bell

log = logging.getLogger("mingtang.scheduler")
EVERY = 5.0
"""Seconds between the beats that come whether or not the bell rang."""
YEARS = 10
"""A calendar trigger that does not come within so many years never does."""


def occurrences(fields: Mapping[str, str], after: datetime) -> Iterator[datetime]:
    """The moments behind `after` that a calendar trigger names, in Shanghai time: {month, day, day_of_week, hour, …}.

    `fields` are cron's; what is finer than the finest one given is 0. ValueError for a field that is none.
    """
    moment: datetime | None = after.astimezone(SHANGHAI)
    while moment is not None:
        years = f"{moment.year}-{moment.year + YEARS}"
        trigger = CronTrigger(**{"minute": "0", "second": "0", **fields}, year=years, timezone=SHANGHAI)
        moment = trigger.get_next_fire_time(None, moment + timedelta(microseconds=1))
        if moment is not None:
            yield moment


def worker_name() -> str:
    """Who leases due work: host, process, and a mark that no earlier process had."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_id()[:6]}"


class Beat:
    """Beats until nothing is due any more. Whoever calls while it does so makes it look once more."""

    def __init__(self, engine: Engine, worker: str) -> None:
        self.engine, self.worker = engine, worker
        self.again, self.lock = Event(), Lock()

    def __call__(self, *, urgent: bool = False) -> None:
        self.again.set()
        while self.again.is_set() and self.lock.acquire(blocking=False):
            try:
                self.again.clear()
                if not urgent:
                    self._take_over()
                drain(self.engine, self.worker, urgent=urgent)
            finally:
                self.lock.release()

    def _take_over(self) -> None:
        with self.engine.database.write() as session:
            if taken := take_back(session, self.worker, self.engine.clock()):
                log.warning("%d rows were held and not done; they are taken up again", taken)


def start(beat: Beat, every: float = EVERY) -> BackgroundScheduler:
    """Begin to beat in the background, every so many seconds; `shutdown()` of what is answered ends it."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(beat, "interval", seconds=every, id="tick", max_instances=1, coalesce=True)
    scheduler.start()
    return scheduler


def run(engine: Engine, stop: Event, every: float = EVERY) -> None:
    """Beat when something is due, when the bell rings, and now and then, until `stop` is set."""
    worker = worker_name()
    beat, bell = Beat(engine, worker), Bell(engine.database, worker)
    scheduler = start(beat, every)
    Thread(target=_close_when, args=(stop, bell), name="stop", daemon=True).start()
    try:
        while not stop.is_set():
            _beat_and_sleep(engine, beat, bell, every)
    finally:
        scheduler.shutdown(wait=True)
        with suppress(DBAPIError), engine.database.write() as session:
            give_back(session, worker)


def drain(engine: Engine, worker: str, *, urgent: bool = False) -> int:
    """Beat until nothing is due any more."""
    total = 0
    while done := tick(engine, worker, urgent=urgent):
        total += done
    return total


def _close_when(stop: Event, bell: Bell) -> None:
    stop.wait()
    bell.close()


def _beat_and_sleep(engine: Engine, beat: Beat, bell: Bell, patience: float) -> None:
    """Sleep until it rings or the next row is due. When the database is away, the bell rings when it is back."""
    heard = bell.heard
    try:
        beat(urgent=True)
        with engine.database.read() as session:
            now = engine.clock()
            due_at = next_due(session, now)
        if due_at is not None:
            patience = min(patience, (due_at - now).total_seconds())
    except Exception as error:
        log.warning("a beat failed: %s", error)
    bell.wait(heard, patience)
