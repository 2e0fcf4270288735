"""When a timer is due: instants, ISO 8601 durations and cycles, and the periods of the working calendar."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from engine import calendar
from engine.bpmn import seal
from engine.bpmn.sandbox import ScriptFailed, reason
from engine.clock import SHANGHAI
from engine.refusals import Saying

ISO = re.compile(
    r"^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?$"
)
EXAMPLE = datetime(2026, 1, 1, tzinfo=SHANGHAI)
CYCLE = re.compile(r"^R(\d{0,9})/(?:([^/P]+)/)?(P[^/]+)$")


def due(kind: str, value: Any, element: str) -> tuple[datetime, dict[str, Any]]:
    """The moment (aware) and how it was computed. `kind` is date, duration or cycle. ScriptFailed if it is none."""
    try:
        if not isinstance(value, str):
            raise ValueError(Saying("{value} is not a moment or a period", value=repr(value)))
        return _due(kind, value.strip(), getattr(value, "how", None))
    except (ValueError, OverflowError) as error:
        raise ScriptFailed(element=element, line=1, reason=reason(error)) from None


def read(kind: str, value: str) -> None:
    """Can this moment, period or cycle be read? ValueError or OverflowError if not."""
    if kind == "cycle":
        cycle(value, EXAMPLE)
    elif value.startswith("P"):
        after(value, EXAMPLE)
    elif kind == "duration":
        calendar.deadline(value, EXAMPLE, calendar.Calendar())
    else:
        moment(value)


def _due(kind: str, value: str, how: dict[str, Any] | None) -> tuple[datetime, dict[str, Any]]:
    if how is not None:
        return datetime.fromisoformat(value), how
    if kind == "cycle":
        return _turn(cycle(value, seal.current().now), 0)
    if value.startswith("P"):
        now = seal.current().now
        return after(value, now), {"spec": value, "from": now.isoformat()}
    if kind == "duration":
        found = calendar.deadline(value, seal.current().now, seal.current().calendar)
        return found.at, found.how
    return moment(value), {"date": value}


def again(how: dict[str, Any], element: str) -> tuple[datetime, dict[str, Any]]:
    """The next turn of a cycle; of turns that were missed only the last is made up for. ScriptFailed: out of range."""
    try:
        return _turn(how, _missed(how, seal.current().now))
    except (ValueError, OverflowError) as error:
        raise ScriptFailed(element=element, line=1, reason=reason(error)) from None


def has_turns_left(how: dict[str, Any]) -> bool:
    """Does a timer computed like this fire again?"""
    return "turn" in how and (how["turns"] is None or how["turn"] + 1 < how["turns"])


def cycle(value: str, now: datetime) -> dict[str, Any]:
    """What `R4/PT10S`, `R/P1M` or `R3/2026-01-31T09:00+08:00/P1M` says. ValueError if it is none.

    {spec, turns (None is no end), from: the moment that turns are counted from, first: 0 if that is a turn itself}.
    """
    found = CYCLE.match(value)
    if found is None:
        raise ValueError(Saying("{value} is not a cycle; write for example R3/P1D", value=repr(value)))
    start = moment(found[2]) if found[2] else now
    if after(found[3], start) <= start:
        raise ValueError(Saying("{value} repeats without a pause", value=repr(value)))
    turns = int(found[1]) if found[1] else None
    return {"spec": value, "turns": turns, "from": start.isoformat(), "first": 0 if found[2] else 1}


def _turn(how: dict[str, Any], turn: int) -> tuple[datetime, dict[str, Any]]:
    """Each turn is counted from the beginning, so months do not drift."""
    period = how["spec"].rpartition("/")[2]
    return after(period, datetime.fromisoformat(how["from"]), turn + how["first"]), {**how, "turn": turn}


def _missed(how: dict[str, Any], now: datetime) -> int:
    """The turn after this one, or the last that should have been by now."""
    low: int = how["turn"] + 1
    step = 1
    while step and (how["turns"] is None or low + step < how["turns"]) and _turn(how, low + step)[0] <= now:
        low, step = low + step, step * 2
    while step:
        is_missed = (how["turns"] is None or low + step < how["turns"]) and _turn(how, low + step)[0] <= now
        low, step = (low + step, step) if is_missed else (low, step // 2)
    return low


def moment(value: str) -> datetime:
    """An ISO date or instant; without a zone it is meant in Shanghai."""
    found = datetime.fromisoformat(value)
    return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


def after(value: str, start: datetime, times: int = 1) -> datetime:
    """`start` plus an ISO 8601 duration so many times; years and months by the calendar of Shanghai. ValueError."""
    found = ISO.match(value)
    if found is None or value.endswith(("P", "T")):
        raise ValueError(Saying("{value} is not an ISO 8601 duration", value=repr(value)))
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    local = _months(start.astimezone(SHANGHAI), times * (12 * years + months))
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=float(found[7] or 0))
    return local + times * rest


def _months(start: datetime, count: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    for day in range(start.day, 27, -1):
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)
