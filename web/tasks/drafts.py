"""What a person has typed into a form and not sent yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, bindparam, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.canonical import dump
from engine.db import Base, Transaction, table


class Draft(Base):
    """One person's unsent entries for one task; `body` is what the form read, as JSON."""

    __tablename__ = "drafts"
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    @property
    def data(self) -> dict[str, Any]:
        """The entries."""
        return dict(json.loads(self.body))

    @classmethod
    def of(cls, session: Session, task_id: str, person_id: str) -> Draft | None:
        """The person's draft, or None."""
        return session.get(cls, (task_id, person_id))


def keep(session: Session, task_id: str, person_id: str, data: Mapping[str, Any], at: datetime) -> Draft:
    """Keep the entries in the place of what was kept before."""
    return session.merge(Draft(task_id=task_id, person_id=person_id, body=dump(data), at=at))


def drop(session: Transaction, task_id: str) -> None:
    """Forget everybody's drafts with the commit: the task is done."""
    session.later([(_DROP, {"task": task_id}, None)])


class StartDraft(Base):
    """One person's unsent entries in the start form of a procedure."""

    __tablename__ = "start_drafts"
    definition: Mapped[str] = mapped_column(ForeignKey("definitions.key"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    @property
    def data(self) -> dict[str, Any]:
        """The entries."""
        return dict(json.loads(self.body))

    @classmethod
    def of(cls, session: Session, definition: str, person_id: str) -> StartDraft | None:
        """The person's draft, or None."""
        return session.get(cls, (definition, person_id))


def keep_start(session: Session, definition: str, person_id: str, data: Mapping[str, Any], at: datetime) -> None:
    """Keep the entries of a start form in the place of what was kept before."""
    session.merge(StartDraft(definition=definition, person_id=person_id, body=dump(data), at=at))


def drop_start(session: Session, definition: str, person_id: str) -> None:
    """Forget the person's draft of a start form: the case is open."""
    session.execute(delete(StartDraft).where(StartDraft.definition == definition, StartDraft.person_id == person_id))


_DROP = delete(table(Draft)).where(table(Draft).c.task_id == bindparam("task"))
