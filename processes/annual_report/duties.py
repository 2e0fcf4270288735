"""The yearly duties of every Party organisation: its report in January (Art. 22, 23)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.clock import SHANGHAI
from processes import organisation as organisations
from processes.annual_report.reports import DEFINITION
from processes.cases.clockwork import CaseKey, begin_once, once_a_day
from processes.organisation import Organisation

if TYPE_CHECKING:
    from engine import Engine

LAST_MONTH = 3
"""A scheduler that was away in January begins the reports until the end of this month."""


def report_years(engine: Engine, now: datetime) -> int:
    """Begin the report on the last calendar year for each organisation, once; answers how many.

    One that applies the regulation by reference (Art. 3) need not report.
    """
    if now.astimezone(SHANGHAI).month > LAST_MONTH:
        return 0
    return once_a_day(engine, "report_years", now, lambda: _begin(engine, now))


def _begin(engine: Engine, now: datetime) -> int:
    year = now.astimezone(SHANGHAI).year - 1
    with engine.database.read() as session:
        due = [one for one in _reporting(session) if not session.get(CaseKey, (DEFINITION, f"{year}:{one.code}"))]
    return sum(_begin_one(engine, organisation, year, now) for organisation in due)


def _reporting(session: Session) -> list[Organisation]:
    every = Organisation.all(session)
    return [one for one in every if one.kind == organisations.PARTY_ORG and one.relation == "SUBORDINATE"]


def _begin_one(engine: Engine, organisation: Organisation, year: int, now: datetime) -> int:
    said = {"title": f"{organisation.name}{year}年度党务公开工作报告", "year": year}
    return int(begin_once(engine, DEFINITION, f"{year}:{organisation.code}", said, now, organisation=organisation.code))
