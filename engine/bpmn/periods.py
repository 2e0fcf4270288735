"""When a timer is due: instants, ISO 8601 durations and the periods of the working calendar."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from engine import calendar
from engine.bpmn import seal
from engine.bpmn.sandbox import ScriptFailed
from engine.clock import SHANGHAI

ISO = re.compile(
    r"^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?$"
)


def due(kind: str, value: Any, element: str) -> tuple[datetime, dict[str, Any]]:
    """The moment (aware) and how it was computed. `kind` is date or duration. ScriptFailed when it cannot be read."""
    try:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a moment or a period")
        return _due(kind, value.strip(), getattr(value, "how", None))
    except (ValueError, OverflowError) as error:
        raise ScriptFailed(element=element, line=1, reason=str(error)) from None


def _due(kind: str, value: str, how: dict[str, Any] | None) -> tuple[datetime, dict[str, Any]]:
    if how is not None:
        return datetime.fromisoformat(value), how
    if value.startswith("P"):
        now = seal.current().now
        return after(value, now), {"spec": value, "from": now.isoformat()}
    if kind == "duration":
        found = calendar.deadline(value, seal.current().now, seal.current().calendar)
        return found.at, found.how
    return moment(value), {"date": value}


def moment(value: str) -> datetime:
    """An ISO date or instant; without a zone it is meant in Shanghai."""
    found = datetime.fromisoformat(value)
    return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


def after(value: str, start: datetime) -> datetime:
    """`start` plus an ISO 8601 duration; years and months by the calendar of Shanghai. ValueError if it is none."""
    found = ISO.match(value)
    if found is None or value.endswith(("P", "T")):
        raise ValueError(f"{value!r} is not an ISO 8601 duration")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    local = _months(start.astimezone(SHANGHAI), 12 * years + months) + timedelta(weeks=weeks, days=days)
    return local + timedelta(hours=hours, minutes=minutes, seconds=float(found[7] or 0))


def _months(start: datetime, count: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    for day in range(start.day, 27, -1):
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)
