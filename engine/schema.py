"""The engine's tables. The journal (`entries`) is the truth; the rest can be rebuilt from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, object_session

from engine.db import Base


def _where(condition: str) -> dict[str, Any]:
    """A partial index: a row that the condition leaves out costs nothing."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Definition(Base):
    """A procedure that can be started, by its key; `in_force` is the version that new instances take."""

    __tablename__ = "definitions"
    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    in_force: Mapped[str | None]


class Version(Base):
    """One deployed state of a definition. `id` is the digest over its files; it never changes.

    `base` is the version whose files these are but for some that an organisation puts in their place.
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("definition", "number"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[str] = mapped_column(ForeignKey("definitions.key"))
    number: Mapped[int]
    process: Mapped[str]
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str]
    base: Mapped[str | None] = mapped_column(ForeignKey("versions.id"))
    suspended_at: Mapped[datetime | None]
    """Since when it takes no new instances."""


class Blob(Base):
    """Bytes by their digest: diagrams, tables, forms, calendars, large bodies of entries."""

    __tablename__ = "blobs"
    digest: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class VersionFile(Base):
    """One file of a version."""

    __tablename__ = "version_files"
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("blobs.digest"))


class Instance(Base):
    """One running case. `position` and `head` (hash) say where its journal stands.

    state: open | suspended | completed | failed | cancelled.
    """

    __tablename__ = "instances"
    __table_args__ = (
        Index("ix_instances_state", "state", "definition"),
        Index("ix_instances_organisation", "organisation", "started_at"),
        Index("ix_instances_started_by", "started_by", "started_at"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[str] = mapped_column(ForeignKey("definitions.key"))
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"))
    organisation: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]
    position: Mapped[int]
    head: Mapped[str]
    started_at: Mapped[datetime]
    started_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


LAID_AWAY = "@"
"""How a body begins that lies with the blobs: behind it stands the digest."""


class Entry(Base):
    """One line of the journal: what was asked, what it did, chained by hash to the line before.

    `kept` is what the row holds: the body, or where it lies.
    """

    __tablename__ = "entries"
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    by: Mapped[str | None]
    kept: Mapped[str] = mapped_column("body", Text)
    previous: Mapped[str]
    hash: Mapped[str]

    @property
    def body(self) -> str:
        """Canonical JSON, read from where it lies."""
        session = object_session(self)
        if session is None or not self.kept.startswith(LAID_AWAY):
            return self.kept
        blob = session.get(Blob, self.kept[1:])
        return bytes(blob.body).decode() if blob else self.kept


class Snapshot(Base):
    """A saved execution at a position: a cache, never trusted over the journal."""

    __tablename__ = "snapshots"
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Task(Base):
    """A user task in an inbox: for a person, or for whoever holds `post` in `organisation`.

    state: open | completed | cancelled. `due_how` is the deadline's arithmetic as JSON.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_instance", "instance_id"),
        Index("ix_tasks_seat", "organisation", "post", "due_at", **_where("state = 'open'")),
        Index("ix_tasks_person", "person", "due_at", **_where("person IS NOT NULL")),
        Index("ix_tasks_closed_by", "closed_by", "closed_at", **_where("closed_by IS NOT NULL")),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"))
    element: Mapped[str]
    name: Mapped[str]
    scope: Mapped[str]
    organisation: Mapped[str]
    post: Mapped[str]
    person: Mapped[str | None]
    form: Mapped[str | None]
    state: Mapped[str]
    domain_state: Mapped[str | None]
    separate_from: Mapped[str]
    opened_at: Mapped[datetime]
    opened_position: Mapped[int]
    due_at: Mapped[datetime | None]
    due_how: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closed_position: Mapped[int | None]


class Claim(Base):
    """A person took a task. The open one has no `released_at`."""

    __tablename__ = "claims"
    __table_args__ = (
        Index("uq_claims_open", "task_id", unique=True, **_where("released_at IS NULL")),
        Index("ix_claims_person", "person", **_where("released_at IS NULL")),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id"))
    person: Mapped[str]
    at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class Timer(Base):
    """A timer that waits. `how` is its arithmetic as JSON; `leased_*` belong to the scheduler that took it."""

    __tablename__ = "timers"
    __table_args__ = (Index("ix_timers_due_at", "due_at"), Index("ix_timers_instance", "instance_id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"))
    element: Mapped[str]
    due_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(Text)
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None]


class Subscription(Base):
    """An element that waits for a message or a signal; `key` correlates a message."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("ix_subscriptions_name", "kind", "name", "key"),
        Index("ix_subscriptions_instance", "instance_id"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"))
    element: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    key: Mapped[str]


class OutboxCall(Base):
    """Something to do after the commit: call an outside service, or hand on a thrown message or signal.

    kind: service | message | signal. `id` is the idempotency key. A row goes when its answer is in the journal.
    `topic` is set for what a worker outside fetches; `retries` is how often it says that it will still try.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_next_at", "next_at", **_where("topic IS NULL")),
        Index("ix_outbox_topic", "topic", "next_at", **_where("topic IS NOT NULL")),
        Index("ix_outbox_instance", "instance_id"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"))
    kind: Mapped[str]
    element: Mapped[str]
    name: Mapped[str]
    key: Mapped[str]
    arguments: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str | None]
    attempts: Mapped[int]
    next_at: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    topic: Mapped[str | None]
    retries: Mapped[int | None]


class Receipt(Base):
    """Something asked from outside under a key, and what it was answered: asked again, it is answered the same."""

    __tablename__ = "receipts"
    key: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[str]
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str | None]


class Incident(Base):
    """What will not go on without an operator. It is resolved, never deleted.

    `call_id` names the call, message or timer that fails, or the instance itself where that stands still.
    """

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_resolved_at", "resolved_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"))
    call_id: Mapped[str]
    element: Mapped[str]
    name: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]

    @property
    def stands_still(self) -> bool:
        """Nothing in the instance waits for anybody, and it has not come to its end."""
        return self.call_id == self.instance_id
