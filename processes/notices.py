"""What is sent to a person: a reminder, an overdue step, a matter that came back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base
from processes.organisation import Person

if TYPE_CHECKING:
    from engine import Advanced


class Notice(Base):
    """One notice to one person. `subject` is the id of the matter it is about, `link` a path of the web."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_person_id_read_at", "person_id", "read_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(255), default="")
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    @classmethod
    def unread(cls, session: Session, person_id: str) -> list[Notice]:
        """What the person has not read, newest first."""
        query = select(cls).where(cls.person_id == person_id, cls.read_at.is_(None))
        return list(session.scalars(query.order_by(cls.at.desc(), cls.id)))

    @classmethod
    def unread_count(cls, session: Session, person_id: str) -> int:
        """How many of them."""
        query = select(func.count()).where(cls.person_id == person_id, cls.read_at.is_(None))
        return session.scalar(query) or 0

    @classmethod
    def recent(cls, session: Session, person_id: str, limit: int = 50) -> list[Notice]:
        """Read and unread, newest first."""
        query = select(cls).where(cls.person_id == person_id).order_by(cls.at.desc(), cls.id)
        return list(session.scalars(query.limit(limit)))

    @classmethod
    def about(cls, session: Session, subject: str) -> list[Notice]:
        """All notices about a matter, oldest first."""
        return list(session.scalars(select(cls).where(cls.subject == subject).order_by(cls.at, cls.id)))

    @classmethod
    def read_all(cls, session: Session, person_id: str, at: datetime) -> None:
        """The person has seen them all."""
        unread = update(cls).where(cls.person_id == person_id, cls.read_at.is_(None))
        session.execute(unread.values(read_at=at))

    def read(self, at: datetime) -> None:
        """The person has seen it; the first time counts."""
        self.read_at = self.read_at or at


def notify(
    session: Session,
    people: Iterable[Person | str],
    kind: str,
    subject: str,
    *,
    zh: str,
    en: str,
    at: datetime,
    link: str = "",
) -> list[Notice]:
    """One notice to each of the people (persons or their ids), nobody twice."""
    to = dict.fromkeys(person if isinstance(person, str) else person.id for person in people)
    notices = [
        Notice(person_id=person, kind=kind, subject=subject, text_zh=zh, text_en=en, link=link, at=at) for person in to
    ]
    session.add_all(notices)
    session.flush()
    return notices


def step_names(advanced: Advanced, task: Any) -> tuple[str, str]:
    """What the diagram calls the step of a task, in Chinese and in English."""
    return task.name, advanced.program.elements[task.element].properties.get("en") or task.name
