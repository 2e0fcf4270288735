"""A matter by stages to try the product on: approved, it waits for the day of its first stage (Art. 16)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from processes.disclosure.demo import AGREED, Step, Story, passed, tell

if TYPE_CHECKING:
    from engine import Engine


def load_staged(engine: Engine) -> None:
    """Tell what is not told yet. The demo organisation and the version in force must be there."""
    tell(engine, STORY)


def _stage(title: str, on: str, text: str) -> dict[str, Any]:
    return {
        "title": title,
        "trigger": "DATE",
        "on": on,
        "scope": "ORG_ALL",
        "channels": ["LAN"],
        "text": f"<p>{text}</p>",
    }


def plan_on(now: datetime) -> Mapping[str, Any]:
    """The half-year's progress in a month, the year's result half a year on."""
    first, last = ((now + timedelta(days=days)).date().isoformat() for days in (30, 210))
    return {
        "title": "年度工作要点落实进展",
        "content": "年度党政工作要点",
        "nature": "PROGRESSIVE",
        "display_duration": "永久",
        "stages": [
            _stage("上半年进展", first, "重点任务按计划推进，各单位进展情况见后。"),
            _stage("全年完成情况", last, "重点任务完成情况和下一年度安排。"),
        ],
        "hot_topics": "预计不会引起舆情热点。",
        "response_plan": "由党委办公室统一答复咨询。",
    }


STORY = Story(
    "staged-progress",
    "pco",
    "xuzhihang",
    "年度党政工作要点",
    (
        Step("draft", "xuzhihang", plan_on),
        Step("review", "fangwenjing", passed("同意按阶段公开。")),
        Step("approve_collective", "heyaqin", AGREED),
    ),
    is_staged=True,
)
