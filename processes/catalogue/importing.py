"""From a file to a draft of the catalogue, with a report of everything that was not understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from processes.attachments import plain_name
from processes.catalogue.columns import COLUMN
from processes.catalogue.items import CatalogueVersion
from processes.catalogue.reading import LeftOut, Row, read
from processes.catalogue.resolving import Resolved, resolve
from processes.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A cell, or a piece of one, that stayed as written. `column` is the key, `heading` the column's name."""

    place: str
    line: int
    seq: str
    content: str
    column: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did: the draft, its rows with their meaning, what stayed unresolved, what was left out."""

    version: CatalogueVersion
    rows: list[Resolved]
    left_out: list[LeftOut]

    @property
    def unresolved(self) -> list[Unresolved]:
        """Row by row, in the order of the file."""
        return [_unresolved(each.row, note.column, note.text) for each in self.rows for note in each.notes]

    @property
    def resolved_rows(self) -> int:
        """How many rows were understood wholly."""
        return sum(not each.notes for each in self.rows)


def import_catalogue(session: Session, organisation: str, name: str, data: bytes, by: str, at: datetime) -> Report:
    """A new draft for the organisation. A `WrongFile` says what is wrong and where, and nothing is written."""
    owner = Organisation.of(session, organisation)
    table = read(plain_name(name), data)
    rows = resolve(table.rows, Organisation.all(session), owner.code)
    version = CatalogueVersion.draft(session, owner.code, rows, by=by, at=at, source=plain_name(name))
    return Report(version, rows, table.left_out)


def _unresolved(row: Row, column: str, text: str) -> Unresolved:
    words = text or row.texts[column]
    return Unresolved(row.place, row.line, row.texts["seq"], row.texts["content"], column, COLUMN[column].zh, words)
