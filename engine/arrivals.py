"""A message that starts a procedure, and what the procedure begins with: for the wiring to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.bpmn import Element


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that nobody waits for and that starts `definition` at its start event `event`.

    `sender` is the instance that threw it, None where it comes from outside; `instance_id` is what will be started.
    """

    definition: str
    event: Element
    instance_id: str
    name: str
    key: str
    payload: Mapping[str, Any]
    by: str | None
    at: datetime
    sender: str | None


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the started instance is given."""

    data: Mapping[str, Any]
    organisation: str = ""
    subject: str = ""


Welcome = Callable[[Session, Arrival], Beginning]


def as_it_came(_session: Session, arrival: Arrival) -> Beginning:
    """The payload and nothing else."""
    return Beginning(arrival.payload, subject=arrival.key)
