"""What a service is asked and what it answers: values, matched once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

EXTERNAL = "external:"
"""A service named so is nobody's here: a worker outside fetches its calls by the topic behind the colon."""
TOPIC = re.compile(r"[\w.-]{1,64}")


def topic_of(service: str) -> str | None:
    """The topic of an external service: letters, digits, points and hyphens; None for a service of ours."""
    topic = service.removeprefix(EXTERNAL)
    return topic if topic != service and TOPIC.fullmatch(topic) else None


@dataclass(frozen=True, slots=True)
class Call:
    """A service task asks `service` with `arguments` (JSON-able). `id` is the idempotency key."""

    id: str
    element: str
    service: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    instance: str = ""
    at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The service did it; `result` (JSON-able) goes into the task's result variable."""

    result: Any = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A BPMN error: a boundary error event with this code catches it."""

    code: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now; ask again after this time."""

    after: timedelta
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It will not work by asking again: an incident for an operator."""

    reason: str


Answer = Done | Failed | Retry | GiveUp
Answerer = Callable[[Call], Done | Failed]
