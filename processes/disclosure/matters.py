"""A matter: one disclosure case, from the plan that a handler proposes to the archive."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Index, Select, Text, UniqueConstraint, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Actor, Claim, Task, deliver
from engine.canonical import dump
from engine.clock import SHANGHAI, new_id
from engine.db import Base
from processes import organisation as organisations
from processes import settings
from processes.catalogue import CatalogueItem
from processes.disclosure.refusals import (
    AlreadyApproved,
    MatterClosed,
    NotHandler,
    NotProposer,
    NotResponsible,
    RowNotInForce,
    StagedNeedsRow,
)
from processes.organisation import Organisation

if TYPE_CHECKING:
    from engine import Engine

DEFINITION = "disclosure"
OUTSIDE = "out_of_catalogue"
"""The procedure of a matter that no row of the catalogue foresees (Art. 12)."""

STAGED = "staged_release"
"""The procedure of a matter that is released stage by stage (Art. 16)."""

PROCEDURES = frozenset({DEFINITION, OUTSIDE, STAGED})
"""The procedures that carry a matter."""

UNTITLED = "目录外公开事项"
"""What a matter outside the catalogue is called before its plan has a title."""

WITHDRAWN = "MatterWithdrawn"
"""The message that ends a matter before its approval; its key is the matter's id."""

STATES = (
    "DRAFT",
    "CO_CONFIRM",
    "IN_REVIEW",
    "IN_APPROVAL",
    "APPROVED",
    "RELEASING",
    "RELEASED",
    "ARCHIVED",
    "RETURNED",
    "REJECTED",
    "NOT_DISCLOSED",
    "WITHDRAWN",
    "POSTPONED",
    "ON_HOLD",
    "CORRECTED",
    "EXPIRED",
)
BEFORE_APPROVAL = frozenset({"DRAFT", "CO_CONFIRM", "IN_REVIEW", "IN_APPROVAL", "RETURNED", "POSTPONED", "ON_HOLD"})

EVERYWHERE = frozenset({"pco_coordinator", "auditor", "audit_admin"})
"""Posts that look after the whole school: they see every matter (Art. 18, 24)."""

OVERSEEING = frozenset({"principal_officer", "desk_officer", "disclosure_supervisor", "discipline_officer"})
"""Posts that see the matters of the organisations below their own as well (Art. 18, 20, 24)."""

APART = frozenset({"process_designer", "process_deployer", "system_admin", "security_admin"})
"""Posts that give no sight of matters."""

Seats = Collection[tuple[str, str]]


