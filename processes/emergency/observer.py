"""Keeps the record of who was told and who acknowledged in step with the instance, and tells people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Task
from engine.clock import SHANGHAI
from processes import organisation as organisations
from processes.emergency.incidents import DEFINITION, EmergencyIncident, FirstReport
from processes.emergency.notices import tell
from processes.notices import step_names

if TYPE_CHECKING:
    from engine import Advanced

RECEIVERS = {"ack_leader": "LEADER", "ack_department": "DEPARTMENT", "ack_office": "OFFICE"}
"""Step → which of the three receivers of Art. 21(7) acknowledges in it."""

SUPERIOR = "superior_approver"


def incident_observer(session: Session, advanced: Advanced) -> None:
    """After every command: first reports told and acknowledged, reminders, escalation to the superior."""
    if advanced.instance.definition != DEFINITION:
        return
    incident = EmergencyIncident.of_instance(session, advanced.instance.id)
    if incident is None:
        return
    at, command = advanced.line.at, json.loads(advanced.line.body)["command"]
    for task in advanced.outcome.opened:
        _announce(session, incident, task, advanced)
    if command["kind"] == "complete":
        _acknowledge(session, incident, command["task"], advanced.line.by, at)
    for thrown in advanced.outcome.thrown:
        if thrown.kind == "escalation":
            _escalate(session, incident, str(command.get("element", "")), thrown.name, advanced)
    if advanced.instance.has_ended:
        _end(incident, at)
    session.flush()


def _announce(session: Session, incident: EmergencyIncident, task: Any, advanced: Advanced) -> None:
    receiver, at = RECEIVERS.get(task.element), advanced.line.at
    if receiver:
        _told(session, incident, task, receiver, at)
    kind = "first_report" if receiver else "incident_task"
    names = step_names(advanced, task)
    tell(session, _people(session, task, at), kind, incident, at, task=names, link=f"/tasks/{task.id}")


def _told(session: Session, incident: EmergencyIncident, task: Any, receiver: str, at: datetime) -> None:
    """A task that was taken back opens again: the acknowledgement is gone, being told is not."""
    if known := session.get(FirstReport, task.id):
        known.acknowledged_at = known.acknowledged_by = None
        return
    session.add(
        FirstReport(
            task_id=task.id,
            incident_id=incident.id,
            receiver=receiver,
            organisation=task.organisation,
            post=task.post,
            told_at=at,
            due_at=datetime.fromisoformat(task.due_at) if task.due_at else None,
        )
    )
    session.flush()


def _acknowledge(session: Session, incident: EmergencyIncident, task_id: str, by: str | None, at: datetime) -> None:
    told = session.get(FirstReport, task_id)
    if told is None:
        return
    told.acknowledged_at, told.acknowledged_by = at, by
    if told.is_late and by:
        tell(session, [by], "late_acknowledgement", incident, at)


def _escalate(session: Session, incident: EmergencyIncident, timer: str, kind: str, advanced: Advanced) -> None:
    at = advanced.line.at
    for task in _open_tasks(session, incident, timer.removesuffix(f"_{kind}")):
        people, names = set(_people(session, task, at)), step_names(advanced, task)
        if kind == "remind":
            tell(session, people, "incident_remind", incident, at, task=names)
        elif told := session.get(FirstReport, task.id):
            _tell_superior(session, incident, told, names, people, at)
        else:
            above = _superiors(session, incident, at)[1]
            tell(session, people | above, "incident_overdue", incident, at, task=names)


def _tell_superior(
    session: Session,
    incident: EmergencyIncident,
    told: FirstReport,
    step: tuple[str, str],
    people: Iterable[str],
    at: datetime,
) -> None:
    if told.escalated_at is not None:
        return
    place, superiors = _superiors(session, incident, at)
    told.escalated_at, told.escalated_to = at, place
    unit = organisations.Organisation.of(session, told.organisation).name
    tell(
        session,
        {*people, *superiors},
        "unacknowledged",
        incident,
        at,
        task=(f"{step[0]}（{unit}）", f"{step[1]} ({unit})"),
    )


def _superiors(session: Session, incident: EmergencyIncident, at: datetime) -> tuple[str, set[str]]:
    """Where the superior's approver for the releasing unit sits, and who that is."""
    on = at.astimezone(SHANGHAI).date()
    place = organisations.seats_of(session, incident.organisation, on)[SUPERIOR]
    return place, {person.id for person in organisations.holders(session, place, SUPERIOR, on)}


def _people(session: Session, task: Any, at: datetime) -> list[str]:
    if task.person:
        return [task.person]
    on = at.astimezone(SHANGHAI).date()
    return [person.id for person in organisations.holders(session, task.organisation, task.post, on)]


def _open_tasks(session: Session, incident: EmergencyIncident, element: str) -> list[Task]:
    waiting = select(Task).where(
        Task.instance_id == incident.instance_id, Task.element == element, Task.state == "open"
    )
    return list(session.scalars(waiting.order_by(Task.id)))


def _end(incident: EmergencyIncident, at: datetime) -> None:
    incident.state, incident.running_key = "CLOSED", None
    incident.closed_at, incident.ended_at = incident.closed_at or at, at
