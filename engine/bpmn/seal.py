"""The seal: the only time, calendar and source of ids that an advancing instance knows."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from engine import calendar
from engine.calendar import Calendar


@dataclass(frozen=True)
class Seal:
    """`now` (aware), `seed` (unique per instance and position) and the calendar that one command runs under."""

    now: datetime
    seed: str
    calendar: Calendar


class Moment(str):
    """An ISO instant that remembers how it was computed."""

    how: dict[str, Any]

    @classmethod
    def of(cls, deadline: calendar.Deadline) -> Moment:
        moment = cls(deadline.at.isoformat())
        moment.how = deadline.how
        return moment


class Ids:
    """The ids of one command: 32 hexadecimal digits each, from the seed and a count."""

    def __init__(self, seed: str) -> None:
        self.seed = seed.encode()
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return sha256(b"%s\n%d" % (self.seed, self.count)).hexdigest()[:32]


_SEAL: ContextVar[Seal] = ContextVar("mingtang_seal")


class sealed:
    """Within the block scripts know this moment and this calendar."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal

    def __enter__(self) -> None:
        self.before = _SEAL.set(self.seal)

    def __exit__(self, *_: Any) -> None:
        _SEAL.reset(self.before)


def current() -> Seal:
    """The seal of the running command. ValueError outside of one."""
    seal = _SEAL.get(None)
    if seal is None:
        raise ValueError("the time is not known here")
    return seal


def deadline(spec: str) -> Moment:
    """Sealed now plus a period such as 2wd, 7d, 24h, 15m, 30s."""
    seal = current()
    return Moment.of(calendar.deadline(spec, seal.now, seal.calendar))


def reminder(spec: str) -> Moment:
    """Half way from the sealed now to that deadline."""
    seal = current()
    return Moment.of(calendar.reminder(spec, seal.now, seal.calendar))
