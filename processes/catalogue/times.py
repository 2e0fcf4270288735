"""What people write for the start and the length of a display, and what it means.

A period is ISO 8601 (`P7D`, `P1M`, `P2Y`, `PT24H`) and, since that knows no working days, `P5WD`.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

PERMANENT = "PERMANENT"

EVENTS = {
    "MEETING_END": ("会议结束", "end of the meeting"),
    "PASSED": ("会议通过", "passed by the meeting"),
    "APPROVED": ("批准", "approval"),
    "ISSUED": ("印发", "issue of the document"),
    "FORMED": ("信息形成", "the information comes into being"),
    "CHANGED": ("信息变更", "the information changes"),
    "FORMED_OR_CHANGED": ("信息形成或者变更", "the information comes into being or changes"),
    "EVERY_WEEK": ("每周", "every week"),
    "EVERY_MONTH": ("每月", "every month"),
    "EVERY_TWO_MONTHS": ("每两个月", "every two months"),
    "EVERY_QUARTER": ("每季度", "every quarter"),
    "EVERY_HALF_YEAR": ("每半年", "every half-year"),
    "EVERY_TERM": ("每学期", "every term"),
    "EVERY_YEAR": ("每年", "every year"),
}
"""Event of a start point → (zh, en). For an `EVERY_…` event the offset counts from the beginning of the period."""

_EVERY = (
    (r"每(隔)?[两二2]个?月|双月", "EVERY_TWO_MONTHS", "P2M"),
    (r"每(隔)?半年|半年(一次|1次)|每年[两二2]次", "EVERY_HALF_YEAR", "P6M"),
    (r"每(个|一)?季|按季|每年[四4]次", "EVERY_QUARTER", "P3M"),
    (r"每(个|一)?学期", "EVERY_TERM", None),
    (r"每(个|一)?月|按月", "EVERY_MONTH", "P1M"),
    (r"每(个|一)?(周|星期)", "EVERY_WEEK", "P7D"),
    (r"每(一)?年|按年", "EVERY_YEAR", "P1Y"),
)
_SINCE = (
    (r"会后|会议(结束|召开)后|闭会后", "MEETING_END"),
    (r"通过(之日|后|次日|当)", "PASSED"),
    (r"(批准|审批|签发)(之日|后|次日|当)", "APPROVED"),
    (r"(印发|制发|发文|成文)(之日|后|次日|当)", "ISSUED"),
    (r"(形成|产生)(或者?|、|和)(变更|变动|更新)", "FORMED_OR_CHANGED"),
    (r"(变更|变动|更新|修订|调整)(之日|后|次日|当)", "CHANGED"),
    (r"(形成|产生|制作|获取|作出)", "FORMED"),
)
_AT_ONCE = re.compile(r"(随时|实时|及时|即时|立即)(主动)?(公开|更新|发布|公布|通报)?")
_ON_CHANGE = re.compile(r"(变动|变更|更新)(即|后?及时|后?立即|后?即时)(更新?|公开|更改)")

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_SEVERAL_MONTHS = re.compile(r"\d月?[、,和及]\d")
_AMOUNT = r"(\d{1,4}|[一二两三四五六七八九十]{1,3}|半)"
_QUANTITY = re.compile(rf"{_AMOUNT}(个工作日|工作日|个月|个星期|星期|个小时|小时|个?学期|日|天|周|年)")
_RANGE = re.compile(r"\d\s*(日|天|周|年|个工作日|个月)?\s*(-|~|—|–|至|到)\s*\d")
_UNITS = {"工作日": "WD", "月": "M", "小时": "H", "日": "D", "天": "D", "周": "W", "星期": "W", "年": "Y"}
_DURATION = re.compile(
    rf"(公示期?|公开期?|展示|张贴|期限|时长|为|不(得)?少于|至少|满|:)*{_QUANTITY.pattern}(以上|内|及以上)?"
)


def start_point(text: str) -> dict[str, str] | None:
    """{"event": key of EVENTS, "offset": period[, "until": period]}, or `None` when the text does not say.

    `until` is the end, not included, of a window that opens at the offset: "every year in October" is
    {"event": "EVERY_YEAR", "offset": "P9M", "until": "P10M"}.
    """
    plain = _plain(text)
    if not plain or re.search(r"前(?!期)", plain.replace("之前", "前")) and not re.search("每", plain):
        return None
    return _periodic(plain) or _counted(plain) or _at_once(plain)


def display_duration(text: str) -> str | None:
    """`PERMANENT`, a period, or `None` when the text does not say."""
    plain = _plain(text)
    if re.fullmatch(r"(永久|长期|常年|持续|长久)(性|保留|有效)?(公开|展示|公示)?", plain):
        return PERMANENT
    if _RANGE.search(plain):
        return None
    whole = _DURATION.fullmatch(plain)
    return _quantity(plain) if whole else None


def after(day: date, period: str, is_working: Callable[[date], bool]) -> date:
    """The day that lies one period after another; `PT24H` counts as a day begun. `ValueError` for no period."""
    match = re.fullmatch(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:(\d+)WD)?(?:T(\d+)H)?", period)
    if not match or period == "P":
        raise ValueError(f"not a period: {period}")
    years, months, weeks, days, working, hours = (int(part or 0) for part in match.groups())
    day = _months_after(day, 12 * years + months) + timedelta(weeks=weeks, days=days - (-hours // 24))
    for _ in range(working):
        day = _next_working(day, is_working)
    return day


def time_mode(start: dict[str, str] | None, duration: str | None, words: str) -> str | None:
    """A guess at the mode of Art. 16 from the resolved times and everything written in the row."""
    event = (start or {}).get("event", "")
    if re.search(r"延期|暂缓", words):
        return "POSTPONED"
    if re.search(r"分期|逐段|分阶段", words):
        return "STAGED"
    if event.startswith("EVERY_") or re.search(r"定期|每(半|季|月|年|学期|两个月)", words):
        return "PERIODIC"
    if re.search(r"即时|紧急|临时|随时|实时", words):
        return "IMMEDIATE"
    return "LONG_TERM" if duration == PERMANENT or event == "CHANGED" else None


def _periodic(plain: str) -> dict[str, str] | None:
    for pattern, event, length in _EVERY:
        if re.search(pattern, plain) and not _SEVERAL_MONTHS.search(plain):
            return {"event": event, **_window(plain, event, length)}
    return None


def _window(plain: str, event: str, length: str | None) -> dict[str, str]:
    day = re.search(r"(\d{1,2})(日|号)", plain)
    months = re.search(r"(?<!\d)(\d{1,2})月份?(?:\s*(?:-|~|—|–|至|到)\s*(\d{1,2})月)?", plain)
    if event == "EVERY_YEAR" and months:
        first, last = int(months[1]), int(months[2] or months[1])
        if 1 <= first <= last <= 12:
            return _in_months(first - 1, last, int(day[1]) if day else None, "前" in plain)
    if day and event != "EVERY_WEEK":
        return _in_months(_month_of(plain), None, int(day[1]), "前" in plain)
    return {"offset": "P0D"} | ({"until": length} if length else {})


def _in_months(first: int, last: int | None, day: int | None, until: bool) -> dict[str, str]:
    if day is None:
        return {"offset": _offset(first, 0), "until": _offset(last or first + 1, 0)}
    if until:
        return {"offset": "P0D", "until": _offset(first, day)}
    return {"offset": _offset(first, day - 1)}


def _month_of(plain: str) -> int:
    """0 for the first month of the quarter or half-year, which is also meant when none is named."""
    if found := re.search(r"第([一二三四五六])个?月", plain):
        return _DIGITS[found[1]] - 1
    return 2 if re.search(r"季度?(末月|最后一个月)", plain) else 0


def _offset(months: int, days: int) -> str:
    return "P" + (f"{months}M" if months else "") + (f"{days}D" if days or not months else "")


def _counted(plain: str) -> dict[str, str] | None:
    if _RANGE.search(plain):
        return None
    event = next((event for pattern, event in _SINCE if re.search(pattern, plain)), None)
    offset = _quantity(plain)
    if event:
        return {"event": event, "offset": offset or _without_quantity(plain)}
    bare = re.fullmatch(rf"自?{_QUANTITY.pattern}(之?内)?(及时)?(主动)?(公开|更新|发布|公布|通报)?", plain)
    return {"event": "FORMED", "offset": offset} if bare and offset else None


def _without_quantity(plain: str) -> str:
    return "P0D" if re.search(r"当日|当天|及时|立即|即时", plain) else "P1D"


def _at_once(plain: str) -> dict[str, str] | None:
    if _ON_CHANGE.fullmatch(plain):
        return {"event": "CHANGED", "offset": "P0D"}
    return {"event": "FORMED", "offset": "P0D"} if _AT_ONCE.fullmatch(plain) else None


def _quantity(plain: str) -> str | None:
    found = _QUANTITY.search(plain)
    if not found:
        return None
    amount, unit = found[1], found[2].removeprefix("个")
    if amount == "半":
        return {"月": "P15D", "年": "P6M", "日": "PT12H", "天": "PT12H"}.get(unit)
    return _period(_count(amount), _UNITS.get(unit))


def _period(count: int, unit: str | None) -> str | None:
    if unit is None or not count:
        return None
    if unit == "W":
        return f"P{7 * count}D"
    return f"PT{count}H" if unit == "H" else f"P{count}{unit}"


def _count(amount: str) -> int:
    if amount.isdigit():
        return int(amount)
    tens, ten, ones = amount.rpartition("十")
    return (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).rstrip("。.;,")


def _months_after(day: date, months: int) -> date:
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _next_working(day: date, is_working: Callable[[date], bool]) -> date:
    day += timedelta(days=1)
    while not is_working(day):
        day += timedelta(days=1)
    return day
