"""Routine inspections: every quarter a part of the organisations, so that each has its turn within a year (Art. 24)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.canonical import digest
from engine.clock import SHANGHAI
from processes import organisation as organisations
from processes.cases.clockwork import CaseKey, begin_once, once_a_day
from processes.inspection.findings import DEFINITION
from processes.organisation import Organisation

if TYPE_CHECKING:
    from engine import Engine

PARTS = 4
"""Quarters in which every organisation has had its turn."""


def inspect_in_turn(engine: Engine, now: datetime) -> int:
    """Begin the routine inspections of the quarter in its first month; answers how many. Each once."""
    if now.astimezone(SHANGHAI).month % 3 != 1:
        return 0
    return once_a_day(engine, "inspect_in_turn", now, lambda: _begin(engine, now))


def _begin(engine: Engine, now: datetime) -> int:
    today = now.astimezone(SHANGHAI)
    quarter = f"{today.year}Q{(today.month + 2) // 3}"
    with engine.database.read() as session:
        chosen = turn(session, today.year, (today.month - 1) // 3)
        due = [one for one in chosen if not session.get(CaseKey, (DEFINITION, f"{quarter}:{one.code}"))]
    return sum(_begin_one(engine, organisation, quarter, now) for organisation in due)


def turn(session: Session, year: int, quarter: int) -> list[Organisation]:
    """The organisations inspected in a quarter (0–3): drawn anew every year, foreseeable by whoever knows the rule."""
    below = [one for one in Organisation.all(session) if one.kind == organisations.PARTY_ORG and one.parent]
    drawn = sorted(below, key=lambda one: digest(f"{year}:{one.code}"))
    return drawn[quarter::PARTS]


def _begin_one(engine: Engine, organisation: Organisation, quarter: str, now: datetime) -> int:
    said = {
        "title": f"{organisation.name}{quarter}经常性检查",
        "kind": "ROUTINE",
        "organisation": organisation.code,
        "reason": "按季抽取的经常性检查。",
    }
    return int(
        begin_once(engine, DEFINITION, f"{quarter}:{organisation.code}", said, now, organisation=organisation.code)
    )
