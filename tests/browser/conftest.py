"""Browsers, and the demo school as people open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.person import PATIENCE, Person
from tests.support.chromium import launch_options
from tests.support.servers import Site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One demo school for all tests that only read, or that have a matter to themselves."""
    folder = tmp_path_factory.mktemp("school")
    with Site(folder, f"sqlite:///{folder / 'school.db'}") as site:
        yield site


@pytest.fixture
def at(browser: Browser, site: Site) -> Iterator[Callable[..., Person]]:
    """`at("zhulin")` is that person, signed in, always at the same browser. Nobody's browser may complain."""
    people: dict[str, Person] = {}

    def sit_down(login: str, **how) -> Person:
        if login not in people:
            people[login] = Person(browser, site.url, **how).signs_in(login)
        return people[login]

    yield sit_down
    for login, person in people.items():
        person.looks(f"99-last-of-{login}")
        person.context.close()
    assert [complaint for person in people.values() for complaint in person.complaints] == []
