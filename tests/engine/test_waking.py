"""A scheduler is woken at once by what another node leaves to do, long before it would look by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from sqlalchemy import text

from engine import Bell, Database, Engine, Service, broadcast, external
from engine.scheduler import run as run_scheduler
from engine.schema import Timer
from engine.timers import next_due
from tests.engine.conftest import Desk, HandClock, open_tasks, run
from tests.engine.diagrams import HOLD, catch, end, flows, process, service, start, timer, user, version

NEVER = 300.0
"""Seconds between two looks of the scheduler in these tests: more than any of them takes."""
SOON = 20.0
CALLS = version(process("p", start(), service("call", "outside"), user("b"), end(), flows("start", "call", "b", "end")))
HELD = version(process("h", start(), catch("c", HOLD), user("b"), end(), flows("start", "c", "b", "end")))


def timed(seconds: float) -> dict[str, bytes]:
    late = timer("late", "a", f"'{seconds}s'")
    return version(
        process(
            "t",
            start(),
            user("a"),
            end(),
            flows("start", "a", "end"),
            late,
            user("b"),
            end("e2"),
            flows("late", "b", "e2"),
        )
    )


@pytest.fixture
def web(database: Database) -> Engine:
    """A node on which people work, with the machine's own clock."""
    return node(database)


def node(database: Database) -> Engine:
    return Engine(database, services={"outside": Service("outside", Desk(), inside=False)})


@pytest.fixture
def scheduler(database_url: str) -> Iterator[None]:
    """A scheduler on a node of its own, which looks by itself only once in a long while."""
    database, stop = Database(database_url), Event()
    thread = Thread(target=run_scheduler, args=(node(database), stop, NEVER))
    thread.start()
    time.sleep(0.5)
    yield
    stop.set()
    thread.join()
    database.close()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def wait_for(engine: Engine, instance: str, element: str) -> None:
    end = time.monotonic() + NEVER / 2
    while element not in open_tasks(engine, instance):
        assert time.monotonic() < end, f"{element} was never reached"
        time.sleep(0.02)


def test_a_call_is_made_at_once(web: Engine, scheduler: None) -> None:
    with within(SOON):
        wait_for(web, run(web, CALLS, "p"), "b")


def test_a_timer_fires_when_it_is_due(web: Engine, scheduler: None) -> None:
    with within(SOON):
        wait_for(web, run(web, timed(1), "t"), "b")


def test_a_signal_is_handed_on_at_once(web: Engine, scheduler: None) -> None:
    instance = run(web, HELD, "h")
    broadcast(web, "Hold", {}, "li")
    with within(SOON):
        wait_for(web, instance, "b")


def test_what_rings_between_looking_and_waiting_is_not_missed(database: Database, database_url: str) -> None:
    other = Database(database_url)
    bell = Bell(database)
    bell.wait(bell.heard, SOON)
    heard = bell.heard
    run(node(other), CALLS, "p")
    assert bell.wait(heard, SOON)
    bell.close()
    other.close()


def test_a_bell_whose_connection_is_cut_hears_again(database: Database, store: str) -> None:
    if store == "sqlite":
        pytest.skip("no connection to cut")
    bell = Bell(database)
    bell.wait(bell.heard, SOON)
    heard = bell.heard
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
    assert bell.wait(heard, SOON)
    bell.close()


def test_nothing_is_due_next_where_nothing_waits(engine: Engine, clock: HandClock) -> None:
    with engine.database.read() as session:
        assert next_due(session, clock()) is None
    run(engine, timed(90), "t")
    with engine.database.read() as session:
        assert next_due(session, clock()) == session.query(Timer).one().due_at
    assert external.fetch(engine, "w", ["none"], clock() - clock()) == []
