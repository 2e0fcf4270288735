"""Whether the catalogue gets a row for a matter that it did not foresee: decided by people, with a reason (Art. 12)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from processes.catalogue import CatalogueItem

ADD_ITEM, ONE_OFF = "ADD_ITEM", "ONE_OFF"
DECISIONS = (ADD_ITEM, ONE_OFF)


class CatalogueFollowup(Base):
    """The decision on one matter: ADD_ITEM or ONE_OFF, why, by whom, when.

    `item_id` is the row that was drafted for it. It keeps its value when the keeper takes the row out of the draft, so
    the row itself may be gone.
    """

    __tablename__ = "catalogue_followups"
    matter_id: Mapped[str] = mapped_column(ForeignKey("matters.id"), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(32), unique=True)
    decision: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(String(32))
    item_id: Mapped[str | None] = mapped_column(String(32))

    def row(self, session: Session) -> CatalogueItem | None:
        """The row that was drafted, as long as it is there."""
        return session.get(CatalogueItem, self.item_id) if self.item_id else None
