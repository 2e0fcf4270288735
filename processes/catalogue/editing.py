"""Changing the rows of a draft. What is in force, or was, never changes (Art. 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.refusals import NotOpen, Overtaken, Refusal
from processes.catalogue.columns import KEYS
from processes.catalogue.items import DRAFT, CatalogueItem, CatalogueVersion
from processes.catalogue.reading import CELL_LIMIT, Row
from processes.catalogue.resolving import Resolved, resolve
from processes.organisation import Organisation


class RowsFixed(NotOpen):
    """Only the rows of a draft change, and {what} is none. Nothing was changed."""


class ContentEmpty(Refusal):
    """A catalogue row needs its content. Nothing was changed."""


class CellTooLong(Refusal):
    """A cell of the catalogue holds at most {limit} characters. Nothing was changed."""


def draft_after(session: Session, organisation: str, *, by: str, at: datetime, source: str = "") -> CatalogueVersion:
    """The newest draft that is to follow the catalogue in force, or a new one that begins with its rows.

    Two that ask at once get the same draft: the organisation's row is locked until the end of the transaction.
    """
    _lock(session, organisation)
    in_force = CatalogueVersion.in_force(session, organisation)
    after = in_force.number if in_force else 0
    versions = CatalogueVersion.all(session, organisation)
    drafts = (each for each in versions if each.number > after and _hold(session, each).status == DRAFT)
    if found := next(drafts, None):
        return found
    rows = _meant(session, organisation, [_row(item) for item in in_force.items] if in_force else [])
    return CatalogueVersion.draft(session, organisation, rows, by=by, at=at, source=source)


def append(session: Session, version: CatalogueVersion, texts: Mapping[str, str]) -> CatalogueItem:
    """A new last row of a draft; without a number of its own it gets the next one. RowsFixed, ContentEmpty."""
    check(session, version, texts)
    position = max((item.position for item in version.items), default=0) + 1
    written = {key: texts.get(key, "") for key in KEYS} | {"seq": texts.get("seq") or str(len(version.items) + 1)}
    rows = [*map(_row, version.items), Row("", position, written)]
    item = CatalogueItem.from_row(_meant(session, version.organisation, rows)[-1], position)
    version.items.append(item)
    session.flush()
    return item


def rewrite(
    session: Session, item: CatalogueItem, texts: Mapping[str, str], before: Mapping[str, str] | None = None
) -> None:
    """Other words for a row of a draft; every row's meaning is found anew, for a ditto mark may refer to this one.

    `before` is what the writer saw: Overtaken when somebody has written since. RowsFixed, ContentEmpty.
    """
    check(session, item.version, texts)
    if before is not None and before != item.written:
        raise Overtaken
    for key in KEYS:
        setattr(item, key, texts.get(key, ""))
    _mean(session, item.version)


def remove(session: Session, item: CatalogueItem) -> None:
    """Take a row out of a draft. RowsFixed."""
    version = item.version
    must_be_draft(_hold(session, version))
    version.items.remove(item)
    session.flush()
    _mean(session, version)


def check(session: Session, version: CatalogueVersion, texts: Mapping[str, str]) -> None:
    """May these words stand in a row of the version?"""
    must_be_draft(_hold(session, version))
    if not texts.get("content", "").strip():
        raise ContentEmpty
    if any(len(text) > CELL_LIMIT for text in texts.values()):
        raise CellTooLong(limit=CELL_LIMIT)


def must_be_draft(version: CatalogueVersion) -> None:
    """RowsFixed for a version that is in force, or was."""
    if version.status != DRAFT:
        raise RowsFixed(what=f"{version.owner.name} v{version.number}")


def _lock(session: Session, organisation: str) -> None:
    owner = select(Organisation.code).where(Organisation.code == organisation)
    session.execute(owner.with_for_update())


def _hold(session: Session, version: CatalogueVersion) -> CatalogueVersion:
    """The version with its status of now, which nobody else changes before the end of this transaction."""
    session.refresh(version, ["status"], with_for_update=True)
    return version


def _mean(session: Session, version: CatalogueVersion) -> None:
    meanings = _meant(session, version.organisation, [_row(item) for item in version.items])
    for item, meaning in zip(version.items, meanings, strict=True):
        item.mean(meaning)
    session.flush()


def _meant(session: Session, organisation: str, rows: Sequence[Row]) -> list[Resolved]:
    return resolve(rows, Organisation.all(session), organisation)


def _row(item: CatalogueItem) -> Row:
    return Row("", item.position, item.written)
