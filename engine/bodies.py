"""Where the body of an entry is kept: in its row, or with the blobs by its digest when it is large.

A row of the journal stays small, so that lists, searches and walks along a chain read little; an entry with a long
text in it names the blob in the place of its body. Whoever reads gets the body itself, and the hash of an entry is over
the body, wherever it lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean

from engine.canonical import digest
from engine.db import table
from engine.prepared import Write
from engine.schema import LAID_AWAY, Blob, Entry

LARGE = 32_768
"""So many characters of a body are kept in its row."""
BLOBS, ENTRIES = table(Blob), table(Entry)


def laid_away(body: str) -> tuple[str, list[Write]]:
    """What the row of an entry holds of its body, and what is written besides."""
    if len(body) <= LARGE:
        return body, []
    key = digest(body)
    return LAID_AWAY + key, [(_KEEP, {"digest": key, "body": body.encode()}, 1)]


def whole(connection: Connection, rows: Sequence[Any]) -> Sequence[Any]:
    """The rows with their bodies. One that is lost stays a name, which no hash fits."""
    named = {row.body[1:] for row in rows if row.body.startswith(LAID_AWAY)}
    if not named:
        return rows
    found = connection.execute(select(BLOBS.c.digest, BLOBS.c.body).where(BLOBS.c.digest.in_(named)))
    bodies = {LAID_AWAY + key: bytes(data).decode(errors="replace") for key, data in found}
    return [_Whole(row, bodies.get(row.body, row.body)) for row in rows]


class _Whole:
    """A row with another body."""

    def __init__(self, row: Any, body: str) -> None:
        self._row, self.body = row, body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def says(text: Any) -> ColumnElement[bool]:
    """Does the body of an entry hold this text, wherever it lies?"""
    away = BLOBS.c.digest == func.substr(ENTRIES.c.body, 2)
    there = exists().where(away, _holds(BLOBS.c.body, text)).correlate_except(BLOBS)
    named = ENTRIES.c.body.startswith(LAID_AWAY) & there
    return ENTRIES.c.body.contains(text) | named


def forgotten(instance_id: str) -> Iterator[Any]:
    """What takes the entries of an instance out of the database, their bodies first."""
    mine: Select[Any] = select(func.substr(ENTRIES.c.body, 2)).where(
        ENTRIES.c.instance_id == instance_id, ENTRIES.c.body.startswith(LAID_AWAY)
    )
    yield delete(BLOBS).where(BLOBS.c.digest.in_(mine))
    yield delete(ENTRIES).where(ENTRIES.c.instance_id == instance_id)


class _holds(FunctionElement[bool]):
    """Do these bytes hold this text in UTF-8?"""

    type = Boolean()
    inherit_cache = True


@compiles(_holds, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    data, text = (compiler.process(part, **more) for part in element.clauses)
    return f"(instr({data}, CAST({text} AS BLOB)) > 0)"


@compiles(_holds, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    data, text = (compiler.process(part, **more) for part in element.clauses)
    return f"(position(convert_to({text}, 'UTF8') IN {data}) > 0)"


_KEEP = insert(BLOBS)
