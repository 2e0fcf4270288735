"""What an auditor looks for, and the record of what was verified: who, when, what, how many, with what findings."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.metadata import version as release
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Index, Select, Text, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Claim, Entry, Instance, Task, replay, verify_instances, verify_versions
from engine.canonical import dump
from engine.clock import new_id
from engine.db import Base
from engine.refusals import Broken, NotFound, Refusal
from processes import organisation as organisations
from processes.cases import Case
from processes.disclosure.matters import Matter
from processes.organisation import Person

if TYPE_CHECKING:
    from engine import Engine

EVERYWHERE = frozenset({"auditor", "audit_admin"})
"""Posts that audit the whole school."""
SUPERVISING = frozenset({"disclosure_supervisor"})
"""Posts that audit the organisation that they serve and what lies below it (Art. 24)."""
AUDITORS = EVERYWHERE | SUPERVISING

CHAINS, REPLAY = "CHAINS", "REPLAY"
SLICE: Mapping[str, int] = {CHAINS: 500, REPLAY: 50}
"""So many instances are verified at a time."""
LEASE = timedelta(minutes=5)
MOST_FINDINGS = 1000

Reach = frozenset[str] | None
"""Codes of the organisations that somebody audits; None is all of them."""


def reach(session: Session, seats: Collection[tuple[str, str]]) -> Reach:
    """What the holder of these seats audits; empty for whoever holds no such post."""
    if any(post in EVERYWHERE for _, post in seats):
        return None
    tops = {organisations.deciding(session, where) for where, post in seats if post in SUPERVISING}
    return frozenset().union(*(organisations.subtree(session, top) for top in tops))


def within(reach: Reach, column: Any) -> list[ColumnElement[bool]]:
    """The condition that a query needs for this reach; none for all organisations."""
    return [] if reach is None else [column.in_(sorted(reach))]


def shown(reach: Reach) -> list[ColumnElement[bool]]:
    """The conditions on instances for this reach: what a procedure keeps apart is not shown to whoever audits."""
    apart = select(Case.id).where(Case.seen_by != "")
    return [*within(reach, Instance.organisation), Instance.id.not_in(apart)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search. `organisation` stands for all below it too; `since` and `until` bound the beginning, as ISO moments."""

    organisation: str = ""
    definition: str = ""
    person: str = ""
    state: str = ""
    text: str = ""
    since: str | None = None
    until: str | None = None
    instance: str = ""

    @classmethod
    def read(cls, stored: str) -> Wanted:
        """From what `stored` says."""
        return cls(**json.loads(stored))

    @property
    def stored(self) -> str:
        """As canonical JSON."""
        return dump(asdict(self))

    def query(self, session: Session, reach: Reach) -> Select[Instance, Matter]:
        """The instances that fit, each with its matter or None, newest first."""
        query = self._fitting(session, reach).where(*shown(reach))
        return query.order_by(Instance.started_at.desc(), Instance.id)

    def ids(self, session: Session, reach: Reach, after: str = "") -> Select[str]:
        """The ids alone, in their own order, behind `after`; those kept apart too: their journals must hold."""
        query = self._fitting(session, reach).with_only_columns(Instance.id)
        return query.where(Instance.id > after).order_by(Instance.id)

    def _fitting(self, session: Session, reach: Reach) -> Select[Instance, Matter]:
        query = select(Instance, Matter).outerjoin(Matter, Matter.instance_id == Instance.id)
        return query.where(*within(reach, Instance.organisation), *self._conditions(session))

    def _conditions(self, session: Session) -> Iterator[ColumnElement[bool]]:
        if self.instance:
            yield Instance.id == self.instance
        if self.organisation:
            yield Instance.organisation.in_(sorted(organisations.subtree(session, self.organisation)))
        if self.definition:
            yield Instance.definition == self.definition
        if self.state:
            yield or_(Matter.state == self.state, Instance.state == self.state)
        if self.since:
            yield Instance.started_at >= datetime.fromisoformat(self.since)
        if self.until:
            yield Instance.started_at < datetime.fromisoformat(self.until)
        if self.person.strip():
            yield _took_part(self.person.strip())
        yield from map(_says, self.text.split())


