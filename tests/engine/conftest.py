"""An engine on a fresh database, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import Actor, Call, Database, Done, Engine, Service
from engine.schema import Task

CLERK = Actor("li", frozenset({("org", "clerk"), ("", "clerk")}))
HEAD = Actor("wang", frozenset({("org", "head"), ("", "head")}))


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


class Desk:
    """Keeps what services were asked; answers what it was told to."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[Any] = []

    def __call__(self, session: Any, call: Call) -> Any:
        self.calls.append(call)
        return self.answers.pop(0) if self.answers else Done({"asked": len(self.calls)})


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def outside() -> Desk:
    return Desk()


@pytest.fixture
def build(database: Database, clock: HandClock, desk: Desk, outside: Desk) -> Callable[[], Engine]:
    """Makes engines on the same database: as many nodes as a test likes."""
    services = {
        "desk": Service("desk", desk, codes=None),
        "outside": Service("outside", outside, inside=False, codes=None),
    }
    return lambda: Engine(database, services=services, clock=clock)


@pytest.fixture
def engine(build: Callable[[], Engine]) -> Engine:
    return build()


def open_tasks(engine: Engine, instance: str) -> dict[str, Task]:
    """The open tasks of an instance by element; of several in one element the last."""
    with engine.database.read() as session:
        query = select(Task).where(Task.instance_id == instance, Task.state == "open").order_by(Task.id)
        return {task.element: task for task in session.scalars(query)}


def run(engine: Engine, files: dict[str, bytes], definition: str, **data: Any) -> str:
    """Deploy and start; answers the instance's id."""
    engine.deploy(files, "designer")
    return engine.start(definition, {"organisation": "org", **data}, "li", organisation="org", subject="s").id
