"""The clock of a task stands while somebody outside is asked; the days of the pause do not count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import Actor, Engine, replay, stopping, tick, verify
from engine.calendar import Calendar, deadline, mainland, started, stopped
from engine.refusals import NotYourTask, ReasonMissing
from engine.schema import Instance, Task, Timer
from tests.engine.conftest import CLERK, HandClock, open_tasks, run
from tests.engine.diagrams import end, flows, process, start, timer, user, version

STRANGER = Actor("she", frozenset())
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WEEK = version(
    process(
        "week",
        start(),
        user("a", post="clerk", due='"5wd"'),
        timer("late", "a", 'deadline("5wd")', "timeDate", interrupting=False),
        end(),
        end("told"),
        flows("start", "a", "end"),
        flows("late", "told"),
    )
)


@pytest.fixture(autouse=True)
def replays(engine: Engine) -> Iterator[None]:
    yield
    with engine.database.read() as session:
        for instance in session.scalars(select(Instance.id)).all():
            replay(engine, session, instance)
        assert [str(found) for found in verify(session) if found] == []


def begun(engine: Engine, files: dict[str, bytes], definition: str) -> Task:
    return open_tasks(engine, run(engine, files, definition))["a"]


def dues(engine: Engine) -> tuple[datetime, datetime, dict]:
    with engine.database.read() as session:
        task, timer = session.scalars(select(Task)).one(), session.scalars(select(Timer)).one()
        return task.due_at, timer.due_at, json.loads(task.due_how)


def test_the_days_of_the_pause_do_not_count(engine: Engine, clock: HandClock):
    clock.now = MONDAY
    task = begun(engine, WEEK, "week")
    before, timer, _ = dues(engine)
    assert before == timer == datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
    clock.now = MONDAY + timedelta(days=1)
    stopping.stop(engine, task.id, CLERK, "保密委员会办公室", "请其认定密级")
    clock.now = MONDAY + timedelta(days=30)
    tick(engine)
    stopped_at, _, how = dues(engine)
    assert stopped_at.year == 9000 and how["stopped"]["party"] == "保密委员会办公室"
    stopping.go_on(engine, task.id, CLERK)
    due, timer, how = dues(engine)
    assert due == timer == datetime(2026, 4, 8, 16, 0, tzinfo=UTC)
    assert how["counted"] == ["2026-04-01", "2026-04-02", "2026-04-03", "2026-04-07", "2026-04-08"]
    assert how["pauses"][0]["days"][0] == "2026-03-03" and how["pauses"][0]["days"][-1] == "2026-03-31"


def test_a_time_by_the_clock_grows_by_the_pause():
    first = deadline("24h", MONDAY, Calendar())
    stood = stopped(first.at.isoformat(), first.how, MONDAY + timedelta(hours=1), {"party": "x", "reason": "y"})
    assert started(stood.how, MONDAY + timedelta(hours=11), Calendar()).at == MONDAY + timedelta(hours=34)


def test_two_pauses_are_both_left_out():
    now = deadline("3wd", MONDAY, mainland())
    why = {"party": "x", "reason": "y"}
    for day in (1, 3):
        stood = stopped(now.at.isoformat(), now.how, MONDAY + timedelta(days=day), why)
        now = started(stood.how, MONDAY + timedelta(days=day + 1), mainland())
    assert now.how["counted"] == ["2026-03-04", "2026-03-06", "2026-03-09"]
    assert [pause["days"] for pause in now.how["pauses"]] == [["2026-03-03"], ["2026-03-05"]]


def test_what_is_not_said_and_who_may_not_is_refused(engine: Engine, clock: HandClock):
    clock.now = MONDAY
    task = begun(engine, WEEK, "week")
    with pytest.raises(stopping.PartyMissing):
        stopping.stop(engine, task.id, CLERK, " ", "why")
    with pytest.raises(ReasonMissing):
        stopping.stop(engine, task.id, CLERK, "who", " ")
    with pytest.raises(NotYourTask):
        stopping.stop(engine, task.id, STRANGER, "who", "why")
    with pytest.raises(stopping.ClockRuns):
        stopping.go_on(engine, task.id, CLERK)
    stopping.stop(engine, task.id, CLERK, "who", "why")
    with pytest.raises(stopping.ClockStands):
        stopping.stop(engine, task.id, CLERK, "who", "why")
    engine.complete(task.id, CLERK, {})
    assert open_tasks(engine, task.instance_id) == {}


def test_a_task_without_a_deadline_has_no_clock(engine: Engine):
    free = version(process("free", start(), user("a", post="clerk"), end(), flows("start", "a", "end")))
    task = begun(engine, free, "free")
    with pytest.raises(stopping.NoClock):
        stopping.stop(engine, task.id, CLERK, "who", "why")
