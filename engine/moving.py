"""Instances of a version, all together: moved to another version, held up, let go on; each by a command of its own.

An instance stays on its version until somebody moves it. A move carries its journal out again on the other version
(`engine.rerun`); it is shown first, and refused with the first entry that goes another way. Who may is said by
`Engine.keepers`: "move" for moves, "repair" for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, Text, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import repairing
from engine.canonical import dump
from engine.clock import new_id
from engine.core import GOES_ON, Engine, Standing
from engine.db import Base, Transaction
from engine.journal import Line
from engine.refusals import NotFound, NotOpen, ReasonMissing, Refusal
from engine.rerun import CannotMove, Difference
from engine.schema import Instance, Version
from engine.tasks import Actor

MOVE, SUSPEND, RESUME = "move", "suspend", "resume"
NEEDS = {MOVE: "move", SUSPEND: "repair", RESUME: "repair"}
"""Act → what its keepers hold."""
SLICE = 10
LEASE = timedelta(minutes=2)


class AlreadyThere(Refusal):
    """It runs on this version already."""


class OtherDefinition(Refusal):
    """This version belongs to another procedure."""


class NothingRuns(Refusal):
    """Nothing runs on this version."""


class VersionAct(Base):
    """Somebody did something to every running instance of a version. `act` is move | suspend | resume.

    It goes through the instances in the order of their ids; `last` is how far it has come, until `ended_at`.
    """

    __tablename__ = "version_acts"
    __table_args__ = (
        Index(
            "ix_version_acts_open",
            "asked_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    act: Mapped[str]
    before: Mapped[str] = mapped_column(ForeignKey("versions.id"))
    after: Mapped[str | None] = mapped_column(ForeignKey("versions.id"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    total: Mapped[int]
    done: Mapped[int]
    refused: Mapped[int]
    last: Mapped[str]
    leased_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @classmethod
    def of(cls, session: Session, act_id: str) -> VersionAct:
        """The act; NotFound where there is none."""
        found = session.get(cls, act_id)
        if found is None:
            raise NotFound(what="act", key=act_id)
        return found

    @classmethod
    def latest(cls, session: Session, limit: int = 20) -> list[VersionAct]:
        """What was done to versions lately, newest first."""
        return list(session.scalars(select(cls).order_by(cls.asked_at.desc(), cls.id).limit(limit)))

    def results(self, session: Session, limit: int = 500) -> list[VersionActResult]:
        """What became of each instance, the refused ones first."""
        query = select(VersionActResult).where(VersionActResult.act_id == self.id)
        order = (VersionActResult.position.is_not(None), VersionActResult.instance_id)
        return list(session.scalars(query.order_by(*order).limit(limit)))


class VersionActResult(Base):
    """What became of one instance: the entry that did it, or the refusal by its message and parameters."""

    __tablename__ = "version_act_results"
    act_id: Mapped[str] = mapped_column(ForeignKey("version_acts.id"), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    position: Mapped[int | None]
    template: Mapped[str] = mapped_column(Text)
    parameters_json: Mapped[str] = mapped_column(Text)

    @property
    def parameters(self) -> dict[str, Any]:
        """What fills in the refusal's message."""
        return dict(json.loads(self.parameters_json))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would do: where it waits on either version, what differs, or why it cannot be."""

    instance: str
    before: str
    after: str
    waits_before: list[str]
    waits_after: list[str]
    trace: list[list[str]]
    difference: Difference | None
    refusal: CannotMove | None


# -- one instance


def preview(engine: Engine, session: Transaction, instance_id: str, version: str) -> Preview:
    """Carry the journal out on the other version and tell what would differ. The session must be one that writes:
    an organisation's own files make a version of their own, which is kept."""
    instance = engine.lock(session, instance_id)
    after = _target(engine, session, instance, version)
    live = engine.executions.take(session, instance)
    before = [_element(token) for token in live.execution.waiting.values()]
    engine.executions.cache.keep(instance.id, live)
    said = (instance.id, instance.version_id, after, before)
    try:
        run = engine.executions.past(session.connection, instance, instance.position).rerun(after)
        moved, difference = run.moved()
    except CannotMove as refusal:
        return Preview(*said, [], [], None, refusal)
    waits = [_element(token) for token in moved.execution.waiting.values()]
    return Preview(*said, waits, moved.outcome.trace, difference, None)


def move(engine: Engine, instance_id: str, version: str, actor: Actor, reason: str) -> Line:
    """Move an instance to another version of its procedure. CannotMove names the first entry that goes another way."""
    engine.require_keeper(NEEDS[MOVE], actor)
    with engine.database.write() as session:
        return _move(engine, session, engine.lock(session, instance_id), version, actor.person, _given(reason))


def _move(engine: Engine, session: Transaction, instance: Standing, version: str, by: str, reason: str) -> Line:
    if instance.state not in GOES_ON:
        raise NotOpen(what=instance.subject or instance.id)
    after = _target(engine, session, instance, version)
    command = {"kind": "migrate", "version": after, "from": instance.version_id, "reason": reason}
    return engine.repair(session, instance, command, by)


def _target(engine: Engine, session: Transaction, instance: Standing, version: str) -> str:
    """The version with the organisation's own files, if it has any."""
    found = session.get(Version, version)
    if found is None:
        raise NotFound(what="version", key=version)
    if found.definition != instance.definition:
        raise OtherDefinition
    after = engine.tailored(session, version, instance.organisation)
    if after == instance.version_id:
        raise AlreadyThere
    return after


