"""What was corrected in a release, with both texts; and where a release was reprinted (Art. 13, 15)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base
from processes.correction.refusals import ReprintIncomplete
from processes.disclosure.publications import Publication

LONGEST = 300


class Correction(Base):
    """One correction of a publication; `id` is that of its case. The text before stays as it was shown.

    `text_hash` and `text_hash_before` are hashes of what is released, attachments included. `note` is what readers see.
    """

    __tablename__ = "text_corrections"
    __table_args__ = (Index("ix_text_corrections_publication", "publication_id", "released_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"))
    severity: Mapped[str]
    title_before: Mapped[str] = mapped_column(Text)
    html_before: Mapped[str] = mapped_column(Text)
    text_hash_before: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str]
    note: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    archive_no: Mapped[str | None]
    archived_at: Mapped[datetime | None]

    @classmethod
    def shown(cls, session: Session, publication_id: str) -> list[Correction]:
        """The corrections that readers of a release are told of, oldest first."""
        query = select(cls).where(cls.publication_id == publication_id, cls.released_at.is_not(None))
        return list(session.scalars(query.order_by(cls.released_at, cls.id)))


class Reprint(Base):
    """Somebody reprinted a release: where, and the hash of the text that was reprinted (Art. 13)."""

    __tablename__ = "reprints"
    __table_args__ = (Index("ix_reprints_publication", "publication_id", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"))
    place: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def of(cls, session: Session, publication_id: str) -> list[Reprint]:
        """Where a release was reprinted, oldest first."""
        return list(session.scalars(select(cls).where(cls.publication_id == publication_id).order_by(cls.at, cls.id)))


def reprint(session: Session, publication: Publication, place: str, by: str, at: datetime) -> Reprint:
    """Record a reprint, so that a correction reaches it. ReprintIncomplete."""
    if not place.strip():
        raise ReprintIncomplete
    recorded = Reprint(
        id=new_id(),
        publication_id=publication.id,
        place=place.strip()[:LONGEST],
        text_hash=publication.text_hash,
        by=by,
        at=at,
    )
    session.add(recorded)
    session.flush()
    return recorded
