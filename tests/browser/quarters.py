"""A row that is released every quarter (Art. 16), lived through for a year by the clock of the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from playwright.sync_api import expect

from engine.clock import SHANGHAI
from tests.browser.person import Person
from tests.browser.test_journey import said
from tests.support.servers import Site

At = Callable[..., Person]
OPERATOR = "weixitong"
ROW = "党委常委会纪要"
RULE = "每季度首月15日"
PERIODS = {"2027Q1": (2027, 1, 15), "2027Q2": (2027, 4, 15), "2027Q3": (2027, 7, 15), "2027Q4": (2027, 10, 15)}


def make_a_schedule(at: At, site: Site) -> str:
    """From the row, with the next twelve dates before the eyes; the address of its page."""
    site.clock.goes_to(moment(2027, 1, 4))
    operator = comes_back(at)
    operator.opens("/operations/schedules")
    operator.page.get_by_role("row").filter(has_text=ROW).get_by_role("link", name=said("Schedule it")).click()
    previews(operator, "每年2月30日")
    operator.sees("“每年2月30日”")
    previews(operator, RULE)
    operator.sees("2027年1月15日", "2029年10月15日")
    operator.looks("60-preview")
    operator.presses(said("Make this schedule"))
    expect(operator.heading).to_contain_text(ROW)
    operator.looks("61-schedule")
    return operator.page.url


def previews(operator: Person, words: str) -> None:
    operator.page.get_by_label(said("Rule in words")).fill(words)
    operator.presses(said("Preview"))


def live_through_a_year(at: At, site: Site, schedule: str) -> None:
    """The scheduler is killed before the second date, in the middle of the third and for two weeks over the fourth."""
    begins(at, site, schedule, "2027Q1")
    site.kill_scheduler()
    site.clock.goes_to(moment(*PERIODS["2027Q2"]))
    site.start_scheduler()
    begins(at, site, schedule, "2027Q2")
    site.clock.goes_to(moment(*PERIODS["2027Q3"]))
    site.kill_scheduler()
    site.start_scheduler()
    begins(at, site, schedule, "2027Q3")
    site.kill_scheduler()
    site.clock.goes_to(moment(2027, 10, 29))
    site.start_scheduler()
    begins(at, site, schedule, "2027Q4")


def begins(at: At, site: Site, schedule: str, key: str) -> None:
    """On its day, or as soon as a scheduler runs again, the period has its matter."""
    day = moment(*PERIODS[key])
    if site.clock() < day:
        site.clock.goes_to(day)
    operator = comes_back(at)
    operator.opens(schedule)
    operator.waits_for(key, operator.page.locator("main tbody"))


def count_the_matters(at: At, site: Site, schedule: str) -> None:
    """At the end of the year each period has one matter; none was released, so each is recorded as missed."""
    site.clock.goes_to(moment(2028, 1, 10))
    operator = comes_back(at)
    operator.opens(schedule)
    periods = operator.page.get_by_role("row").filter(has=operator.page.locator("td.title"))
    operator.waits_for(said("missed"), periods.filter(has_text="2027Q4"))
    operator.looks("62-year")
    assert [row.locator("td.title").inner_text() for row in periods.all()] == list(reversed(PERIODS))
    expect(periods.get_by_text(said("started by itself"))).to_have_count(4)
    handler = comes_back(at, "xuzhihang")
    handler.opens("/matters?since=2027-01-01")
    expect(handler.page.get_by_role("row").filter(has_text=ROW)).to_have_count(4)


def comes_back(at: At, login: str = OPERATOR) -> Person:
    """Signs in anew: nobody stays signed in for months."""
    person = at(login)
    person.context.clear_cookies(name="mingtang")
    return person.signs_in(login)


def moment(year: int, month: int, day: int) -> datetime:
    """The morning of a day, after matters of periods start."""
    return datetime(year, month, day, 8, 1, tzinfo=SHANGHAI)
