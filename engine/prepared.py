"""Statements of the hot path: written with SQLAlchemy, compiled once, run on the driver's own connection.

A command reads one row and writes half a dozen, always by the same statements. Compiling is done once, and a connection
carries them out with nothing in between. On PostgreSQL the writes of a command are one statement that the server has
prepared, and what can travel together does: a command takes two trips.
"""

from __future__ import annotations

import re
import select
import sqlite3
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from sqlalchemy import Dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from engine.refusals import Overtaken

Write = tuple[Any, Mapping[str, Any], int | None]
"""A statement, its values, and how many rows it must touch (None: any number)."""

TOGETHER = 8
"""So many writes at most are one statement."""
REMEMBERED = 200
"""So many statements the server keeps prepared for a connection."""


class Prepared:
    """A statement as the driver of one database takes it."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.names: Sequence[str] = compiled.positiontup
        self.constants = {name: bind.value for name, bind in compiled.binds.items() if bind.value is not None}
        binds = [(place, compiled.binds[name].type) for place, name in enumerate(self.names)]
        self.into = [(place, into) for place, kind in binds if (into := kind.bind_processor(dialect))]
        self.is_query = statement.is_select
        columns = list(getattr(statement, "selected_columns", ()))
        self.out_of = [(n, out) for n, c in enumerate(columns) if (out := c.type.result_processor(dialect, None))]
        self.row = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]

    @property
    def as_member(self) -> str:
        """The statement inside of a WITH."""
        return f"MATERIALIZED ({self.sql})" if self.is_query else f"({self.sql} RETURNING 1)"

    def values(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order that the driver takes them."""
        known = {**self.constants, **values} if self.constants else values
        given = [known.get(name) for name in self.names]
        for place, into in self.into:
            given[place] = into(given[place])
        return given

    def read(self, found: Sequence[Any]) -> Any:
        """A driver's row with our types, by name."""
        row = list(found)
        for place, out in self.out_of:
            row[place] = out(row[place])
        return self.row(*row)


class SQLite(sqlite3.Connection):
    """A connection to SQLite."""

    def begin(self) -> None:
        """Begin a transaction with the write lock."""
        self.execute("BEGIN IMMEDIATE")

    def first(self, statement: Any, values: Mapping[str, Any]) -> Any:
        """The first row that the statement finds, by name; None where it finds none."""
        prepared = _on_sqlite(statement)
        found = self.execute(prepared.sql, prepared.values(values)).fetchone()
        return None if found is None else prepared.read(found)

    def carry_out(self, batches: Sequence[Sequence[Write]], commit: bool = False) -> None:
        """Carry out the writes in order. Overtaken where one touches other rows than it must, or meets a twin."""
        try:
            for statement, values, must in (write for batch in batches for write in batch):
                prepared = _on_sqlite(statement)
                touched = self.execute(prepared.sql, prepared.values(values)).rowcount
                if must is not None and touched != must:
                    raise Overtaken
        except sqlite3.IntegrityError as error:
            raise Overtaken from error
        if commit:
            self.commit()


