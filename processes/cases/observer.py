"""Opens a case for every instance that has no other noun, keeps its state, and tells people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Element, Program, Task
from engine.clock import SHANGHAI
from processes import organisation as organisations
from processes.cases.cases import KINDS, OTHERS, Case
from processes.cases.notices import tell
from processes.notices import step_names
from processes.organisation import Organisation

if TYPE_CHECKING:
    from engine import Advanced

DELAYS = {"remind": "case_remind", "overdue": "case_overdue"}
"""Code of an escalation that a timer throws → kind of notice."""

SUPERIORS = ("principal_officer", "disclosure_supervisor")
"""Who else learns that a task is overdue (Art. 21, 24); of a case that is kept apart only its own posts do."""


def case_observer(session: Session, advanced: Advanced) -> None:
    """After every command: the case is opened, its state kept, tasks and delays are told."""
    if advanced.instance.definition in OTHERS:
        return
    command = json.loads(advanced.line.body)["command"]
    case = _opened(session, advanced, command) if command["kind"] == "start" else None
    case = case or session.get(Case, advanced.instance.id)
    if case is None:
        return
    _announce(session, case, advanced)
    _tell_of_delay(session, case, advanced, str(command.get("element", "")))
    _end(session, case, advanced)
    session.flush()


def _opened(session: Session, advanced: Advanced, command: Mapping[str, Any]) -> Case:
    """The case, which whoever asked for the start has opened; else it is opened here."""
    instance, program = advanced.instance, advanced.program
    if case := session.get(Case, instance.id):
        return case
    event, given = _start_event(program, command), command["data"].get("links")
    return Case.open(
        session,
        instance.id,
        instance.definition,
        instance.organisation,
        title=instance.subject or program.name,
        at=instance.started_at,
        by=advanced.line.by,
        seen_by=event.properties.get("seen_by", "").split(",") if event else (),
        links={kind: target for kind, target in given.items() if kind in KINDS} if isinstance(given, dict) else {},
    )


def _start_event(program: Program, command: Mapping[str, Any]) -> Element | None:
    """The event it began with; a diagram with several and none named begins with the plain one."""
    if named := command.get("event"):
        return program.elements.get(named)
    events = (event for event in program.elements.values() if event.kind == "startEvent" and not event.within)
    ours = [event for event in events if event.process == program.process_id]
    return min(ours, key=lambda event: len(event.events), default=None)


def _announce(session: Session, case: Case, advanced: Advanced) -> None:
    for task in advanced.outcome.opened:
        people, named = _responsible(session, task, advanced.line.at), step_names(advanced, task)
        tell(session, people, "case_task", case, advanced.line.at, task=named, link=f"/tasks/{task.id}")


def _tell_of_delay(session: Session, case: Case, advanced: Advanced, timer: str) -> None:
    codes = [thrown.name for thrown in advanced.outcome.thrown if thrown.kind == "escalation"]
    for code in codes:
        if code in DELAYS:
            for task in _late(session, advanced, timer, code):
                _tell(session, case, advanced, task, code)


def _tell(session: Session, case: Case, advanced: Advanced, task: Task, code: str) -> None:
    at, people = advanced.line.at, _responsible(session, task, advanced.line.at)
    if code == "overdue":
        people |= _superiors(session, case, at)
    tell(session, people, DELAYS[code], case, at, task=step_names(advanced, task), link=f"/tasks/{task.id}")


def _late(session: Session, advanced: Advanced, timer: str, code: str) -> list[Task]:
    """The open tasks on which the timer sits, or within which; a timer of the whole case means all of them."""
    event, tasks = advanced.program.elements.get(timer), _open_tasks(session, advanced.instance.id)
    if event is None or event.by_event:
        return tasks
    host = event.attached_to or timer.removesuffix(f"_{code}")
    return [task for task in tasks if host in (task.element, advanced.program.elements[task.element].within)]


def _open_tasks(session: Session, instance_id: str) -> list[Task]:
    query = select(Task).where(Task.instance_id == instance_id, Task.state == "open")
    return list(session.scalars(query.order_by(Task.id)))


def _responsible(session: Session, task: Any, at: datetime) -> set[str]:
    return {task.person} if task.person else holders(session, task.organisation, task.post, at)


def _superiors(session: Session, case: Case, at: datetime) -> set[str]:
    posts = [post for post in case.seen_by.split(",") if post] or SUPERIORS
    return set().union(*(holders_for(session, case.organisation, post, at) for post in posts))


def holders(session: Session, organisation: str, post: str, at: datetime) -> set[str]:
    """The ids of who holds a post of this very organisation at this moment."""
    on = at.astimezone(SHANGHAI).date()
    return {person.id for person in organisations.holders(session, organisation, post, on)}


def holders_for(session: Session, organisation: str, post: str, at: datetime) -> set[str]:
    """The ids of who holds a post for an organisation: there or in the nearest one above it."""
    if session.get(Organisation, organisation) is None:
        return set()
    seats = organisations.seats_of(session, organisation, at.astimezone(SHANGHAI).date())
    return holders(session, seats[post], post, at)


def _end(session: Session, case: Case, advanced: Advanced) -> None:
    if not advanced.instance.has_ended:
        return
    case.state = advanced.instance.state
    case.ended_at = advanced.line.at
    event = _last(advanced.outcome.trace, advanced.program)
    case.outcome = event.id if event else None
    if case.opened_by and case.opened_by != advanced.line.by:
        said = (event.name, event.properties.get("en") or event.name) if event else ("", "")
        tell(session, [case.opened_by], "case_ended", case, advanced.line.at, task=said)


def _last(trace: Iterable[list[str]], program: Program) -> Element | None:
    """The end event of the case itself that was reached last; a reminder's end is none."""
    ends = (
        program.elements[element]
        for kind, element, _process, scope, _task in trace
        if kind == "completed" and scope == "" and program.elements[element].kind == "endEvent"
    )
    return next(iter(reversed(list(ends))), None)
