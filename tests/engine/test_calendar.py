"""Deadlines in working days, with the arithmetic shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engine.calendar import Calendar, deadline, mainland, reminder

FRIDAY = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)


def test_a_weekend_is_skipped_and_the_day_ends_at_midnight_in_shanghai() -> None:
    found = deadline("2wd", FRIDAY, Calendar())
    assert found.at == datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
    assert found.how["skipped"] == ["2026-03-07", "2026-03-08"]


def test_a_make_up_saturday_counts() -> None:
    found = deadline("1wd", FRIDAY, Calendar({"2026-03-07": True}))
    assert found.how["counted"] == ["2026-03-07"]


def test_national_day_is_off() -> None:
    assert not mainland().is_working(date(2025, 10, 1))


@pytest.mark.parametrize(("spec", "hours"), [("7d", 168), ("24h", 24), ("90m", 1.5)])
def test_elapsed_time_is_just_added(spec: str, hours: float) -> None:
    assert (deadline(spec, FRIDAY, Calendar()).at - FRIDAY).total_seconds() == hours * 3600


def test_a_reminder_comes_half_way() -> None:
    assert (reminder("24h", FRIDAY, Calendar()).at - FRIDAY).total_seconds() == 12 * 3600


@pytest.mark.parametrize("spec", ["", "wd", "2 days", "-1d", "P2D", "999999d"])
def test_what_is_not_a_period_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        deadline(spec, FRIDAY, Calendar())
