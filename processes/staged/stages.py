"""What a plan with stages says: its order, its dates, its texts, and how one text differs from another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from difflib import SequenceMatcher
from html import escape
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import SHANGHAI
from processes.disclosure import plans
from processes.disclosure.publications import plain_text
from processes.organisation import Person
from processes.staged.refusals import (
    MilestoneUnnamed,
    OutsideFirst,
    RecipientLeft,
    RecipientsOfStageMissing,
    StageIncomplete,
    StageInThePast,
    StagesOutOfOrder,
    TooFewStages,
)

Stage = Mapping[str, Any]

WIDTH = {"TARGETED": 0, "INTRA_PARTY": 1, "UNIT": 2, "ORG_ALL": 3, "PUBLIC": 4}
"""Scope → how wide it is; the plan as a whole is as wide as its widest stage."""

NEEDED = ("title", "on", "scope", "channels", "text")
PARTS = re.compile(r"[^。！？；，,.!?;]+[。！？；，,.!?;]*")
"""What a difference is told in: clauses."""


def as_one(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan with stages as one text to approve; a plan without stages, or one already made, stays as it is.

    Title, trigger, scope and text of every stage are in the text, so its hash covers them all.
    """
    stages = stages_of(plan)
    if not stages or plan.get("text"):
        return dict(plan)
    scopes = [str(stage.get("scope") or "") for stage in stages]
    return {
        **plan,
        "text": "".join(_chapter(number, stage) for number, stage in enumerate(stages, 1)),
        "scope": max(scopes, key=lambda scope: WIDTH.get(scope, -1)),
        "channels": list(dict.fromkeys(channel for stage in stages for channel in plans.channels(stage))),
        "recipients": list(dict.fromkeys(person for stage in stages for person in plans.recipients(stage))),
    }


def check(plan: Mapping[str, Any], now: datetime) -> None:
    """Refuse a plan whose stages cannot be carried out one after the other (Art. 4(3), 16); one without is left."""
    if "stages" not in plan:
        return
    stages = stages_of(plan)
    if len(stages) < 2:
        raise TooFewStages
    for number, stage in enumerate(stages, 1):
        _check_stage(number, stage, now)
    _check_dates(stages)
    if not str(plan.get("order_exception_reason") or "").strip():
        _check_order(stages)


def stages_of(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stages in their order."""
    return [dict(stage) for stage in plan.get("stages") or []]


def due_at(stage: Stage) -> datetime:
    """The beginning of the stage's day in Shanghai."""
    return datetime.combine(date.fromisoformat(str(stage["on"])), time(), SHANGHAI).astimezone(UTC)


def check_recipients(session: Session, stage: Stage) -> None:
    """Refuse a release to named people of whom one has left, by name."""
    if stage.get("scope") != "TARGETED":
        return
    left = select(Person.name).where(Person.id.in_(plans.recipients(stage)), Person.active.is_(False))
    if name := session.scalar(left.order_by(Person.name).limit(1)):
        raise RecipientLeft(name=name, stage=str(stage.get("title")))


def difference(before: str, after: str) -> list[dict[str, str]]:
    """How one text became another, clause by clause: [{kind: same | removed | added, text}]."""
    old, new = (PARTS.findall(plain_text(html)) for html in (before, after))
    told: list[dict[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            told.append({"kind": "same", "text": "".join(old[a:b])})
            continue
        parts = {"removed": "".join(old[a:b]), "added": "".join(new[c:d])}
        told += [{"kind": name, "text": text} for name, text in parts.items() if text]
    return told


def _chapter(number: int, stage: Stage) -> str:
    when = escape(str(stage.get("on") or ""))
    if stage.get("trigger") == "MILESTONE":
        when = f"{escape(str(stage.get('milestone') or ''))}（最迟 {when}）"
    title, scope = (escape(str(stage.get(key) or "")) for key in ("title", "scope"))
    return f"<h3>第{number}阶段：{title}（{when}，{scope}）</h3>{stage.get('text') or ''}"


def _check_stage(number: int, stage: Stage, now: datetime) -> None:
    said = {"number": number, "stage": str(stage.get("title") or "")}
    if not all(stage.get(key) for key in NEEDED) or not plain_text(str(stage["text"])):
        raise StageIncomplete(**said)
    if stage.get("trigger") == "MILESTONE" and not str(stage.get("milestone") or "").strip():
        raise MilestoneUnnamed(**said)
    if str(stage["on"]) < now.astimezone(SHANGHAI).date().isoformat():
        raise StageInThePast(**said, date=str(stage["on"]))
    if stage["scope"] == "TARGETED" and not plans.recipients(stage):
        raise RecipientsOfStageMissing(**said)


def _check_dates(stages: Sequence[Stage]) -> None:
    for number, (before, stage) in enumerate(zip(stages, stages[1:], strict=False), 2):
        if str(stage["on"]) < str(before["on"]):
            raise StagesOutOfOrder(number=number, stage=str(stage["title"]))


def _check_order(stages: Sequence[Stage]) -> None:
    """Inside the Party before outside it (Art. 4(3))."""
    ways = [plans.direction(str(stage["scope"])) for stage in stages]
    for number, (stage, way) in enumerate(zip(stages, ways, strict=True), 1):
        if way == "EXTRA" and "INTRA" in ways[number:]:
            raise OutsideFirst(number=number, stage=str(stage["title"]))
