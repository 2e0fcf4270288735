"""What was released: to whom it is shown, by which channels it went out, and what proves it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, Text, exists, false, func, or_, select, true, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import SHANGHAI
from engine.db import Base
from engine.refusals import NotFound
from processes.organisation import Appointment, Organisation, Person

TAG = re.compile(r"<[^>]*>")


class Publication(Base):
    """A released text. `html` is sanitised; `plain` is the same without tags, for searching.

    `on_portal` is false when the approved plan names neither the office network nor the internet; a release to named
    people always reaches them here. `organisation` handled it; `deciding` is the Party organisation of its level, whose
    whole tree an ORG_ALL release is for (Art. 9(1)). `feedback_outcome` is shown when `outcome_disclosed` (Art. 11(4)).
    """

    __tablename__ = "publications"
    __table_args__ = (
        Index("ix_publications_released_at", "released_at"),
        Index("ix_publications_organisation", "organisation", "released_at"),
        Index("ix_publications_display_until", "display_until"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    matter_id: Mapped[str] = mapped_column(index=True)
    call_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    plain: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str]
    scope: Mapped[str]
    scope_note: Mapped[str] = mapped_column(Text)
    organisation: Mapped[str]
    deciding: Mapped[str]
    units_json: Mapped[str] = mapped_column(Text)
    attachments_json: Mapped[str] = mapped_column(Text)
    proofs_json: Mapped[str] = mapped_column(Text)
    on_portal: Mapped[bool]
    display_duration: Mapped[str]
    display_until: Mapped[datetime | None]
    released_at: Mapped[datetime]
    released_by: Mapped[str | None]
    taken_down_at: Mapped[datetime | None]
    feedback_open_until: Mapped[datetime | None]
    feedback_closed_at: Mapped[datetime | None]
    feedback_summary: Mapped[str] = mapped_column(Text, default="")
    feedback_outcome: Mapped[str] = mapped_column(Text, default="")
    outcome_disclosed: Mapped[bool] = mapped_column(default=False)

    @property
    def units(self) -> list[str]:
        """The names of the responsible units at the time of the release."""
        return list(json.loads(self.units_json))

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The released files: [{digest, name, type, size}]."""
        return list(json.loads(self.attachments_json))

    @property
    def proofs(self) -> dict[str, str]:
        """Planned channel → what proves a release by it (Art. 13)."""
        return dict(json.loads(self.proofs_json))

    def takes_feedback(self, at: datetime) -> bool:
        """Is the feedback window open at this moment?"""
        if self.feedback_closed_at or self.taken_down_at:
            return False
        return self.feedback_open_until is None or at < self.feedback_open_until

    @classmethod
    def visible(cls, session: Session, person: Person | None, at: datetime) -> Select[Publication]:
        """What `person` (None: not signed in) may read on the portal at this moment (Art. 9)."""
        shown = select(cls).where(
            cls.on_portal.is_(True),
            cls.taken_down_at.is_(None),
            or_(cls.display_until.is_(None), cls.display_until > at),
        )
        if person is None or not person.active:
            return shown.where(cls.scope == "PUBLIC")
        units = units_of(session, person, at.astimezone(SHANGHAI).date())
        named = exists().where(Recipient.publication_id == cls.id, Recipient.person_id == person.id)
        return shown.where(
            or_(
                cls.scope == "PUBLIC",
                (cls.scope == "ORG_ALL") & cls.deciding.in_(sorted(units)),
                (cls.scope == "INTRA_PARTY") & (true() if person.is_member else false()),
                (cls.scope == "UNIT") & cls.organisation.in_(sorted(units)),
                (cls.scope == "TARGETED") & named,
            )
        )

    @classmethod
    def matching(
        cls,
        query: Select[Publication],
        *,
        organisation: str | None = None,
        text: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        scope: str | None = None,
    ) -> Select[Publication]:
        """Narrow `query`: by handling unit, scope, words of title or text, and release in [since, until)."""
        if organisation:
            query = query.where(cls.organisation == organisation)
        if scope:
            query = query.where(cls.scope == scope)
        if since:
            query = query.where(cls.released_at >= since)
        if until:
            query = query.where(cls.released_at < until)
        for word in text.split():
            query = query.where(cls.title.icontains(word, autoescape=True) | cls.plain.icontains(word, autoescape=True))
        return query

    @classmethod
    def page(
        cls, session: Session, query: Select[Publication], number: int = 1, size: int = 20
    ) -> tuple[list[Publication], int]:
        """Page `number` (from 1) of `query`, newest release first, and how many there are in all."""
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        newest = query.order_by(cls.released_at.desc(), cls.id).limit(size).offset((max(number, 1) - 1) * size)
        return list(session.scalars(newest)), total

    @classmethod
    def read(cls, session: Session, publication_id: str, person: Person | None, at: datetime) -> Publication:
        """One publication that `person` may read. NotFound otherwise: who may not read it does not learn of it."""
        query = cls.visible(session, person, at).where(cls.id == publication_id)
        if found := session.scalar(query):
            return found
        raise NotFound(what="publication", key=publication_id)

    @classmethod
    def of_matter(cls, session: Session, matter_id: str) -> Publication | None:
        """The release of a matter, or None before it."""
        return session.scalar(select(cls).where(cls.matter_id == matter_id).order_by(cls.released_at.desc()).limit(1))

    @classmethod
    def all_of_matter(cls, session: Session, matter_id: str) -> list[Publication]:
        """Every release of a matter, oldest first: one for each stage of a staged release (Art. 16)."""
        query = select(cls).where(cls.matter_id == matter_id)
        return list(session.scalars(query.order_by(cls.released_at, cls.id)))

    def channels(self, session: Session) -> list[PublicationChannel]:
        """By which channels it went out, with proof, in the order of recording."""
        query = select(PublicationChannel).where(PublicationChannel.publication_id == self.id)
        return list(session.scalars(query.order_by(PublicationChannel.at, PublicationChannel.channel)))

    def recipients(self, session: Session) -> list[Recipient]:
        """The named people as frozen at the release, with the time of their first reading (Art. 9(4))."""
        query = select(Recipient).where(Recipient.publication_id == self.id).order_by(Recipient.person_id)
        return list(session.scalars(query))


