"""The only place that reads the clock or makes random ids; everything else is given them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from secrets import token_hex
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""Times are stored in UTC and decided here."""

Clock = Callable[[], datetime]
"""Answers the present moment, aware, in UTC. Tests pass one that they move by hand."""


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh random id: 32 hexadecimal digits."""
    return token_hex(16)
