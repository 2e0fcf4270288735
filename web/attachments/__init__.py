"""Files of matters: who brought them, in which instances they lie, who may fetch them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Actor, Advanced, Instance
from engine.db import Base
from processes.attachments import Attachment, Store
from processes.disclosure.publications import Publication
from processes.organisation import Person
from web.matters import sight


class AttachmentUse(Base):
    """A file was handed in with a task of this instance: whoever may see the instance may fetch the file."""

    __tablename__ = "attachment_uses"
    digest: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"), primary_key=True)


def keep(session: Session, store: Store, file: Any, by: str, at: datetime) -> dict[str, Any]:
    """Store an uploaded file and record who brought it → {digest, name, type, size}."""
    kept = store.put(file.stream, file.filename or "")
    Attachment.record(session, kept, at=at, by=by)
    return kept


def nameable(session: Session, digest: str, person: str, instance_id: str) -> dict[str, Any] | None:
    """The file as it was recorded, where this person may put it into a form of the instance; else None."""
    found = session.scalar(
        select(Attachment)
        .outerjoin(
            AttachmentUse, (AttachmentUse.digest == Attachment.digest) & (AttachmentUse.instance_id == instance_id)
        )
        .where(Attachment.digest == digest, (Attachment.by == person) | AttachmentUse.digest.is_not(None))
        .order_by(Attachment.at.desc())
        .limit(1)
    )
    if found is None:
        return None
    return {"digest": found.digest, "name": found.name, "type": found.type, "size": found.size}


def observe(session: Session, advanced: Advanced) -> None:
    """After every command: note the files that came with it."""
    said = json.loads(advanced.line.body)["command"]
    for digest in sorted(set(digests(said.get("data")))):
        session.merge(AttachmentUse(digest=digest, instance_id=advanced.instance.id))
    session.flush()


def digests(data: Any) -> Iterator[str]:
    """Every file named anywhere in the data of a form."""
    if isinstance(data, Mapping):
        if {"digest", "name", "size"} <= data.keys():
            yield str(data["digest"])
        for value in data.values():
            yield from digests(value)
    elif isinstance(data, list):
        for value in data:
            yield from digests(value)


def may_fetch(
    session: Session, attachment: Attachment, person: Person | None, actor: Actor | None, at: datetime
) -> bool:
    """Did the person bring it, may they see an instance it lies in, or is it released to them?"""
    if _is_released(session, attachment.digest, person, at):
        return True
    if person is None or actor is None:
        return False
    if attachment.by == person.id:
        return True
    lies_in = select(Instance).join(AttachmentUse, AttachmentUse.instance_id == Instance.id)
    instances = session.scalars(lies_in.where(AttachmentUse.digest == attachment.digest))
    return any(sight.may_see(session, instance, actor) for instance in instances)


def _is_released(session: Session, digest: str, person: Person | None, at: datetime) -> bool:
    shown = Publication.visible(session, person, at).where(
        Publication.attachments_json.contains(digest, autoescape=True)
    )
    return session.scalar(shown.limit(1)) is not None
