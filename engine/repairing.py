"""Acts of repair: what keepers do to an instance that went wrong. Each is a command in its journal; nothing is edited.

Who may is said by `Engine.keepers["repair"]`. A correction is asked for by one person and confirmed by another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import incidents, journal, tasks, timers
from engine.canonical import dump, read
from engine.clock import new_id
from engine.core import GOES_ON, SUSPENDED, Engine, Standing
from engine.db import Base, Transaction
from engine.journal import Line
from engine.refusals import NotAllowed, NotFound, NotOpen, ReasonMissing, Refusal
from engine.schema import Claim, Instance, Task
from engine.tasks import Actor
from engine.waking import ring

REPAIR = "repair"
OPEN, CONFIRMED, DECLINED = "open", "confirmed", "declined"


class SamePersonCorrects(NotAllowed):
    """Whoever asked for a correction cannot confirm it. Please ask a colleague."""


class ChangedSince(Refusal):
    """ "{path}" is no longer {before}: something happened since the correction was asked for. Nothing was changed."""


class SameValue(Refusal):
    """ "{path}" already has this value. Nothing was changed."""


class NoWayBack(Refusal):
    """It cannot go back behind "{element}": what was done there has gone out and cannot be taken back."""


class MovedSince(Refusal):
    """It cannot go back there: the matter has moved to another version since."""


class NowhereBack(Refusal):
    """It cannot go back to "{element}": nothing was done there yet."""


class AlreadySuspended(Refusal):
    """This is suspended already: {what}."""


class NotSuspended(Refusal):
    """This is not suspended: {what}."""


class NobodyNamed(Refusal):
    """Please name a post or a person to whom the task is given."""


class Correction(Base):
    """Somebody asks that a variable get another value; somebody else confirms. `path` has dots: plan.title.

    `before` and `value` are JSON. state: open | confirmed | declined. `position` is the entry that carried it out.
    """

    __tablename__ = "data_corrections"
    __table_args__ = (
        Index(
            "uq_data_corrections_open",
            "instance_id",
            "path",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"))
    path: Mapped[str]
    before: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    position: Mapped[int | None]

    @classmethod
    def of(cls, session: Session, correction_id: str) -> Correction:
        """The correction that still waits for somebody; NotFound, NotOpen."""
        found = session.get(cls, correction_id, with_for_update=True)
        if found is None:
            raise NotFound(what="correction", key=correction_id)
        if found.state != OPEN:
            raise NotOpen(what=found.path)
        return found

    @classmethod
    def of_instance(cls, session: Session, instance_id: str) -> list[Correction]:
        """Every correction that was asked for, oldest first."""
        query = select(cls).where(cls.instance_id == instance_id).order_by(cls.asked_at, cls.id)
        return list(session.scalars(query))

    @classmethod
    def waiting(cls, session: Session) -> list[Correction]:
        """Those that wait for a second person, oldest first."""
        return list(session.scalars(select(cls).where(cls.state == OPEN).order_by(cls.asked_at)))


@dataclass(frozen=True, slots=True)
class Place:
    """An earlier step that an instance can go back to: how it stood after entry `position`, when the step opened."""

    position: int
    element: str
    name: str


# -- variables


def variables(engine: Engine, session: Session, instance_id: str) -> dict[str, Any]:
    """The variables as they stand; of an instance that has ended, as it ended."""
    instance = session.get_one(Instance, instance_id)
    with engine._borrowed(session, instance) as live:
        return live.execution.variables


def ask_correction(engine: Engine, instance_id: str, path: str, value: Any, actor: Actor, reason: str) -> Correction:
    """Ask that the variable at `path` be `value` (JSON-able). Nothing changes until somebody else confirms."""
    engine.require_keeper(REPAIR, actor)
    reason = _given(reason)
    with engine.database.write() as session:
        instance = _going_on(engine, session, instance_id)
        before = _at(variables(engine, session, instance.id), path)
        if dump(before) == dump(value):
            raise SameValue(path=path)
        known = select(Correction).where(Correction.instance_id == instance_id, Correction.path == path)
        if (other := session.scalar(known.where(Correction.state == OPEN))) is not None:
            other.state, other.decided_by, other.decided_at = DECLINED, actor.person, engine.clock()
            session.flush()
        asked = Correction(
            id=new_id(),
            instance_id=instance_id,
            path=path,
            before=dump(before),
            value=dump(value),
            reason=reason,
            state=OPEN,
            asked_by=actor.person,
            asked_at=engine.clock(),
            decided_by=None,
            decided_at=None,
            position=None,
        )
        session.add(asked)
        return asked


def confirm_correction(engine: Engine, correction_id: str, actor: Actor) -> Line:
    """Carry out what somebody else asked for. SamePersonCorrects; ChangedSince when the value is another by now."""
    engine.require_keeper(REPAIR, actor)
    with engine.database.write() as session:
        asked = Correction.of(session, correction_id)
        if asked.asked_by == actor.person:
            raise SamePersonCorrects
        instance = _going_on(engine, session, asked.instance_id)
        name, *inside = asked.path.split(".")
        now, value = variables(engine, session, instance.id), json.loads(asked.value)
        if dump(_at(now, asked.path)) != asked.before:
            raise ChangedSince(path=asked.path, before=asked.before)
        command = {
            "kind": "correct",
            "variable": name,
            "value": _with(now[name], inside, value),
            "path": asked.path,
            "before": json.loads(asked.before),
            "after": value,
            "reason": asked.reason,
            "asked_by": asked.asked_by,
        }
        line = engine.repair(session, instance, command, actor.person)
        asked.state, asked.decided_by, asked.decided_at = CONFIRMED, actor.person, line.at
        asked.position = line.position
        return line


def decline_correction(engine: Engine, correction_id: str, actor: Actor) -> None:
    """Leave the value as it is: by the colleague, or by who asked and thinks otherwise now."""
    engine.require_keeper(REPAIR, actor)
    with engine.database.write() as session:
        asked = Correction.of(session, correction_id)
        asked.state, asked.decided_by, asked.decided_at = DECLINED, actor.person, engine.clock()


def paths(values: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of everything that can be corrected: plain values, and lists as a whole."""
    for name, value in values.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping) and value and "." not in name:
            yield from paths(value, f"{path}.")
        elif "." not in name:
            yield path, value


