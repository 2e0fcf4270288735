"""A period in words, such as 每季度首月15日, and the dates that it means.

A rule is plain data, so that a schedule keeps its meaning when the reading of words is improved later.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from itertools import islice
from typing import Any

from engine import occurrences
from engine.clock import SHANGHAI
from engine.refusals import Refusal

HOUR = 8
"""Matters start at eight in the morning, Shanghai time."""
LAST = "last"
WEEKDAYS = {"一": "mon", "二": "tue", "三": "wed", "四": "thu", "五": "fri", "六": "sat", "日": "sun", "天": "sun"}

_LENGTHS = (
    (r"每隔?[两二2]个?月|双月", 2),
    (r"每隔?半年|半年(一次|1次)|每年[两二2]次", 6),
    (r"每个?一?季|按季|每年[四4]次", 3),
    (r"每个?一?月|按月", 1),
    (r"每一?年|按年|^\d{1,2}月", 12),
)
_DATE = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
_DAY = re.compile(r"(\d{1,2})[日号]")
_MONTHS = re.compile(r"((?:\d{1,2}月?[、,和及])+\d{1,2})月")
_WINDOW = re.compile(r"(\d{1,2})月份?(?:-|~|—|–|至|到)(\d{1,2})月")
_MONTH = re.compile(r"(?<![\d第])(\d{1,2})月")
_ORDINAL = re.compile(r"第([一二三四五六1-6])个?月")
_ORDINALS = {digit: value for value, digit in enumerate("一二三四五六", 1)} | {str(n): n for n in range(1, 7)}


class NotAPeriod(Refusal):
    """“{words}” does not name a period. Write for example 每季度首月15日, 每月5日, 每年1月-2月 or 3月5日、9月5日."""


class NeverMatches(Refusal):
    """“{words}” never comes: there is no such day in any year."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When matters start. `crons`: one calendar trigger each ({month, day} or {day_of_week}); `length`: months of the
    period, 0 for weeks and for lists of dates; `until`: [month of the period from 0, day of the month or "last"], the
    last day of the period where it ends before the calendar's.
    """

    words: str
    crons: list[dict[str, str]]
    length: int
    until: list[Any] | None = None

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Period:
    """One date of a rule: when the matter starts, and the last moment (excluded) at which its release is in time."""

    key: str
    starts_at: datetime
    ends_at: datetime


def parse(words: str) -> Rule:
    """What the words mean. NotAPeriod where they name none, NeverMatches for a date that no year has."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", words)).rstrip("。.;,")
    rule = _weekly(words, plain) or _listed(words, plain) or _windowed(words, plain) or _regular(words, plain)
    if rule is None:
        raise NotAPeriod(words=words.strip())
    return rule


def upcoming(rule: Rule, after: datetime, count: int = 12) -> list[Period]:
    """The next periods that start after a moment: what a preview shows."""
    return list(islice(periods(rule, after), count))


def periods(rule: Rule, after: datetime) -> Iterator[Period]:
    """The periods that start after a moment, in order; none more where the rule does not come for ten years."""
    dates = _starts(rule, after)
    start = next(dates, None)
    while start is not None:
        following = next(dates, None)
        yield Period(key(rule, start), start, _end(rule, start, following))
        start = following


def first(rule: Rule, after: datetime) -> Period:
    """The next period, or NeverMatches."""
    found = next(periods(rule, after), None)
    if found is None:
        raise NeverMatches(words=rule.words)
    return found


def key(rule: Rule, start: datetime) -> str:
    """The name of the period that this date belongs to: 2026, 2026H1, 2026Q1, 2026-03 or 2026-03-05."""
    day = start.astimezone(SHANGHAI).date()
    names = {
        12: f"{day.year}",
        6: f"{day.year}H{(day.month + 5) // 6}",
        3: f"{day.year}Q{(day.month + 2) // 3}",
        2: f"{day.year}-{day.month:02}",
        1: f"{day.year}-{day.month:02}",
    }
    return names.get(rule.length, day.isoformat())


def _starts(rule: Rule, after: datetime) -> Iterator[datetime]:
    return merge(*(occurrences({**cron, "hour": str(HOUR)}, after) for cron in rule.crons))


