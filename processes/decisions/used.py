"""Which decision tables an instance asked, in which version, and which of their rows answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Instance, files, lines, tables
from processes.decisions.editions import DecisionEdition


@dataclass(frozen=True, slots=True)
class Used:
    """A table that was asked: where in the journal, by which element, and the rows [(number, row)] that fitted.

    `edition` is the organisation's version of the table; None: the table of the procedure itself.
    """

    position: int
    at: datetime
    element: str
    table: tables.Table
    rows: tuple[tuple[int, tables.Row], ...]
    edition: DecisionEdition | None


def used(session: Session, instance: Instance) -> list[Used]:
    """Every table that an instance asked, in the order of the journal."""
    known = {table.id: (table, data) for data, table in _tables(session, instance)}
    editions = {key: _edition(session, key, data) for key, (_, data) in known.items()}
    return list(_asked(session, instance, {key: table for key, (table, _) in known.items()}, editions))


def _tables(session: Session, instance: Instance) -> Iterator[tuple[bytes, tables.Table]]:
    for path, data in files(session.connection(), instance.version_id).items():
        if path.endswith(".dmn"):
            yield data, tables.read_table(data)


def _edition(session: Session, decision: str, data: bytes) -> DecisionEdition | None:
    query = select(DecisionEdition).where(DecisionEdition.decision == decision, DecisionEdition.body == data.decode())
    return session.scalar(query.order_by(DecisionEdition.decided_at.desc()).limit(1))


def _asked(
    session: Session,
    instance: Instance,
    known: Mapping[str, tables.Table],
    editions: Mapping[str, DecisionEdition | None],
) -> Iterator[Used]:
    for entry in lines(session.connection(), instance.id):
        for element, decision, numbers in json.loads(entry.body)["effects"].get("decided", []):
            table = known[decision]
            rows = tuple((number, table.rows[number - 1]) for number in numbers)
            yield Used(entry.position, entry.at, element, table, rows, editions[decision])
