"""A school at a moment that a test moves by hand, and browsers that its people sit at."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import Actor, Task
from engine.db import Base, Database
from processes import demo, organisation
from processes.catalogue import CatalogueItem
from processes.disclosure.matters import Matter, open_matter
from processes.organisation import Person
from web import config, procedures_folder, tables, wiring
from web.app import create_app
from web.auth import accounts
from web.wiring import Parts

PASSWORD = "correct horse battery"
START = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)
PLAN = {
    "title": "党委常委会纪要",
    "content": "会议主要内容",
    "text": "<p>会议研究了党建工作。</p>",
    "scope": "ORG_ALL",
    "channels": ["LAN"],
    "nature": "STABLE",
    "start_point": "会议结束后",
    "display_duration": "永久",
    "co_units": [],
}
REASON = {"content": "党委常委会纪要", "reason": "目录中没有此事项", "necessity": "党员有权了解"}


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class School:
    """The demo school, its parts and its web application."""

    parts: Parts
    clock: Clock
    app: Flask
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def visitor(self) -> FlaskClient:
        return self.app.test_client()

    def browser(self, login: str) -> FlaskClient:
        """A browser at which this person has signed in."""
        if login not in self.browsers:
            browser = self.browsers[login] = self.visitor()
            browser.post("/sign-in", data={"login": login, "password": PASSWORD})
        return self.browsers[login]

    def person(self, login: str) -> Person:
        with self.parts.database.read() as session:
            return demo.person(session, login)

    def actor(self, login: str) -> Actor:
        person = self.person(login)
        with self.parts.database.read() as session:
            return Actor(person.id, organisation.seats(session, person.id, self.clock.now.date()))

    def matter(self, login: str = "xuzhihang", unit: str = "pco") -> Matter:
        """A matter that the person has just opened: for the unit's first row, or outside the catalogue with a reason.

        Its plan is to be drafted.
        """
        with self.parts.database.write() as session:
            item = next(iter(CatalogueItem.of_unit(session, unit)), None)
            matter = open_matter(session, self.parts.engine, unit, item, self.person(login).id, self.clock.now)
        if item is None:
            self.parts.engine.complete(self.task(matter, "give_reason").id, self.actor(login), REASON)
        return matter

    def task(self, matter: Matter, element: str = "draft") -> Task:
        """The open task of a matter at this element."""
        with self.parts.database.read() as session:
            found = select(Task).where(
                Task.instance_id == matter.instance_id, Task.element == element, Task.state == "open"
            )
            return session.scalars(found).one()

    def propose(self, matter: Matter, login: str = "xuzhihang", **changes: Any) -> None:
        """The handler completes the plan."""
        self.parts.engine.complete(self.task(matter).id, self.actor(login), {**PLAN, **changes}, {"organisations": []})


assert tables, "named so that the metadata is whole"


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Hashes that cost nothing: the tests sign in often."""
    accounts.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def template(quick_hashes: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo school and the procedures deployed."""
    folder = tmp_path_factory.mktemp("school")
    parts = wiring.build(config.read({"MINGTANG_VAR": str(folder)}), clock=Clock())
    Base.metadata.create_all(parts.database.engine)
    stored = accounts.hashed(PASSWORD)
    with parts.database.write() as session:
        demo.load(session, START, lambda _login: stored)
    for procedure in procedures_folder.ours():
        parts.engine.deploy(procedures_folder.files_in(procedure), "test")
    _checkpoint(parts.database)
    return folder / "mingtang.db"


@pytest.fixture
def school(template: Path, tmp_path: Path) -> Iterator[School]:
    shutil.copy(template, tmp_path / "mingtang.db")
    clock = Clock()
    settings = config.read({"MINGTANG_VAR": str(tmp_path), "MINGTANG_UPLOAD_LIMIT_MB": "1"})
    parts = wiring.build(settings, clock=clock)
    app = create_app(settings, parts, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    yield School(parts, clock, app)
    parts.database.close()


@pytest.fixture
def text() -> Callable[[Any], str]:
    """The words of a page."""
    return lambda answer: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def _checkpoint(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
