"""What an address asks for: pages and days, whatever somebody typed there."""

from __future__ import annotations

from datetime import date, datetime, time

from flask import request

from engine.clock import SHANGHAI

LAST_PAGE = 1_000_000


def page_number() -> int:
    """The page asked for, from 1; 1 for what is no number."""
    return min(max(1, request.args.get("page", 1, int)), LAST_PAGE)


def midnight(value: str | None, *, next_day: bool = False) -> datetime | None:
    """The beginning of a day in Shanghai, or of the next one; None for what is no day of a calendar in use."""
    try:
        day = date.fromisoformat(value or "")
    except ValueError:
        return None
    if not 1900 <= day.year < 9999:
        return None
    return datetime.combine(date.fromordinal(day.toordinal() + next_day), time(), SHANGHAI)
