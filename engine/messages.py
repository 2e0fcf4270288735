"""Messages and signals: from outside or from another instance, to whoever waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.arrivals import Arrival
from engine.bpmn import Element
from engine.canonical import digest, dump
from engine.clock import new_id
from engine.core import Engine, Standing
from engine.db import Transaction
from engine.journal import Line
from engine.projection import SKEW
from engine.refusals import NoReceiver, SeveralReceivers, SeveralStarts
from engine.schema import Definition, OutboxCall, Subscription
from engine.waking import ring


def deliver(
    engine: Engine,
    name: str,
    key: str,
    payload: Mapping[str, Any],
    by: str | None,
    session: Session | None = None,
    sender: str | None = None,
) -> Line | Standing:
    """Deliver a message to the one element that waits for `name` with `key`, or start the procedure it starts.

    `sender` is the instance that threw it; None: it comes from outside. NoReceiver when nothing waits for it,
    SeveralReceivers when more than one does, SeveralStarts when more than one procedure would start; nothing is
    changed then.
    """
    with engine._transaction(session) as own:
        waiting = _waiting_for(engine, own, name, key)
        if waiting is not None:
            return engine.hand(waiting, payload, by, own)
        definition, event = _started_by(engine, own, name, key)
        return engine.start_by(
            Arrival(definition, event, new_id(), name, key, payload, by, engine.clock(), sender), own
        )


def broadcast(engine: Engine, name: str, payload: Mapping[str, Any], by: str | None) -> int:
    """Send a signal to every element that waits for it; each is handed it in its own transaction, once."""
    with engine.database.write() as session:
        return spread(session, name, dump(payload), by, engine.clock(), digest(f"{name}:{engine.clock()}"))


def spread(session: Session, name: str, payload: str, by: str | None, at: Any, seed: str) -> int:
    """Queue a signal for everybody who waits for it now."""
    waiting = _waiting(session, "signal", name, None)
    rows = [
        {
            "id": digest(f"{seed}:{one.id}")[:32],
            "instance_id": one.instance_id,
            "kind": "handing",
            "element": one.element,
            "name": name,
            "key": one.id,
            "arguments": payload,
            "at": at,
            "by": by,
            "attempts": 0,
            "next_at": at - SKEW,
            "topic": None,
        }
        for one in waiting
    ]
    if rows:
        session.execute(insert(OutboxCall), rows)
        ring(session)
    return len(rows)


def _waiting(session: Session, kind: str, name: str, key: str | None) -> list[Subscription]:
    query = select(Subscription).where(Subscription.kind == kind, Subscription.name == name)
    if key is not None:
        query = query.where(Subscription.key == key)
    return list(session.scalars(query.order_by(Subscription.id)))


def _waiting_for(engine: Engine, session: Transaction, name: str, key: str) -> Subscription | None:
    """The one that waits, its instance locked; looked for again when somebody else delivered during the wait."""
    while waiting := _waiting(session, "message", name, key):
        if len(waiting) > 1:
            raise SeveralReceivers(name=name, key=key, count=len(waiting))
        engine.lock(session, waiting[0].instance_id)
        session.expire_all()
        if still := session.get(Subscription, waiting[0].id):
            return still
    return None


def _started_by(engine: Engine, session: Session, name: str, key: str) -> tuple[str, Element]:
    """The one definition in force that begins with this message, and its start event."""
    found = []
    for definition in session.scalars(select(Definition).where(Definition.in_force.is_not(None))):
        program = engine.definitions.program(session.connection(), str(definition.in_force))
        process, event = program.start_messages.get(name, ("", ""))
        if process == program.process_id:
            found.append((definition.key, program.elements[event]))
    if len(found) > 1:
        raise SeveralStarts(name=name, keys=", ".join(key for key, _ in found))
    if not found:
        raise NoReceiver(name=name, key=key)
    return found[0]
