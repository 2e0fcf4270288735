"""What has happened in an instance so far: opinions, plan, tasks and the lines of its journal, ready to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

import forms
from engine import Instance, Task, lines
from processes.disclosure.matters import Matter, PlanVersion
from processes.disclosure.opinions import Opinion, opinions
from web import i18n, names, versions
from web.tasks.choices import choices
from web.tasks.files import address

ACTS = ("correct", "reassign", "skip", "retry", "jump", "suspend", "resume", "migrate", "cancel")
"""Acts of repair; they say why."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal in the words of a reader."""

    position: int
    at: datetime
    by: str | None
    kind: str
    step: str
    detail: str = ""


@dataclass(frozen=True)
class Story:
    """An instance's past and present. `began` is what the form of its start said, and that form's file."""

    began: tuple[str, Mapping[str, Any]] | None
    opinions: list[Opinion]
    tasks: list[Task]
    plans: list[PlanVersion]
    events: list[Event]
    program: Any
    files: Mapping[str, bytes]
    offered: Mapping[str, Any]

    def step_of(self, opinion: Opinion) -> str:
        """The name of the step at which it was said, in the reader's language."""
        element = self.program.elements.get(opinion.element)
        return i18n.named({"name": opinion.name, **(element.properties if element else {})})

    def spoken(self, event: Event) -> str:
        """What a line of the journal says, in the reader's language."""
        return spoken(event)

    @property
    def open_tasks(self) -> list[Task]:
        """What waits for somebody."""
        return [task for task in self.tasks if task.state == "open"]

    @cached_property
    def plan(self) -> dict[str, Any] | None:
        """The plan as it was registered last."""
        return self.plans[-1].plan if self.plans else None

    @property
    def beginning(self) -> Markup:
        """What began the instance, in the form of its start event, to be read only; nothing where it had no form."""
        return self.form_shown(*self.began) if self.began else Markup("")

    def opinion_of(self, task_id: str) -> Opinion | None:
        """What was said when a task was completed the last time."""
        return next((said for said in reversed(self.opinions) if said.task_id == task_id and not said.taken_back), None)

    def shown(self, opinion: Opinion) -> Markup:
        """The form of a completed task as it was filled in, to be read only."""
        return self.form_shown(self._form_of(opinion.task_id), opinion.data)

    def plan_shown(self, plan: Mapping[str, Any]) -> Markup:
        """A registered plan in its form, to be read only."""
        proposal = next((task for task in self.tasks if self._act(task) == "propose"), None)
        return self.form_shown(proposal.form if proposal else None, plan)

    def form_shown(self, form: str | None, data: Mapping[str, Any]) -> Markup:
        """Data in a form of this version; nothing where the step had no form."""
        if not form or form not in self.files:
            return Markup("")
        return forms.show(
            self.files[form],
            data,
            language=i18n.language(),
            context={**self.offered, **data},
            file_url=address,
        )

    def _form_of(self, task_id: str) -> str | None:
        return next((task.form for task in self.tasks if task.id == task_id), None)

    def _act(self, task: Task) -> str:
        element = self.program.elements.get(task.element)
        return str(element.properties.get("act", "")) if element else ""


def tell(session: Session, instance: Instance, matter: Matter | None) -> Story:
    """Everything that the pages of a task and of a matter show of the past."""
    program = versions.program_of(session, instance.version_id)
    tasks = list(
        session.scalars(select(Task).where(Task.instance_id == instance.id).order_by(Task.opened_position, Task.id))
    )
    said = opinions(session, instance.id)
    entries = lines(session.connection(), instance.id)
    names.meet(session, [entry.by for entry in entries])
    files = versions.files_of(session, instance.version_id)
    return Story(
        began=_began(entries, program),
        opinions=said,
        tasks=tasks,
        plans=matter.plans(session) if matter else [],
        events=[_event(entry, program) for entry in entries],
        program=program,
        files=files,
        offered=choices(session, files.values()),
    )


def _began(entries: Sequence[Any], program: Any) -> tuple[str, Mapping[str, Any]] | None:
    """The file of the start event's form, and what was entered in it."""
    command = json.loads(entries[0].body)["command"] if entries else {}
    event = program.elements.get(command.get("event", ""))
    form = event.properties.get("formJsonSchemaFilename") if event else None
    if not form:
        return None
    said = command["data"]
    return form, said.get(event.properties.get("variable", ""), said)


def _event(entry: Any, program: Any) -> Event:
    command = json.loads(entry.body)["command"]
    element = program.elements.get(command.get("element", ""))
    step = i18n.named({"name": element.name, **element.properties}) if element else ""
    return Event(entry.position, entry.at, entry.by, entry.kind, step, detail(command))


def detail(command: Mapping[str, Any]) -> str:
    """What an act of repair was about, and why."""
    about = {
        "correct": lambda: f"{command['path']}: {_short(command['before'])} → {_short(command['after'])}",
        "stop": lambda: f"{command['party']}: {command['reason']}",
        "reassign": lambda: _whom(command["assigned"]),
        "skip": lambda: _short(command["result"]) if command["result"] is not None else "",
    }
    said = about[command["kind"]]() if command["kind"] in about else ""
    reason = str(command.get("reason", "")) if command["kind"] in ACTS else ""
    return str(_("; ")).join(filter(None, [said, reason]))


def _short(value: Any) -> str:
    spelled = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return spelled if len(spelled) <= 60 else f"{spelled[:60]}…"


def _whom(assigned: Mapping[str, Any]) -> str:
    if assigned["person"]:
        return names.person(assigned["person"])
    return f"{names.organisation(assigned['organisation'])} · {names.post(assigned['post'])}"


def spoken(event: Event) -> str:
    """What a line of the journal says, in the reader's language."""
    sentences = {
        "start": _("The matter was opened"),
        "complete": _("Done: %(step)s", step=event.step),
        "fire": _("The time came: %(step)s", step=event.step),
        "deliver": _("A message arrived: %(step)s", step=event.step),
        "answer": _("A service answered: %(step)s", step=event.step),
        "recount": _("The calendar was changed: deadlines were counted again"),
        "stop": _("The clock was stopped: %(step)s", step=event.step),
        "go_on": _("The clock goes on: %(step)s", step=event.step),
        "withdraw": _("Taken back: %(step)s", step=event.step),
        "cancel": _("The matter was ended"),
        "correct": _("Data corrected"),
        "reassign": _("Given to another: %(step)s", step=event.step),
        "skip": _("Left out: %(step)s", step=event.step),
        "retry": _("Tried again: %(step)s", step=event.step),
        "jump": _("Gone back to: %(step)s", step=event.step),
        "suspend": _("Suspended"),
        "resume": _("Resumed"),
        "migrate": _("Moved to another version of the procedure"),
    }
    said = str(sentences.get(event.kind, event.kind))
    return f"{said} · {event.detail}" if event.detail else said
