"""Deadlines in working days follow the calendar: where an edit changes them they are counted again, by a command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar import Calendar, recounted
from engine.core import Engine
from engine.db import Transaction
from engine.schema import Instance, Task, Timer

COUNTED = '%"counted"%'


def affected(session: Session, calendar: Calendar, since: datetime) -> Iterator[str]:
    """The open instances where a deadline after `since` comes out differently by this calendar, each once."""
    seen = set[str]()
    tasks = select(Task.instance_id, Task.due_at, Task.due_how).where(Task.state == "open", Task.due_at > since)
    timers = select(Timer.instance_id, Timer.due_at, Timer.how).where(Timer.due_at > since)
    for query in (_open(tasks, Task.instance_id, Task.due_how), _open(timers, Timer.instance_id, Timer.how)):
        for instance_id, at, how in session.execute(query.execution_options(yield_per=1000)):
            if instance_id not in seen and recounted(at.isoformat(), json.loads(how), calendar):
                seen.add(instance_id)
                yield instance_id


def recount(engine: Engine, session: Transaction, instance_id: str, by: str | None) -> None:
    """Count the instance's deadlines again by the calendar of now, as one entry of its journal. NotOpen."""
    engine.lock(session, instance_id)
    engine.recount(instance_id, dict(_tasks(session, instance_id)), by, session)


def _tasks(session: Session, instance_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The open tasks of an instance with a deadline in working days."""
    waiting = select(Task).where(Task.instance_id == instance_id, Task.state == "open", Task.due_how.like(COUNTED))
    for task in session.scalars(waiting.order_by(Task.id)):
        if task.due_at and task.due_how:
            yield task.id, {"due_at": task.due_at.isoformat(), "due_how": json.loads(task.due_how)}


def _open(query: Any, instance_id: Any, how: Any) -> Any:
    return query.join(Instance, Instance.id == instance_id).where(Instance.state == "open", how.like(COUNTED))
