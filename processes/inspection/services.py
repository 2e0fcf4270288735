"""What the diagram of an inspection asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.clock import SHANGHAI
from processes import figures
from processes import organisation as organisations
from processes.cases import Case
from processes.cases.services import at as moment_of
from processes.cases.services import case_of
from processes.inspection.findings import Finding, Inspection
from processes.notices import notify

Answer = Done | Failed
LOOKED_AT = timedelta(days=365)
"""How far back the figures go that an inspection starts from."""

FINAL = frozenset({"inspection.conclude"})
"""What these did is known to others: nobody goes back behind it."""


def services() -> dict[str, Service]:
    """The services of an inspection by name."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "inspection.figures": gather,
        "inspection.record_findings": record_findings,
        "inspection.record_verification": record_verification,
        "inspection.conclude": conclude,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def gather(session: Session, call: Call) -> Answer:
    """The figures of the last twelve months (Art. 24); see `processes.figures.of`."""
    at = moment_of(call)
    return Done(figures.of(session, case_of(session, call).organisation, at - LOOKED_AT, at))


def record_findings(session: Session, call: Call) -> Answer:
    """Enter the score and the findings, one a line (Art. 24) → {count}."""
    case, said = case_of(session, call), dict(call.arguments["findings"])
    session.add(
        Inspection(
            id=case.id,
            organisation=case.organisation,
            score=int(said["score"]),
            passed=",".join(said.get("passed") or []),
            inspected_by=call.by or "",
            inspected_at=moment_of(call),
        )
    )
    session.flush()
    lines = [line.strip() for line in str(said.get("problems") or "").splitlines() if line.strip()]
    session.add_all(Finding(inspection_id=case.id, number=n, what=line) for n, line in enumerate(lines, 1))
    session.flush()
    return Done({"count": len(lines)})


def record_verification(session: Session, call: Call) -> Answer:
    """Enter the measures and, where the supervisor accepts them, that the findings are rectified → {rectified}."""
    accepted = dict(call.arguments["verification"])["result"] == "ACCEPTED"
    findings = _inspection(session, call).findings(session)
    for finding in findings:
        finding.measures = str(dict(call.arguments["rectification"])["measures"])
        finding.rectified_at = moment_of(call) if accepted else None
    session.flush()
    return Done({"rectified": len(findings) if accepted else 0})


def conclude(session: Session, call: Call) -> Answer:
    """Enter the bulletin and tell those whom it is for (Art. 24) → {told}."""
    inspection, bulletin, at = _inspection(session, call), dict(call.arguments["bulletin"]), moment_of(call)
    inspection.circulated_to, inspection.bulletin, inspection.circulated_at = bulletin["scope"], bulletin["text"], at
    case = case_of(session, call)
    people = _addressed(session, case, bulletin["scope"], at)
    zh = f"督查通报：“{case.title}”（{case.code}）。{bulletin['text']}"
    en = f"Inspection bulletin: “{case.title}” ({case.code}). {bulletin['text']}"
    notify(session, people, "inspection_bulletin", case.id, zh=zh, en=en, at=at)
    return Done({"told": len(people)})


def _addressed(session: Session, case: Case, scope: str, at: datetime) -> list[str]:
    """The heads and desk officers of the inspected organisation, or of every Party organisation."""
    every = [one.code for one in organisations.Organisation.all(session) if one.kind == organisations.PARTY_ORG]
    places = every if scope == "PARTY_ORGS" else [case.organisation]
    on = at.astimezone(SHANGHAI).date()
    found = [
        person.id
        for place in places
        for post in ("head_approver", "principal_officer", "desk_officer")
        for person in organisations.holders(session, place, post, on)
    ]
    return sorted(set(found))


def _inspection(session: Session, call: Call) -> Inspection:
    return session.get_one(Inspection, case_of(session, call).id)
