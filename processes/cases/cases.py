"""A case: one instance of a procedure that is neither a matter nor an incident."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, Text, UniqueConstraint, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from engine import Claim, Instance, Task
from engine.clock import SHANGHAI
from engine.db import Base
from engine.refusals import NotFound
from processes import organisation as organisations
from processes.catalogue import CatalogueVersion
from processes.disclosure.matters import EVERYWHERE as OVER_MATTERS
from processes.disclosure.matters import PROCEDURES, Matter
from processes.disclosure.publications import Publication
from processes.emergency import EmergencyIncident
from processes.emergency.incidents import DEFINITION as EMERGENCY
from processes.organisation import Organisation

OTHERS = PROCEDURES | {EMERGENCY}
"""The procedures whose instances have a noun of their own."""

KINDS = ("matter", "publication", "incident", "case", "catalogue_version")
"""What a case may be linked with."""

EVERYWHERE = OVER_MATTERS | {"disclosure_supervisor", "discipline_officer"}
"""Posts that see the cases of the whole school, unless a procedure keeps its cases apart."""

LEADING = frozenset({"head_approver", "principal_officer", "desk_officer"})
"""Posts that see the cases of their organisation and of those below it."""

Seats = Collection[tuple[str, str]]


class Case(Base):
    """One case; `id` is that of its instance, `number` counts within procedure, organisation and year.

    `state` is the instance's; `outcome` the end event that it reached. `seen_by` names the posts that alone may look at
    it besides whoever acts in it, each with a comma before and behind; empty: whoever leads or oversees may. It began
    in the name of `opened_by`; None: a message of another procedure or the clock began it.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("definition", "organisation", "year", "number"),
        Index("ix_cases_opened_at", "opened_at"),
        Index("ix_cases_organisation", "organisation", "opened_at"),
        Index("ix_cases_opened_by", "opened_by"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    definition: Mapped[str]
    organisation: Mapped[str]
    year: Mapped[int]
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str]
    outcome: Mapped[str | None]
    seen_by: Mapped[str]
    opened_by: Mapped[str | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def instance_id(self) -> str:
        """The instance that carries it."""
        return self.id

    @property
    def code(self) -> str:
        """Its number as a register writes it, such as `2026-003`."""
        return f"{self.year}-{self.number:03}"

    @classmethod
    def of_instance(cls, session: Session, instance_id: str) -> Case | None:
        """The case that an instance carries, or None."""
        return session.get(cls, instance_id)

    @classmethod
    def open(
        cls,
        session: Session,
        instance_id: str,
        definition: str,
        organisation: str,
        *,
        title: str,
        at: datetime,
        by: str | None,
        seen_by: Iterable[str] = (),
        links: Mapping[str, str] | None = None,
    ) -> Case:
        """The case of an instance that begins in this transaction, under the next number."""
        year = at.astimezone(SHANGHAI).year
        case = cls(
            id=instance_id,
            definition=definition,
            organisation=organisation,
            year=year,
            number=cls._next(session, definition, organisation, year),
            title=title,
            state="open",
            outcome=None,
            seen_by=posts_as_text(seen_by),
            opened_by=by,
            opened_at=at,
            ended_at=None,
        )
        session.add(case)
        session.flush()
        for kind, target in (links or {}).items():
            case.link(session, kind, target)
        return case

    @classmethod
    def _next(cls, session: Session, definition: str, organisation: str, year: int) -> int:
        """The organisation's row is held meanwhile, so that two beginnings do not take the same number."""
        row = select(Organisation.code).where(Organisation.code == organisation)
        session.scalars(row.with_for_update(key_share=True)).first()
        taken = select(func.max(cls.number)).where(
            cls.definition == definition, cls.organisation == organisation, cls.year == year
        )
        return (session.scalar(taken) or 0) + 1

    def restrict(self, posts: Iterable[str]) -> None:
        """From now on only these posts look at it, besides whoever acts in it."""
        self.seen_by = posts_as_text(posts)

    def link(self, session: Session, kind: str, target: str) -> None:
        """Note what it is about; a second time changes nothing."""
        session.merge(CaseLink(case_id=self.id, kind=kind, target=target))
        session.flush()

    def links(self, session: Session) -> list[CaseLink]:
        """What it is linked with."""
        query = select(CaseLink).where(CaseLink.case_id == self.id)
        return list(session.scalars(query.order_by(CaseLink.kind, CaseLink.target)))

    @classmethod
    def linked_with(cls, query: Select[Case], kind: str, target: str) -> Select[Case]:
        """Narrow `query` to what is linked with this."""
        return query.where(
            exists().where(CaseLink.case_id == cls.id, CaseLink.kind == kind, CaseLink.target == target)
        ).order_by(cls.opened_at, cls.id)

    @classmethod
    def visible_to(cls, session: Session, person: str, seats: Seats) -> Select[Case]:
        """Own cases; those in which the person or a post of theirs acts; what lies below their post.

        A case that is kept apart is seen by the posts that it names, for what lies below them, and not by its office.
        """
        query = select(cls)
        own, acts = cls.opened_by == person, cls._acts(person, seats)
        overseen = [(cls.seen_by == "") & _within(cls.organisation, reach_of(session, seats))]
        for post in sorted({post for _, post in seats}):
            below = below_of(session, [seat for seat in seats if seat[1] == post])
            overseen.append(cls.seen_by.contains(f",{post},", autoescape=True) & cls.organisation.in_(sorted(below)))
        return query.where(or_(own, acts, *overseen))

    @classmethod
    def _acts(cls, person: str, seats: Seats) -> ColumnElement[bool]:
        claimed = exists().where(Claim.task_id == Task.id, Claim.person == person)
        posts = [(Task.organisation == place) & (Task.post == post) for place, post in sorted(seats)]
        theirs = or_(Task.person == person, Task.closed_by == person, claimed, *posts)
        return exists().where(Task.instance_id == cls.id, theirs)

    @classmethod
    def read(cls, session: Session, case_id: str, person: str, seats: Seats) -> Case:
        """The case, where this person may see it; NotFound otherwise."""
        found = session.scalar(cls.visible_to(session, person, seats).where(cls.id == case_id))
        if found is None:
            raise NotFound(what="case", key=case_id)
        return found

    @classmethod
    def matching(
        cls,
        query: Select[Case],
        *,
        definition: str = "",
        organisation: str = "",
        state: str = "",
        text: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Select[Case]:
        """Narrow `query`: by procedure, organisation, state, words of the title, and opening in [since, until)."""
        wanted = {cls.definition: definition, cls.organisation: organisation, cls.state: state}
        query = query.where(*(column == value for column, value in wanted.items() if value))
        if since:
            query = query.where(cls.opened_at >= since)
        if until:
            query = query.where(cls.opened_at < until)
        return query.where(*(cls.title.icontains(word, autoescape=True) for word in text.split()))

    @classmethod
    def page(cls, session: Session, query: Select[Case], number: int = 1, size: int = 20) -> tuple[list[Case], int]:
        """Page `number` (from 1) of `query`, newest first, and how many there are in all."""
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        newest = query.order_by(cls.opened_at.desc(), cls.id).limit(size).offset((max(number, 1) - 1) * size)
        return list(session.scalars(newest)), total


class CaseLink(Base):
    """A case concerns something: `kind` is one of `KINDS`, `target` its id."""

    __tablename__ = "case_links"
    __table_args__ = (Index("ix_case_links_target", "kind", "target"),)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)


def posts_as_text(posts: Iterable[str]) -> str:
    """`,a,b,`, or nothing where no post is named."""
    named = sorted({post.strip() for post in posts if post.strip()})
    return f",{','.join(named)}," if named else ""


def kept_apart(session: Session, instance_id: str, posts: Collection[str]) -> bool:
    """Is this the instance of a case that none of these posts may look at?"""
    case = session.get(Case, instance_id)
    return case is not None and bool(case.seen_by) and not any(f",{post}," in case.seen_by for post in posts)


def reach_of(session: Session, seats: Seats) -> set[str] | None:
    """The organisations whose cases the holder of these seats leads or oversees; None is all of them."""
    if any(post in EVERYWHERE and _is_at_the_top(session, place) for place, post in seats):
        return None
    return below_of(session, [seat for seat in seats if seat[1] in LEADING | EVERYWHERE])


def below_of(session: Session, seats: Seats) -> set[str]:
    """What lies at and below these seats; a post in a serving department reaches what its Party organisation does."""
    tops = {
        organisations.deciding(session, place) if organisations.POSTS[post].serves else place for place, post in seats
    }
    return set().union(*(organisations.subtree(session, top) for top in tops)) if tops else set()


def _is_at_the_top(session: Session, place: str) -> bool:
    return session.get_one(Organisation, organisations.deciding(session, place)).parent is None


def _within(column: InstrumentedAttribute[str], codes: set[str] | None) -> ColumnElement[bool]:
    return true() if codes is None else column.in_(sorted(codes))


def place_of(session: Session, links: Mapping[str, str]) -> str:
    """The organisation that answers for what a case is linked with; "" without a link that says so."""
    nouns: Mapping[str, Any] = {
        "publication": Publication,
        "matter": Matter,
        "incident": EmergencyIncident,
        "case": Case,
        "catalogue_version": CatalogueVersion,
    }
    found = (session.get(noun, links[kind]) for kind, noun in nouns.items() if links.get(kind))
    return next((str(one.organisation) for one in found if one is not None), "")


def noun_of(session: Session, instance_id: str) -> tuple[str, str]:
    """What an instance carries: (kind, id)."""
    if matter := Matter.of_instance(session, instance_id):
        return "matter", matter.id
    if incident := EmergencyIncident.of_instance(session, instance_id):
        return "incident", incident.id
    return "case", instance_id


def organisation_of(session: Session, instance_id: str) -> str:
    """The organisation of an instance; "" where there is no such instance."""
    found = session.get(Instance, instance_id)
    return found.organisation if found else ""
