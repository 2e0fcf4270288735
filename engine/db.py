"""The database: one declarative base, one place that opens connections, the same code on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import local
from time import monotonic
from typing import Any, Self, cast

import psycopg
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, String, Table, create_engine, event
from sqlalchemy.exc import DisconnectionError, OperationalError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from engine.prepared import PostgreSQL, SQLite, Write

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""One view for the whole block, as SQLite has it."""
TRUSTED = 2.0
"""Seconds for which a connection that was just used is taken to be alive."""
ASIDE = 4
"""So many connections a process keeps at hand for transactions."""


class Instant(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both sides. SQLite keeps it as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return _spelled(value) if dialect.name == "sqlite" else _in_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value if value.tzinfo is UTC else _in_utc(value)


@lru_cache(maxsize=64)
def _spelled(moment: datetime) -> str:
    return _in_utc(moment).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the product share this metadata; Alembic reads it."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant()}


GONE = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError, DisconnectionError, TimeoutError)


def is_away(error: BaseException) -> bool:
    """Does it say that the database is gone, full or busy? What was asked is not wrong then; one asks again."""
    said = getattr(error, "orig", None) or error
    is_lost = isinstance(said, psycopg.DatabaseError) and said.sqlstate is None
    return is_lost or isinstance(said, GONE)


def table(entity: type[Base]) -> Table:
    """The table behind a class, for statements on the hot path."""
    return cast(Table, entity.__table__)


class Transaction(Session):
    """A transaction on the driver's own connection. Committed whole when its block ends, rolled back when that raises.

    A command needs no more than the driver. SQLAlchemy's connection stands on it, and the session on that, once
    somebody asks for them: of all that a session has, only its methods are there before.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.core: Connection | None = None
        self.left: list[list[Write]] = []
        self.acts: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self.database.views.writing(1)
        try:
            self.pooled = self.database.take()
        except BaseException:
            self.database.views.writing(-1)
            raise
        self.driver: SQLite | PostgreSQL = cast(Any, self.pooled.driver_connection)
        try:
            self.driver.begin()
        except BaseException:
            self._give_back()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> None:
        try:
            self._commit() if kind is None else self._roll_back()
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._give_back()
        if kind is None:
            for act in self.acts:
                act()

    def __getattr__(self, name: str) -> Any:
        """What only a session has is asked for: from now on this is one."""
        if self._is_session or "driver" not in self.__dict__:
            raise AttributeError(name)
        super().__init__(bind=self.connection(), expire_on_commit=False, join_transaction_mode="rollback_only")
        return getattr(self, name)

    @property
    def _is_session(self) -> bool:
        return "identity_map" in self.__dict__

    def first(self, statement: Any, values: Mapping[str, Any]) -> Any:
        """The first row that a statement of the hot path finds, by name; None where it finds none."""
        self._carry_out()
        return self.driver.first(statement, values)

    def later(self, writes: list[Write]) -> None:
        """Carry these out together: before anybody looks, at the latest with the commit.

        Overtaken, then, where one of them touches other rows than it must, or meets a twin.
        """
        self.left.append(writes)
        if self.core is not None:
            self._carry_out()

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do this once the transaction has committed, and never if it has not."""
        self.acts.append(act)

    def connection(self, *args: Any, **options: Any) -> Connection:
        """SQLAlchemy's connection, in this transaction."""
        if self.core is None:
            self._carry_out()
            self.core = Connection(self.database.engine, self.pooled)
            self.core.begin()
        return self.core

    def _carry_out(self) -> None:
        if self.left:
            left, self.left = self.left, []
            self.driver.carry_out(left)

    def _commit(self) -> None:
        if self._is_session:
            super().commit()
        if self.core is not None:
            self.core.commit()
        else:
            self.driver.carry_out(self.left, commit=True)

    def _roll_back(self) -> None:
        """A connection that cannot even do that is of no more use."""
        try:
            self.core.rollback() if self.core is not None else self.driver.rollback()
        except Exception:
            self.pooled.invalidate()

    def _give_back(self) -> None:
        self.database.views.writing(-1)
        if self._is_session:
            super().close()
        self.core.close() if self.core is not None else self.database.lay_aside(self.pooled)


class Views(local):
    """What a thread looks at while it is `looking`: one view for all its reading, until it writes."""

    depth = 0
    writes = 0
    readers = 0
    session: Session | None = None

    @property
    def are_shared(self) -> bool:
        return self.depth > 0 and self.writes == 0

    def writing(self, step: int) -> None:
        """A transaction begins (1) or ends (-1): what was seen before is old."""
        self.writes += step
        self.close()

    def close(self) -> None:
        if self.session is not None:
            session, self.session = self.session, None
            session.close()


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
        self._aside: list[tuple[PoolProxiedConnection, float]] = []
        self.views = Views()
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(**READING)

    def write(self) -> Transaction:
        """A transaction: committed whole when the block ends, rolled back whole when it raises."""
        return Transaction(self)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; nothing that the block adds is kept.

        PostgreSQL is asked to commit the reading, for a roll-back would make the driver forget its prepared statements.
        """
        if self.views.are_shared:
            yield from self._shared()
            return
        with Session(self._reading, expire_on_commit=False) as session:
            yield session
            self._forget(session)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """For a thread that asks many small questions: all its reading shares one view, until it writes."""
        self.views.depth += 1
        try:
            yield
            if self.views.session is not None:
                self._forget(self.views.session)
        finally:
            self.views.depth -= 1
            self.views.close()

    def _shared(self) -> Iterator[Session]:
        views = self.views
        if views.session is None:
            views.session = Session(self._reading, expire_on_commit=False)
        views.readers += 1
        try:
            yield views.session
        except BaseException:
            views.close()
            raise
        finally:
            views.readers -= 1
        if views.session is not None and not views.readers:
            views.session.expunge_all()

    def _forget(self, session: Session) -> None:
        if not self.is_sqlite:
            session.expunge_all()
            session.commit()

    def take(self) -> PoolProxiedConnection:
        """A connection for a transaction: one that was laid aside, or the pool's, which takes longer."""
        while self._aside:
            pooled, since = self._aside.pop()
            if self.is_sqlite or monotonic() - since < TRUSTED or _lives(self.engine, pooled):
                return pooled
            pooled.invalidate()
        try:
            return self.engine.raw_connection()
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise OperationalError("connect", None, error) from error

    def lay_aside(self, pooled: PoolProxiedConnection) -> None:
        """Keep a connection whose transaction has ended at hand for the next one."""
        if pooled.is_valid and len(self._aside) < ASIDE:
            self._aside.append((pooled, monotonic()))
        else:
            pooled.close()

    def close(self) -> None:
        """Give all connections back."""
        while self._aside:
            self._aside.pop()[0].close()
        self.engine.dispose()


def _postgresql(url: str) -> Engine:
    """Connections that lay idle are asked whether they still live; those just used are trusted.

    They speak UTC, so that a moment needs no turning into it.
    """
    engine = create_engine(url, pool_size=10)

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, args: Any, options: Any) -> PostgreSQL:
        options["options"] = f"{options.get('options', '')} -c timezone=UTC"
        return PostgreSQL.connect(*args, **options)

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
    engine = create_engine(url, connect_args={"timeout": 30, "factory": SQLite})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if not driver.in_transaction:
            wants_write = connection.get_execution_options().get("mingtang_write")
            driver.execute("BEGIN IMMEDIATE" if wants_write else "BEGIN")

    return engine