# -- tasks and steps


def reassign(
    engine: Engine,
    task_id: str,
    actor: Actor,
    reason: str,
    *,
    organisation: str = "",
    post: str = "",
    person: str | None = None,
) -> Line:
    """Give an open task to a person, or to another post. Who took it has it no longer."""
    engine.require_keeper(REPAIR, actor)
    if not (person or (post and organisation)):
        raise NobodyNamed
    with engine.database.write() as session:
        instance, row = engine._at_task(session, task_id)
        tasks.require_open(row)
        to = {"organisation": organisation or row.organisation, "post": post or row.post, "person": person or None}
        taken = update(Claim).where(Claim.task_id == task_id, Claim.released_at.is_(None))
        session.execute(taken.values(released_at=engine.clock()))
        command = {"kind": "reassign", "task": task_id, "element": row.element, "assigned": to}
        was = {"organisation": row.organisation, "post": row.post, "person": row.person}
        return engine.repair(session, instance, command | {"was": was, "reason": _given(reason)}, actor.person)


def places(engine: Engine, session: Session, instance_id: str) -> list[Place]:
    """The earlier steps that the instance can go back to, latest first; each step where it opened last."""
    instance = session.get_one(Instance, instance_id)
    waiting = set(session.scalars(select(Task.id).where(Task.instance_id == instance_id, Task.state == "open")))
    found: dict[str, Place] = {}
    for row in reversed(journal.lines(session.connection(), instance_id)):
        if row.kind == "migrate" or _final(engine, session, instance, row):
            break
        opened = read(row.body)["effects"].get("opened", [])
        for task in opened:
            if task["id"] not in waiting:
                found.setdefault(task["element"], Place(row.position, task["element"], task["name"]))
    return list(found.values())


def jump(engine: Engine, instance_id: str, element: str, actor: Actor, reason: str) -> Line:
    """Go back to an earlier step: what stood open with it is open again, what came since is cancelled.

    The variables stay as they are and every deadline runs anew. NoWayBack behind what cannot be taken back.
    """
    engine.require_keeper(REPAIR, actor)
    with engine.database.write() as session:
        instance = _going_on(engine, session, instance_id)
        place = _place(engine, session, instance, element)
        command = {"kind": "jump", "element": element, "to": place, "reason": _given(reason)}
        return engine.repair(session, instance, command, actor.person)


