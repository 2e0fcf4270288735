"""The long wait of a program that asks for work: until there is some, or its patience ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

from web.wiring import parts

T = TypeVar("T")
LOOK_AGAIN = 2.0
"""Seconds after which one looks even if nobody rang."""


def until_some(look: Callable[[], Sequence[T]], patience: float) -> Sequence[T]:
    """What `look` finds, within `patience` seconds; at once when too many wait already."""
    seats = parts().waiting
    if patience <= 0 or not seats.acquire(blocking=False):
        return look()
    try:
        return _wait(look, monotonic() + patience)
    finally:
        seats.release()


def _wait(look: Callable[[], Sequence[T]], end: float) -> Sequence[T]:
    bell = parts().bell
    while True:
        heard = bell.heard
        found, left = look(), end - monotonic()
        if found or left <= 0:
            return found
        bell.wait(heard, min(left, LOOK_AGAIN))
