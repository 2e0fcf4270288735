"""A catalogue row with a period: a matter starts by itself at each date, once, whatever happens to the schedulers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select

import forms
from engine import Actor, Engine, Task, tick
from engine.clock import SHANGHAI
from engine.refusals import NotOpen
from processes import demo as school
from processes import organisation
from processes.attachments import Store
from processes.catalogue import CatalogueVersion
from processes.disclosure import services as disclosure
from processes.disclosure.matters import Matter
from processes.disclosure.observer import matter_observer
from processes.notices import Notice
from processes.periodic import rules, schedules, starting
from processes.periodic.schedules import Schedule, SchedulePeriod
from processes.postponement.services import services as postponement
from processes.secrecy_review.services import services as secrecy
from web import procedures_folder

FOLDER = Path(disclosure.__file__).parent
FILES = procedures_folder.files_in(FOLDER)
UNIT, HANDLER = "pco", "xuzhihang"
PLAN = {
    "title": "第一季度党费收支",
    "content": "党费收支",
    "text": "<p>本季度收支平衡。</p>",
    "scope": "ORG_ALL",
    "channels": ["LAN"],
    "nature": "REGULAR",
    "start_point": "每季度首月15日",
    "display_duration": "永久",
    "co_units": [],
}


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 9, tzinfo=SHANGHAI)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scheduler(database, clock, tmp_path):
    """Makes schedulers: each is an engine of its own on the same database."""
    store = Store((tmp_path / "attachments").as_uri())
    served = disclosure.services(store, forms.sanitise) | secrecy(store) | postponement()
    parts = {"services": served, "observers": [matter_observer], "clock": clock}
    return lambda: Engine(database, duties=[starting.start_periods, starting.watch_periods], **parts)


@pytest.fixture
def engine(scheduler, clock):
    engine = scheduler()
    with engine.database.write() as session:
        school.load(session, clock(), lambda login: "")
    engine.deploy(FILES, "aiwen")
    return engine


@pytest.fixture
def quarterly(engine, clock) -> str:
    return schedule(engine, "每季度首月15日", clock())


def schedule(engine, words, at) -> str:
    with engine.database.write() as session:
        made = schedules.make(session, row(session), UNIT, words, "qiao", at)
        return made.id


def row(session):
    version = CatalogueVersion.in_force(session, school.ROOT)
    return next(item for item in version.items if UNIT in item.units)


def keys(engine) -> dict[str, str | None]:
    with engine.database.read() as session:
        return {period.key: period.matter_id for period in session.scalars(select(SchedulePeriod))}


def matters(engine) -> list[Matter]:
    with engine.database.read() as session:
        return list(session.scalars(select(Matter).order_by(Matter.started_at)))


def draft(engine, matter) -> Task:
    with engine.database.read() as session:
        return session.scalars(select(Task).where(Task.instance_id == matter.instance_id, Task.state == "open")).one()


def propose(engine, matter, **changes) -> None:
    with engine.database.read() as session:
        person = school.person(session, HANDLER)
        actor = Actor(person.id, organisation.seats(session, person.id, matter.started_at.date()))
    engine.complete(draft(engine, matter).id, actor, {"plan": {**PLAN, **changes}} | PLAN | changes)


def told(engine, kind) -> int:
    with engine.database.read() as session:
        return len(session.scalars(select(Notice).where(Notice.kind == kind)).all())


def test_a_quarterly_row_over_a_year_makes_four_matters_though_schedulers_come_and_go(
    engine, scheduler, clock, quarterly
):
    running = engine
    for day in range(364):
        clock.now += timedelta(days=1)
        if day % 40 == 0:
            running = scheduler()  # the one before is gone, with everything it remembered
        tick(running, f"scheduler {day // 40}")
    assert len(matters(engine)) == 4
    assert sorted(keys(engine)) == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]


def test_nothing_starts_before_its_date(engine, clock, quarterly):
    clock.now = datetime(2026, 1, 15, 7, 59, tzinfo=SHANGHAI)
    tick(engine)
    assert matters(engine) == []


def test_a_matter_waits_for_the_handler_of_the_responsible_unit(engine, clock, quarterly):
    clock.now = datetime(2026, 1, 15, 8, 1, tzinfo=SHANGHAI)
    tick(engine)
    (matter,) = matters(engine)
    task = draft(engine, matter)
    assert (matter.organisation, task.element, task.post) == (UNIT, "draft", "handler")
    assert told(engine, "task_opened") >= 1


def test_a_restart_after_months_makes_one_catch_up_and_records_the_rest_as_missed(engine, clock, quarterly):
    clock.now = datetime(2026, 8, 1, tzinfo=SHANGHAI)
    tick(engine)
    found = keys(engine)
    assert [key for key, matter in sorted(found.items()) if matter] == ["2026Q3"]
    assert {key for key, matter in found.items() if not matter} == {"2026Q1", "2026Q2"}


def test_many_beats_at_one_date_start_one_matter(engine, scheduler, clock, quarterly):
    clock.now = datetime(2026, 1, 15, 8, 1, tzinfo=SHANGHAI)
    others = [Thread(target=tick, args=(scheduler(), f"scheduler {number}")) for number in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    tick(engine)
    assert len(matters(engine)) == 1


def test_a_clock_wrong_by_a_minute_starts_nothing_twice(engine, scheduler, clock, quarterly):
    fast = scheduler()
    clock.now = datetime(2026, 1, 15, 7, 59, 30, tzinfo=SHANGHAI)
    fast.clock = lambda: clock() + timedelta(minutes=1)
    tick(fast, "fast")
    tick(engine, "right")
    clock.now += timedelta(minutes=1)
    tick(engine, "right")
    assert len(matters(engine)) == 1


def test_the_next_period_begins_with_the_plan_of_the_last(engine, clock, quarterly):
    clock.now = datetime(2026, 1, 16, tzinfo=SHANGHAI)
    tick(engine)
    propose(engine, matters(engine)[0])
    clock.now = datetime(2026, 4, 16, tzinfo=SHANGHAI)
    tick(engine)
    second = matters(engine)[1]
    with engine.database.read() as session:
        seen = engine.data(session, session.get_one(Task, draft(engine, second).id))
    assert seen["plan"]["title"] == PLAN["title"]
    assert (seen["period"]["key"], seen["period"]["words"]) == ("2026Q2", "每季度首月15日")


def test_a_regular_plan_of_a_schedule_goes_on_to_its_review(engine, clock, quarterly):
    clock.now = datetime(2026, 1, 16, tzinfo=SHANGHAI)
    tick(engine)
    (matter,) = matters(engine)
    propose(engine, matter)
    assert draft(engine, matter).element == "review"


def test_the_handler_is_reminded_once_before_the_period_ends(engine, clock, quarterly):
    clock.now = datetime(2026, 1, 16, tzinfo=SHANGHAI)
    tick(engine)
    clock.now = datetime(2026, 3, 25, 1, tzinfo=SHANGHAI)
    tick(engine)
    tick(engine)
    assert told(engine, "period_ends") == 1


def test_a_period_without_release_is_recorded_as_missed_after_its_grace(engine, clock, quarterly):
    for month, day in ((1, 16), (3, 25), (4, 5)):
        clock.now = datetime(2026, month, day, tzinfo=SHANGHAI)
        tick(engine)
    assert told(engine, "period_missed") == 0
    clock.now = datetime(2026, 4, 6, 1, tzinfo=SHANGHAI)
    tick(engine)
    with engine.database.read() as session:
        assert [period.key for period, _ in SchedulePeriod.missed(session)] == ["2026Q1"]
    assert told(engine, "period_missed") > 1


def test_a_paused_schedule_starts_nothing_until_it_is_resumed(engine, clock, quarterly):
    with engine.database.write() as session:
        schedules.pause(session, Schedule.of(session, quarterly), "qiao", "机构调整", clock())
    clock.now = datetime(2026, 2, 1, tzinfo=SHANGHAI)
    tick(engine)
    with engine.database.write() as session:
        schedules.resume(session, Schedule.of(session, quarterly), "qiao", clock())
    tick(engine)
    assert matters(engine) == []
    clock.now = datetime(2026, 4, 16, tzinfo=SHANGHAI)
    tick(engine)
    assert len(matters(engine)) == 1


def test_a_pause_needs_a_reason_and_a_running_schedule(engine, clock, quarterly):
    with engine.database.write() as session:
        made = Schedule.of(session, quarterly)
        with pytest.raises(schedules.WhyMissing):
            schedules.pause(session, made, "qiao", "  ", clock())
        with pytest.raises(NotOpen):
            schedules.resume(session, made, "qiao", clock())
        schedules.pause(session, made, "qiao", "调整", clock())
        with pytest.raises(schedules.SchedulePaused):
            schedules.pause(session, made, "qiao", "又", clock())


def test_a_person_starts_the_next_period_and_the_scheduler_does_not_start_it_again(engine, clock, quarterly):
    with engine.database.write() as session:
        period = starting.run_now(engine, session, Schedule.of(session, quarterly), "qiao", clock())
        assert (period.key, period.started_by) == ("2026Q1", "qiao")
    clock.now = datetime(2026, 1, 16, tzinfo=SHANGHAI)
    tick(engine)
    assert len(matters(engine)) == 1


def test_what_has_been_started_is_not_started_by_hand(engine, clock, quarterly):
    clock.now = datetime(2026, 1, 16, tzinfo=SHANGHAI)
    tick(engine)
    with engine.database.write() as session, pytest.raises(starting.AlreadyStarted):
        starting.run_now(engine, session, Schedule.of(session, quarterly), "qiao", clock())


def test_without_a_handler_the_date_waits_and_says_why(engine, clock, quarterly):
    with engine.database.write() as session:
        person = school.person(session, HANDLER)
        for held in organisation.Appointment.of_person(session, person.id):
            session.delete(held)
    clock.now = datetime(2026, 1, 16, tzinfo=SHANGHAI)
    tick(engine)
    with engine.database.read() as session:
        failed = Schedule.of(session, quarterly)
        assert "handler" in str(failed.failure)
    with engine.database.write() as session:
        organisation.appoint(session, person.id, UNIT, "handler", clock().date())
    clock.now += timedelta(minutes=6)
    tick(engine)
    assert len(matters(engine)) == 1


def test_a_row_is_scheduled_once_for_a_unit(engine, clock, quarterly):
    with pytest.raises(schedules.AlreadyScheduled):
        schedule(engine, "每月1日", clock())


def test_a_row_is_scheduled_for_its_own_units_only(engine, clock):
    with engine.database.write() as session, pytest.raises(schedules.UnitMissing):
        schedules.make(session, row(session), "sco", "每月1日", "qiao", clock())


def test_a_period_that_never_comes_makes_no_schedule(engine, clock):
    with pytest.raises(rules.NeverMatches):
        schedule(engine, "每年2月30日", clock())
