"""What the diagram of a follow-up asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from engine import Calendar, Call, Done, Failed, Service, Task
from engine.clock import SHANGHAI
from engine.refusals import NotFound
from processes import organisation as organisations
from processes.cases.services import at as moment_of
from processes.cases.services import case_of
from processes.notices import Notice, notify

Answer = Done | Failed
Days = Callable[[], Calendar]

STEPS = ("REMIND", "HEAD", "SUPERVISOR", "SUPERIOR")
"""The actions of table D6 in their order; each tells those of the earlier ones too."""

ADDED: Mapping[str, tuple[str, ...]] = {
    "HEAD": ("principal_officer",),
    "SUPERVISOR": ("disclosure_supervisor",),
    "SUPERIOR": ("superior_approver", "pco_coordinator"),
}
"""Action → the posts that it adds to whoever has the task."""


def services(calendar: Days) -> dict[str, Service]:
    """`overdue.measure` and `overdue.remind`; `calendar` answers the working days in force."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "overdue.measure": lambda session, call: measure(session, call, calendar()),
        "overdue.remind": remind,
    }
    return {name: Service(name, run) for name, run in runs.items()}


def measure(session: Session, call: Call, calendar: Calendar) -> Answer:
    """Is the task done, and by how many working days is it late (Art. 24)? → {is_done, days, counted: [ISO dates]}."""
    task = _task(session, call)
    counted = [day.isoformat() for day in _late_days(task, moment_of(call), calendar)]
    return Done({"is_done": task.state != "open", "days": len(counted), "counted": counted})


def remind(session: Session, call: Call) -> Answer:
    """Tell those whom the action names, and nobody twice of the same step → {told}."""
    task, action, at = _task(session, call), str(call.arguments["action"]), moment_of(call)
    step = STEPS[-1] if action == "LEAD" else action
    kind, case = f"overdue_{step.lower()}", case_of(session, call)
    known = {notice.person_id for notice in Notice.about(session, case.id) if notice.kind == kind}
    people = sorted(_concerned(session, task, step, at) - known)
    zh = f"“{task.name}”（{case.title}）超期未办，请尽快办理或者督促"
    en = f"“{task.name}” ({case.title}) is overdue: please see to it"
    notify(session, people, kind, case.id, zh=zh, en=en, at=at, link=f"/tasks/{task.id}")
    return Done({"told": len(people)})


def _late_days(task: Task, at: datetime, calendar: Calendar) -> list[date]:
    """The working days after the deadline, up to and with this one."""
    if task.due_at is None:
        return []
    first, last = ((moment.astimezone(SHANGHAI)).date() for moment in (task.due_at, at))
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if calendar.is_working(day)]


def _concerned(session: Session, task: Task, step: str, at: datetime) -> set[str]:
    on = at.astimezone(SHANGHAI).date()
    seats = organisations.seats_of(session, task.organisation, on)
    posts = [post for each in STEPS[: STEPS.index(step) + 1] for post in ADDED.get(each, ())]
    told = {person.id for post in posts for person in organisations.holders(session, seats[post], post, on)}
    return told | _at_work(session, task, on)


def _at_work(session: Session, task: Task, on: date) -> set[str]:
    if task.person:
        return {task.person}
    return {person.id for person in organisations.holders(session, task.organisation, task.post, on)}


def _task(session: Session, call: Call) -> Task:
    key = str(dict(call.arguments["late"]).get("task") or "")
    found = session.get(Task, key)
    if found is None:
        raise NotFound(what="task", key=key)
    return found
