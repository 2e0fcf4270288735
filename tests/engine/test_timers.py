"""Timers: they fire once, at their time, by whichever scheduler takes them."""

from __future__ import annotations

import sqlite3
import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from engine import Bell, Database, Engine, replay, tick
from engine.presence import take_back
from engine.schema import Incident, Instance, Timer
from engine.timers import lease
from tests.engine.conftest import HandClock, open_tasks, run
from tests.engine.diagrams import catch, end, flows, process, script, start, timer, user, version


def with_boundary(**how: object) -> dict[str, bytes]:
    parts = (start(), user("a"), timer("late", "a", '"PT1H"', **how), user("b"), end(), end("end2"))  # type: ignore[arg-type]
    return version(process("p", *parts, flows("start", "a", "end"), flows("late", "b", "end2")))


def test_nothing_fires_before_its_time(engine: Engine, clock: HandClock) -> None:
    instance = run(engine, with_boundary(), "p")
    clock.forward(minutes=59)
    assert tick(engine) == 0
    assert set(open_tasks(engine, instance)) == {"a"}


def test_an_interrupting_timer_takes_the_task_away(engine: Engine, clock: HandClock) -> None:
    instance = run(engine, with_boundary(), "p")
    clock.forward(hours=2)
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"b"}


def test_a_reminder_leaves_the_task(engine: Engine, clock: HandClock) -> None:
    instance = run(engine, with_boundary(interrupting=False), "p")
    clock.forward(hours=2)
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"a", "b"}


def test_a_timer_fires_once(engine: Engine, clock: HandClock) -> None:
    instance = run(engine, with_boundary(interrupting=False), "p")
    clock.forward(hours=2)
    tick(engine)
    tick(engine)
    with engine.database.read() as session:
        assert session.get_one(Instance, instance).position == 2
        assert session.scalar(select(func.count()).select_from(Timer)) == 0


def test_a_date_in_working_days_shows_how_it_was_counted(engine: Engine) -> None:
    event = '<bpmn:timerEventDefinition><bpmn:timeDate>deadline("2wd")</bpmn:timeDate></bpmn:timerEventDefinition>'
    instance = run(engine, version(process("p", start(), catch("c", event), end(), flows("start", "c", "end"))), "p")
    with engine.database.read() as session:
        waiting = session.scalars(select(Timer).where(Timer.instance_id == instance)).one()
        assert waiting.due_at.isoformat() == "2026-03-04T16:00:00+00:00"
        assert '"counted":["2026-03-03","2026-03-04"]' in waiting.how


def test_two_schedulers_never_take_the_same_timer(engine: Engine, clock: HandClock) -> None:
    for _ in range(3):
        run(engine, with_boundary(), "p")
    clock.forward(hours=2)
    with engine.database.write() as session:
        first = lease(session, "one", clock(), limit=2)
    with engine.database.write() as session:
        assert set(lease(session, "two", clock(), limit=9)).isdisjoint(first)


def test_a_dead_schedulers_timers_are_taken_over(engine: Engine, clock: HandClock) -> None:
    run(engine, with_boundary(), "p")
    clock.forward(hours=2)
    with engine.database.write() as session:
        lease(session, "dead", clock())
    clock.forward(minutes=3)
    assert tick(engine, "alive") == 1


def test_a_step_that_fails_becomes_an_incident_and_harms_nothing(engine: Engine, clock: HandClock) -> None:
    parts = (start(), user("a"), timer("late", "a", '"PT1H"'), script("s", "x = 1 // 0"), end(), end("end2"))
    instance = run(engine, version(process("p", *parts, flows("start", "a", "end"), flows("late", "s", "end2"))), "p")
    clock.forward(hours=2)
    tick(engine)
    with engine.database.read() as session:
        assert session.scalars(select(Incident.element)).all() == ["late"]
    assert set(open_tasks(engine, instance)) == {"a"}


def test_what_timers_did_replays(engine: Engine, clock: HandClock) -> None:
    instance = run(engine, with_boundary(), "p")
    clock.forward(hours=2)
    tick(engine)
    with engine.database.read() as session:
        assert replay(engine, session, instance).entries == 2


def test_a_database_that_is_away_is_no_fault_of_the_timer(engine: Engine, clock: HandClock, monkeypatch) -> None:
    run(engine, with_boundary(), "p")
    clock.forward(hours=2)

    def away(*_: object) -> None:
        raise OperationalError("UPDATE …", None, sqlite3.OperationalError("the disk is full"))

    with monkeypatch.context() as broken:
        broken.setattr(engine, "fire", away)
        assert tick(engine, "worker") == 0
    with engine.database.write() as session:
        assert session.scalars(select(Incident)).all() == []
        take_back(session, "worker", clock())
    assert tick(engine, "worker") == 1


def test_what_a_dead_scheduler_holds_is_taken_over_and_what_a_living_one_holds_is_not(
    engine: Engine, clock: HandClock, database_url: str, store: str
) -> None:
    if store == "sqlite":
        pytest.skip("on SQLite the lease runs out")
    run(engine, with_boundary(), "p")
    clock.forward(hours=2)
    other = Database(database_url)
    bell = Bell(other, "other")
    bell.wait(bell.heard, 20)
    with engine.database.write() as session:
        lease(session, "other", clock())
        assert take_back(session, "worker", clock()) == 0
    bell.close()
    other.close()
    until = time.monotonic() + 60
    while not taken_back(engine, clock) and time.monotonic() < until:
        time.sleep(0.05)
    assert tick(engine, "worker") == 1


def taken_back(engine: Engine, clock: HandClock) -> int:
    with engine.database.write() as session:
        return take_back(session, "worker", clock())
