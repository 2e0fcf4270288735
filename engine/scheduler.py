"""The scheduler: APScheduler calls the small steps of `duties`, any number of processes share the work."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from engine.clock import SHANGHAI
from engine.core import Engine
from engine.duties import tick
from engine.timers import give_back

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
    """Who leases due work: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def start(engine: Engine, every: float = 1.0) -> BackgroundScheduler:
    """Begin to beat in the background, every so many seconds; `shutdown()` of what is answered ends it."""
    scheduler = BackgroundScheduler(timezone="UTC")
    worker = worker_name()
    scheduler.add_job(
        lambda: drain(engine, worker), "interval", seconds=every, id="tick", max_instances=1, coalesce=True
    )
    scheduler.start()
    return scheduler


def run(engine: Engine, stop: Event, every: float = 1.0) -> None:
    """Beat until `stop` is set."""
    scheduler = start(engine, every)
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)
        with engine.database.write() as session:
            give_back(session, worker_name())


def drain(engine: Engine, worker: str) -> int:
    """Beat until nothing is due any more."""
    total = 0
    while done := tick(engine, worker):
        total += done
    return total
