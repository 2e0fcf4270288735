"""What the diagram of the yearly report asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.canonical import dump
from engine.clock import SHANGHAI
from processes import figures
from processes import organisation as organisations
from processes.announcements import Announcement
from processes.annual_report.refusals import AlreadyReported, MoreSatisfiedThanThere
from processes.annual_report.reports import AnnualReport
from processes.cases.services import at as moment_of
from processes.cases.services import case_of
from processes.notices import notify
from processes.organisation import Organisation

Answer = Done | Failed
Sanitise = Callable[[str], str]

FINAL = frozenset({"annual.register"})
"""What these did is known to others: nobody goes back behind it."""


def services(sanitise: Sanitise = str) -> dict[str, Service]:
    """`annual.figures`, `.register` and `.conclude`; `sanitise` cleans rich text."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "annual.figures": gather,
        "annual.register": lambda session, call: register(session, call, sanitise),
        "annual.conclude": conclude,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def gather(session: Session, call: Call) -> Answer:
    """The figures of the year, and the Party organisations right below that report (Art. 22) → {…, units}.

    An organisation that applies the regulation by reference (Art. 3) need not report. AlreadyReported.
    """
    case, year = case_of(session, call), int(call.arguments["year"])
    if AnnualReport.of_year(session, case.organisation, year):
        name = Organisation.of(session, case.organisation).name
        raise AlreadyReported(organisation=name, year=year)
    since, until = (datetime(each, 1, 1, tzinfo=SHANGHAI) for each in (year, year + 1))
    return Done({**figures.of(session, case.organisation, since, until), "units": _below(session, case.organisation)})


def register(session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """Keep the approved report, and show the bulletin to members or to everyone (Art. 23) → {announcement, told}."""
    case, report, at = case_of(session, call), dict(call.arguments["report"]), moment_of(call)
    html = sanitise(str(report["text"]))
    shown = Announcement.publish(
        session,
        call.id,
        case.id,
        case.organisation,
        kind="BULLETIN",
        title=case.title,
        html=html,
        scope=str(report["scope"]),
        at=at,
        by=call.by,
    )
    said = {**dict(call.arguments["figures"]), "sections": call.arguments["sections"]}
    session.add(
        AnnualReport(
            id=case.id,
            organisation=case.organisation,
            year=int(call.arguments["year"]),
            html=html,
            figures_json=dump(said),
            announcement_id=shown.id,
            approved_at=at,
        )
    )
    session.flush()
    people = organisations.members_of(session, case.organisation)
    zh, en = (
        f"年度通报已发布：“{case.title}”，欢迎提出意见",
        f"The yearly bulletin is out: “{case.title}”. Tell us what you think",
    )
    link = f"/announcements/{shown.id}"
    told = notify(session, people, "annual_bulletin", case.id, zh=zh, en=en, at=at, link=link)
    return Done({"announcement": shown.id, "told": len(told)})


def conclude(session: Session, call: Call) -> Answer:
    """Keep the superior's guidance and what was heard (Art. 22, 23) → {}. MoreSatisfiedThanThere."""
    report, heard = session.get_one(AnnualReport, case_of(session, call).id), dict(call.arguments["appraisal"])
    attended, satisfied = int(heard["attended"]), int(heard["satisfied"])
    if satisfied > attended:
        raise MoreSatisfiedThanThere(satisfied=satisfied, attended=attended)
    report.guidance = str(dict(call.arguments["receipt"])["guidance"])
    report.attended, report.satisfied = attended, satisfied
    report.opinions, report.adopted, report.concluded_at = heard["opinions"], heard["adopted"], moment_of(call)
    session.flush()
    return Done({})


def _below(session: Session, organisation: str) -> list[str]:
    below: list[Any] = [one for one in Organisation.all(session) if one.parent == organisation]
    return [one.code for one in below if one.kind == organisations.PARTY_ORG and one.relation == "SUBORDINATE"]
