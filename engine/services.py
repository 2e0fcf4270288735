"""Service tasks: what a diagram may ask of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.outcomes import Answer, Call


@dataclass(frozen=True, slots=True)
class Service:
    """A service that diagrams call by `name`.

    Inside: `run` writes our own tables in the command's transaction and answers Done or Failed; a Refusal that it
    raises refuses the whole command. Outside: `run` is called after the commit, at least once, with `call.id` as
    idempotency key; it may also answer Retry or GiveUp, and what it raises counts as Retry.
    """

    name: str
    run: Callable[[Session, Call], Answer]
    inside: bool = True