def _end(rule: Rule, start: datetime, following: datetime | None) -> datetime:
    day = start.astimezone(SHANGHAI).date()
    if not rule.length:
        return _midnight((following or start + timedelta(days=365)).astimezone(SHANGHAI).date())
    begin = date(day.year, (day.month - 1) // rule.length * rule.length + 1, 1)
    last = _day_in(begin, *rule.until) if rule.until else _day_in(begin, rule.length - 1, LAST)
    return _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _day_in(begin: date, months: int, day: int | str) -> date:
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    longest = monthrange(year, month + 1)[1]
    return date(year, month + 1, longest if day == LAST else min(int(day), longest))


def _weekly(words: str, plain: str) -> Rule | None:
    found = re.search(r"每个?(?:周|星期)([一二三四五六日天])?", plain)
    return Rule(words, [{"day_of_week": WEEKDAYS[found[1] or "一"]}], 0) if found else None


def _listed(words: str, plain: str) -> Rule | None:
    """Several dates or months of the year: 3月5日、9月5日 or 每年3、6、9月10日."""
    dates = _DATE.findall(plain)
    if len(dates) > 1:
        return Rule(words, [_cron(words, int(month), int(day)) for month, day in dates], 0)
    if found := _MONTHS.search(plain):
        months = [int(month) for month in re.findall(r"\d{1,2}", found[1])]
        return Rule(words, [_cron(words, month, _day(words, plain) or 1) for month in months], 0)
    return None


def _windowed(words: str, plain: str) -> Rule | None:
    """每年1月-2月: starts with the first month, to be released by the end of the last."""
    found = _WINDOW.search(plain)
    if not found or not re.search(r"每一?年|按年|^\d", plain):
        return None
    begin, end = int(found[1]), int(found[2])
    if not begin <= end:
        raise NotAPeriod(words=words.strip())
    return Rule(words, [_cron(words, begin, 1), _checked(words, end)][:1], 12, [end - 1, LAST])


def _regular(words: str, plain: str) -> Rule | None:
    length = next((length for pattern, length in _LENGTHS if re.search(pattern, plain)), None)
    if length is None:
        return None
    month, day = _month(words, plain, length), _day(words, plain)
    if day and re.search(r"[日号]之?前", plain):
        return Rule(words, _crons(length, 1, 1), length, [month - 1, _real(words, length, month, day)])
    until = [month - 1, LAST] if length == 12 and _MONTH.search(plain) and not day else None
    return Rule(words, _crons(length, month, _real(words, length, month, day or 1)), length, until)


def _crons(length: int, month: int, day: int | str) -> list[dict[str, str]]:
    months = ",".join(str(each) for each in range(month, 13, length))
    return [{"month": months, "day": str(day)}]


def _month(words: str, plain: str, length: int) -> int:
    """The month within the period, from 1."""
    if found := _ORDINAL.search(plain):
        month = _ORDINALS[found[1]]
    elif re.search(r"末月|最后一?个?月|季度?末|年底|年末|半年末", plain):
        month = length
    else:
        month = int(named[1]) if (named := _MONTH.search(plain)) and length == 12 else 1
    if not 1 <= month <= length:
        raise NeverMatches(words=words.strip())
    return month


def _day(words: str, plain: str) -> int | str | None:
    if re.search(r"月末|月底|季度?末|年底|年末|最后一[天日]", plain):
        return LAST
    found = _DAY.search(plain)
    if found and not 1 <= int(found[1]) <= 31:
        raise NeverMatches(words=words.strip())
    return int(found[1]) if found else None


def _real(words: str, length: int, month: int, day: int | str) -> int | str:
    """A day that each of the months has: 每月31日 is the last day of every month, 2月30日 never comes."""
    if day == LAST:
        return LAST
    longest = [monthrange(2024, each)[1] for each in range(month, 13, length)]
    if int(day) > max(longest):
        raise NeverMatches(words=words.strip())
    return LAST if len(longest) > 1 and int(day) > min(longest) else day


def _cron(words: str, month: int, day: int | str) -> dict[str, str]:
    _checked(words, month)
    return {"month": str(month), "day": str(_real(words, 12, month, day))}


def _checked(words: str, month: int) -> dict[str, str]:
    if not 1 <= month <= 12:
        raise NeverMatches(words=words.strip())
    return {}


def from_data(data: Mapping[str, Any]) -> Rule:
    """The rule that a schedule keeps."""
    return Rule(**data)