def _took_part(name: str) -> ColumnElement[bool]:
    """Somebody of this name or sign-in name is in the journal, holds or held a task, or is named for one."""
    known = or_(Person.name.icontains(name, autoescape=True), Person.login == name.lower())
    people = select(Person.id).where(known)
    acted = select(Entry.position).where(Entry.instance_id == Instance.id, Entry.by.in_(people)).exists()
    named = select(Task.id).where(Task.instance_id == Instance.id, Task.person.in_(people)).exists()
    claimed = select(Claim.id).join(Task, Task.id == Claim.task_id)
    claimed = claimed.where(Task.instance_id == Instance.id, Claim.person.in_(people))
    return or_(acted, named, claimed.exists())


def _says(word: str) -> ColumnElement[bool]:
    columns = (Instance.subject, Matter.title, Matter.content)
    ids = (Instance.id == word, Matter.id == word)
    return or_(*(column.icontains(word, autoescape=True) for column in columns), *ids)


class NothingToVerify(Refusal):
    """Nothing fits this search, so there is nothing to verify."""


class Verification(Base):
    """What somebody had verified: `kind` CHAINS (hashes) or REPLAY (executed again), over the instances of `search`.

    `last` is how far it has come in the order of ids, `findings_json` names what is broken; it runs until `ended_at`.
    `revision` is the release and the digest of the engine's code that began it.
    """

    __tablename__ = "verifications"
    __table_args__ = (
        Index("ix_verifications_asked_at", "asked_at"),
        Index(
            "ix_verifications_open",
            "asked_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    search: Mapped[str] = mapped_column(Text)
    organisations_json: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    revision: Mapped[str]
    total: Mapped[int]
    done: Mapped[int]
    entries: Mapped[int]
    broken: Mapped[int]
    last: Mapped[str]
    findings_json: Mapped[str] = mapped_column(Text)
    leased_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def wanted(self) -> Wanted:
        """The search whose instances are verified."""
        return Wanted.read(self.search)

    @property
    def reach(self) -> Reach:
        """The organisations that who asked for it audits."""
        codes = json.loads(self.organisations_json)
        return None if codes is None else frozenset(codes)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What is broken: [{instance, template, parameters}], at most a thousand; `broken` counts them all."""
        return list(json.loads(self.findings_json))

    @property
    def covers_versions(self) -> bool:
        """A walk along every chain of the school looks at the versions too."""
        return self.kind == CHAINS and self.reach is None and self.wanted == Wanted()

    @classmethod
    def of(cls, session: Session, verification_id: str, reach: Reach) -> Verification:
        """One record. NotFound where it says something about organisations that the reader does not audit."""
        found = session.get(cls, verification_id)
        if found is None or not found.is_within(reach):
            raise NotFound(what="verification", key=verification_id)
        return found

    @classmethod
    def latest(cls, session: Session, reach: Reach, limit: int = 50) -> list[Verification]:
        """What was verified lately, newest first."""
        newest = session.scalars(select(cls).order_by(cls.asked_at.desc(), cls.id).limit(500))
        return [found for found in newest if found.is_within(reach)][:limit]

    def is_within(self, reach: Reach) -> bool:
        """Is everything that it looks at within this reach?"""
        return reach is None or (self.reach is not None and self.reach <= reach)


def ask(session: Session, kind: str, wanted: Wanted, reach: Reach, by: str, at: datetime) -> Verification:
    """Record that somebody wants this verified. NothingToVerify where no instance fits."""
    if kind not in SLICE:
        raise NotFound(what="verification", key=kind)
    total = session.scalar(select(func.count()).select_from(wanted.ids(session, reach).subquery())) or 0
    if not total:
        raise NothingToVerify
    asked = Verification(
        id=new_id(),
        kind=kind,
        search=wanted.stored,
        organisations_json=dump(None if reach is None else sorted(reach)),
        asked_by=by,
        asked_at=at,
        revision=revision(),
        total=total,
        done=0,
        entries=0,
        broken=0,
        last="",
        findings_json="[]",
    )
    session.add(asked)
    session.flush()
    return asked


def verify_asked(engine: Engine, now: datetime) -> int:
    """The duty: take one open verification a slice further. Answers how many instances were looked at."""
    with engine.database.read() as session:
        if session.scalar(select(Verification.id).where(_is_free(now)).limit(1)) is None:
            return 0
    with engine.database.write() as session:
        taken = _claim(session, now)
    return go_on(engine, taken, now) if taken else 0


def go_on(engine: Engine, verification_id: str, now: datetime) -> int:
    """Verify the next slice and keep what was found. Two that do the same slice count it once."""
    with engine.database.read() as session:
        record = session.get_one(Verification, verification_id)
        if record.ended_at is not None:
            return 0
        last, kind, is_first = record.last, record.kind, not record.last and record.covers_versions
        asked = record.wanted.ids(session, record.reach, last).where(Instance.started_at <= record.asked_at)
        ids = list(session.scalars(asked.limit(SLICE[kind])))
        lengths = select(func.coalesce(func.sum(Instance.position), 0)).where(Instance.id.in_(ids))
        entries = session.scalar(lengths) or 0
        found = [*_broken_versions(session)] if is_first else []
        found += _found(engine, session, kind, ids)
    with engine.database.write() as session:
        return _keep(session, verification_id, last, ids, entries, found, now)


def revision() -> str:
    """The release, and a digest over the engine's own code: who verified with what."""
    return f"{release('mingtang')} · {_code()}"


@cache
def _code() -> str:
    sources = sorted(_sources(files("engine")))
    return sha256(dump(sources).encode()).hexdigest()[:16]


def _sources(folder: Any) -> Iterator[tuple[str, str]]:
    for each in folder.iterdir():
        if each.is_dir() and each.name not in {"migrations", "__pycache__"}:
            yield from _sources(each)
        elif each.name.endswith(".py"):
            yield each.name, sha256(each.read_bytes()).hexdigest()


def _claim(session: Session, now: datetime) -> str | None:
    """Lease the oldest open verification that nobody works on, in one statement."""
    oldest = select(Verification.id).where(_is_free(now)).order_by(Verification.asked_at).limit(1).scalar_subquery()
    lease = update(Verification).where(Verification.id == oldest, _is_free(now)).values(leased_until=now + LEASE)
    without_reload = {"synchronize_session": False}
    return session.scalar(lease.returning(Verification.id), execution_options=without_reload)


def _is_free(now: datetime) -> ColumnElement[bool]:
    is_unheld = or_(Verification.leased_until.is_(None), Verification.leased_until < now)
    return Verification.ended_at.is_(None) & is_unheld


def _broken_versions(session: Session) -> Iterator[dict[str, Any]]:
    yield from (_finding("", broken) for broken in verify_versions(session) if broken)


def _found(engine: Engine, session: Session, kind: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    if kind == REPLAY:
        return [finding for each in ids if (finding := _replayed(engine, session, each))]
    return [_finding(instance, broken) for instance, broken in verify_instances(session, ids) if broken]


def _replayed(engine: Engine, session: Session, instance_id: str) -> dict[str, Any] | None:
    try:
        replay(engine, session, instance_id)
    except Refusal as refusal:
        return _finding(instance_id, refusal)
    except (ValueError, KeyError, TypeError) as error:
        return _finding(instance_id, Broken(what="instance", key=instance_id, reason=str(error)))
    return None


def _finding(instance_id: str, refusal: Refusal) -> dict[str, Any]:
    said = {name: str(value) for name, value in refusal.parameters.items()}
    return {"instance": instance_id, "template": refusal.template, "parameters": said}


def _keep(
    session: Session,
    verification_id: str,
    last: str,
    ids: Sequence[str],
    entries: int,
    found: Sequence[Mapping[str, Any]],
    now: datetime,
) -> int:
    record = session.get_one(Verification, verification_id, with_for_update=True)
    if record.last != last or record.ended_at is not None:
        return 0
    record.findings_json = dump([*record.findings, *found][:MOST_FINDINGS])
    record.broken += len(found)
    record.done += len(ids)
    record.entries += entries
    record.last = ids[-1] if ids else record.last
    record.leased_until = None
    if len(ids) < SLICE[record.kind]:
        record.ended_at = now
    return len(ids)
