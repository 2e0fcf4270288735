"""What the diagram of an incident asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.clock import SHANGHAI
from engine.refusals import NotFound
from processes import organisation as organisations
from processes.disclosure.holds import ReleaseHold, hold, resume
from processes.emergency.incidents import EmergencyIncident, principal_seat
from processes.emergency.notices import tell
from processes.emergency.refusals import HoldInForce, PlanNotInForce
from processes.emergency.response_plans import ResponsePlan

Answer = Done | Failed

FINAL = frozenset({"emergency.close", "emergency.conclude"})
"""What these did is known to others: nobody goes back behind it."""


def services() -> dict[str, Service]:
    """The services of emergency_handling by name; all of them run inside the command's transaction."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "emergency.adopt_plan": adopt_plan,
        "emergency.assign": assign,
        "emergency.hold": place_hold,
        "emergency.resume": lift_hold,
        "emergency.report_reaction": report_reaction,
        "emergency.close": close,
        "emergency.conclude": conclude,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def adopt_plan(session: Session, call: Call) -> Answer:
    """Pin the version of the plan that was chosen → {fits, plan, number, title, purpose, steps}; {fits: false}."""
    incident, choice = incident_of(session, call), dict(call.arguments["choice"])
    incident.severity = choice.get("severity") or incident.severity
    if choice.get("basis") != "PLAN":
        return Done({"fits": False})
    plan = ResponsePlan.of(session, str(choice.get("plan")))
    if not plan.is_in_force:
        raise PlanNotInForce
    version = plan.versions(session)[-1]
    incident.plan_id, incident.plan_number = plan.id, version.number
    session.flush()
    said = {"number": version.number, "title": version.title, "purpose": version.purpose, "steps": version.steps}
    return Done({"fits": True, "plan": plan.id, **said})


def assign(session: Session, call: Call) -> Answer:
    """Find out who carries each measure out → [{what, unit, organisation, person}].

    `organisation` is where the unit's principal officer sits; a person who was named acts alone.
    """
    return Done([_assigned(session, dict(action), at(call)) for action in call.arguments["actions"] or []])


def place_hold(session: Session, call: Call) -> Answer:
    """Record a person's decision that releases wait → {hold}. `decision`: {matter | organisation, reason}."""
    incident, decision = incident_of(session, call), dict(call.arguments["decision"])
    held = hold(
        session,
        incident.id,
        str(decision.get("reason") or ""),
        call.by or "",
        at(call),
        matter_id=decision.get("matter") or None,
        organisation=decision.get("organisation") or None,
        key=call.id,
    )
    return Done({"hold": held.id})


def lift_hold(session: Session, call: Call) -> Answer:
    """Record that releases go on → {hold}. `decision`: {hold, reason}."""
    incident, decision = incident_of(session, call), dict(call.arguments["decision"])
    held = session.get(ReleaseHold, str(decision.get("hold")))
    if held is None or held.incident_id != incident.id:
        raise NotFound(what="hold", key=decision.get("hold"))
    resume(session, held, str(decision.get("reason") or ""), call.by or "", at(call))
    return Done({"hold": held.id})


def report_reaction(session: Session, call: Call) -> Answer:
    """Tell the leader in charge and the Party committee office of a major reaction (Art. 21(6)) → {told}.

    `response`: what table D8 says, {report, …}.
    """
    incident, response = incident_of(session, call), dict(call.arguments["response"])
    if not response.get("report"):
        return Done({"told": 0})
    on = at(call).astimezone(SHANGHAI).date()
    seats = organisations.seats_of(session, incident.organisation, on)
    posts = ("head_approver", "pco_coordinator")
    people = {person.id for post in posts for person in organisations.holders(session, seats[post], post, on)}
    tell(session, people, "major_reaction", incident, at(call))
    return Done({"told": len(people)})


def close(session: Session, call: Call) -> Answer:
    """Close the incident; HoldInForce while releases wait because of it → {closed_at}."""
    incident = incident_of(session, call)
    if any(held.is_in_force for held in ReleaseHold.of_incident(session, incident.id)):
        raise HoldInForce
    incident.state, incident.closed_at, incident.running_key = "IN_REVIEW", at(call), None
    session.flush()
    return Done({"closed_at": at(call).isoformat()})


def conclude(session: Session, call: Call) -> Answer:
    """File the review and let discipline officers look at it; a lead is theirs alone to open (Art. 25)."""
    incident = incident_of(session, call)
    if any(held.is_in_force for held in ReleaseHold.of_incident(session, incident.id)):
        raise HoldInForce
    on = at(call).astimezone(SHANGHAI).date()
    place = organisations.seats_of(session, incident.organisation, on)["discipline_officer"]
    officers = organisations.holders(session, place, "discipline_officer", on)
    tell(session, [officer.id for officer in officers], "incident_concluded", incident, at(call))
    return Done({"told": len(officers)})


def incident_of(session: Session, call: Call) -> EmergencyIncident:
    """The incident that a call is about; NotFound where there is none."""
    if incident := session.get(EmergencyIncident, str(call.arguments["incident"])):
        return incident
    raise NotFound(what="incident", key=call.arguments["incident"])


def at(call: Call) -> datetime:
    """The moment of the command; the engine always gives one."""
    if call.at is None:
        raise ValueError(f"the call {call.id} has no time")
    return call.at


def _assigned(session: Session, action: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    person = action.get("person") or None
    place = principal_seat(session, str(action["unit"]), moment)
    return {"what": action["what"], "unit": action["unit"], "organisation": place, "person": person}
