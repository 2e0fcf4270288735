"""Compares what was acknowledged with what the journal says. Every line of its answer is a fault."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Engine, Entry, Instance, OutboxCall, Subscription, Timer, replay, verify
from engine.refusals import Refusal
from tests.chaos.clients import History
from tests.chaos.trial import SHAPE

Journals = Mapping[str, Sequence[Mapping[str, Any]]]
"""Instance → its entries in order: {kind, by, command, effects, …}."""


def faults(engine: Engine, history: History) -> Iterator[str]:
    """Everything that does not fit."""
    yield from history.wrong
    with engine.database.read() as session:
        journals = read(session)
        yield from (f"chain: {broken}" for broken in verify(session) if broken)
        yield from left_over(session)
    yield from diverged(engine, journals)
    yield from compared(journals, history)


def compared(journals: Journals, history: History) -> Iterator[str]:
    """What the journals and the histories say of each other."""
    yield from _shapes(journals)
    yield from _beginnings(journals, history)
    yield from _acknowledged(journals, history)
    yield from _approvals(journals, history)
    yield from _outside(journals, history)


def read(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Every journal."""
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in session.scalars(select(Instance.id))}
    for row in session.scalars(select(Entry).order_by(Entry.instance_id, Entry.position)):
        found[row.instance_id].append({"kind": row.kind, "by": row.by, **json.loads(row.body)})
    return found


def left_over(session: Session) -> Iterator[str]:
    """When all has come to its end nothing waits any more."""
    for kind in (Timer, OutboxCall, Subscription):
        if left := session.scalar(select(func.count()).select_from(kind)):
            yield f"{left} rows are left in {kind.__tablename__}"
    for instance, state in session.execute(select(Instance.id, Instance.state).where(Instance.state != "completed")):
        yield f"instance {instance} is {state}"


def diverged(engine: Engine, journals: Journals) -> Iterator[str]:
    """Does every instance replay to the same bytes?"""
    for instance in journals:
        try:
            with engine.database.read() as session:
                replay(engine, session, instance)
        except Refusal as refusal:
            yield f"replay: {refusal}"


def _shapes(journals: Journals) -> Iterator[str]:
    """Nothing twice, nothing missing, nothing out of order: the diagram allows one shape only."""
    for instance, entries in journals.items():
        if (kinds := [entry["kind"] for entry in entries]) != SHAPE:
            yield f"instance {instance} has the entries {kinds}"


def _beginnings(journals: Journals, history: History) -> Iterator[str]:
    keys = {instance: entries[0]["command"]["message"]["key"] for instance, entries in journals.items() if entries}
    yield from (f"{key} was begun {count} times" for key, count in Counter(keys.values()).items() if count > 1)
    for key, instance in history.begun.items():
        if keys.get(instance) != key:
            yield f"the beginning of {key} was acknowledged as {instance} and is not in the journal"


def _acknowledged(journals: Journals, history: History) -> Iterator[str]:
    for key, place in history.told.items():
        if _command(journals, place).get("payload") != {"said": key}:
            yield f"the delivery to {key} was acknowledged as {place} and is not there"
    for task, place in history.worked.items():
        if _command(journals, place).get("call") != task:
            yield f"the answer of {task} was acknowledged as {place} and is not there"


def _approvals(journals: Journals, history: History) -> Iterator[str]:
    done = {entry["command"]["task"] for entry in _entries(journals) if entry["kind"] == "complete"}
    for task, people in history.approved.items():
        if len(people) > 1:
            yield f"{people} were both told that they did {task}"
        if task not in done:
            yield f"{people} was told that {task} is done, and the journal does not say so"


def _outside(journals: Journals, history: History) -> Iterator[str]:
    """Each call came at least once under its id, with what it said, and none came that the journal does not know."""
    asked = {call["id"]: call for entry in _entries(journals) for call in entry["effects"].get("calls", [])}
    hooks = {key: call["arguments"]["body"]["key"] for key, call in asked.items() if call["service"] == "webhook"}
    came = dict(history.calls.keys())
    yield from (f"webhook {call} never came" for call in sorted(hooks.keys() - came.keys()))
    yield from (f"webhook {call} came and was never sent so" for call, key in came.items() if hooks.get(call) != key)
    yield from (f"work {task} was done and never asked for" for task in sorted(history.deeds.keys() - asked.keys()))


def _entries(journals: Journals) -> Iterator[Mapping[str, Any]]:
    for entries in journals.values():
        yield from entries


def _command(journals: Journals, place: tuple[str, int]) -> Mapping[str, Any]:
    entries = journals.get(place[0], [])
    found: Mapping[str, Any] = entries[place[1] - 1]["command"] if 0 < place[1] <= len(entries) else {}
    return found
