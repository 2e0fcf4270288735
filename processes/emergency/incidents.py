"""An incident that a release caused: reported by anyone, told to three receivers at once, handled until closed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Select, Text, UniqueConstraint, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Claim, Task
from engine.canonical import dump
from engine.clock import SHANGHAI, new_id
from engine.db import Base
from engine.refusals import NotFound
from processes import organisation as organisations
from processes import settings
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from processes.emergency.notices import tell

if TYPE_CHECKING:
    from engine import Engine

DEFINITION = "emergency_handling"
SEVERITIES = ("GENERAL", "MAJOR", "SEVERE")
RECEIVERS = ("LEADER", "DEPARTMENT", "OFFICE")
"""The three receivers of the first report (Art. 21(7))."""

STATES = ("RUNNING", "IN_REVIEW", "CLOSED")

EVERYWHERE = frozenset({"pco_coordinator", "discipline_officer", "auditor", "audit_admin"})
"""Posts that see every incident."""

LEADING = frozenset({"head_approver", "principal_officer", "disclosure_supervisor"})
"""Posts that see the incidents of their organisation and of those below it."""

Seats = Collection[tuple[str, str]]


class EmergencyIncident(Base):
    """One incident (突发事件) caused by a publication (Art. 21(7)).

    `running_key` is the publication's id until the incident is closed and empty afterwards: it is unique, so that a
    publication never has two incidents running. `organisation` handled the release.
    """

    __tablename__ = "emergency_incidents"
    __table_args__ = (Index("ix_emergency_incidents_reported_at", "reported_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(unique=True)
    publication_id: Mapped[str] = mapped_column(ForeignKey("publications.id"), index=True)
    running_key: Mapped[str | None] = mapped_column(unique=True)
    organisation: Mapped[str]
    title: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str]
    reported_by: Mapped[str]
    reported_at: Mapped[datetime]
    plan_id: Mapped[str | None]
    plan_number: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        """Is it still being handled?"""
        return self.closed_at is None

    @classmethod
    def of_instance(cls, session: Session, instance_id: str) -> EmergencyIncident | None:
        """The incident that an instance handles, or None."""
        return session.scalar(select(cls).where(cls.instance_id == instance_id))

    @classmethod
    def running(cls, session: Session, publication_id: str) -> EmergencyIncident | None:
        """The incident of a publication that is being handled, or None."""
        return session.scalar(select(cls).where(cls.running_key == publication_id))

    @classmethod
    def visible_to(cls, session: Session, person: str, seats: Seats) -> Select[EmergencyIncident]:
        """Own reports; what the person's posts receive or have to do; for leaders what lies below their post."""
        if any(post in EVERYWHERE for _, post in seats):
            return select(cls)
        led = {code for code, post in seats if post in LEADING}
        below = set().union(*(organisations.subtree(session, code) for code in led)) if led else set()
        reported = exists().where(IncidentReport.incident_id == cls.id, IncidentReport.by == person)
        return select(cls).where(or_(reported, cls.organisation.in_(sorted(below)), cls._concerns(person, seats)))

    @classmethod
    def _concerns(cls, person: str, seats: Seats) -> Any:
        claimed = exists().where(Claim.task_id == Task.id, Claim.person == person)
        for_seats = [(Task.organisation == organisation) & (Task.post == post) for organisation, post in sorted(seats)]
        theirs = or_(Task.person == person, Task.closed_by == person, claimed, *for_seats)
        return exists().where(Task.instance_id == cls.instance_id, theirs)

    @classmethod
    def read(cls, session: Session, incident_id: str, person: str, seats: Seats) -> EmergencyIncident:
        """The incident where this person may see it; NotFound otherwise."""
        found = session.scalar(cls.visible_to(session, person, seats).where(cls.id == incident_id))
        if found is None:
            raise NotFound(what="incident", key=incident_id)
        return found

    def reports(self, session: Session) -> list[IncidentReport]:
        """The first report and the further ones, oldest first."""
        query = select(IncidentReport).where(IncidentReport.incident_id == self.id)
        return list(session.scalars(query.order_by(IncidentReport.number)))

    def first_reports(self, session: Session) -> list[FirstReport]:
        """Who was told: the leader, the departments, the Party committee office."""
        query = select(FirstReport).where(FirstReport.incident_id == self.id).order_by(FirstReport.organisation)
        return sorted(session.scalars(query), key=lambda told: RECEIVERS.index(told.receiver))