def _element(token: Any) -> str:
    return str(token.task_spec.key)


# -- a whole version


def running(version: str) -> Select[Instance]:
    """The instances that run on a version, or on it with an organisation's own files."""
    own = select(Version.id).where(or_(Version.id == version, Version.base == version))
    return select(Instance).where(Instance.state.in_(GOES_ON), Instance.version_id.in_(own))


def ask(engine: Engine, act: str, before: str, actor: Actor, reason: str, after: str | None = None) -> VersionAct:
    """Record that somebody wants this done to every running instance of a version; `go_on` and the duty do it.

    A version that is suspended takes no new instances until it is resumed. NothingRuns where none runs on it.
    """
    engine.require_keeper(NEEDS[act], actor)
    reason, now = _given(reason), engine.clock()
    with engine.database.write() as session:
        version = session.get(Version, before)
        if version is None:
            raise NotFound(what="version", key=before)
        if act == MOVE:
            _other(session, version, after)
        else:
            version.suspended_at = now if act == SUSPEND else None
        total = session.scalar(select(func.count()).select_from(running(before).subquery())) or 0
        if not total and act == MOVE:
            raise NothingRuns
        asked = VersionAct(
            id=new_id(),
            act=act,
            before=before,
            after=after,
            reason=reason,
            asked_by=actor.person,
            asked_at=now,
            total=total,
            done=0,
            refused=0,
            last="",
            leased_until=None,
            ended_at=None if total else now,
        )
        session.add(asked)
        return asked


def _other(session: Session, version: Version, after: str | None) -> None:
    other = session.get(Version, after) if after else None
    if other is None:
        raise NotFound(what="version", key=after or "")
    if other.definition != version.definition:
        raise OtherDefinition
    if other.id == version.id:
        raise AlreadyThere


def act_on_versions(engine: Engine, now: datetime) -> int:
    """The duty: take one open act a slice further. Answers how many instances were looked at."""
    with engine.database.read() as session:
        if session.scalar(select(VersionAct.id).where(*_is_free(now)).limit(1)) is None:
            return 0
    with engine.database.write() as session:
        taken = _claim(session, now)
    return go_on(engine, taken) if taken else 0


def go_on(engine: Engine, act_id: str) -> int:
    """Do the next slice, each instance in a transaction of its own; answers how many instances it looked at."""
    with engine.database.read() as session:
        act = VersionAct.of(session, act_id)
        if act.ended_at is not None:
            return 0
        query = running(act.before).where(Instance.id > act.last).order_by(Instance.id)
        ids = list(session.scalars(query.with_only_columns(Instance.id).limit(SLICE)))
    results = [(each, _one(engine, act, each)) for each in ids]
    with engine.database.write() as session:
        return _keep(engine, session, act, results)


def _one(engine: Engine, act: VersionAct, instance_id: str) -> Line | Refusal:
    try:
        with engine.database.write() as session:
            instance = engine.lock(session, instance_id)
            if act.act == MOVE:
                return _move(engine, session, instance, str(act.after), act.asked_by, act.reason)
            do = repairing.hold_up if act.act == SUSPEND else repairing.let_go_on
            return do(engine, session, instance, act.asked_by, act.reason)
    except Refusal as refusal:
        return refusal


def _keep(engine: Engine, session: Session, act: VersionAct, results: Sequence[tuple[str, Line | Refusal]]) -> int:
    """Count a slice once, however many did it."""
    record = session.get_one(VersionAct, act.id, with_for_update=True)
    if record.last != act.last or record.ended_at is not None:
        return 0
    for instance_id, result in results:
        session.add(_result(record.id, instance_id, result))
        record.refused += isinstance(result, Refusal)
    record.done += len(results)
    record.last = results[-1][0] if results else record.last
    record.leased_until = None
    if len(results) < SLICE:
        record.ended_at = engine.clock()
    return len(results)


def _result(act_id: str, instance_id: str, result: Line | Refusal) -> VersionActResult:
    if isinstance(result, Line):
        return VersionActResult(
            act_id=act_id, instance_id=instance_id, position=result.position, template="", parameters_json="{}"
        )
    said: Mapping[str, Any] = {name: str(value) for name, value in result.parameters.items()}
    return VersionActResult(
        act_id=act_id,
        instance_id=instance_id,
        position=None,
        template=result.template,
        parameters_json=dump(dict(said)),
    )


def _claim(session: Session, now: datetime) -> str | None:
    """Lease the oldest open act that nobody works on, in one statement."""
    oldest = select(VersionAct.id).where(*_is_free(now)).order_by(VersionAct.asked_at).limit(1).scalar_subquery()
    lease = update(VersionAct).where(VersionAct.id == oldest, *_is_free(now)).values(leased_until=now + LEASE)
    return session.scalar(lease.returning(VersionAct.id), execution_options={"synchronize_session": False})


def _is_free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_unheld = or_(VersionAct.leased_until.is_(None), VersionAct.leased_until < now)
    return VersionAct.ended_at.is_(None), is_unheld


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:2000]


__all__ = [
    "MOVE",
    "RESUME",
    "SUSPEND",
    "Preview",
    "VersionAct",
    "VersionActResult",
    "act_on_versions",
    "ask",
    "go_on",
    "move",
    "preview",
    "running",
]