def _place(engine: Engine, session: Session, instance: Standing, element: str) -> int:
    """The entry at which the step opened last. MovedSince, NoWayBack, NowhereBack say why there is none."""
    for row in reversed(journal.lines(session.connection(), instance.id)):
        if row.kind == "migrate":
            raise MovedSince
        if (done := _final(engine, session, instance, row)) is not None:
            raise NoWayBack(element=done)
        opened = read(row.body)["effects"].get("opened", [])
        if any(task["element"] == element for task in opened) and row.position < instance.position:
            return int(row.position)
    raise NowhereBack(element=element)


def _final(engine: Engine, session: Session, instance: Any, row: Any) -> str | None:
    """The name of an element of this entry at which a final service acted."""
    said = read(row.body)
    acted = {call for call, _ in said["answers"]}
    if row.kind == "answer":
        acted.add(said["command"]["call"])
    if not acted:
        return None
    program = engine.definitions.program(session.connection(), instance.version_id)
    named = [task for task in said["trace"] if task[4] in acted]
    for element in (program.elements.get(line[1]) for line in named):
        service = engine.services.get(element.operator.service) if element and element.operator else None
        if service is not None and service.is_final and element is not None:
            return element.name or element.id
    return None


# -- incidents


def skip(engine: Engine, incident_id: str, result: Any, actor: Actor, reason: str) -> Line:
    """Leave out what failed: a call goes on as if it had been answered `result` (JSON-able)."""
    engine.require_keeper(REPAIR, actor)
    reason = _given(reason)
    with engine.database.write() as session:
        incident = incidents.settle(session, incident_id, actor.person, engine.clock())
        instance = _going_on(engine, session, incident.instance_id)
        said = {"call": incident.call_id, "element": incident.element, "result": result, "reason": reason}
        return engine.repair(session, instance, {"kind": "skip", **said}, actor.person)


# -- the whole instance


def cancel(engine: Engine, instance_id: str, actor: Actor, reason: str) -> None:
    """End an instance before its end."""
    engine.require_keeper(REPAIR, actor)
    with engine.database.write() as session:
        engine.cancel(instance_id, actor.person, _given(reason), session)
        timers.take_up(session, instance_id)


def suspend(engine: Engine, instance_id: str, actor: Actor, reason: str) -> Line:
    """Hold an instance up: commands are refused and what is due waits, until somebody resumes it."""
    engine.require_keeper(REPAIR, actor)
    with engine.database.write() as session:
        return hold_up(engine, session, engine.lock(session, instance_id), actor.person, _given(reason))


def resume(engine: Engine, instance_id: str, actor: Actor, reason: str) -> Line:
    """Let it go on; what has become due meanwhile is done at the next beat."""
    engine.require_keeper(REPAIR, actor)
    with engine.database.write() as session:
        return let_go_on(engine, session, engine.lock(session, instance_id), actor.person, _given(reason))


def hold_up(engine: Engine, session: Transaction, instance: Standing, by: str, reason: str) -> Line:
    """Suspend an instance whose row is locked."""
    if instance.state == SUSPENDED:
        raise AlreadySuspended(what=_named(instance))
    line = engine.repair(session, instance, {"kind": "suspend", "reason": reason}, by)
    timers.set_aside(session, instance.id)
    return line


def let_go_on(engine: Engine, session: Transaction, instance: Standing, by: str, reason: str) -> Line:
    """Resume an instance whose row is locked."""
    if instance.state != SUSPENDED:
        raise NotSuspended(what=_named(instance))
    line = engine.repair(session, instance, {"kind": "resume", "reason": reason}, by)
    timers.take_up(session, instance.id)
    ring(session)
    return line


def _going_on(engine: Engine, session: Transaction, instance_id: str) -> Standing:
    instance = engine.lock(session, instance_id)
    if instance.state not in GOES_ON:
        raise NotOpen(what=_named(instance))
    return instance


def _named(instance: Standing) -> str:
    return instance.subject or instance.id


def _given(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing
    return reason.strip()[:2000]


def _at(values: Mapping[str, Any], path: str) -> Any:
    """The value at a path; NotFound where there is none."""
    found: Any = values
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            raise NotFound(what="variable", key=path)
        found = found[name]
    return found


def _with(whole: Any, inside: Sequence[str], value: Any) -> Any:
    """The whole value with another one at the path inside it."""
    if not inside:
        return value
    name, *further = inside
    return {**whole, name: _with(whole[name], further, value)}
