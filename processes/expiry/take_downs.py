"""What was taken down, when and why; the duty that takes down what has been shown long enough."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Select, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.canonical import dump
from engine.clock import SHANGHAI
from engine.db import Base
from processes import organisation as organisations
from processes.disclosure.notices import seat_holders
from processes.disclosure.publications import Publication
from processes.notices import notify

if TYPE_CHECKING:
    from engine import Engine

EXPIRED = "EXPIRED"
"""The reason of a take-down because the display duration ended."""

OBSOLETE = "OBSOLETE"
"""The reason of a take-down because a check found that what it says no longer holds."""

SAID = {
    EXPIRED: (
        "“{title}”的公开时长已满，已撤下；档案保留",
        "The display of “{title}” has ended; it was taken down, the archive stays",
    ),
    OBSOLETE: (
        "“{title}”经复核已失效，已撤下；档案保留",
        "A check found that “{title}” no longer holds; it was taken down, the archive stays",
    ),
}
"""Reason → what the desk officers are told."""

BOARDS = {"NOTICE_BOARD": ("公开栏", "the notice board"), "BULLETIN_PAPER": ("简报", "the bulletin")}
"""Channels of paper, which no system takes down: somebody does it and keeps the proof."""

AT_ONCE = 100
"""So many in one transaction."""


class TakeDown(Base):
    """A publication that is no longer shown. `boards_json`: the paper channels whose take-down needs proof."""

    __tablename__ = "take_downs"
    __table_args__ = (Index("ix_take_downs_at", "at"),)
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]
    boards_json: Mapped[str] = mapped_column(Text)

    @property
    def boards(self) -> list[str]:
        """The paper channels that somebody must clear by hand."""
        return list(json.loads(self.boards_json))


def take_down_expired(engine: Engine, now: datetime) -> int:
    """Take down what has been shown long enough (Art. 10, annex column 7); answers how many. Each once, by whomever."""
    done = 0
    while taken := _take_some(engine, now):
        done += taken
    return done


def _take_some(engine: Engine, now: datetime) -> int:
    with engine.database.read() as session:
        if session.scalar(_due(now).limit(1)) is None:
            return 0
    with engine.database.write() as session:
        taken = _claim(session, now)
        for publication in taken:
            take_down(session, publication, EXPIRED, now)
        return len(taken)


def _due(now: datetime) -> Select[str]:
    return select(Publication.id).where(Publication.display_until <= now, Publication.taken_down_at.is_(None))


def _claim(session: Session, now: datetime) -> list[Publication]:
    """Mark what is due in one statement, so that no other scheduler marks it as well."""
    chosen = _due(now).order_by(Publication.display_until, Publication.id).limit(AT_ONCE)
    marked = (
        update(Publication)
        .where(Publication.id.in_(chosen.with_for_update(skip_locked=True)), Publication.taken_down_at.is_(None))
        .values(taken_down_at=now)
        .returning(Publication)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(marked), key=lambda publication: publication.id)


def take_down(session: Session, publication: Publication, reason: str, now: datetime) -> None:
    """Record that a publication, which is marked already, is no longer shown, and tell its desk officers.

    `reason` is a key of `SAID`.
    """
    boards = [channel for channel in publication.proofs if channel in BOARDS]
    session.add(TakeDown(publication_id=publication.id, reason=reason, at=now, boards_json=dump(boards)))
    officers = _officers(session, publication, now)
    _tell(session, publication, officers, "taken_down", SAID[reason], now)
    for channel in boards:
        zh, en = BOARDS[channel]
        words = (
            f"请撤下{zh}上的“{{title}}”，并留存撤下凭证",
            f"Please remove “{{title}}” from {en} and keep the proof that it was removed",
        )
        _tell(session, publication, officers, "take_down_proof", words, now)


def _officers(session: Session, publication: Publication, now: datetime) -> list[str]:
    """The desk officers of the handling unit (Art. 18, 20)."""
    seats = organisations.seats_of(session, publication.organisation, now.astimezone(SHANGHAI).date())
    return seat_holders(session, seats["desk_officer"], "desk_officer", now)


def _tell(
    session: Session, publication: Publication, people: list[str], kind: str, words: tuple[str, str], now: datetime
) -> None:
    zh, en = (text.format(title=publication.title) for text in words)
    notify(session, people, kind, publication.matter_id, zh=zh, en=en, at=now, link=f"/portal/{publication.id}")
