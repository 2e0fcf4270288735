"""The database: one declarative base, one place that opens connections, the same code on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, Table, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


AFTER_COMMIT = "after_commit"
READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""One view for the whole block, as SQLite has it."""
TRUSTED = 2.0
"""Seconds for which a connection that was just used is taken to be alive."""


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Do this once the transaction of `Database.write()` has committed, and never if it has not."""
    session.info.setdefault(AFTER_COMMIT, []).append(act)


class Instant(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both sides. SQLite keeps it as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the product share this metadata; Alembic reads it."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant()}


def table(entity: type[Base]) -> Table:
    """The table behind a class, for statements on the hot path."""
    return cast(Table, entity.__table__)


class Database:
    """Opens connections lazily. `write()` and `read()` are the only ways in.

    `url` is an SQLAlchemy URL: `sqlite:///path` or `postgresql+psycopg://…`. SQLite runs in WAL mode with foreign keys,
    `synchronous=FULL` and a busy timeout, and takes its write lock at the start of `write()`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite and (name := url.partition("///")[2]) and name != ":memory:":
            Path(name).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _sqlite(url) if self.is_sqlite else _postgresql(url)
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(**READING)
        self._writing = self.engine.execution_options(mingtang_write=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed whole when the block ends, rolled back whole when it raises."""
        with Session(self._writing, expire_on_commit=False) as session:
            with session.begin():
                yield session
            for act in session.info.pop(AFTER_COMMIT, ()):
                act()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; nothing that the block adds is kept.

        PostgreSQL is asked to commit the reading, for a roll-back would make the driver forget its prepared statements.
        """
        with Session(self._reading, expire_on_commit=False) as session:
            yield session
            if not self.is_sqlite:
                session.expunge_all()
                session.commit()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _postgresql(url: str) -> Engine:
    """Connections that lay idle are asked whether they still live; those just used are trusted."""
    engine = create_engine(url, pool_size=10)

    @event.listens_for(engine, "checkin")
    def laid_aside(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        now = monotonic()
        if now - record.info.get("idle_since", now) > TRUSTED and not _lives(engine, connection):
            raise DisconnectionError

    return engine


def _lives(engine: Engine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        wants_write = connection.get_execution_options().get("mingtang_write")
        connection.connection.driver_connection.execute("BEGIN IMMEDIATE" if wants_write else "BEGIN")

    return engine