class Matter(Base):
    """One disclosure case; `state` as in the glossary, `organisation` is the handling unit (Art. 11).

    `item_row` is the catalogue row as it was when the matter opened, as JSON; `text_hash` that of the last registered
    plan, `approved_hash` that of the approved one.
    """

    __tablename__ = "matters"
    __table_args__ = (
        Index("ix_matters_organisation", "organisation", "state"),
        Index("ix_matters_started_at", "started_at"),
        Index("ix_matters_proposer", "proposer"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(unique=True)
    organisation: Mapped[str]
    title: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    state: Mapped[str]
    scope: Mapped[str | None]
    direction: Mapped[str | None]
    item_id: Mapped[str | None]
    item_row: Mapped[str | None] = mapped_column(Text)
    proposer: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    text_hash: Mapped[str | None]
    approved_hash: Mapped[str | None]
    approved_at: Mapped[datetime | None]

    @property
    def item(self) -> dict[str, Any] | None:
        """The catalogue row that the matter keeps, or None for a matter outside the catalogue."""
        return json.loads(self.item_row) if self.item_row else None

    @property
    def may_be_withdrawn(self) -> bool:
        """Withdrawing is open until the approval."""
        return self.ended_at is None and self.approved_hash is None and self.state in BEFORE_APPROVAL

    @classmethod
    def visible_to(cls, session: Session, person: str, seats: Seats) -> Select[Matter]:
        """The matters that `person`, who holds `seats` (organisation, post), may see.

        They proposed it, have or had a task in it, hold a post in its organisation or one that oversees it.
        """
        held = [seat for seat in seats if seat[1] not in APART]
        if any(post in EVERYWHERE for _, post in held):
            return select(cls)
        own = {organisation for organisation, _ in held} | _overseen(session, held)
        return select(cls).where(
            or_(cls.proposer == person, cls.organisation.in_(sorted(own)), cls._took_part(person, held))
        )

    @classmethod
    def _took_part(cls, person: str, held: Seats) -> ColumnElement[bool]:
        claimed = exists().where(Claim.task_id == Task.id, Claim.person == person)
        for_seats = [(Task.organisation == organisation) & (Task.post == post) for organisation, post in sorted(held)]
        mine = or_(Task.person == person, Task.closed_by == person, claimed, *for_seats)
        return exists().where(Task.instance_id == cls.instance_id, mine)

    @classmethod
    def matching(
        cls,
        query: Select[Matter],
        *,
        organisation: str | None = None,
        state: str | None = None,
        text: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Select[Matter]:
        """Narrow `query`: by handling unit, state, words of title or content, and opening in [since, until)."""
        if organisation:
            query = query.where(cls.organisation == organisation)
        if state:
            query = query.where(cls.state == state)
        if since:
            query = query.where(cls.started_at >= since)
        if until:
            query = query.where(cls.started_at < until)
        for word in text.split():
            in_title, in_content = (column.icontains(word, autoescape=True) for column in (cls.title, cls.content))
            query = query.where(in_title | in_content)
        return query

    @classmethod
    def page(cls, session: Session, query: Select[Matter], number: int = 1, size: int = 20) -> tuple[list[Matter], int]:
        """Page `number` (from 1) of `query`, newest first, and how many there are in all."""
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        newest = query.order_by(cls.started_at.desc(), cls.id).limit(size).offset((max(number, 1) - 1) * size)
        return list(session.scalars(newest)), total

    @classmethod
    def of_instance(cls, session: Session, instance_id: str) -> Matter | None:
        """The matter that an instance runs, or None."""
        return session.scalar(select(cls).where(cls.instance_id == instance_id))

    def plans(self, session: Session) -> list[PlanVersion]:
        """Every registered plan, oldest first."""
        query = select(PlanVersion).where(PlanVersion.matter_id == self.id).order_by(PlanVersion.number)
        return list(session.scalars(query))


class PlanVersion(Base):
    """A plan as it was registered; a later one never replaces it. `body` is the whole plan as canonical JSON."""

    __tablename__ = "plan_versions"
    __table_args__ = (UniqueConstraint("call_id"),)
    matter_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    text_hash: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str | None]

    @property
    def plan(self) -> dict[str, Any]:
        """The plan as the handler entered it."""
        return dict(json.loads(self.body))


def open_matter(
    session: Session,
    engine: Engine,
    organisation: str,
    item: CatalogueItem | None,
    by: str,
    at: datetime,
    *,
    matter_id: str | None = None,
    given: Mapping[str, Any] | None = None,
    is_staged: bool = False,
) -> Matter:
    """Start the five steps for a catalogue row, or the way of Art. 12 for a matter outside it, in this transaction.

    `given` is what a schedule adds to the start data, {period, plan}: then the system starts it for `by` (Art. 16).
    Who handles it proposes it (Art. 11(1)): NotHandler unless `by` is a handler of `organisation`, NotResponsible when
    the row names other units, RowNotInForce for a row of a draft or of an earlier catalogue. `is_staged`: by stages
    (Art. 16), which needs a row: StagedNeedsRow.
    """
    on = at.astimezone(SHANGHAI).date()
    if not may_open(session, organisation, by, on):
        raise NotHandler(organisation=Organisation.of(session, organisation).name)
    if item:
        _check_row(session, organisation, item)
    matter = _new(organisation, item, by, at, matter_id or new_id())
    session.add(matter)
    session.flush()
    engine.start(
        _procedure(item, is_staged),
        {**start_data(session, matter, at), **(given or {})},
        None if given else by,
        organisation=organisation,
        subject=matter.title,
        instance_id=matter.instance_id,
        session=session,
    )
    return matter


def _procedure(item: CatalogueItem | None, is_staged: bool) -> str:
    if is_staged and item is None:
        raise StagedNeedsRow
    return STAGED if is_staged else DEFINITION if item else OUTSIDE


def may_open(session: Session, organisation: str, person: str, on: date) -> bool:
    """Is this person a handler of the organisation on that day?"""
    return (organisation, "handler") in organisations.seats(session, person, on)


def start_data(session: Session, matter: Matter, at: datetime) -> dict[str, Any]:
    """What the diagram starts with: {matter, organisation, superior, seats, settings, item}."""
    on = at.astimezone(SHANGHAI).date()
    return {
        "matter": matter.id,
        "organisation": matter.organisation,
        "superior": organisations.superior(session, matter.organisation),
        "seats": organisations.seats_of(session, matter.organisation, on),
        "settings": dict(settings.effective(session, matter.organisation, at)),
        "item": matter.item,
    }


def withdraw(engine: Engine, matter: Matter, actor: Actor, reason: str = "", session: Session | None = None) -> None:
    """The proposer takes the matter back before its approval. NotProposer, MatterClosed, AlreadyApproved.

    Without `session` in a transaction of its own. The service asks again there, so a race is lost, never half won.
    """
    check_withdrawal(matter, actor.person)
    deliver(engine, WITHDRAWN, matter.id, {"withdrawal_reason": reason}, actor.person, session)


def check_withdrawal(matter: Matter, person: str | None) -> None:
    """May `person` withdraw `matter` now? Raises the refusal if not."""
    if person != matter.proposer:
        raise NotProposer
    if matter.ended_at:
        raise MatterClosed(what=matter.title)
    if not matter.may_be_withdrawn:
        raise AlreadyApproved


def _check_row(session: Session, organisation: str, item: CatalogueItem) -> None:
    if item.version.status != "IN_FORCE":
        raise RowNotInForce(content=item.text_of("content"))
    if item.units and organisation not in item.units:
        raise NotResponsible(organisation=Organisation.of(session, organisation).name)


def _new(organisation: str, item: CatalogueItem | None, by: str, at: datetime, matter_id: str) -> Matter:
    content = item.text_of("content") if item else ""
    return Matter(
        id=matter_id,
        instance_id=new_id(),
        organisation=organisation,
        title=content or UNTITLED,
        content=content,
        state="DRAFT",
        item_id=item.id if item else None,
        item_row=dump(item.for_matter()) if item else None,
        proposer=by,
        started_at=at,
    )


def _overseen(session: Session, held: Seats) -> set[str]:
    """What lies under the seat; a post in a serving department oversees what its Party organisation does."""
    tops = {
        organisations.deciding(session, organisation) if organisations.POSTS[post].serves else organisation
        for organisation, post in held
        if post in OVERSEEING
    }
    return set().union(*(organisations.subtree(session, top) for top in tops)) if tops else set()
