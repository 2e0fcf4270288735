"""The database's revisions: brought up to date by Alembic, refused when they are newer than this release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.db import Database
from engine.refusals import NewerDatabase

FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database to `revision`. NewerDatabase when a later release has been at it."""
    check_revision(database)
    with database.engine.execution_options(mingtang_write=True).begin() as connection:
        settings = _settings()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def check_revision(database: Database) -> str | None:
    """The revision that the database stands at, None for an empty one; NewerDatabase when we do not know it."""
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_settings()).walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerDatabase(revision=revision)
    return revision


def head() -> str | None:
    """The newest revision of this release."""
    return ScriptDirectory.from_config(_settings()).get_current_head()


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    return settings
