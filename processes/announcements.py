"""What a procedure tells readers besides the releases: yearly bulletins, interpretations (Art. 21, 23)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Select, Text, false, func, or_, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.canonical import digest
from engine.clock import SHANGHAI
from engine.db import Base
from engine.refusals import NotFound
from processes import organisation as organisations
from processes.disclosure.publications import Publication, plain_text, units_of
from processes.organisation import Person

KINDS = ("BULLETIN", "INTERPRETATION", "CLARIFICATION", "CATALOGUE", "CONSULTATION")
SCOPES = ("PUBLIC", "ORG_ALL", "INTRA_PARTY", "UNIT")


class Announcement(Base):
    """A text of a case that readers see; `html` is sanitised. `publication_id`: the release that it speaks of, if any.

    `deciding` is the Party organisation whose whole tree an ORG_ALL text is for (Art. 9(1)). Never changed: a later one
    takes its place, and `withdrawn_at` says since when it is no longer shown.
    """

    __tablename__ = "announcements"
    __table_args__ = (Index("ix_announcements_at", "at"), Index("ix_announcements_publication", "publication_id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str]
    publication_id: Mapped[str | None] = mapped_column(ForeignKey("publications.id"))
    organisation: Mapped[str]
    deciding: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    plain: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str]
    scope: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]

    @classmethod
    def publish(
        cls,
        session: Session,
        key: str,
        case_id: str,
        organisation: str,
        *,
        kind: str,
        title: str,
        html: str,
        scope: str,
        at: datetime,
        by: str | None,
        publication_id: str | None = None,
    ) -> Announcement:
        """Show a text; asked twice with one `key` it is the same one. `html` is clean already."""
        if known := session.get(cls, key):
            return known
        one = cls(
            id=key,
            case_id=case_id,
            kind=kind,
            publication_id=publication_id,
            organisation=organisation,
            deciding=organisations.deciding(session, organisation),
            title=title,
            html=html,
            plain=plain_text(html),
            text_hash=digest(html),
            scope=scope,
            at=at,
            by=by,
        )
        session.add(one)
        session.flush()
        return one

    @classmethod
    def visible(cls, session: Session, person: Person | None, at: datetime) -> Select[Announcement]:
        """What `person` (None: not signed in) may read at this moment (Art. 9); that of a release, with the release."""
        shown = select(cls).where(cls.withdrawn_at.is_(None))
        readable = Publication.visible(session, person, at).with_only_columns(Publication.id)
        own = cls.publication_id.is_(None) & _within(cls, session, person, at)
        return shown.where(or_(own, cls.publication_id.in_(readable)))

    @classmethod
    def read(cls, session: Session, key: str, person: Person | None, at: datetime) -> Announcement:
        """One text that `person` may read; NotFound otherwise."""
        if found := session.scalar(cls.visible(session, person, at).where(cls.id == key)):
            return found
        raise NotFound(what="announcement", key=key)

    @classmethod
    def page(
        cls, session: Session, query: Select[Announcement], number: int = 1, size: int = 20
    ) -> tuple[list[Announcement], int]:
        """Page `number` (from 1) of `query`, newest first, and how many there are in all."""
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        newest = query.order_by(cls.at.desc(), cls.id).limit(size).offset((max(number, 1) - 1) * size)
        return list(session.scalars(newest)), total

    @classmethod
    def about(cls, session: Session, publication_id: str) -> list[Announcement]:
        """What was said about a release, oldest first; who may read the release may read it."""
        query = select(cls).where(cls.publication_id == publication_id, cls.withdrawn_at.is_(None))
        return list(session.scalars(query.order_by(cls.at, cls.id)))


def _within(cls: type[Announcement], session: Session, person: Person | None, at: datetime) -> object:
    if person is None or not person.active:
        return cls.scope == "PUBLIC"
    units = sorted(units_of(session, person, at.astimezone(SHANGHAI).date()))
    return or_(
        cls.scope == "PUBLIC",
        (cls.scope == "ORG_ALL") & cls.deciding.in_(units),
        (cls.scope == "INTRA_PARTY") & (true() if person.is_member else false()) & cls.deciding.in_(units),
        (cls.scope == "UNIT") & cls.organisation.in_(units),
    )
