"""A school with its people, in an open transaction on every store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from engine.db import Database
from processes import demo
from tests.browser import hands
from tests.conftest import make_tables, postgres_copy
from tests.processes.kit import Kit, furnish
from tests.support import postgres as pg

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """An empty database, in a transaction that is kept until the test ends."""
    with database.write() as session:
        yield session


@pytest.fixture
def school(session: Session) -> Session:
    """The demo's organisations, people, posts and catalogue."""
    demo.load(session, AT, lambda login: "")
    return session


@pytest.fixture
def kit(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kit]:
    """The demo school on every store, with the product's procedures in force; see tests/processes/kit.py."""
    for url in request.getfixturevalue(f"{store}_schools")(tmp_path):
        kit = Kit(url, tmp_path)
        if request.config.getoption("--in-browser"):
            with hands.hands(kit, request.getfixturevalue("chromium"), tmp_path) as kit.hands:
                yield kit
        else:
            yield kit
        kit.database.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with hands.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def sqlite_schools(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Iterator[str]]:
    folder = tmp_path_factory.mktemp("school")
    make_tables(url := f"sqlite:///{folder / 'school.db'}")
    furnish(url, folder)

    def copy(to: Path) -> Iterator[str]:
        yield f"sqlite:///{shutil.copy(folder / 'school.db', to / 'mingtang.db')}"

    return copy


@pytest.fixture(scope="session")
def postgresql_schools(
    postgres: pg.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Path], Iterator[str]]]:
    name = f"mingtang_school_{os.getpid()}"
    make_tables(url := postgres.create(name))
    furnish(url, tmp_path_factory.mktemp("school"))
    yield lambda _folder: postgres_copy(postgres, name)
    postgres.drop(name)