class IncidentReport(Base):
    """What somebody reported; number 1 began the handling, the others were added to it."""

    __tablename__ = "incident_reports"
    __table_args__ = (UniqueConstraint("incident_id", "number"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("emergency_incidents.id"))
    number: Mapped[int]
    by: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(Text)
    seen_where: Mapped[str] = mapped_column(Text)
    severity: Mapped[str]
    evidence_json: Mapped[str] = mapped_column(Text)

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """The files that came with it: [{digest, name, type, size}]."""
        return list(json.loads(self.evidence_json))


class FirstReport(Base):
    """One receiver of the first report: told when, acknowledged when, told to the superior when (Art. 21(7)).

    `receiver` is LEADER, DEPARTMENT or OFFICE; the id is that of the task of acknowledging.
    """

    __tablename__ = "first_reports"
    task_id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("emergency_incidents.id"), index=True)
    receiver: Mapped[str]
    organisation: Mapped[str]
    post: Mapped[str]
    told_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    escalated_at: Mapped[datetime | None]
    escalated_to: Mapped[str | None]

    @property
    def is_late(self) -> bool:
        """Was it acknowledged only after the superior had been told?"""
        return bool(self.acknowledged_at and self.escalated_at)


def report(
    session: Session, engine: Engine, publication: Publication, said: Mapping[str, Any], by: str, at: datetime
) -> tuple[EmergencyIncident, bool]:
    """Begin the handling of an incident, or add a further report to the one that runs → (incident, is it new?).

    `said` is what the form report.form.json accepted: {what, where, severity, departments, evidence}.
    """
    session.scalars(select(Publication.id).where(Publication.id == publication.id).with_for_update()).one()
    if running := EmergencyIncident.running(session, publication.id):
        _add(session, running, said, by, at)
        _tell_of_further(session, running, at)
        return running, False
    incident = _begin(session, publication, said, by, at)
    engine.start(
        DEFINITION,
        start_data(session, incident, said, at),
        by,
        organisation=incident.organisation,
        subject=incident.title,
        instance_id=incident.instance_id,
        session=session,
    )
    return incident, True


def start_data(session: Session, incident: EmergencyIncident, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What the diagram starts with: {incident, organisation, seats, settings, departments, report}."""
    on = at.astimezone(SHANGHAI).date()
    return {
        "incident": incident.id,
        "organisation": incident.organisation,
        "seats": organisations.seats_of(session, incident.organisation, on),
        "settings": dict(settings.effective(session, incident.organisation, at)),
        "departments": concerned(session, incident, said.get("departments") or [], at),
        "report": dict(said),
    }


def concerned(
    session: Session, incident: EmergencyIncident, named: Iterable[str], at: datetime
) -> list[dict[str, str]]:
    """The departments concerned: who handled the release, who confirmed it, who was named; each told once.

    → [{code, organisation}], where `organisation` is where the department's principal officer sits.
    """
    codes = dict.fromkeys([incident.organisation, *_co_units(session, incident), *named])
    places: dict[str, str] = {}
    for code in codes:
        places.setdefault(principal_seat(session, code, at), code)
    return [{"code": code, "organisation": place} for place, code in places.items()]


def principal_seat(session: Session, organisation: str, at: datetime) -> str:
    """Where the principal officer of an organisation sits."""
    return organisations.seats_of(session, organisation, at.astimezone(SHANGHAI).date())["principal_officer"]


def _co_units(session: Session, incident: EmergencyIncident) -> list[str]:
    publication = session.get_one(Publication, incident.publication_id)
    matter = session.get(Matter, publication.matter_id)
    plans = matter.plans(session) if matter else []
    return list(plans[-1].plan.get("co_units") or []) if plans else []


def _begin(
    session: Session, publication: Publication, said: Mapping[str, Any], by: str, at: datetime
) -> EmergencyIncident:
    incident = EmergencyIncident(
        id=new_id(),
        instance_id=new_id(),
        publication_id=publication.id,
        running_key=publication.id,
        organisation=publication.organisation,
        title=publication.title,
        severity=said["severity"],
        state="RUNNING",
        reported_by=by,
        reported_at=at,
    )
    session.add(incident)
    session.flush()
    _add(session, incident, said, by, at)
    return incident


def _add(
    session: Session, incident: EmergencyIncident, said: Mapping[str, Any], by: str, at: datetime
) -> IncidentReport:
    so_far = select(func.count()).select_from(IncidentReport).where(IncidentReport.incident_id == incident.id)
    added = IncidentReport(
        id=new_id(),
        incident_id=incident.id,
        number=(session.scalar(so_far) or 0) + 1,
        by=by,
        at=at,
        what=said["what"],
        seen_where=said["where"],
        severity=said["severity"],
        evidence_json=dump(list(said.get("evidence") or [])),
    )
    session.add(added)
    session.flush()
    return added


def _tell_of_further(session: Session, incident: EmergencyIncident, at: datetime) -> None:
    """Whoever was told of the first report is told of a further one."""
    on = at.astimezone(SHANGHAI).date()
    people = {
        person.id
        for told in incident.first_reports(session)
        for person in organisations.holders(session, told.organisation, told.post, on)
    }
    tell(session, people, "further_report", incident, at)
