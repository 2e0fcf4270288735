"""Timers that are due: leased by a scheduler in one statement, so that none fires twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from engine.db import table
from engine.schema import OutboxCall, Timer

LEASE = timedelta(seconds=60)
"""How long a dead scheduler keeps what it took."""


def lease(session: Session, worker: str, now: datetime, limit: int = 50) -> list[str]:
    """Take up to `limit` due timers for this worker; answers their ids, the longest due first."""
    return _lease(session, table(Timer), table(Timer).c.due_at, worker, now, limit)


def lease_calls(session: Session, worker: str, now: datetime, limit: int = 20) -> list[str]:
    """Take up to `limit` outbox rows whose time has come."""
    return _lease(session, table(OutboxCall), table(OutboxCall).c.next_at, worker, now, limit)


def _lease(session: Session, rows: Any, due: Any, worker: str, now: datetime, limit: int) -> list[str]:
    free = or_(rows.c.leased_until.is_(None), rows.c.leased_until < now)
    chosen = select(rows.c.id).where(due <= now, free).order_by(due).limit(limit).with_for_update(skip_locked=True)
    chosen_rows = chosen.cte("chosen")
    taken = (
        update(rows)
        .where(rows.c.id.in_(select(chosen_rows.c.id)))
        .values(leased_by=worker, leased_until=now + LEASE)
        .returning(rows.c.id, due)
    )
    return [row[0] for row in sorted(session.execute(taken), key=lambda row: (row[1], row[0]))]
