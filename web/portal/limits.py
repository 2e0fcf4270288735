"""How often somebody without a name may write, so that nobody floods the desk officers. All servers count together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.canonical import digest
from engine.clock import new_id
from engine.db import Base
from engine.refusals import NotAllowed

MOST, WITHIN = 5, timedelta(minutes=10)


class TooOften(NotAllowed):
    """Too much feedback came from here in a short time. Please try again in some minutes; what you wrote is kept."""


class Said(Base):
    """Something was accepted from a stranger: by a digest of the address or browser, forgotten after a while."""

    __tablename__ = "strangers_said"
    __table_args__ = (Index("ix_strangers_said_key", "key", "at"), Index("ix_strangers_said_at", "at"))
    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in any period of `within` for one key of this kind."""

    kind: str
    most: int = MOST
    within: timedelta = WITHIN

    def check(self, session: Session, key: str, at: datetime) -> None:
        """TooOften when the key has used up its share; nothing is counted here."""
        lately = select(func.count()).where(Said.key == self._digest(key), Said.at > at - self.within)
        if (session.scalar(lately) or 0) >= self.most:
            raise TooOften(reason="")

    def count(self, session: Session, key: str, at: datetime) -> None:
        """Something was accepted from this key; what no limit asks for any more is forgotten."""
        session.execute(delete(Said).where(Said.at <= at - self.within))
        session.add(Said(id=new_id(), key=self._digest(key), at=at))

    def _digest(self, key: str) -> str:
        return digest(f"{self.kind}:{key}")