class PublicationChannel(Base):
    """One channel of a release and its proof (Art. 13). `proof` is the kind, `details` the form as JSON."""

    __tablename__ = "publication_channels"
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    proof: Mapped[str]
    url: Mapped[str]
    doc_no: Mapped[str]
    details_json: Mapped[str] = mapped_column(Text)
    attachments_json: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str | None]

    @property
    def details(self) -> dict[str, Any]:
        """Everything that the proof form says."""
        return dict(json.loads(self.details_json))

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The proving files: [{digest, name, type, size}]."""
        return list(json.loads(self.attachments_json))


class Recipient(Base):
    """One named person of a TARGETED release; `read_at` is the receipt."""

    __tablename__ = "recipients"
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class PublicationPage:
    """What one publication's page shows; `feedback_open` says whether the window is open at that moment."""

    publication: Publication
    channels: list[PublicationChannel]
    recipients: list[Recipient]
    feedback_open: bool


def page_of(session: Session, publication: Publication, at: datetime) -> PublicationPage:
    """The data of one publication's page; `read` or `read_by` decide first who may have it."""
    return PublicationPage(
        publication, publication.channels(session), publication.recipients(session), publication.takes_feedback(at)
    )


def read_by(session: Session, publication: Publication, person: Person | None, at: datetime) -> None:
    """Record the receipt when a named person opens a TARGETED release for the first time."""
    if person is None or publication.scope != "TARGETED":
        return
    session.execute(
        update(Recipient)
        .where(Recipient.publication_id == publication.id, Recipient.person_id == person.id)
        .where(Recipient.read_at.is_(None))
        .values(read_at=at)
    )


def take_down(publication: Publication, at: datetime) -> None:
    """End the display; the record and the archive stay."""
    publication.taken_down_at = publication.taken_down_at or at


def plain_text(html: str) -> str:
    """The words of an HTML text on one line."""
    return " ".join(unescape(TAG.sub(" ", html)).split())


def units_of(session: Session, person: Person, on: date) -> set[str]:
    """The organisations that a person belongs to: home and appointments, and every one above them."""
    parents = dict(session.execute(select(Organisation.code, Organisation.parent)).all())
    appointed = session.scalars(
        select(Appointment.organisation)
        .where(Appointment.person_id == person.id, Appointment.since <= on)
        .where(or_(Appointment.until.is_(None), Appointment.until >= on))
    )
    found: set[str] = set()
    for code in [person.organisation, *appointed]:
        step: str | None = code
        while step and step not in found:
            found.add(step)
            step = parents.get(step)
    return found
