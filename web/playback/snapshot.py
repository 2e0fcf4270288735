"""What stood on the desk at one step: the form as it was filled in, and the plan as it was registered then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session

from engine import Task
from processes.disclosure.matters import Matter, PlanVersion
from web.matters import story
from web.playback.recording import Recording, Step

PROPOSES = "propose"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One step with its submission. `plan` is the text that the step was about, empty where the step brought it."""

    step: Step
    task: Task | None
    submission: Markup
    plan: Markup
    plan_number: int | None


def take(session: Session, recording: Recording, step: Step) -> Snapshot:
    """The step's submission and the plan of that moment, each in its form, to be read only."""
    task = session.get(Task, step.command.get("task", ""))
    matter = Matter.of_instance(session, recording.instance.id)
    told = story.tell(session, recording.instance, matter)
    submission = told.form_shown(task.form, step.command["data"]) if task and step.kind == "complete" else Markup("")
    plan = _registered(told.plans, step)
    if plan is None or _act(recording, step) == PROPOSES:
        return Snapshot(step, task, submission, Markup(""), None)
    return Snapshot(step, task, submission, told.plan_shown(plan.plan), plan.number)


def _registered(plans: list[PlanVersion], step: Step) -> PlanVersion | None:
    """The plan that was registered last when the step happened."""
    return next((plan for plan in reversed(plans) if plan.at <= step.at), None)


def _act(recording: Recording, step: Step) -> Any:
    element = recording.program.elements.get(step.element)
    return element.properties.get("act") if element else None
