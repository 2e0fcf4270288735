"""The register of accountability: what was found, decided and, after an appeal, upheld or changed (Art. 25)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base

DEFINITION = "accountability"

GROUNDS = ("G1", "G2", "G3", "G4", "G5", "G6")
"""The grounds of Art. 25(1)–(6)."""

STATES = ("DECIDED", "CONCLUDED", "NOT_PURSUED")


class AccountabilityCase(Base):
    """What became of a lead; `id` is that of its case. A decision that an appeal changes keeps its first `outcome`.

    `final_outcome` is what counts in the end; None while an appeal may come.
    """

    __tablename__ = "accountability_cases"
    id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation: Mapped[str]
    ground: Mapped[str]
    facts: Mapped[str] = mapped_column(Text)
    consequence: Mapped[str]
    state: Mapped[str]
    outcome: Mapped[str | None]
    doc_no: Mapped[str]
    persons: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    final_outcome: Mapped[str | None]
    concluded_at: Mapped[datetime | None]

    @classmethod
    def of(cls, session: Session, case_id: str) -> AccountabilityCase | None:
        """The entry of a case, or None before its facts are verified."""
        return session.get(cls, case_id)
