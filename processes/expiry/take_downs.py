"""What was taken down, when and why; the duty that takes down what has been shown long enough."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Select, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.canonical import dump
from engine.clock import SHANGHAI
from engine.db import Base
from engine.refusals import NotAllowed, NotOpen, Refusal
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

NEEDS_PHOTO = frozenset({"NOTICE_BOARD"})
"""Channels where the proof is a picture of the cleared place."""

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


class NotOnPaper(Refusal):
    """“{title}” was not put up there by hand, or has not been taken down yet."""


class ProvenAlready(NotOpen):
    """It is recorded already that “{title}” was removed there."""


class PhotoMissing(Refusal):
    """Please add a photo that shows the cleared board."""


class NotDeskOfficer(NotAllowed):
    """The desk officer of the handling unit records what was removed by hand (Art. 18, 20)."""


class TakeDownProof(Base):
    """Somebody removed a text from a board or withdrew a paper, and shows it: `removed_at`, `note`, files."""

    __tablename__ = "take_down_proofs"
    publication_id: Mapped[str] = mapped_column(ForeignKey("take_downs.publication_id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    removed_at: Mapped[str]
    note: Mapped[str] = mapped_column(Text)
    files_json: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str]

    @property
    def files(self) -> list[dict[str, Any]]:
        """The photos and papers: [{digest, name, type, size}]."""
        return list(json.loads(self.files_json))

    @classmethod
    def of(cls, session: Session, publication_id: str) -> dict[str, TakeDownProof]:
        """Channel → its proof."""
        found = session.scalars(select(cls).where(cls.publication_id == publication_id))
        return {proof.channel: proof for proof in found}


def prove(
    session: Session, publication: Publication, channel: str, said: Mapping[str, Any], by: str, now: datetime
) -> TakeDownProof:
    """Record that it was removed by hand. `said`: what take_down.form.json accepted, {at, note, photos}.

    NotDeskOfficer, NotOnPaper, ProvenAlready; PhotoMissing where the proof is a picture.
    """
    if by not in _officers(session, publication, now):
        raise NotDeskOfficer(reason="")
    taken = session.get(TakeDown, publication.id)
    if taken is None or channel not in taken.boards:
        raise NotOnPaper(title=publication.title)
    if channel in TakeDownProof.of(session, publication.id):
        raise ProvenAlready(title=publication.title)
    photos = list(said.get("photos") or [])
    if channel in NEEDS_PHOTO and not photos:
        raise PhotoMissing
    told = {"removed_at": str(said["at"]), "note": str(said.get("note") or ""), "files_json": dump(photos)}
    proof = TakeDownProof(publication_id=publication.id, channel=channel, at=now, by=by, **told)
    session.add(proof)
    session.flush()
    return proof


def may_prove(session: Session, publication: Publication, person: str, now: datetime) -> bool:
    """Is this a desk officer of the handling unit?"""
    return person in _officers(session, publication, now)


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
