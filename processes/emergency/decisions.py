"""What people decide beside the tasks of an incident: holds of releases, resumption, leads (Art. 21(7), 25)."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from sqlalchemy import ForeignKey, Select, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Actor, Engine, deliver
from engine.clock import new_id
from engine.db import Base
from engine.refusals import NoReceiver
from processes import organisation as organisations
from processes.disclosure.holds import HoldReasonMissing
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from processes.emergency.incidents import EmergencyIncident, Seats
from processes.emergency.refusals import (
    IncidentClosed,
    LeadIncomplete,
    MayNotHold,
    NotDisciplineOfficer,
    NothingToHold,
)

HOLD, RESUME = "HoldDecided", "ResumeDecided"
"""The messages that bring a decision into the incident's instance; their key is the incident's id."""

LEAD = "AccountabilityLead"
"""The message that begins the procedure of Art. 25."""

GROUNDS = ("G1", "G2", "G3", "G4", "G5", "G6")
"""The grounds of Art. 25(1)–(6)."""

DISCIPLINE = "discipline_officer"


class AccountabilityLead(Base):
    """A lead for accountability that a discipline officer opened: a record of facts, never a verdict (Art. 25)."""

    __tablename__ = "accountability_leads"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("emergency_incidents.id"), index=True)
    ground: Mapped[str]
    facts: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str]


def may_hold(session: Session, incident: EmergencyIncident, seats: Seats) -> set[str]:
    """The organisations whose releases this person may hold: everything below the post; none without one.

    The coordinator of the Party committee office decides for the whole school, a leader for what he leads, and only
    when the incident lies there.
    """
    if any(post == "pco_coordinator" for _, post in seats):
        return {organisation.code for organisation in organisations.Organisation.all(session)}
    below = [organisations.subtree(session, code) for code, post in seats if post == "head_approver"]
    return set().union(*(codes for codes in below if incident.organisation in codes))


def waiting_for_release(codes: Collection[str]) -> Select[Matter]:
    """The running matters of these organisations that are not released yet."""
    released = select(Publication.matter_id)
    running = Matter.ended_at.is_(None), Matter.id.not_in(released), Matter.organisation.in_(sorted(codes))
    return select(Matter).where(*running).order_by(Matter.started_at, Matter.id)


def decide_hold(
    session: Session,
    engine: Engine,
    incident: EmergencyIncident,
    actor: Actor,
    reason: str,
    *,
    matter: str = "",
    organisation: str = "",
) -> None:
    """Hold one running matter or an organisation's releases. MayNotHold, NothingToHold, HoldReasonMissing."""
    codes = _allowed(session, incident, actor)
    if matter:
        if session.scalar(waiting_for_release(codes).where(Matter.id == matter)) is None:
            raise NothingToHold
    elif organisation not in codes:
        raise NothingToHold
    if not reason.strip():
        raise HoldReasonMissing
    target = {"matter": matter} if matter else {"organisation": organisation}
    deliver(engine, HOLD, incident.id, {**target, "reason": reason.strip()}, actor.person, session)


def decide_resumption(
    session: Session, engine: Engine, incident: EmergencyIncident, actor: Actor, hold_id: str, reason: str
) -> None:
    """Let held releases go on. MayNotHold, HoldReasonMissing, HoldOver."""
    _allowed(session, incident, actor)
    if not reason.strip():
        raise HoldReasonMissing
    deliver(engine, RESUME, incident.id, {"hold": hold_id, "reason": reason.strip()}, actor.person, session)


def leads(session: Session, incident: EmergencyIncident, seats: Seats) -> list[AccountabilityLead]:
    """The leads of an incident, for discipline officers; nobody else learns of any."""
    if not reads_leads(seats):
        return []
    query = select(AccountabilityLead).where(AccountabilityLead.incident_id == incident.id)
    return list(session.scalars(query.order_by(AccountabilityLead.at, AccountabilityLead.id)))


def reads_leads(seats: Seats) -> bool:
    """Does the person hold the discipline officer's post?"""
    return any(post == DISCIPLINE for _, post in seats)


def open_lead(
    session: Session, engine: Engine, incident: EmergencyIncident, actor: Actor, ground: str, facts: str, at: datetime
) -> AccountabilityLead:
    """Record a lead, and begin the procedure of Art. 25 where there is one. NotDisciplineOfficer, LeadIncomplete."""
    if not reads_leads(actor.seats):
        raise NotDisciplineOfficer(reason="")
    if ground not in GROUNDS or not facts.strip():
        raise LeadIncomplete
    lead = AccountabilityLead(
        id=new_id(), incident_id=incident.id, ground=ground, facts=facts.strip(), at=at, by=actor.person
    )
    session.add(lead)
    session.flush()
    _pursue(session, engine, incident, lead)
    return lead


def _pursue(session: Session, engine: Engine, incident: EmergencyIncident, lead: AccountabilityLead) -> None:
    """A school that runs no procedure of accountability keeps the lead as it is."""
    said = {
        "title": f"突发事件：{incident.title}"[:120],
        "organisation": incident.organisation,
        "ground": lead.ground,
        "facts": lead.facts,
        "links": {"incident": incident.id},
    }
    with suppress(NoReceiver):
        deliver(engine, LEAD, lead.id, said, lead.by, session)


def _allowed(session: Session, incident: EmergencyIncident, actor: Actor) -> set[str]:
    if not (codes := may_hold(session, incident, actor.seats)):
        raise MayNotHold(reason="")
    if incident.ended_at is not None:
        raise IncidentClosed(what=incident.title)
    return codes
