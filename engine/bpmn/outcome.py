"""What one command did to an instance: everything JSON-able, in an order that never depends on chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.outcomes import Call


@dataclass(slots=True)
class OpenTask:
    """A user task that now waits for somebody. `data` is what it sees; `due_at` an ISO instant."""

    id: str
    element: str
    name: str
    scope: str
    organisation: str
    post: str
    person: str | None = None
    form: str | None = None
    due_at: str | None = None
    due_how: dict[str, Any] | None = None
    separate_from: list[str] = field(default_factory=list)
    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class WaitingTimer:
    """A timer that fires at `due_at` (ISO instant); `how` it was computed."""

    id: str
    element: str
    due_at: str
    how: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Subscription:
    """An element that waits for a message or a signal. `key` "" takes any key."""

    id: str
    element: str
    kind: str
    name: str
    key: str


@dataclass(slots=True)
class Thrown:
    """Something thrown that nothing inside the instance caught."""

    kind: str
    element: str
    name: str
    key: str = ""
    payload: Any = None


@dataclass(slots=True)
class Outcome:
    """`trace`: [kind, element, process, scope, task], kind = entered | completed | cancelled | flow; `scope` is "" or
    the task id of the calling activity or sub-process. `changed`: what is otherwise now of open tasks: {id, …}.
    `decided`: [element, decision, rule numbers].
    `state` is the digest of every live element with its data."""

    trace: list[list[str]] = field(default_factory=list)
    opened: list[OpenTask] = field(default_factory=list)
    closed: list[tuple[str, str]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    timers: list[WaitingTimer] = field(default_factory=list)
    timers_gone: list[str] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    subscriptions_gone: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    calls_gone: list[str] = field(default_factory=list)
    thrown: list[Thrown] = field(default_factory=list)
    decided: list[list[Any]] = field(default_factory=list)
    answers: list[list[Any]] = field(default_factory=list)
    completed: bool = False
    failed: bool = False
    state: str = ""
