"""Who is told what while an incident is handled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from processes.notices import notify

if TYPE_CHECKING:
    from processes.emergency.incidents import EmergencyIncident

TEXTS = {
    "first_report": (
        "突发事件首报：“{title}”公开后引发突发事件，请立即签收",
        "First report of an incident caused by the release of “{title}”: please acknowledge it at once",
    ),
    "incident_task": ("突发事件“{title}”有一项待办：{task}", "A task is waiting in the incident “{title}”: {task}"),
    "incident_remind": (
        "突发事件“{title}”的“{task}”期限已过半",
        "“{task}” of the incident “{title}” is half way to its deadline",
    ),
    "incident_overdue": ("突发事件“{title}”的“{task}”已超期", "“{task}” of the incident “{title}” is overdue"),
    "unacknowledged": (
        "突发事件“{title}”的首报逾期未签收：{task}，现报告上级",
        "The first report of the incident “{title}” was not acknowledged in time: {task}. The superior is told",
    ),
    "late_acknowledgement": (
        "您对突发事件“{title}”首报的签收已记为逾期签收，此前已报告上级",
        "Your acknowledgement in the incident “{title}” is recorded as late; the superior had been told before",
    ),
    "further_report": ("突发事件“{title}”收到补充报告", "A further report of the incident “{title}” has come in"),
    "major_reaction": (
        "突发事件“{title}”引发重大舆情反应，现报告",
        "The incident “{title}” has caused a major reaction of public opinion",
    ),
    "incident_concluded": (
        "突发事件“{title}”处置终结，请研判是否存在问责线索",
        "The handling of the incident “{title}” has ended; please look whether there is a lead for accountability",
    ),
}
"""Kind of notice → what it says in Chinese and in English."""


def tell(
    session: Session,
    people: Iterable[str],
    kind: str,
    incident: EmergencyIncident,
    at: datetime,
    *,
    task: tuple[str, str] = ("", ""),
    link: str = "",
) -> None:
    """A notice about an incident to each of these people (ids), once each; it links to the incident's page.

    `task` is what the step is called in Chinese and in English.
    """
    zh, en = (text.format(title=incident.title, task=name) for text, name in zip(TEXTS[kind], task, strict=True))
    link = link or f"/emergency/{incident.id}"
    notify(session, sorted(set(people)), kind, incident.id, zh=zh, en=en, at=at, link=link)
