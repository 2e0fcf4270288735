"""A scheduler is killed while several drain timers that are due at once: the others take over, nothing fires twice."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from engine import Database, Engine, Entry, Timer, tick, verify
from tests.bench.timers import TIMED

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DUE = NOW + timedelta(hours=2)
INSTANCES = 250


def drain(url: str, name: str, now: datetime) -> None:
    """A scheduler of its own: beats until nothing is due."""
    engine = Engine(Database(url), clock=lambda: now)
    while tick(engine, name):
        pass


@pytest.fixture
def database_with_timers(database: Database) -> Database:
    """So many instances, each with a timer, all due at the same moment."""
    engine = Engine(database, clock=lambda: NOW)
    engine.deploy({"timed.bpmn": TIMED}, "test")
    with database.write() as session:
        for _ in range(INSTANCES):
            engine.start("timed", {}, None, session=session)
    return database


def fired(database: Database) -> Counter[str]:
    with database.read() as session:
        return Counter(session.scalars(select(Entry.instance_id).where(Entry.kind == "fire")))


def test_a_killed_schedulers_work_is_taken_over_and_nothing_fires_twice(database_with_timers, database_url):
    database = database_with_timers
    doomed, other = start(database_url, "doomed", DUE), start(database_url, "fast", DUE + timedelta(minutes=1))
    wait_until(lambda: sum(fired(database).values()) > 20 or not doomed.is_alive())
    doomed.kill()
    doomed.join()
    other.join()
    drain(database_url, "heir", DUE + timedelta(minutes=4))
    assert fired(database) == dict.fromkeys(fired(database), 1)
    assert len(fired(database)) == INSTANCES
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Timer)) == 0
        assert not any(verify(session))


def start(url: str, name: str, now: datetime) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=drain, args=(url, name, now))
    process.start()
    return process


def wait_until(holds) -> None:
    until = time.monotonic() + 60
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
