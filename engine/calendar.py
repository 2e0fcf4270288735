"""Working days of mainland China and deadlines that show how they were computed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

import chinese_calendar

from engine.canonical import digest, dump
from engine.clock import SHANGHAI
from engine.refusals import Saying

SPEC = re.compile(r"^(\d{1,5})(wd|d|h|m|s)$")
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def not_a_period(spec: Any) -> Saying:
    """What is said of what should be a period and is none."""
    return Saying("{value} is not a period; write for example 2wd, 7d, 24h, 15m or 30s", value=repr(spec))


@dataclass(frozen=True)
class Calendar:
    """Saturdays and Sundays are off unless `exceptions` (ISO date → is it a working day) says otherwise."""

    exceptions: Mapping[str, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Is this a working day (make-up Saturdays are)?"""
        return self.exceptions.get(day.isoformat(), day.weekday() < 5)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the exceptions: what an entry pins."""
        return digest(dump(dict(self.exceptions)))


@dataclass(frozen=True)
class Deadline:
    """A computed moment and its arithmetic: `how` = {spec, from, counted: [ISO dates], skipped: [ISO dates]}."""

    at: datetime
    how: dict[str, Any]


def deadline(spec: str, start: datetime, calendar: Calendar) -> Deadline:
    """`start` plus "2wd" (working days, ends 24:00 Shanghai time of the last), "7d", "24h", "15m" or "30s".

    ValueError when the spec is not of this form.
    """
    found = SPEC.match(spec) if isinstance(spec, str) else None
    if not found:
        raise ValueError(not_a_period(spec))
    count, unit = int(found[1]), found[2]
    if unit == "wd":
        return _working_days(spec, count, start, calendar)
    at = start + timedelta(**{UNITS[unit]: count})
    return Deadline(at.astimezone(UTC), {"spec": spec, "from": start.isoformat()})


def reminder(spec: str, start: datetime, calendar: Calendar) -> Deadline:
    """Half way to the deadline."""
    end = deadline(spec, start, calendar)
    return Deadline(start + (end.at - start) / 2, {**end.how, "half_way_to": end.at.isoformat()})


def recounted(at: str, how: Mapping[str, Any], calendar: Calendar) -> Deadline | None:
    """A deadline in working days counted again from where it began; None where this calendar comes to the same.

    Its `how` keeps in `before` how it was: {at, counted, skipped}, and what that had before.
    """
    if "counted" not in how:
        return None
    count = reminder if "half_way_to" in how else deadline
    fresh = count(how["spec"], datetime.fromisoformat(how["from"]), calendar)
    if fresh.how["counted"] == how["counted"]:
        return None
    before = {"at": at, **{key: how[key] for key in ("counted", "skipped", "before") if key in how}}
    return Deadline(fresh.at, {**how, **fresh.how, "before": before})


def _working_days(spec: str, count: int, start: datetime, calendar: Calendar) -> Deadline:
    day = start.astimezone(SHANGHAI).date()
    counted: list[str] = []
    skipped: list[str] = []
    while len(counted) < count:
        day += timedelta(days=1)
        (counted if calendar.is_working(day) else skipped).append(day.isoformat())
    end = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    how = {"spec": spec, "from": start.isoformat(), "counted": counted, "skipped": skipped}
    return Deadline(end.astimezone(UTC), how)


@lru_cache(maxsize=1)
def mainland() -> Calendar:
    """The published holidays and make-up days of mainland China."""
    off = dict.fromkeys(chinese_calendar.constants.holidays, False)
    makeup = dict.fromkeys(chinese_calendar.constants.workdays, True)
    return Calendar({day.isoformat(): works for day, works in sorted({**off, **makeup}.items())})
