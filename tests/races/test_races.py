"""Two are at one task at the same moment: one does it, the other is told who did."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.races.office import NAMES, Office, filled, is_done
from tests.support.servers import Site
from tests.support.visitor import Form, Page, Visitor

RACES = 100
GAPS = [number * 0.2 / RACES for number in range(RACES)]
"""Seconds between the two, from none to 0.2."""


@pytest.fixture
def office(bare_database_url: str, tmp_path: Path) -> Iterator[Office]:
    with Site(tmp_path, bare_database_url, webs=2, scheduler=False, demo=False) as site:
        office = Office(site)
        yield office
        office.close()


def test_a_form_sent_twice_counts_once(office: Office):
    here = office.visitor("zhao", server=0)
    there = here.elsewhere(office.site.urls[1])
    answers = races(office, here, there)
    for first, second in answers:
        assert_one_wins(first, second, {"zhao"})
    assert all(by == ["zhao"] for by in office.done().values())
    assert len(office.done()) == RACES and office.unharmed()


def test_of_two_approvers_one_decides_and_the_other_is_told(office: Office):
    answers = races(office, office.visitor("zhao", server=0), office.visitor("qian", server=1))
    for first, second in answers:
        assert_one_wins(first, second, {"zhao", "qian"})
    assert all(len(by) == 1 for by in office.done().values())
    assert len(office.done()) == RACES and office.unharmed()


def races(office: Office, first: Visitor, second: Visitor) -> list[tuple[Page, Page]]:
    """What both were answered in every race; some races run beside each other."""
    with ThreadPoolExecutor(3) as several:
        tasks = zip(office.tasks(RACES), GAPS, strict=True)
        return [run.result() for run in [several.submit(race, first, second, task, gap) for task, gap in tasks]]


def race(first: Visitor, second: Visitor, task: str, gap: float) -> tuple[Page, Page]:
    forms = filled(first, task), filled(second, task)
    with ThreadPoolExecutor(2) as both:
        one = both.submit(first.send, forms[0])
        other = both.submit(after, gap, second, forms[1])
        return one.result(), other.result()


def after(gap: float, visitor: Visitor, form: Form) -> Page:
    time.sleep(gap)
    return visitor.send(form)


def assert_one_wins(first: Page, second: Page, logins: set[str]) -> None:
    loser = second if is_done(first) else first
    assert [is_done(first), is_done(second)].count(True) == 1, (first.text[:300], second.text[:300])
    assert loser.status == 409
    assert any(NAMES[login] in loser.text for login in logins), loser.text[:500]
