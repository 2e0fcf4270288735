"""Who is told what while a case moves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from processes.notices import notify

if TYPE_CHECKING:
    from processes.cases.cases import Case

TEXTS = {
    "case_task": ("“{title}”（{code}）有一项待办：{task}", "A task is waiting for you in “{title}” ({code}): {task}"),
    "case_remind": (
        "“{title}”（{code}）的“{task}”尚未办理，期限已过半",
        "“{task}” of “{title}” ({code}) is half way to its deadline",
    ),
    "case_overdue": ("“{title}”（{code}）的“{task}”已超过办理期限", "“{task}” of “{title}” ({code}) is overdue"),
    "case_ended": ("“{title}”（{code}）已办结：{task}", "“{title}” ({code}) has ended: {task}"),
}
"""Kind of notice → what it says in Chinese and in English."""


def tell(
    session: Session,
    people: Iterable[str],
    kind: str,
    case: Case,
    at: datetime,
    *,
    task: tuple[str, str] = ("", ""),
    link: str = "",
) -> None:
    """A notice about a case to each of these people (ids), once each; `task` is named in Chinese and in English."""
    zh, en = (
        text.format(title=case.title, code=case.code, task=name) for text, name in zip(TEXTS[kind], task, strict=True)
    )
    notify(session, sorted(set(people)), kind, case.id, zh=zh, en=en, at=at, link=link or f"/cases/{case.id}")