class Together:
    """Writes as one statement of PostgreSQL, which fails where one of them touches other rows than it must."""

    def __init__(self, parts: Sequence[tuple[Any, int | None]]) -> None:
        self.parts = [Prepared(statement, _POSTGRESQL) for statement, _ in parts]
        self.sql = self._numbered(self._sql([must for _, must in parts])).encode()

    def values(self, values: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The values of all parts, one after the other."""
        return [value for part, given in zip(self.parts, values, strict=True) for value in part.values(given)]

    def _sql(self, musts: Sequence[int | None]) -> str:
        if musts == [None]:
            return self.parts[0].sql
        writes = ", ".join(f"w{n} AS {part.as_member}" for n, part in enumerate(self.parts))
        held = " AND ".join(f"(SELECT count(*) FROM w{n}) {_exactly(must)}" for n, must in enumerate(musts))
        return f"WITH {writes} SELECT 1 / (CASE WHEN {held} THEN 1 ELSE 0 END)"

    def _numbered(self, sql: str) -> str:
        """Each part counts its values from 1; here they are counted through."""
        numbers = count(1)
        return re.sub(r"\$\d+", lambda _: f"${next(numbers)}", sql)


Asked = tuple[Together, Sequence[Mapping[str, Any]]]


class PostgreSQL(psycopg.Connection[Any]):
    """A connection to PostgreSQL that speaks to libpq itself where psycopg would take longer than the server."""

    @cached_property
    def known(self) -> dict[Together, bytes]:
        """What the server keeps prepared for this connection, and its name there."""
        return {}

    def rollback(self) -> None:
        """Roll back. What is prepared stays, for nobody changes a table while the product runs."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            _succeeded(self.pgconn.exec_(b"ROLLBACK"))

    def begin(self) -> None:
        """The first statement begins the transaction."""

    def first(self, statement: Any, values: Mapping[str, Any]) -> Any:
        """The first row that the statement finds, by name; None where it finds none."""
        together = _on_postgresql(((statement, None),))
        found = self._travel([(together, [values])])[-1]
        if not found.ntuples:
            return None
        transformer = Transformer(self)
        transformer.set_pgresult(found)
        return together.parts[0].read(transformer.load_row(0, tuple))

    def carry_out(self, batches: Sequence[Sequence[Write]], commit: bool = False) -> None:
        """As on SQLite, but that the writes of one batch do not see each other."""
        pieces = [batch[n : n + TOGETHER] for batch in batches for n in range(0, len(batch), TOGETHER)]
        try:
            self._travel([_asked(piece) for piece in pieces], commit)
        except (psycopg.IntegrityError, psycopg.errors.DivisionByZero) as error:
            raise Overtaken from error

    def _travel(self, asked: Sequence[Asked], commit: bool = False) -> list[Any]:
        """Send everything at once, with the beginning of the transaction where that is due; answers the results."""
        new: dict[Together, bytes] = {}
        begins = self.pgconn.transaction_status == TransactionStatus.IDLE
        try:
            self.pgconn.enter_pipeline_mode()
            if begins:
                self.pgconn.send_query_params(b"BEGIN", None)
            for each in asked:
                self._send(*each, new)
            if commit:
                self.pgconn.send_query_params(b"COMMIT", None)
            self.pgconn.pipeline_sync()
            results = list(self._results())
            self.pgconn.exit_pipeline_mode()
        except BaseException:
            self.close()
            raise
        for result in results:
            _succeeded(result)
        self.known.update(new)
        return results

    def _send(self, together: Together, values: Sequence[Mapping[str, Any]], new: dict[Together, bytes]) -> None:
        given = together.values(values)
        spelled = Transformer(self).dump_sequence(given, [PyFormat.TEXT] * len(given))
        name = self.known.get(together) or new.get(together)
        if name is None and len(self.known) >= REMEMBERED:
            return self.pgconn.send_query_params(together.sql, spelled)
        if name is None:
            name = new[together] = b"mingtang_%d" % next(_NUMBERS)
            self.pgconn.send_prepare(name, together.sql)
        self.pgconn.send_query_prepared(name, spelled)

    def _results(self) -> Iterator[Any]:
        """What comes back until the server is through. Others work while this waits, as libpq's own waiting forbids.

        What does not fit into the socket at once is sent as the server takes it.
        """
        arrival = select.poll()
        arrival.register(self.pgconn.socket, select.POLLIN | select.POLLOUT)
        while self.pgconn.flush():
            arrival.poll()
            self.pgconn.consume_input()
        arrival.modify(self.pgconn.socket, select.POLLIN)
        while True:
            while self.pgconn.is_busy():
                arrival.poll()
                self.pgconn.consume_input()
            result = self.pgconn.get_result()
            if result is None and self.pgconn.status != ConnStatus.OK:
                raise psycopg.OperationalError("the connection was lost")
            if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
                return
            if result is not None:
                yield result


def _exactly(must: int | None) -> str:
    return ">= 0" if must is None else f"= {must}"


def _asked(writes: Sequence[Write]) -> Asked:
    parts = tuple((statement, must) for statement, _, must in writes)
    return _on_postgresql(parts), [values for _, values, _ in writes]


def _succeeded(result: Any) -> None:
    if result.status == ExecStatus.FATAL_ERROR:
        raise psycopg.errors.error_from_result(result)


@lru_cache(maxsize=256)
def _on_sqlite(statement: Any) -> Prepared:
    return Prepared(statement, _SQLITE)


@lru_cache(maxsize=1024)
def _on_postgresql(parts: tuple[tuple[Any, int | None], ...]) -> Together:
    return Together(parts)


_SQLITE = sqlite.dialect()
_POSTGRESQL = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_NUMBERS = count(1)
