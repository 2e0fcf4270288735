"""Which schedulers live: each holds a lock of its name in the database as long as it is connected.

A scheduler that is killed loses its connection, and what it had leased is taken over within seconds instead of when the
lease runs out. PostgreSQL only; on SQLite the lease runs out. A scheduler that lives and lost its connection for a
moment may be taken for dead: its work is then done twice and counts once, as after a lease that ran out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zlib import crc32

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from engine.timers import LEASE, OURS, OUTBOX, TIMERS

SPACE = 7_704
"""The first number of our locks, so that they are nobody else's."""


def announce(driver: Any, name: str) -> None:
    """Hold the lock of this name on the driver's connection, until it is closed or cut."""
    driver.execute("SELECT pg_try_advisory_lock(%s, %s)", (SPACE, _number(name)))


def take_back(session: Session, worker: str, now: datetime) -> int:
    """Free what schedulers hold that live no more, and what `worker` itself left lying; answers how many rows.

    It is called between two beats: what the worker holds then is what it could not do, for the database was away.
    """
    kinds = ((TIMERS, TIMERS.c.due_at, ()), (OUTBOX, OUTBOX.c.next_at, (OURS,)))
    return sum(_free(session, worker, rows, due, which, now) for rows, due, which in kinds)


def _free(session: Session, worker: str, rows: Any, due: Any, which: tuple[Any, ...], now: datetime) -> int:
    """Only what is due is ever held. What waits for an operator has a lease that never ends, and keeps it."""
    held = (due <= now + 2 * LEASE, rows.c.leased_by.is_not(None), rows.c.leased_until < now + 2 * LEASE, *which)
    holders = set(session.scalars(select(rows.c.leased_by).where(*held).distinct()))
    dead = sorted(holders - _living(session, holders - {worker}))
    if not dead:
        return 0
    free = update(rows).where(*held, rows.c.leased_by.in_(dead)).values(leased_by=None, leased_until=None)
    return int(session.execute(free).rowcount)  # type: ignore[attr-defined]


def _living(session: Session, names: set[str]) -> set[str]:
    """On SQLite nobody knows; all may live."""
    if session.get_bind().dialect.name == "sqlite" or not names:
        return names
    held = set(session.scalars(_HELD, {"space": SPACE}))
    return {name for name in names if _number(name) % 2**32 in held}


def _number(name: str) -> int:
    """A name as PostgreSQL numbers its locks: 32 bits with a sign."""
    number = crc32(name.encode())
    return number - 2**32 if number >= 2**31 else number


_HELD = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :space AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
