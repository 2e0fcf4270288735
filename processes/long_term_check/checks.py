"""The checks of long-term releases: when, by whom, with what result (Art. 4(5), 16)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base

DEFINITION = "long_term_check"


class ValidityCheck(Base):
    """One check of a publication; `id` is that of its case, `result` VALID, OBSOLETE or KEPT, as the head wanted."""

    __tablename__ = "validity_checks"
    __table_args__ = (Index("ix_validity_checks_publication", "publication_id", "at"),)
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"))
    result: Mapped[str]
    opinion: Mapped[str] = mapped_column(Text)
    by: Mapped[str]
    at: Mapped[datetime]
