"""What a command did, written into the tables that can be rebuilt from the journal: tasks, timers, messages, outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.engine import Connection

from engine.bpmn import Outcome
from engine.canonical import digest, dump
from engine.db import table
from engine.journal import Line
from engine.refusals import Overtaken
from engine.schema import Incident, OutboxCall, Subscription, Task, Timer

TASKS = table(Task)
TIMERS = table(Timer)
SUBSCRIPTIONS = table(Subscription)
OUTBOX = table(OutboxCall)
INCIDENTS = table(Incident)


def project(connection: Connection, line: Line, outcome: Outcome) -> None:
    """Write everything that the entry changes; the whole list is one statement for each kind."""
    _close(connection, line, outcome.closed)
    if outcome.opened:
        _open(connection, line, outcome)
    _replace(connection, TIMERS, outcome.timers_gone, [_timer(line, timer) for timer in outcome.timers])
    waiting = [_subscription(line, subscription) for subscription in outcome.subscriptions]
    _replace(connection, SUBSCRIPTIONS, outcome.subscriptions_gone, waiting)
    _replace(connection, OUTBOX, outcome.calls_gone, [*_calls(line, outcome), *_thrown(line, outcome)])


def _close(connection: Connection, line: Line, closed: Sequence[Any]) -> None:
    for task_id, how in closed:
        values = {
            "task": task_id,
            "state": how,
            "closed_at": line.at,
            "closed_by": line.by if how == "completed" else None,
            "closed_position": line.position,
        }
        if connection.execute(_CLOSE, values).rowcount != 1:
            raise Overtaken


def _open(connection: Connection, line: Line, outcome: Outcome) -> None:
    """A task that a withdrawal opens again is there already."""
    if line.kind == "withdraw":
        again = [{"task": task.id} for task in outcome.opened]
        connection.execute(_REOPEN, again)
        return
    connection.execute(insert(TASKS), [_task(line, task) for task in outcome.opened])


def _replace(connection: Connection, table: Any, gone: Sequence[str], new: Sequence[dict[str, Any]]) -> None:
    if gone:
        connection.execute(delete(table).where(table.c.id.in_(gone)))
    if new:
        connection.execute(insert(table), new)


def _task(line: Line, task: Any) -> dict[str, Any]:
    return {
        "id": task.id,
        "instance_id": line.instance_id,
        "element": task.element,
        "name": task.name,
        "scope": task.scope,
        "organisation": task.organisation,
        "post": task.post,
        "person": task.person,
        "form": task.form,
        "state": "open",
        "domain_state": task.state,
        "separate_from": ",".join(task.separate_from),
        "opened_at": line.at,
        "opened_position": line.position,
        "due_at": datetime.fromisoformat(task.due_at) if task.due_at else None,
        "due_how": dump(task.due_how) if task.due_how else None,
        "closed_at": None,
        "closed_by": None,
        "closed_position": None,
    }


def _timer(line: Line, timer: Any) -> dict[str, Any]:
    return {
        "id": timer.id,
        "instance_id": line.instance_id,
        "element": timer.element,
        "due_at": datetime.fromisoformat(timer.due_at),
        "how": dump(timer.how),
        "leased_by": None,
        "leased_until": None,
    }


def _subscription(line: Line, waiting: Any) -> dict[str, Any]:
    return {
        "id": waiting.id,
        "instance_id": line.instance_id,
        "element": waiting.element,
        "kind": waiting.kind,
        "name": waiting.name,
        "key": waiting.key,
    }


def _calls(line: Line, outcome: Outcome) -> list[dict[str, Any]]:
    return [_row(line, c.id, "service", c.element, c.service, "", dict(c.arguments)) for c in outcome.calls]


def _thrown(line: Line, outcome: Outcome) -> list[dict[str, Any]]:
    """Messages and signals go on to whoever waits for them; errors and escalations are for the observers."""
    return [
        _row(line, _thrown_id(line, number), thrown.kind, thrown.element, thrown.name, thrown.key, thrown.payload)
        for number, thrown in enumerate(outcome.thrown)
        if thrown.kind in ("message", "signal")
    ]


def _thrown_id(line: Line, number: int) -> str:
    return digest(f"{line.instance_id}:{line.position}:{number}")[:32]


def _row(line: Line, key: str, kind: str, element: str, name: str, to: str, arguments: Any) -> dict[str, Any]:
    return {
        "id": key,
        "instance_id": line.instance_id,
        "kind": kind,
        "element": element,
        "name": name,
        "key": to,
        "arguments": dump(arguments),
        "at": line.at,
        "by": line.by,
        "attempts": 0,
        "next_at": line.at,
        "leased_by": None,
        "leased_until": None,
    }


_CLOSE = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"), TASKS.c.state == "open")
    .values(
        state=bindparam("state"),
        closed_at=bindparam("closed_at"),
        closed_by=bindparam("closed_by"),
        closed_position=bindparam("closed_position"),
    )
)
_REOPEN = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"))
    .values(state="open", closed_at=None, closed_by=None, closed_position=None)
)
