"""Working days of mainland China and deadlines that show how they were computed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

import chinese_calendar

from engine.canonical import digest, dump
from engine.clock import SHANGHAI
from engine.refusals import Saying

SPEC = re.compile(r"^(\d{1,5})(wd|d|h|m|s)$")
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""When a clock that stands runs out."""
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
    """A computed moment and its arithmetic: `how` = {spec, from, counted: [ISO dates], skipped: [ISO dates]}.

    `pauses` where the clock stood: [{from, until, party, reason, days: [ISO dates that do not count]}]; `stopped` while
    it stands: {at, due, party, reason}.
    """

    at: datetime
    how: dict[str, Any]


Pauses = Sequence[Mapping[str, Any]]


def deadline(spec: str, start: datetime, calendar: Calendar, pauses: Pauses = ()) -> Deadline:
    """`start` plus "2wd" (working days, ends 24:00 Shanghai time of the last), "7d", "24h", "15m" or "30s".

    Of working days those from the beginning of a pause up to the day before its end do not count; a time by the clock
    grows by the pauses. ValueError when the spec is not of this form.
    """
    found = SPEC.match(spec) if isinstance(spec, str) else None
    if not found:
        raise ValueError(not_a_period(spec))
    count, unit = int(found[1]), found[2]
    if unit == "wd":
        return _working_days(spec, count, start, calendar, pauses)
    at = start + timedelta(**{UNITS[unit]: count}) + sum(map(_length, pauses), timedelta())
    how = {"spec": spec, "from": start.isoformat()}
    return Deadline(at.astimezone(UTC), how | ({"pauses": [dict(pause) for pause in pauses]} if pauses else {}))


def reminder(spec: str, start: datetime, calendar: Calendar, pauses: Pauses = ()) -> Deadline:
    """Half way to the deadline."""
    end = deadline(spec, start, calendar, pauses)
    return Deadline(start + (end.at - start) / 2, {**end.how, "half_way_to": end.at.isoformat()})


def recounted(at: str, how: Mapping[str, Any], calendar: Calendar) -> Deadline | None:
    """A deadline in working days counted again from where it began; None where this calendar comes to the same.

    Its `how` keeps in `before` how it was: {at, counted, skipped}, and what that had before.
    """
    if "counted" not in how or "stopped" in how:
        return None
    fresh = _counted(how, calendar, how.get("pauses", ()))
    if fresh.how["counted"] == how["counted"]:
        return None
    before = {"at": at, **{key: how[key] for key in ("counted", "skipped", "before") if key in how}}
    return Deadline(fresh.at, {**how, **fresh.how, "before": before})


def can_stop(how: Mapping[str, Any] | None) -> bool:
    """Is this a period whose clock runs? A date that was set, a cycle, and a clock that stands already cannot stop."""
    return bool(how) and "spec" in how and "turn" not in how and "stopped" not in how  # type: ignore[operator]


def stopped(due: str, how: Mapping[str, Any], now: datetime, why: Mapping[str, str]) -> Deadline:
    """The clock stands from now on: no moment is near, and `how` keeps when and `why` ({party, reason})."""
    return Deadline(NEVER, {**how, "stopped": {"at": now.isoformat(), "due": due, **why}})


def started(how: Mapping[str, Any], now: datetime, calendar: Calendar) -> Deadline:
    """The clock goes on: the deadline of a stopped `how`, with the days of the pause left out."""
    rest = {key: value for key, value in how.items() if key != "stopped"}
    since, due = how["stopped"]["at"], datetime.fromisoformat(how["stopped"]["due"])
    pause = {"from": since, "until": now.isoformat()} | {key: how["stopped"][key] for key in ("party", "reason")}
    pauses = [*how.get("pauses", ()), pause]
    if SPEC.match(str(how["spec"])):
        fresh = _counted(how, calendar, pauses)
        return Deadline(fresh.at, {**rest, **fresh.how})
    return Deadline(due + _length(pause), {**rest, "pauses": pauses})


def _counted(how: Mapping[str, Any], calendar: Calendar, pauses: Pauses) -> Deadline:
    count = reminder if "half_way_to" in how else deadline
    return count(how["spec"], datetime.fromisoformat(how["from"]), calendar, pauses)


def _working_days(spec: str, count: int, start: datetime, calendar: Calendar, pauses: Pauses) -> Deadline:
    day = start.astimezone(SHANGHAI).date()
    counted: list[str] = []
    skipped: list[str] = []
    stood: list[list[str]] = [[] for _ in pauses]
    while len(counted) < count:
        day += timedelta(days=1)
        pause = next((number for number, each in enumerate(pauses) if _stands(each, day)), None)
        days = skipped if not calendar.is_working(day) else counted if pause is None else stood[pause]
        days.append(day.isoformat())
    end = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    how: dict[str, Any] = {"spec": spec, "from": start.isoformat(), "counted": counted, "skipped": skipped}
    if pauses:
        how["pauses"] = [{**each, "days": days} for each, days in zip(pauses, stood, strict=True)]
    return Deadline(end.astimezone(UTC), how)


def _stands(pause: Mapping[str, Any], day: date) -> bool:
    begun, ended = (datetime.fromisoformat(pause[key]).astimezone(SHANGHAI).date() for key in ("from", "until"))
    return begun <= day < ended


def _length(pause: Mapping[str, Any]) -> timedelta:
    return datetime.fromisoformat(pause["until"]) - datetime.fromisoformat(pause["from"])


@lru_cache(maxsize=1)
def mainland() -> Calendar:
    """The published holidays and make-up days of mainland China."""
    off = dict.fromkeys(chinese_calendar.constants.holidays, False)
    makeup = dict.fromkeys(chinese_calendar.constants.workdays, True)
    return Calendar({day.isoformat(): works for day, works in sorted({**off, **makeup}.items())})
