"""What a command did, written into the tables that can be rebuilt from the journal: tasks, timers, messages, outbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, update

from engine.bpmn import Outcome
from engine.canonical import digest, dump
from engine.db import table
from engine.journal import Line
from engine.outcomes import topic_of
from engine.prepared import Write
from engine.schema import OutboxCall, Subscription, Task, Timer

SKEW = timedelta(minutes=2)
"""What is to be done at once is due for every node, be its clock behind the one that wrote it."""
TASKS = table(Task)
TIMERS = table(Timer)
SUBSCRIPTIONS = table(Subscription)
OUTBOX = table(OutboxCall)


def writes(line: Line, outcome: Outcome) -> Iterator[Write]:
    """Everything that the entry changes besides the journal."""
    for task_id, how in outcome.closed:
        yield _CLOSE, _closing(line, task_id, how), 1
    for task in outcome.opened:
        yield _opening(line, task)
    for changed in outcome.changed:
        yield _changing(changed)
    yield from _replaced(TIMERS, outcome.timers_gone, [_timer(line, timer) for timer in outcome.timers])
    waiting = [_subscription(line, subscription) for subscription in outcome.subscriptions]
    yield from _replaced(SUBSCRIPTIONS, outcome.subscriptions_gone, waiting)
    yield from _replaced(OUTBOX, outcome.calls_gone, [*_calls(line, outcome), *_thrown(line, outcome)])


def _closing(line: Line, task_id: str, how: str) -> dict[str, Any]:
    by = line.by if how == "completed" else None
    return {"task": task_id, "how": how, "at": line.at, "by_whom": by, "place": line.position}


def _opening(line: Line, task: Any) -> Write:
    """A task that somebody goes back to is there already; after a jump its time runs anew."""
    if line.kind == "withdraw":
        return _REOPEN, {"task": task.id}, 1
    if line.kind == "jump":
        return _REOPEN_ANEW, {"task": task.id, **_due(task.due_at, task.due_how)}, 1
    return _ADD[TASKS], _task(line, task), 1


def _changing(changed: Mapping[str, Any]) -> Write:
    """What is otherwise now of an open task."""
    values = {_COLUMNS.get(name, name): value for name, value in changed.items() if name != "id"}
    if "due_at" in values or "due_how" in values:
        values |= {
            key: value for key, value in _due(values.get("due_at"), values.get("due_how")).items() if key in values
        }
    if "separate_from" in values:
        values["separate_from"] = ",".join(values["separate_from"])
    return _change(tuple(sorted(values))), {"task": changed["id"], **{f"new_{k}": v for k, v in values.items()}}, 1


@lru_cache(maxsize=64)
def _change(columns: tuple[str, ...]) -> Any:
    values: dict[str, Any] = {column: bindparam(f"new_{column}") for column in columns}
    return update(TASKS).where(TASKS.c.id == bindparam("task"), TASKS.c.state == "open").values(**values)


def _due(at: str | None, how: Any) -> dict[str, Any]:
    return {"due_at": datetime.fromisoformat(at) if at else None, "due_how": dump(how) if how else None}


def _replaced(rows: Table, gone: Sequence[str], new: Sequence[dict[str, Any]]) -> Iterator[Write]:
    yield from ((_REMOVE[rows], {"gone": key}, None) for key in gone)
    yield from ((_ADD[rows], row, 1) for row in new)


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
        **_due(task.due_at, task.due_how),
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
        "next_at": line.at - SKEW,
        "leased_by": None,
        "leased_until": None,
        "topic": topic_of(name) if kind == "service" else None,
        "retries": None,
    }


_ADD = {rows: insert(rows) for rows in (TASKS, TIMERS, SUBSCRIPTIONS, OUTBOX)}
_REMOVE = {rows: delete(rows).where(rows.c.id == bindparam("gone")) for rows in (TIMERS, SUBSCRIPTIONS, OUTBOX)}
_CLOSE = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"), TASKS.c.state == "open")
    .values(
        state=bindparam("how"),
        closed_at=bindparam("at"),
        closed_by=bindparam("by_whom"),
        closed_position=bindparam("place"),
    )
)
_REOPEN = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"))
    .values(state="open", closed_at=None, closed_by=None, closed_position=None)
)
_REOPEN_ANEW = _REOPEN.values(due_at=bindparam("due_at"), due_how=bindparam("due_how"))
_COLUMNS = {"state": "domain_state"}
"""What an outcome calls it → the column, where they differ."""
