"""The outbox: what a committed command still has to do. Called at least once; the answer comes back as a command."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from engine import incidents, messages, timers
from engine.core import GOES_ON, SUSPENDED, Engine
from engine.db import Transaction, is_away
from engine.outcomes import Answer, Call, Done, Failed, GiveUp, Retry
from engine.refusals import Suspended
from engine.schema import Instance, OutboxCall, Subscription, Timer
from engine.waking import ring

log = logging.getLogger("mingtang.outbox")
ATTEMPTS = 6
"""So often a call is tried, with growing pauses, before an operator is asked."""
FIRST_PAUSE = timedelta(seconds=10)
HELD_UP = timedelta(minutes=1)
"""So long a message waits before it knocks again at a suspended instance."""


def drain(engine: Engine, worker: str, now: datetime, limit: int = 20) -> int:
    """Handle the rows whose time has come; answers how many."""
    with engine.database.read() as session:
        if not timers.is_call_due(session, now):
            return 0
    with engine.database.write() as session:
        taken = timers.lease_calls(session, worker, now, limit)
    for row_id in taken:
        _handle(engine, row_id, now)
    return len(taken)


def retry(engine: Engine, incident_id: str, by: str) -> None:
    """An operator sends an incident's call on its way again; the journal says so while the instance goes on."""
    with engine.database.write() as session:
        incident = incidents.settle(session, incident_id, by, engine.clock())
        instance, now = engine.lock(session, incident.instance_id), engine.clock()
        if instance.state in GOES_ON:
            command = {"kind": "retry", "call": incident.call_id, "element": incident.element}
            engine.repair(session, instance, command, by)
        again = {"next_at": now, "attempts": 0, "retries": None, "leased_by": None, "leased_until": None}
        session.execute(update(OutboxCall).where(OutboxCall.id == incident.call_id).values(**again))
        free = {"leased_by": None, "leased_until": None}
        session.execute(update(Timer).where(Timer.id == incident.call_id).values(**free))
        ring(session)


def _handle(engine: Engine, row_id: str, now: datetime) -> None:
    try:
        with engine.database.read() as session:
            row = session.get(OutboxCall, row_id)
            answer = _ask(engine, session, row) if row is not None and row.kind == "service" else Done()
        if row is not None:
            _settle(engine, row, answer, now)
    except Suspended:
        _wait(engine, row_id, now)
    except Exception as error:
        if is_away(error):
            raise
        log.exception("outbox row %s", row_id)
        _postpone(engine, row_id, Retry(timedelta(), str(error) or type(error).__name__), now)


def _ask(engine: Engine, session: Session, row: OutboxCall) -> Answer:
    call = Call(row.id, row.element, row.name, json.loads(row.arguments), row.instance_id, row.at, row.by)
    return engine.services[row.name].ask(session, call)


def _settle(engine: Engine, row: OutboxCall, answer: Answer, now: datetime) -> None:
    """Bring the answer home and strike the row out, in one transaction."""
    match answer:
        case Retry():
            _postpone(engine, row.id, answer, now)
        case GiveUp(reason):
            with engine.database.write() as session:
                _give_up(session, session.get_one(OutboxCall, row.id), reason, now)
        case Done() | Failed():
            with engine.database.write() as session:
                if row.kind == "service":
                    _bring_home(engine, session, row, answer)
                elif strike_out(session, row.id):
                    _hand_on(engine, session, row, now)


def strike_out(session: Session, row_id: str) -> bool:
    """Take the row away before it is handed on: false for who comes second, after a lease that ran out."""
    gone = delete(OutboxCall).where(OutboxCall.id == row_id).returning(OutboxCall.id)
    return session.execute(gone).first() is not None


def _bring_home(engine: Engine, session: Transaction, row: OutboxCall, answer: Done | Failed) -> None:
    """The instance is locked before the row: a command of it may be taking the row away."""
    instance = engine.lock(session, row.instance_id)
    if strike_out(session, row.id) and instance.state in GOES_ON:
        engine.answer(instance, row.id, row.element, answer, session)


def _hand_on(engine: Engine, session: Transaction, row: OutboxCall, now: datetime) -> None:
    payload = json.loads(row.arguments)
    if row.kind == "message":
        messages.deliver(engine, row.name, row.key, payload, row.by, session, sender=row.instance_id)
    elif row.kind == "signal":
        messages.spread(session, row.name, row.arguments, row.by, now, row.id)
    elif (waiting := session.get(Subscription, row.key)) is not None:
        engine.hand(waiting, payload, row.by, session)


def _wait(engine: Engine, row_id: str, now: datetime) -> None:
    """Somebody holds up the instance that it comes from or goes to: it waits, and that is no failure."""
    with engine.database.write() as session:
        row = session.get(OutboxCall, row_id)
        if row is None:
            return
        row.next_at, row.leased_by, row.leased_until = now + HELD_UP, None, None
        session.flush()
        if session.get_one(Instance, row.instance_id).state == SUSPENDED:
            timers.set_aside(session, row.instance_id)


def _postpone(engine: Engine, row_id: str, answer: Retry, now: datetime) -> None:
    with engine.database.write() as session:
        row = session.get(OutboxCall, row_id)
        if row is None:
            return
        row.attempts += 1
        if row.attempts >= ATTEMPTS:
            return _give_up(session, row, answer.reason, now)
        pause = max(answer.after, FIRST_PAUSE * 2 ** (row.attempts - 1))
        row.next_at, row.leased_by, row.leased_until = now + pause, None, None


def _give_up(session: Session, row: OutboxCall, reason: str, now: datetime) -> None:
    row.next_at, row.leased_by, row.leased_until = None, None, None
    incidents.open_incident(session, row.instance_id, row.id, row.element, row.name, reason, now)


__all__ = ["drain", "retry", "strike_out"]
