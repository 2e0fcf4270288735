"""The filing of a catalogue with the superior: handed in when, received when, under which number (Art. 10, annex)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.canonical import digest, dump
from engine.db import Base
from processes.catalogue import CatalogueVersion


class CatalogueFiling(Base):
    """One filing; `id` is that of its case. It is no approval: the catalogue is in force meanwhile."""

    __tablename__ = "catalogue_filings"
    id: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("catalogue_versions.id"), index=True)
    organisation: Mapped[str]
    filed_at: Mapped[datetime]
    receipt_no: Mapped[str | None]
    opinion: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None]

    @classmethod
    def of_version(cls, session: Session, version_id: str) -> CatalogueFiling | None:
        """The filing of a version, or None."""
        return session.scalar(select(cls).where(cls.version_id == version_id).order_by(cls.filed_at.desc()).limit(1))


def digest_of(version: CatalogueVersion) -> str:
    """The hash of every cell as written, in order: what the signature is for."""
    return digest(dump([item.written for item in version.items]))
