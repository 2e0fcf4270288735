"""Work that programs outside do: they fetch calls by topic, hold them for a while, and answer once.

A lock is a lease on the row of the outbox, taken in one statement. Whoever holds it may answer, be it late, as long as
nobody else took it in between; the answer is a command in the journal like any other. Everything that names a call says
which `topics` the asker may see; a call of another topic is not there for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.advancing import spell
from engine.core import Engine, Standing
from engine.db import Transaction
from engine.incidents import open_incident
from engine.outbox import strike_out
from engine.outcomes import Done, Failed
from engine.receipts import once
from engine.refusals import NotFound, NotHeld
from engine.schema import Instance, OutboxCall
from engine.timers import OUTBOX, lease_rows

Topics = Callable[[str], bool]
"""Is this topic for whoever asks?"""


@dataclass(frozen=True, slots=True)
class ExternalTask:
    """A call that a worker holds. `id` is the same however often it is fetched: the key of the effect outside.

    `attempts` were made before; `retries` is what the last one left, None before the first.
    """

    id: str
    topic: str
    arguments: Mapping[str, Any]
    element: str
    instance: str
    definition: str
    subject: str
    at: datetime
    attempts: int
    retries: int | None
    locked_until: datetime


def fetch(engine: Engine, worker: str, topics: Collection[str], lock: timedelta, limit: int = 10) -> list[ExternalTask]:
    """Lock up to `limit` calls of these topics for this worker, the oldest first."""
    now = engine.clock()
    which = (OUTBOX.c.topic.in_(sorted(topics)),)
    with engine.database.read() as session:
        if session.scalar(select(OUTBOX.c.id).where(OUTBOX.c.next_at <= now, *which).limit(1)) is None:
            return []
    with engine.database.write() as session:
        taken = lease_rows(session, OUTBOX, OUTBOX.c.next_at, worker, now, now + lock, limit, *which)
        return [_told(session, row[0]) for row in taken]


def extend(engine: Engine, call_id: str, worker: str, lock: timedelta, topics: Topics) -> datetime:
    """Hold it longer, counted from now; answers until when."""
    with engine.database.write() as session:
        _instance, row = _held(engine, session, call_id, worker, topics)
        row.leased_until = engine.clock() + lock
        return row.leased_until


def release(engine: Engine, call_id: str, worker: str, topics: Topics) -> None:
    """Give it back undone, for another worker."""
    with engine.database.write() as session:
        _instance, row = _held(engine, session, call_id, worker, topics)
        row.leased_by, row.leased_until = None, None


def answer(
    engine: Engine, call_id: str, worker: str, said: Done | Failed, topics: Topics, by: str | None
) -> tuple[Mapping[str, Any], bool]:
    """Bring the answer home, once: a result, or a BPMN error for the boundary event of its code.

    Answers {instance, position} of its entry, and whether that was written at an earlier time. NotFound where nothing
    waits for it any more, NotHeld where another worker has it.
    """
    asked = {"worker": worker, "answer": spell(said)}
    with engine.database.write() as session:
        act = lambda: _bring_home(engine, session, call_id, worker, said, topics, by)  # noqa: E731
        return once(session, f"external:{call_id}", asked, act, at=engine.clock(), by=by)


def fail(
    engine: Engine, call_id: str, worker: str, reason: str, topics: Topics, *, retries: int, after: timedelta
) -> None:
    """It did not work. With `retries` left it may be fetched again `after` a while, with none it is an incident."""
    with engine.database.write() as session:
        _instance, row = _held(engine, session, call_id, worker, topics)
        now = engine.clock()
        row.attempts, row.retries = row.attempts + 1, retries
        row.next_at, row.leased_by, row.leased_until = (now + after if retries else None), None, None
        if not retries:
            open_incident(session, row.instance_id, row.id, row.element, row.name, reason, now)


def _bring_home(
    engine: Engine, session: Transaction, call_id: str, worker: str, said: Done | Failed, topics: Topics, by: str | None
) -> Mapping[str, Any]:
    instance, row = _held(engine, session, call_id, worker, topics)
    strike_out(session, call_id)
    line = engine.answer(instance, row.id, row.element, said, session, by)
    return {"instance": line.instance_id, "position": line.position}


def _held(
    engine: Engine, session: Transaction, call_id: str, worker: str, topics: Topics
) -> tuple[Standing, OutboxCall]:
    """The instance and the call, both locked in this order, as every command does."""
    row = session.get(OutboxCall, call_id)
    if row is None or row.topic is None or not topics(row.topic):
        raise NotFound(what="external task", key=call_id)
    instance = engine.lock(session, row.instance_id)
    session.expire_all()
    row = session.get(OutboxCall, call_id, with_for_update=True)
    if row is None:
        raise NotFound(what="external task", key=call_id)
    if row.leased_by != worker:
        raise NotHeld
    return instance, row


def _told(session: Session, call_id: str) -> ExternalTask:
    row = session.get_one(OutboxCall, call_id, populate_existing=True)
    instance = session.get_one(Instance, row.instance_id)
    return ExternalTask(
        id=row.id,
        topic=str(row.topic),
        arguments=json.loads(row.arguments),
        element=row.element,
        instance=row.instance_id,
        definition=instance.definition,
        subject=instance.subject,
        at=row.at,
        attempts=row.attempts,
        retries=row.retries,
        locked_until=row.leased_until or row.at,
    )
