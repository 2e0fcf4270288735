"""What every test may ask for: a fresh database on every store."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from engine import Database, migrate
from tests.support import postgres as pg
from tests.support.servers import Site

STORES = ("sqlite", "postgresql")
NUMBERS = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "let the stories of the procedures act by clicking: each of them, or the first of each file"
    parser.addoption("--in-browser", choices=("each", "first"), help=told)
    parser.addoption("--stores", default=",".join(STORES), help="databases to test on: sqlite,postgresql")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a browser only the stories of procedures are told."""
    if how := config.getoption("--in-browser"):
        stories = [item for item in items if "kit" in getattr(item, "fixturenames", ()) and _is_of_a_procedure(item)]
        first = {item.path: item for item in reversed(stories)}
        items[:] = stories if how == "each" else [item for item in stories if first[item.path] is item]


def _is_of_a_procedure(item: pytest.Item) -> bool:
    return any((Path(__file__).parents[1] / "processes" / item.path.parent.name).glob("*.bpmn"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        metafunc.parametrize("store", metafunc.config.getoption("--stores").split(","), scope="session")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database with all tables, of its own for each test; the test runs once per store."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def database_url(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database with all tables; for tests that start processes of their own."""
    yield from request.getfixturevalue(f"{store}_copies")(tmp_path)


@pytest.fixture
def bare_database_url(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table; for tests of migrations and `mingtang init`."""
    yield from bare_urls(store, request, tmp_path)


def bare_urls(store: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """One URL of a database without any table, for a fixture of any scope; the database goes when it is closed."""
    if store == "sqlite":
        yield f"sqlite:///{folder / 'bare.db'}"
    else:
        yield from postgres_copy(request.getfixturevalue("postgres"), "template0")


@pytest.fixture
def site(bare_database_url: str, tmp_path: Path) -> Iterator[Site]:
    """An installation with the demo, one web server and the scheduler, running as processes of their own."""
    with Site(tmp_path, bare_database_url) as site:
        yield site


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory):
    template = tmp_path_factory.mktemp("template") / "template.db"
    make_tables(f"sqlite:///{template}")

    def copy(folder: Path) -> Iterator[str]:
        yield f"sqlite:///{shutil.copy(template, folder / 'mingtang.db')}"

    return copy


@pytest.fixture(scope="session")
def postgresql_copies(postgres: pg.Server):
    template = f"mingtang_template_{os.getpid()}"
    make_tables(postgres.create(template))
    yield lambda _folder: postgres_copy(postgres, template)
    postgres.drop(template)


@pytest.fixture(scope="session")
def postgres() -> Iterator[pg.Server]:
    """A running PostgreSQL."""
    yield from pg.server()


def postgres_copy(server: pg.Server, template: str) -> Iterator[str]:
    name = f"mingtang_test_{os.getpid()}_{next(NUMBERS)}"
    yield server.create(name, template)
    server.drop(name)


def make_tables(url: str) -> None:
    database = Database(url)
    migrate(database)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
