"""Timers that are due: leased by a scheduler in one statement, so that none fires twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from engine.db import table
from engine.schema import OutboxCall, Timer

TIMERS, OUTBOX = table(Timer), table(OutboxCall)
OURS = OUTBOX.c.topic.is_(None)
LEASE = timedelta(seconds=130)
"""How long a dead scheduler keeps what it took: more than two clocks differ that are each wrong by a minute."""
ASIDE = "suspended"
"""Who holds what waits in a suspended instance."""
FAR = datetime(9000, 1, 1, tzinfo=UTC)


class Taken(NamedTuple):
    """A timer that this worker has leased."""

    id: str
    instance_id: str


def is_due(session: Session, now: datetime) -> bool:
    """Is there a timer to fire? Looks without locking anything."""
    return _is_due(session, TIMERS, TIMERS.c.due_at, now)


def is_call_due(session: Session, now: datetime) -> bool:
    """Is there an outbox row whose time has come, and which is not for a worker outside?"""
    return _is_due(session, OUTBOX, OUTBOX.c.next_at, now, OURS)


def lease(session: Session, worker: str, now: datetime, limit: int = 50) -> list[Taken]:
    """Take up to `limit` due timers for this worker, the longest due first."""
    rows = lease_rows(session, TIMERS, TIMERS.c.due_at, worker, now, now + LEASE, limit)
    return [Taken(*row[:2]) for row in rows]


def lease_calls(session: Session, worker: str, now: datetime, limit: int = 20) -> list[str]:
    """Take up to `limit` outbox rows whose time has come."""
    rows = lease_rows(session, OUTBOX, OUTBOX.c.next_at, worker, now, now + LEASE, limit, OURS)
    return [row[0] for row in rows]


def lease_rows(
    session: Session, rows: Any, due: Any, worker: str, now: datetime, until: datetime, limit: int, *which: Any
) -> list[Any]:
    """Take up to `limit` rows that are due and free, in one statement: (id, instance_id, due), the first due first."""
    chosen = select(rows.c.id).where(due <= now, _free(rows, now), *which).order_by(due).limit(limit)
    chosen_rows = chosen.with_for_update(skip_locked=True).cte("chosen")
    taken = (
        update(rows)
        .where(rows.c.id.in_(select(chosen_rows.c.id)))
        .values(leased_by=worker, leased_until=until)
        .returning(rows.c.id, rows.c.instance_id, due)
    )
    return sorted(session.execute(taken), key=lambda row: (row[2], row[0]))


def give_back(session: Session, worker: str) -> None:
    """A scheduler that ends leaves what it took, and has not done, to the others at once."""
    for rows in (TIMERS, OUTBOX):
        mine = update(rows).where(rows.c.leased_by == worker)
        session.execute(mine.values(leased_by=None, leased_until=None))


def next_due(session: Session, now: datetime) -> datetime | None:
    """When the next timer or call will be due."""
    timer = select(func.min(TIMERS.c.due_at)).where(TIMERS.c.due_at > now)
    call = select(func.min(OUTBOX.c.next_at)).where(OUTBOX.c.next_at > now, OURS)
    return min(filter(None, (session.scalar(timer), session.scalar(call))), default=None)


def set_aside(session: Session, instance_id: str) -> None:
    """Nobody takes what waits in this instance until it is taken up again."""
    for rows in (TIMERS, OUTBOX):
        waiting = update(rows).where(rows.c.instance_id == instance_id)
        session.execute(waiting.values(leased_by=ASIDE, leased_until=FAR))


def take_up(session: Session, instance_id: str) -> None:
    """What was set aside is due when it was."""
    for rows in (TIMERS, OUTBOX):
        aside = update(rows).where(rows.c.instance_id == instance_id, rows.c.leased_by == ASIDE)
        session.execute(aside.values(leased_by=None, leased_until=None))


def _is_due(session: Session, rows: Any, due: Any, now: datetime, *which: Any) -> bool:
    """The order keeps PostgreSQL to the index: for a bare EXISTS its general plan reads the whole table."""
    found = select(rows.c.id).where(due <= now, _free(rows, now), *which).order_by(due).limit(1)
    return session.scalar(found) is not None


def _free(rows: Any, now: datetime) -> Any:
    return or_(rows.c.leased_until.is_(None), rows.c.leased_until < now)
