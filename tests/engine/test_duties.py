"""What runs at every beat: what it did is kept, what fails harms nothing else, an operator may stop it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from engine import Engine, duties, tick
from engine.firing import apart
from engine.refusals import NotFound, NotOpen
from engine.schema import Incident, Timer
from engine.timers import Taken, lease
from tests.engine.conftest import HandClock, open_tasks, run
from tests.engine.diagrams import end, flows, process, script, start, timer, user, version


class Chore:
    """A duty that does what it is told and counts how often it was asked."""

    __name__ = "chore"

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[datetime] = []

    def __call__(self, engine: Engine, now: datetime) -> int:
        self.asked.append(now)
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return answer


def told(engine: Engine) -> list[tuple[str, int, str | None, int]]:
    with engine.database.read() as session:
        return [(run.duty, run.done, run.failure, run.times) for run in duties.runs(session)]


@pytest.fixture
def chore(engine: Engine) -> Chore:
    chore = Chore()
    engine.duties["chore"] = chore
    return chore


def test_a_duty_runs_at_every_beat_and_what_it_did_is_kept(engine: Engine, chore: Chore) -> None:
    chore.answers = [2, 0]
    assert (tick(engine), tick(engine)) == (2, 0)
    assert told(engine) == [("chore", 2, None, 1)]


def test_a_duty_that_fails_stops_no_other_and_says_why(engine: Engine, chore: Chore) -> None:
    engine.duties["second"] = after = Chore(1)
    chore.answers = [ValueError("the disk is full")]
    assert tick(engine) == 1
    assert len(after.asked) == 1
    assert ("chore", 0, "the disk is full", 1) in told(engine)


def test_a_failure_that_repeats_is_one_line(engine: Engine, chore: Chore, clock: HandClock) -> None:
    chore.answers = [ValueError("no"), ValueError("no"), ValueError("other")]
    for _ in range(3):
        clock.forward(seconds=1)
        tick(engine)
    assert told(engine) == [("chore", 0, "other", 1), ("chore", 0, "no", 2)]


def test_a_paused_duty_rests_until_it_is_resumed(engine: Engine, chore: Chore) -> None:
    duties.pause(engine, "chore", "wang", "the calendar is being mended")
    tick(engine)
    assert chore.asked == []
    duties.resume(engine, "chore", "wang")
    tick(engine)
    assert len(chore.asked) == 1


def test_a_pause_tells_who_when_and_why(engine: Engine, chore: Chore, clock: HandClock) -> None:
    duties.pause(engine, "chore", "wang", "mending")
    with engine.database.read() as session:
        pause = duties.paused(session)["chore"]
    assert (pause.by, pause.at, pause.reason) == ("wang", clock(), "mending")


def test_timers_can_be_paused_too(engine: Engine, clock: HandClock) -> None:
    instance = overdue(engine, clock)
    duties.pause(engine, "timers", "wang", "mending")
    assert tick(engine) == 0
    duties.resume(engine, "timers", "wang")
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"b"}


def test_a_pause_needs_a_reason_and_comes_once(engine: Engine, chore: Chore) -> None:
    with pytest.raises(duties.ReasonMissing):
        duties.pause(engine, "chore", "wang", " ")
    duties.pause(engine, "chore", "wang", "mending")
    with pytest.raises(duties.AlreadyPaused):
        duties.pause(engine, "chore", "li", "me too")


def test_what_is_not_paused_is_not_resumed(engine: Engine, chore: Chore) -> None:
    with pytest.raises(NotOpen):
        duties.resume(engine, "chore", "wang")
    with pytest.raises(NotFound):
        duties.pause(engine, "nothing", "wang", "why")


def test_an_operator_runs_a_paused_duty_now(engine: Engine, chore: Chore) -> None:
    chore.answers = [3]
    duties.pause(engine, "chore", "wang", "mending")
    assert duties.run_now(engine, "chore", "wang") == 3
    with engine.database.read() as session:
        assert [(run.by, run.done) for run in duties.runs(session)] == [("wang", 3)]


def test_a_run_by_hand_that_fails_is_kept_and_told(engine: Engine, chore: Chore) -> None:
    chore.answers = [ValueError("no")]
    with pytest.raises(ValueError, match="no"):
        duties.run_now(engine, "chore", "wang")
    assert told(engine) == [("chore", 0, "no", 1)]


def test_batches_never_hold_an_instance_twice() -> None:
    taken = [Taken("1", "a"), Taken("2", "b"), Taken("3", "a"), Taken("4", "c")]
    assert list(apart(taken, 2)) == [["1", "2"], ["4"], ["3"]]


def test_many_timers_fire_in_one_beat_each_once(engine: Engine, clock: HandClock) -> None:
    instances = [overdue(engine, clock) for _ in range(45)]
    assert tick(engine) == 45
    assert tick(engine) == 0
    assert all(set(open_tasks(engine, instance)) == {"b"} for instance in instances)


def test_one_bad_timer_spoils_none_of_its_batch(engine: Engine, clock: HandClock) -> None:
    good = overdue(engine, clock)
    parts = (start(), user("a"), timer("late", "a", '"PT1H"'), script("s", "x = 1 // 0"), end(), end("end2"))
    bad = run(engine, version(process("q", *parts, flows("start", "a", "end"), flows("late", "s", "end2"))), "q")
    clock.forward(hours=2)
    tick(engine)
    assert (set(open_tasks(engine, good)), set(open_tasks(engine, bad))) == ({"b"}, {"a"})
    with engine.database.read() as session:
        assert session.scalars(select(Incident.instance_id)).all() == [bad]


def test_a_clock_wrong_by_a_minute_fires_nothing_twice(build, clock: HandClock) -> None:
    first, fast = build(), build()
    fast.clock = lambda: clock() + timedelta(minutes=1)
    instance = overdue(first, clock)
    with first.database.write() as session:
        lease(session, "first", clock())
    assert tick(fast, "fast") == 0
    clock.forward(minutes=2)
    assert tick(fast, "fast") + tick(first, "first") == 1
    assert set(open_tasks(first, instance)) == {"b"}


def overdue(engine: Engine, clock: HandClock) -> str:
    """An instance whose timer has been due for an hour."""
    parts = (start(), user("a"), timer("late", "a", '"PT1H"'), user("b"), end(), end("end2"))
    instance = run(engine, version(process("p", *parts, flows("start", "a", "end"), flows("late", "b", "end2"))), "p")
    with engine.database.write() as session:
        waiting = session.scalars(select(Timer).where(Timer.instance_id == instance)).one()
        waiting.due_at = clock() - timedelta(hours=1)
    return instance
