"""Who is told what while a matter moves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.clock import SHANGHAI
from processes import organisation as organisations
from processes.notices import notify

if TYPE_CHECKING:
    from processes.disclosure.matters import Matter
    from processes.disclosure.publications import Publication

TEXTS = {
    "task_opened": ("“{title}”有一项待办：{task}", "A task is waiting for you in “{title}”: {task}"),
    "remind": ("“{title}”的“{task}”尚未办理，期限已过半", "“{task}” of “{title}” is half way to its deadline"),
    "overdue": ("“{title}”的“{task}”已超过办理期限", "“{task}” of “{title}” is overdue"),
    "returned": ("“{title}”已退回，请修改后重新提出", "“{title}” was returned to you for changes"),
    "use_staged": (
        "“{title}”属于分期逐段公开：请在目录条目的立项页选择“分期逐段公开”办理",
        "“{title}” is to be released in stages: please open it with “Release stage by stage” on the row's page",
    ),
    "rejected": ("“{title}”未予批准", "“{title}” was rejected"),
    "not_disclosed": ("“{title}”决定不予公开", "“{title}” will not be disclosed"),
    "approved": ("“{title}”已批准", "“{title}” was approved"),
    "released": ("“{title}”已公开", "“{title}” was released"),
    "delivered": ("向您公开：“{title}”", "Disclosed to you: “{title}”"),
    "urgent": ("即时公开：“{title}”", "Disclosed at once: “{title}”"),
    "archived": ("“{title}”已归档", "“{title}” was archived"),
    "withdrawn": ("“{title}”已撤回", "“{title}” was withdrawn"),
    "row_drafted": (
        "“{title}”已拟列入{task}党务公开目录，请修改条目并公布施行",
        "A catalogue row of {task} was drafted for “{title}”: please edit it and put it in force",
    ),
}
"""Kind of notice → what it says in Chinese and in English."""


def tell(
    session: Session,
    people: Iterable[str],
    kind: str,
    matter_id: str,
    title: str,
    at: datetime,
    *,
    link: str = "",
    task: tuple[str, str] = ("", ""),
) -> None:
    """A notice of this kind about a matter to each of these people (ids), once each; it links to the matter's page.

    `task` is what the step is called in Chinese and in English.
    """
    zh, en = (text.format(title=title, task=name) for text, name in zip(TEXTS[kind], task, strict=True))
    link = link or f"/matters/{matter_id}"
    notify(session, sorted(set(people)), kind, matter_id, zh=zh, en=en, at=at, link=link)


def tell_proposer(session: Session, matter: Matter, kind: str, at: datetime) -> None:
    """Tell who proposed the matter how it went."""
    tell(session, [matter.proposer], kind, matter.id, matter.title, at)


def tell_reader(session: Session, people: Iterable[str], kind: str, publication: Publication, at: datetime) -> None:
    """Tell readers; the notice links to the publication's page."""
    link = f"/portal/{publication.id}"
    tell(session, people, kind, publication.matter_id, publication.title, at, link=link)


def seat_holders(session: Session, organisation: str, post: str, at: datetime) -> list[str]:
    """The ids of who holds the post there at this moment."""
    on = at.astimezone(SHANGHAI).date()
    return [person.id for person in organisations.holders(session, organisation, post, on)]
