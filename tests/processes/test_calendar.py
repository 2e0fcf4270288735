"""The working days of the school: what is published, what the office entered over it, files that are refused."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from engine import Engine, Task, Timer, deadline, lines, replay, tick
from engine.clock import SHANGHAI
from processes import calendar
from processes.calendar import CalendarEdit, CalendarRecount, Entry, WorkingDays, recount_deadlines
from tests.engine.diagrams import end, flows, process, start, timer, user, version

from .conftest import AT

BEGUN = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
END_OF_FRIDAY = datetime(2026, 3, 7, tzinfo=SHANGHAI)
SATURDAY, MONDAY = date(2026, 3, 7), date(2026, 3, 9)


@pytest.fixture
def days(database):
    """The engine's calendar on one node; asks at every call whether there was an edit."""
    return WorkingDays(database, every=0)


def enter(database, *entries):
    with database.write() as session:
        return calendar.enter(session, entries, "fang", AT)


def test_without_edits_the_published_days_count(days):
    assert not days().is_working(date(2025, 10, 1))
    assert days().is_working(date(2025, 9, 28))  # a make-up Sunday


def test_an_entered_day_counts_over_the_published_one(database, days):
    enter(database, Entry(SATURDAY, True, "校庆补班"), Entry(MONDAY, False, "校庆"))
    assert days().is_working(SATURDAY)
    assert not days().is_working(MONDAY)


def test_an_edit_is_seen_on_every_node(database, days):
    other = WorkingDays(database, every=0)
    assert not days().is_working(SATURDAY) and not other().is_working(SATURDAY)
    enter(database, Entry(SATURDAY, True))
    assert days().is_working(SATURDAY) and other().is_working(SATURDAY)


def test_the_calendar_is_kept_while_nobody_edits(database, days):
    enter(database, Entry(SATURDAY, True))
    assert days() is days()


def test_a_day_becomes_again_what_is_published(database, days):
    enter(database, Entry(MONDAY, False))
    enter(database, Entry(MONDAY, None, "取消"))
    assert days().is_working(MONDAY)


def test_every_edit_is_kept_with_who_and_when(database):
    enter(database, Entry(MONDAY, False, "校庆"))
    enter(database, Entry(MONDAY, True, "照常"))
    with database.read() as session:
        assert [(edit.working, edit.note, edit.by, edit.at) for edit in CalendarEdit.lately(session)] == [
            (True, "照常", "fang", AT),
            (False, "校庆", "fang", AT),
        ]


def test_what_is_entered_so_already_is_not_entered_again(database):
    assert enter(database, Entry(MONDAY, False, "校庆")) == 1
    assert enter(database, Entry(MONDAY, False, "校庆")) == 0


def test_deadlines_count_the_entered_days_and_show_them(database, days):
    enter(database, Entry(SATURDAY, True))
    engine = Engine(database, calendar=days)
    friday = AT.replace(day=6)
    assert deadline("1wd", friday, engine.calendar()).how["counted"] == ["2026-03-07"]


def test_a_table_is_read_from_csv():
    data = "日期,类型,备注\n2027-10-01,休息,国庆节\n2027年10月9日,上班,调休\n2027/10/2,放假\n".encode()
    assert calendar.read("2027.csv", data) == [
        Entry(date(2027, 10, 1), False, "国庆节"),
        Entry(date(2027, 10, 9), True, "调休"),
        Entry(date(2027, 10, 2), False, ""),
    ]


def test_a_table_is_read_from_a_workbook():
    book = Workbook()
    book.active.append(["日期", "上班或休息", "备注"])
    book.active.append([date(2027, 10, 1), "休息", "国庆节"])
    file = BytesIO()
    book.save(file)
    assert calendar.read("2027.xlsx", file.getvalue()) == [Entry(date(2027, 10, 1), False, "国庆节")]


@pytest.mark.parametrize(
    ("text", "refusal", "said"),
    [
        ("2027-02-30,休息", calendar.DateUnknown, "2027-02-30"),
        ("明天,休息\n后天1,休息", calendar.DateUnknown, "Row 2"),
        ("2027-10-01,也许", calendar.WordUnknown, "也许"),
        ("2027-10-01,休息\n2027-10-01,上班", calendar.DayTwice, "Row 2"),
        ("日期,类型\n", calendar.NoDays, "columns"),
        ("1027-10-01,休息", calendar.DateUnknown, "1027"),
    ],
)
def test_a_table_that_is_wrong_is_refused_by_row(text, refusal, said):
    with pytest.raises(refusal, match=said):
        calendar.read("days.csv", text.encode())


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(calendar.WrongFile):
        calendar.read("days.pdf", b"%PDF-1.7")


def test_a_day_of_another_century_is_refused(database):
    with pytest.raises(calendar.DayOutOfRange):
        enter(database, Entry(date(1999, 1, 1), False))


HOLIDAY = date(2026, 3, 4)
DEADLINE = version(
    process(
        "late",
        start(),
        user("check", due="'3wd'"),
        timer("over", "check", 'deadline("3wd")', "timeDate", interrupting=False),
        end(),
        end("told"),
        flows("start", "check", "end"),
        flows("over", "told"),
    )
)


@pytest.fixture
def under_way(database):
    """A task and its timer of three working days, both begun on Monday 2 March 2026."""
    engine = Engine(database, calendar=WorkingDays(database, every=0), clock=lambda: BEGUN)
    engine.deploy(DEADLINE, "fang")
    return engine, engine.start("late", {}, "fang", organisation="office").id


def deadlines(engine, instance):
    with engine.database.read() as session:
        task = session.scalars(select(Task).where(Task.instance_id == instance)).one()
        over = session.scalars(select(Timer).where(Timer.instance_id == instance)).one()
        return task, over, len(lines(session.connection(), instance))


def test_open_deadlines_follow_an_edit_and_keep_how_they_were_counted(database, under_way):
    engine, instance = under_way
    enter(database, Entry(HOLIDAY, False, "校庆"))
    assert recount_deadlines(engine, BEGUN) == 1
    task, over, entries = deadlines(engine, instance)
    assert (task.due_at, over.due_at, entries) == (END_OF_FRIDAY, END_OF_FRIDAY, 2)
    for how in (json.loads(task.due_how), json.loads(over.how)):
        assert how["counted"] == ["2026-03-03", "2026-03-05", "2026-03-06"]
        assert how["before"]["counted"] == ["2026-03-03", "2026-03-04", "2026-03-05"]


def test_an_edit_is_followed_once_and_replays_to_the_same_bytes(database, under_way):
    engine, instance = under_way
    enter(database, Entry(HOLIDAY, False))
    assert [recount_deadlines(engine, BEGUN), recount_deadlines(engine, BEGUN)] == [1, 0]
    with database.read() as session:
        assert replay(engine, session, instance).entries == 2
        assert CalendarRecount.last(session) == CalendarEdit.version(session)


def test_what_an_edit_does_not_touch_stays_without_an_entry(database, under_way):
    engine, instance = under_way
    enter(database, Entry(date(2026, 4, 1), False))
    assert recount_deadlines(engine, BEGUN) == 0
    assert deadlines(engine, instance)[2] == 1


def test_the_timer_fires_at_its_new_time(database, under_way):
    engine, instance = under_way
    enter(database, Entry(HOLIDAY, False))
    recount_deadlines(engine, BEGUN)
    tick(engine, now=END_OF_FRIDAY - timedelta(hours=24))
    assert deadlines(engine, instance)[2] == 2
    tick(engine, now=END_OF_FRIDAY)
    with database.read() as session:
        assert session.scalar(select(Timer.id)) is None, "it has fired"
