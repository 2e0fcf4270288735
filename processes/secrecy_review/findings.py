"""What a secrecy review found and what became of it. Of what is secret nothing is kept but that it was there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base

OPEN = "OPEN"
MASKED, TREATED, KEPT, CLEARED, REMOVED = "MASKED", "TREATED", "KEPT", "CLEARED", "REMOVED"


class SecrecyFinding(Base):
    """One finding of one instance, `number` in its scan: `place` says where, `shown` is what may be shown of it.

    `before_hash` and `after_hash` are over the instance's id and the words before and after the treatment; both are
    empty for what is secret. `state`: OPEN | MASKED | TREATED | KEPT | CLEARED | REMOVED.
    """

    __tablename__ = "secrecy_findings"
    __table_args__ = (Index("ix_secrecy_findings_instance", "instance_id", "found_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str]
    number: Mapped[int]
    kind: Mapped[str]
    type: Mapped[str]
    place: Mapped[str] = mapped_column(Text)
    shown: Mapped[str] = mapped_column(Text)
    before_hash: Mapped[str]
    after_hash: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    treated_at: Mapped[datetime | None]
    treated_by: Mapped[str | None]

    @classmethod
    def of(cls, session: Session, instance_id: str) -> list[SecrecyFinding]:
        """What was found in an instance, in the order it was found."""
        query = select(cls).where(cls.instance_id == instance_id)
        return list(session.scalars(query.order_by(cls.found_at, cls.number, cls.id)))

    def settle(self, state: str, at: datetime, by: str | None, *, after_hash: str = "", reason: str = "") -> None:
        """What became of it."""
        self.state, self.treated_at, self.treated_by = state, at, by
        self.after_hash, self.reason = after_hash or self.after_hash, reason or self.reason
