"""The database's revisions: from nothing to what the code says, and refused when it is newer."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from engine import Base, Database, check_revision, migrate
from engine.refusals import NewerDatabase
from engine.revisions import head


@pytest.fixture
def bare(bare_database_url: str):
    for package in ("engine", "processes", "web"):
        for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
            if "migrations" not in module.name:
                import_module(module.name)
    database = Database(bare_database_url)
    yield database
    database.close()


def test_an_empty_database_becomes_what_the_code_says(bare: Database) -> None:
    migrate(bare)
    with bare.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrating_twice_is_migrating_once(bare: Database) -> None:
    migrate(bare)
    migrate(bare)
    assert check_revision(bare) == head()


def test_a_database_of_a_newer_release_is_refused_and_left_alone(bare: Database) -> None:
    migrate(bare)
    with bare.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase) as refusal:
        migrate(bare)
    assert refusal.value.parameters["revision"] == "9999"
