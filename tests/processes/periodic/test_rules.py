"""Periods in words, and the dates that they mean."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.clock import SHANGHAI
from processes.periodic import rules

NEW_YEAR = datetime(2026, 1, 1, tzinfo=SHANGHAI)


def dates(words: str, count: int = 4) -> list[str]:
    return [f"{period.starts_at:%m-%d}" for period in rules.upcoming(rules.parse(words), NEW_YEAR, count)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("每季度首月15日", ["01-15", "04-15", "07-15", "10-15"]),
        ("每季度第三个月10日", ["03-10", "06-10", "09-10", "12-10"]),
        ("每季度末", ["03-31", "06-30", "09-30", "12-31"]),
        ("每月5日", ["01-05", "02-05", "03-05", "04-05"]),
        ("每月31日", ["01-31", "02-28", "03-31", "04-30"]),
        ("每两个月", ["01-01", "03-01", "05-01", "07-01"]),
        ("每半年", ["01-01", "07-01", "01-01", "07-01"]),
        ("每年3月", ["03-01", "03-01", "03-01", "03-01"]),
        ("每年1月-2月", ["01-01", "01-01", "01-01", "01-01"]),
        ("3月5日、9月5日", ["03-05", "09-05", "03-05", "09-05"]),
        ("每年３、６、９月10日", ["03-10", "06-10", "09-10", "03-10"]),
        ("每周五", ["01-02", "01-09", "01-16", "01-23"]),
    ],
)
def test_words_mean_dates(words: str, expected: list[str]) -> None:
    assert dates(words) == expected


def test_twelve_dates_are_shown() -> None:
    assert len(rules.upcoming(rules.parse("每月1日"), NEW_YEAR)) == 12


@pytest.mark.parametrize("words", ["每年2月30日", "每月32日", "每年13月", "每年2月30日、3月1日", "每月0日"])
def test_a_period_that_never_comes_is_refused(words: str) -> None:
    with pytest.raises(rules.NeverMatches):
        rules.parse(words)


@pytest.mark.parametrize("words", ["", "及时", "每学期", "会后一周内", "每年5月-3月"])
def test_words_that_name_no_period_are_refused(words: str) -> None:
    with pytest.raises(rules.NotAPeriod):
        rules.parse(words)


@pytest.mark.parametrize(
    ("words", "key", "last_day"),
    [
        ("每季度首月15日", "2026Q1", "2026-03-31"),
        ("每半年", "2026H1", "2026-06-30"),
        ("每年1月-2月", "2026", "2026-02-28"),
        ("每月10日前", "2026-01", "2026-01-10"),
        ("每年3月", "2026", "2026-03-31"),
        ("3月5日、9月5日", "2026-03-05", "2026-09-04"),
    ],
)
def test_a_period_has_a_name_and_an_end(words: str, key: str, last_day: str) -> None:
    period = rules.upcoming(rules.parse(words), NEW_YEAR - timedelta(hours=1), 1)[0]
    last = (period.ends_at - timedelta(seconds=1)).astimezone(SHANGHAI)
    assert (period.key, f"{last:%Y-%m-%d}") == (key, last_day)


def test_a_rule_is_kept_as_data() -> None:
    rule = rules.parse("每季度首月15日")
    assert rules.from_data(rule.as_data()) == rule
