"""The four lists of an inbox, narrowed, sorted and paged by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from engine import Actor, Claim, Instance, Task, claimed, of_person, of_seats
from processes.disclosure import Matter

Tab = Literal["mine", "posts", "done", "started"]
TABS: tuple[Tab, ...] = ("mine", "posts", "done", "started")
SIZE = 20
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a list is narrowed."""

    organisation: str = ""
    procedure: str = ""
    text: str = ""
    overdue: bool = False
    sort: str = "due"
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        """From the address of a page; nonsense counts as not given."""
        page = query.get("page", "1")
        return cls(
            organisation=query.get("organisation", ""),
            procedure=query.get("procedure", ""),
            text=query.get("text", "").strip()[:100],
            overdue=query.get("overdue") == "1",
            sort=query.get("sort", "due"),
            page=int(page) if page.isdecimal() and 0 < int(page) < 10**6 else 1,
        )

    @property
    def narrows(self) -> bool:
        """Is anything left out?"""
        return bool(self.organisation or self.procedure or self.text or self.overdue)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an inbox; `task` is None where the line is a whole instance."""

    task: Any
    instance: Any
    title: str
    claim: Any = None
    matter_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list and how long the list is."""

    rows: list[Row]
    total: int
    number: int
    count: int


def counts(session: Session, actor: Actor, tabs: Sequence[Tab] = TABS) -> dict[str, int]:
    """How many lines each list has."""
    return {tab: session.scalar(select(func.count()).where(*_inside(tab, actor))) or 0 for tab in tabs}


def page(session: Session, tab: Tab, actor: Actor, wanted: Wanted, now: datetime, everything: int) -> Page:
    """One page of a list for this person that has so many lines when nothing is left out."""
    query = _narrowed(_everything(tab, actor), tab, wanted, now)
    total = _count(session, query) if wanted.narrows else everything
    count = max(1, -(-total // SIZE))
    number = min(wanted.page, count)
    found = session.execute(_sorted(query, tab, wanted).limit(SIZE).offset((number - 1) * SIZE)).all()
    return Page(_rows(session, tab, found), total, number, count)


def choices(session: Session, tab: Tab, actor: Actor) -> tuple[list[str], list[str]]:
    """Organisations and procedures that occur in the list: what it can be narrowed to."""
    occurring = select(Instance.organisation, Instance.definition).distinct().where(*_inside(tab, actor))
    pairs = session.execute(occurring if tab == "started" else occurring.join(Task)).all()
    return sorted({code for code, _ in pairs if code}), sorted({key for _, key in pairs})


def _everything(tab: Tab, actor: Actor) -> Query:
    if tab == "started":
        begun: Query = select(Instance, Matter).outerjoin(Matter, Matter.instance_id == Instance.id)
        return begun.where(*_inside(tab, actor))
    query: Query = (
        select(Task, Instance, Matter)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Matter, Matter.instance_id == Task.instance_id)
    )
    return query.where(*_inside(tab, actor))


def _inside(tab: Tab, actor: Actor) -> list[ColumnElement[bool]]:
    """What makes a task, or an instance that the person started, belong to the list."""
    if tab == "started":
        return [Instance.started_by == actor.person]
    if tab == "done":
        return [Task.closed_by == actor.person, Task.state == "completed"]
    taken = exists().where(Claim.task_id == Task.id, Claim.person == actor.person, Claim.released_at.is_(None))
    mine = of_person(actor) if tab == "mine" else of_seats(actor) & ~taken & Task.person.is_(None)
    return [Task.state == "open", mine]


def _narrowed(query: Query, tab: Tab, wanted: Wanted, now: datetime) -> Query:
    if wanted.organisation:
        query = query.where(Instance.organisation == wanted.organisation)
    if wanted.procedure:
        query = query.where(Instance.definition == wanted.procedure)
    for word in wanted.text.split():
        places = [Matter.title, Matter.content, Instance.subject, *([] if tab == "started" else [Task.name])]
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if wanted.overdue:
        late = Task.due_at < now
        of_started = exists().where(Task.instance_id == Instance.id, Task.state == "open", late)
        query = query.where(of_started if tab == "started" else late)
    return query


def _sorted(query: Query, tab: Tab, wanted: Wanted) -> Query:
    if tab == "started":
        return query.order_by(Instance.started_at.desc(), Instance.id)
    if tab == "done":
        return query.order_by(Task.closed_at.desc(), Task.id)
    if wanted.sort == "newest":
        return query.order_by(Task.opened_at.desc(), Task.id)
    return query.order_by(Task.due_at.is_(None), Task.due_at, Task.opened_at, Task.id)


def _count(session: Session, query: Query) -> int:
    return session.scalar(select(func.count()).select_from(query.with_only_columns(Instance.id).subquery())) or 0


def _rows(session: Session, tab: Tab, found: Any) -> list[Row]:
    if tab == "started":
        return [Row(None, instance, _title(instance, matter), None, matter and matter.id) for instance, matter in found]
    claims = claimed(session, [task.id for task, *_ in found])
    return [
        Row(task, instance, _title(instance, matter), claims.get(task.id), matter and matter.id)
        for task, instance, matter in found
    ]


def _title(instance: Instance, matter: Matter | None) -> str:
    return (matter.title if matter else "") or instance.subject or instance.id[:8]
