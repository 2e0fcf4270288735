"""What the diagram of a consultation asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from processes import organisation as organisations
from processes.announcements import Announcement
from processes.cases.services import at, case_of
from processes.notices import notify
from processes.predecision_consultation.records import ConsultationOpinion, ConsultationRecord
from processes.predecision_consultation.refusals import InterestsUnheard, OwnSecrecy

Answer = Done | Failed
Sanitise = Callable[[str], str]
WAYS = ("discussion", "hearing", "notice")
"""Ways in which an item is consulted upon besides the opinions that everybody may give."""
FINAL = frozenset({"consultation.open", "consultation.schedule"})
"""What these did is known to others: nobody goes back behind it."""
MISSING = "not_consulted"
"""The error of `consultation.require` that a diagram may catch."""


def services(sanitise: Sanitise = str) -> dict[str, Service]:
    """The services of a consultation by name; `sanitise` cleans rich text."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "consultation.open": lambda session, call: announce(session, call, sanitise),
        "consultation.exempt": exempt,
        "consultation.record": record,
        "consultation.schedule": schedule,
    }
    every = {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}
    return every | {"consultation.require": Service("consultation.require", require, codes=(MISSING,))}


def announce(session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """Show the draft to those who are asked and tell the members (Art. 17) → {announcement, told}. InterestsUnheard."""
    case, item = case_of(session, call), dict(call.arguments["item"])
    if item["interest"] == "YES" and "YES" not in (item["discussion"], item["hearing"]):
        raise InterestsUnheard
    shown = Announcement.publish(
        session,
        call.id,
        case.id,
        case.organisation,
        kind="CONSULTATION",
        title=case.title,
        html=sanitise(str(item["text"])),
        scope=str(item["reach"]),
        at=at(call),
        by=call.by,
    )
    people = organisations.members_of(session, case.organisation)
    zh, en = f"征求意见：“{case.title}”", f"Your opinion is asked for: “{case.title}”"
    link = f"/announcements/{shown.id}"
    told = notify(session, people, "consultation", case.id, zh=zh, en=en, at=at(call), link=link)
    return Done({"announcement": shown.id, "told": len(told)})


def exempt(session: Session, call: Call) -> Answer:
    """Record that the item is secret and on what ground; nothing is shown (Art. 17) → {}. OwnSecrecy."""
    if call.by == case_of(session, call).opened_by:
        raise OwnSecrecy
    return _enter(session, call, kind="EXEMPT", ways="", text=str(dict(call.arguments["secrecy"])["ground"]))


def record(session: Session, call: Call) -> Answer:
    """Record the ways, the opinions and what became of each (Art. 17) → {}."""
    item, summary = dict(call.arguments["item"]), dict(call.arguments["summary"])
    ways, shown = [way for way in WAYS if item[way] == "YES"], str(call.arguments["announcement"])
    done = _enter(session, call, kind="HELD", ways=",".join(ways), text=str(summary["text"]), announcement_id=shown)
    case = case_of(session, call)
    rows = [dict(row) for row in summary.get("opinions") or []]
    session.add_all(_opinion(case.id, number, row) for number, row in enumerate(rows, 1))
    session.flush()
    return done


def schedule(session: Session, call: Call) -> Answer:
    """Enter the meeting of an item that has its record (Art. 17) → {}. NotConsulted."""
    kept, meeting = ConsultationRecord.required(session, case_of(session, call)), dict(call.arguments["meeting"])
    kept.meeting, kept.meeting_on = str(meeting["meeting"]), date.fromisoformat(str(meeting["on"])[:10])
    session.flush()
    return Done({})


def require(session: Session, call: Call) -> Answer:
    """Has the item of the case `consultation` been consulted upon? → {kind}; Failed("not_consulted")."""
    key = str(call.arguments["consultation"] or "")
    if kept := session.get(ConsultationRecord, key):
        return Done({"kind": kept.kind})
    return Failed(MISSING, key)


def _enter(session: Session, call: Call, **said: Any) -> Answer:
    case = case_of(session, call)
    kept = ConsultationRecord(id=case.id, organisation=case.organisation, title=case.title, **said)
    kept.recorded_at = at(call)
    session.add(kept)
    session.flush()
    return Done({})


def _opinion(consultation: str, number: int, row: dict[str, Any]) -> ConsultationOpinion:
    said = {name: str(row[name]) for name in ("source", "words", "result", "reason")}
    return ConsultationOpinion(consultation_id=consultation, number=number, **said)
