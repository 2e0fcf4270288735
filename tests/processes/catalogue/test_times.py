"""What people write for the start and the length of a display."""

from __future__ import annotations

from datetime import date

import pytest

from processes.catalogue.times import EVENTS, after, display_duration, start_point, time_mode


@pytest.mark.parametrize(
    ("text", "event", "offset"),
    [
        ("会后一周内", "MEETING_END", "P7D"),
        ("会后15日内（向学校党委报告）", "MEETING_END", "P15D"),
        ("会议结束后3个工作日内", "MEETING_END", "P3WD"),
        ("常委会通过之日后", "PASSED", "P1D"),
        ("常委会通过之日起5日内", "PASSED", "P5D"),
        ("审批后两个工作日内", "APPROVED", "P2WD"),
        ("印发之日起半个月内", "ISSUED", "P15D"),
        ("信息形成或者变更之日起20个工作日内", "FORMED_OR_CHANGED", "P20WD"),
        ("信息形成或变更之日起３个工作日内", "FORMED_OR_CHANGED", "P3WD"),
        ("自制作或获取该信息之日起20个工作日内公开", "FORMED", "P20WD"),
        ("20工作日", "FORMED", "P20WD"),
        ("15个工作日内公开", "FORMED", "P15WD"),
        ("二十四个小时内", "FORMED", "PT24H"),
        ("24小时内", "FORMED", "PT24H"),
        ("变动即更", "CHANGED", "P0D"),
        ("随时", "FORMED", "P0D"),
        ("及时公开", "FORMED", "P0D"),
        ("实时公开", "FORMED", "P0D"),
    ],
)
def test_a_start_is_an_event_and_an_offset(text: str, event: str, offset: str) -> None:
    assert start_point(text) == {"event": event, "offset": offset}


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("每季度首月15日", {"event": "EVERY_QUARTER", "offset": "P14D"}),
        ("每季度第一个月10日", {"event": "EVERY_QUARTER", "offset": "P9D"}),
        ("每季度末月5日", {"event": "EVERY_QUARTER", "offset": "P2M4D"}),
        ("每月10日", {"event": "EVERY_MONTH", "offset": "P9D"}),
        ("每年10月", {"event": "EVERY_YEAR", "offset": "P9M", "until": "P10M"}),
        ("每年1月-2月", {"event": "EVERY_YEAR", "offset": "P0D", "until": "P2M"}),
        ("每年10月31日前", {"event": "EVERY_YEAR", "offset": "P0D", "until": "P9M31D"}),
        ("每年3月5日", {"event": "EVERY_YEAR", "offset": "P2M4D"}),
        ("每年1次", {"event": "EVERY_YEAR", "offset": "P0D", "until": "P1Y"}),
        ("每半年", {"event": "EVERY_HALF_YEAR", "offset": "P0D", "until": "P6M"}),
        ("每年两次", {"event": "EVERY_HALF_YEAR", "offset": "P0D", "until": "P6M"}),
        ("每两个月", {"event": "EVERY_TWO_MONTHS", "offset": "P0D", "until": "P2M"}),
        ("每学期", {"event": "EVERY_TERM", "offset": "P0D"}),
    ],
)
def test_a_recurring_start_counts_from_the_beginning_of_its_period(text: str, start: dict[str, str]) -> None:
    assert start_point(text) == start


@pytest.mark.parametrize(
    "text",
    ["", "适时", "定期更新", "事前", "会前三天", "决策前5个工作日", "5至10日内", "每年1月、7月", "视情况"],
)
def test_a_start_that_says_nothing_certain_stays_open(text: str) -> None:
    assert start_point(text) is None


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("永久", "PERMANENT"),
        ("长期公开", "PERMANENT"),
        ("1年", "P1Y"),
        ("三个月", "P3M"),
        ("半年", "P6M"),
        ("一周", "P7D"),
        ("7天", "P7D"),
        ("十五日", "P15D"),
        ("5个工作日", "P5WD"),
        ("不少于5个工作日", "P5WD"),
        ("公示期为7天以上", "P7D"),
    ],
)
def test_a_duration_is_permanent_or_a_period(text: str, duration: str) -> None:
    assert display_duration(text) == duration


@pytest.mark.parametrize("text", ["", "7至15天", "至下次更新", "一学期", "10月", "较长"])
def test_a_duration_that_says_nothing_certain_stays_open(text: str) -> None:
    assert display_duration(text) is None


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("P0D", date(2026, 1, 30)),
        ("P7D", date(2026, 2, 6)),
        ("P1M", date(2026, 2, 28)),
        ("P1Y", date(2027, 1, 30)),
        ("P2M4D", date(2026, 4, 3)),
        ("PT24H", date(2026, 1, 31)),
        ("P5WD", date(2026, 2, 6)),
    ],
)
def test_a_period_after_friday_30_january_2026(period: str, day: date) -> None:
    assert after(date(2026, 1, 30), period, lambda day: day.weekday() < 5) == day


def test_what_is_no_period_cannot_be_added() -> None:
    for period in ("PERMANENT", "P", "7D", "P-1D"):
        with pytest.raises(ValueError, match="not a period"):
            after(date(2026, 1, 30), period, lambda day: True)


@pytest.mark.parametrize(
    ("start", "duration", "mode"),
    [
        ("每年10月", "永久", "PERIODIC"),
        ("定期更新", "", "PERIODIC"),
        ("随时", "", "IMMEDIATE"),
        ("分期逐段公开", "", "STAGED"),
        ("会后一周内", "永久", "LONG_TERM"),
        ("变动即更", "", "LONG_TERM"),
        ("会后一周内", "1年", None),
    ],
)
def test_the_mode_is_guessed_from_the_times(start: str, duration: str, mode: str | None) -> None:
    assert time_mode(start_point(start), display_duration(duration), start + duration) == mode


def test_every_event_has_names() -> None:
    assert all(zh and en for zh, en in EVENTS.values())
