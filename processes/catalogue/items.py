"""The disclosure catalogue of an organisation (Art. 10): its versions, and the rows of a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from engine.clock import SHANGHAI, new_id
from engine.db import Base
from engine.refusals import NotFound, NotOpen, Refusal
from processes.catalogue.columns import KEYS
from processes.catalogue.resolving import Resolved
from processes.organisation import Organisation, ancestry

DRAFT, IN_FORCE, SUPERSEDED = "DRAFT", "IN_FORCE", "SUPERSEDED"
STATUSES: Mapping[str, tuple[str, str]] = {
    DRAFT: ("草稿", "Draft"),
    IN_FORCE: ("现行有效", "In force"),
    SUPERSEDED: ("已被替代", "Superseded"),
}


class VersionUnknown(NotFound):
    """There is no catalogue version "{key}"."""


class ItemUnknown(NotFound):
    """There is no catalogue row "{key}"."""


class NotADraft(NotOpen):
    """Only a draft can be put in force: {what}. Nothing was changed."""


class ContentMissing(Refusal):
    """The catalogue cannot be put in force: these rows have no content: {rows}."""


class CatalogueVersion(Base):
    """One state of an organisation's catalogue. Only a draft changes; one version at most is in force."""

    __tablename__ = "catalogue_versions"
    __table_args__ = (
        UniqueConstraint("organisation", "number"),
        CheckConstraint("status IN ('DRAFT', 'IN_FORCE', 'SUPERSEDED')", name="status"),
        Index(
            "uq_catalogue_versions_in_force",
            "organisation",
            unique=True,
            sqlite_where=text("status = 'IN_FORCE'"),
            postgresql_where=text("status = 'IN_FORCE'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(12), default=DRAFT)
    made_on: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(String(255), default="")
    in_force_at: Mapped[datetime | None]
    in_force_by: Mapped[str | None] = mapped_column(String(32))
    superseded_at: Mapped[datetime | None]

    owner: Mapped[Organisation] = relationship(lazy="joined")
    items: Mapped[list[CatalogueItem]] = relationship(
        order_by="CatalogueItem.position", back_populates="version", cascade="all, delete-orphan"
    )

    @classmethod
    def draft(
        cls, session: Session, organisation: str, rows: Sequence[Resolved], *, by: str, at: datetime, source: str = ""
    ) -> CatalogueVersion:
        """A new draft with these rows, numbered after the last version of the organisation."""
        owner = Organisation.of(session, organisation)
        version = cls(
            owner=owner,
            number=cls._next_number(session, organisation),
            status=DRAFT,
            made_on=at.astimezone(SHANGHAI).date(),
            made_at=at,
            made_by=by,
            source=source,
            items=[CatalogueItem.from_row(row, position) for position, row in enumerate(rows, 1)],
        )
        session.add(version)
        session.flush()
        return version

    @classmethod
    def of(cls, session: Session, version_id: str) -> CatalogueVersion:
        """The version with this id, or `VersionUnknown`."""
        if version := session.get(cls, version_id):
            return version
        raise VersionUnknown(what="catalogue version", key=version_id)

    @classmethod
    def all(cls, session: Session, organisation: str) -> list[CatalogueVersion]:
        """The versions of an organisation, newest first."""
        query = select(cls).where(cls.organisation == organisation).order_by(cls.number.desc())
        return list(session.scalars(query))

    @classmethod
    def in_force(cls, session: Session, organisation: str) -> CatalogueVersion | None:
        """The version that an organisation itself has in force."""
        return session.scalar(select(cls).where(cls.organisation == organisation, cls.status == IN_FORCE))

    @classmethod
    def governing(cls, session: Session, organisation: str) -> CatalogueVersion | None:
        """The version that counts for a unit: its own, else the nearest one upwards."""
        versions = (cls.in_force(session, above.code) for above in ancestry(session, organisation))
        return next((version for version in versions if version), None)

    @classmethod
    def _next_number(cls, session: Session, organisation: str) -> int:
        last = session.scalar(select(func.max(cls.number)).where(cls.organisation == organisation))
        return (last or 0) + 1

    def put_in_force(self, session: Session, *, by: str, at: datetime) -> None:
        """The draft takes the place of the version in force. Refused for anything but a draft, and without content."""
        if self.status != DRAFT:
            raise NotADraft(what=f"{self.owner.name} v{self.number}")
        if empty := [item.seq or str(item.position) for item in self.items if not item.text_of("content")]:
            raise ContentMissing(rows="、".join(empty))
        if before := CatalogueVersion.in_force(session, self.organisation):
            before.status, before.superseded_at = SUPERSEDED, at
            session.flush()
        self.status, self.in_force_at, self.in_force_by = IN_FORCE, at, by
        session.flush()


class CatalogueItem(Base):
    """One row: the ten columns of the annex as written, and their meaning where the words were understood."""

    __tablename__ = "catalogue_items"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    version_id: Mapped[str] = mapped_column(ForeignKey("catalogue_versions.id"))
    position: Mapped[int]

    seq: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(Text, default="")
    audience_scope: Mapped[str] = mapped_column(Text, default="")
    approval_procedure: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(Text, default="")
    start_point: Mapped[str] = mapped_column(Text, default="")
    display_duration: Mapped[str] = mapped_column(Text, default="")
    responsible_unit: Mapped[str] = mapped_column(Text, default="")
    collaborators: Mapped[str] = mapped_column(Text, default="")
    remarks: Mapped[str] = mapped_column(Text, default="")

    scope: Mapped[str | None] = mapped_column(String(16))
    route: Mapped[str | None] = mapped_column(String(24))
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)
    start: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    duration: Mapped[str | None] = mapped_column(String(16))
    units: Mapped[list[str]] = mapped_column(JSON, default=list)
    collaborator_units: Mapped[list[str]] = mapped_column(JSON, default=list)
    time_mode: Mapped[str | None] = mapped_column(String(16))
    stands_for: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    unresolved: Mapped[list[str]] = mapped_column(JSON, default=list)
    notes: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)

    version: Mapped[CatalogueVersion] = relationship(back_populates="items")

    @classmethod
    def from_row(cls, resolved: Resolved, position: int) -> CatalogueItem:
        """A row that is not yet part of a version."""
        item = cls(position=position, **resolved.row.texts)
        item.mean(resolved)
        return item

    @classmethod
    def of(cls, session: Session, item_id: str) -> CatalogueItem:
        """The row with this id, or `ItemUnknown`."""
        if item := session.get(cls, item_id):
            return item
        raise ItemUnknown(what="catalogue row", key=item_id)

    @classmethod
    def of_unit(cls, session: Session, unit: str) -> list[CatalogueItem]:
        """The rows in force for which a unit is responsible, in the order of the table that governs it."""
        version = CatalogueVersion.governing(session, unit)
        return [item for item in version.items if unit in item.units] if version else []

    def mean(self, resolved: Resolved) -> None:
        """Take over the meaning of the words."""
        for key in ("scope", "route", "channels", "start", "duration", "units", "collaborator_units", "time_mode"):
            setattr(self, key, getattr(resolved, key))
        self.stands_for = dict(resolved.stands_for)
        self.unresolved = resolved.unresolved
        self.notes = [{"column": note.column, "text": note.text} for note in resolved.notes]

    @property
    def written(self) -> dict[str, str]:
        """Column → text exactly as in the file."""
        return {key: getattr(self, key) for key in KEYS}

    def text_of(self, column: str) -> str:
        """The text of a column; for a ditto mark, what it stands for."""
        return self.stands_for.get(column) or str(getattr(self, column))

    def for_matter(self) -> dict[str, Any]:
        """What a matter is started with: the ten columns with ditto marks replaced, their meaning, and the version."""
        return {
            "id": self.id,
            "version_id": self.version_id,
            "organisation": self.version.organisation,
            "version_number": self.version.number,
            **{key: self.text_of(key) for key in KEYS},
            "written": self.written,
            "scope": self.scope,
            "route": self.route,
            "channels": list(self.channels),
            "start": self.start,
            "duration": self.duration,
            "units": list(self.units),
            "collaborator_units": list(self.collaborator_units),
            "time_mode": self.time_mode,
            "unresolved": list(self.unresolved),
            "notes": list(self.notes),
        }


def put_in_force(session: Session, version: CatalogueVersion, by: str, at: datetime) -> None:
    """See `CatalogueVersion.put_in_force`."""
    version.put_in_force(session, by=by, at=at)
