"""What people said about a matter at each step, read from the journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Entry, Task

PROPOSAL = "draft"
"""The element whose completion begins a round."""

RESULTS = ("result", "consistent", "outcome")
WORDS = ("opinion", "reason", "summary")


@dataclass(frozen=True, slots=True)
class Opinion:
    """One completed task: who, in which post, when, with what result and words.

    `round` counts the proposals from 1; `data` is all that the form said; `taken_back` that it counts no more: the
    person withdrew it, or somebody went back to an earlier step; `is_repeated` that the step was done more than once,
    so that the round tells one time from the other.
    """

    position: int
    at: datetime
    person: str | None
    organisation: str
    post: str
    task_id: str
    element: str
    name: str
    result: str | None
    opinion: str
    round: int
    data: Mapping[str, Any] = field(default_factory=dict)
    taken_back: bool = False
    is_repeated: bool = False


def opinions(session: Session, instance_id: str) -> list[Opinion]:
    """Every completed task of an instance in the order of the journal, the proposals included."""
    entries = session.scalars(
        select(Entry)
        .where(Entry.instance_id == instance_id, Entry.kind.in_(("complete", "withdraw", "jump")))
        .order_by(Entry.position)
    ).all()
    tasks = {task.id: task for task in session.scalars(select(Task).where(Task.instance_id == instance_id))}
    return _read([(entry, json.loads(entry.body)["command"]) for entry in entries], tasks)


def _read(entries: Iterable[tuple[Entry, Mapping[str, Any]]], tasks: Mapping[str, Task]) -> list[Opinion]:
    entries = list(entries)
    taken_back = {place for entry, command in entries for place in _undone(entry, command)}
    found: list[Opinion] = []
    number = 0
    for entry, command in entries:
        if entry.kind == "complete":
            number += command["element"] == PROPOSAL and entry.position not in taken_back
            found.append(_opinion(entry, command, tasks[command["task"]], number, entry.position in taken_back))
    times = Counter(said.element for said in found if not said.taken_back)
    return [replace(said, is_repeated=times[said.element] > 1) for said in found]


def _undone(entry: Entry, command: Mapping[str, Any]) -> Iterable[int]:
    """The positions that somebody went back behind: they stay as history and count no more."""
    if entry.kind == "withdraw":
        return (command["position"],)
    return range(command["to"] + 1, entry.position) if entry.kind == "jump" else ()


def _opinion(entry: Entry, command: Mapping[str, Any], task: Task, number: int, taken_back: bool) -> Opinion:
    data = command["data"]
    return Opinion(
        position=entry.position,
        at=entry.at,
        person=entry.by,
        organisation=task.organisation,
        post=task.post,
        task_id=task.id,
        element=task.element,
        name=task.name,
        result=_first(data, RESULTS),
        opinion=_first(data, WORDS) or "",
        round=number,
        data=data,
        taken_back=taken_back,
    )


def _first(data: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    return next((str(data[key]) for key in keys if data.get(key) not in (None, "")), None)
