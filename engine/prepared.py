"""Statements of the hot path: written with SQLAlchemy, compiled once for a database, run on the driver's own cursor.

A command runs half a dozen of them, always the same; compiling is done once and the driver does the rest. On PostgreSQL
the statements of a command travel together.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.engine import Connection

from engine.refusals import Overtaken

Write = tuple[Any, Mapping[str, Any], int | None]
"""A statement, its values, and how many rows it must touch (None: any number)."""


class Prepared:
    """A statement as the driver of one database takes it."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.names: Sequence[str] = compiled.positiontup or tuple(compiled.binds)
        self.is_positional = compiled.positiontup is not None
        processors = {name: _into(bind.type, dialect) for name, bind in compiled.binds.items()}
        self.into = {name: processor for name, processor in processors.items() if processor}
        self.constants = {name: bind.value for name, bind in compiled.binds.items() if bind.value is not None}
        columns = list(getattr(statement, "selected_columns", ()))
        self.row = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]
        self.out_of = [(place, out) for place, c in enumerate(columns) if (out := _out_of(c.type, dialect))]

    def run(self, driver: Any, values: Mapping[str, Any]) -> Any:
        """Execute with these values; answers the driver's cursor."""
        return driver.execute(self.sql, self.parameters(values))

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them: in order, or by name."""
        given = [
            self.into[name](value) if name in self.into else value
            for name in self.names
            for value in (values[name] if name in values else self.constants.get(name),)
        ]
        return given if self.is_positional else dict(zip(self.names, given, strict=True))

    def read(self, found: Sequence[Any]) -> Any:
        """A driver's row with our types, by name."""
        row = list(found)
        for place, out in self.out_of:
            row[place] = out(row[place])
        return self.row(*row)


def first(connection: Connection, statement: Any, values: Mapping[str, Any]) -> Any:
    """The first row that the statement finds, by name; None where it finds none."""
    prepared = _prepared(statement, connection.dialect)
    driver = _driver(connection)
    with _one_trip(driver):
        cursor = prepared.run(driver, values)
    found = cursor.fetchone()
    return None if found is None else prepared.read(found)


def write(connection: Connection, writes: Sequence[Write]) -> None:
    """Carry out the statements in order. Overtaken when one touches other than the rows it must, or meets a twin."""
    driver, dialect = _driver(connection), connection.dialect
    try:
        with _one_trip(driver):
            done = [(_prepared(statement, dialect).run(driver, values), must) for statement, values, must in writes]
    except dialect.loaded_dbapi.IntegrityError as error:
        raise Overtaken from error
    if any(must is not None and cursor.rowcount != must for cursor, must in done):
        raise Overtaken


@lru_cache(maxsize=256)
def _prepared(statement: Any, dialect: Dialect) -> Prepared:
    return Prepared(statement, dialect)


def _one_trip(driver: Any) -> AbstractContextManager[Any]:
    """What is run inside goes to the server together, where there is one."""
    return driver.pipeline() if hasattr(driver, "pipeline") else nullcontext()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _into(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    return processor


def _out_of(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = kind.result_processor(dialect, None)
    return processor
