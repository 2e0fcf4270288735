"""Milestones: what a stage waits for, and the handler's word that it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor, Subscription, deliver
from processes.disclosure.matters import Matter, PlanVersion
from processes.organisation import Organisation
from processes.staged.refusals import NotAMilestone, NotHandlerOfMatter
from processes.staged.stages import stages_of

if TYPE_CHECKING:
    from engine import Engine

MILESTONE = "MilestoneReached"
"""The message that a milestone is reached; its key is the matter's id, a colon and the number of the stage."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stage that waits for a milestone. `latest` is the day on which it goes on without it, as YYYY-MM-DD."""

    key: str
    number: int
    title: str
    milestone: str
    latest: str


def waiting(session: Session, matter: Matter) -> Waiting | None:
    """The milestone that the matter waits for now, or None."""
    waits = Subscription.instance_id == matter.instance_id, Subscription.name == MILESTONE
    key = session.scalar(select(Subscription.key).where(*waits).limit(1))
    number = int(str(key).rpartition(":")[2]) if key else 0
    stage = next((stage for count, stage in enumerate(_stages(session, matter), 1) if count == number), None)
    if key is None or stage is None or stage.get("trigger") != "MILESTONE":
        return None
    return Waiting(key, number, str(stage["title"]), str(stage["milestone"]), str(stage["on"]))


def may_report(matter: Matter, actor: Actor) -> bool:
    """Is this a handler of the unit that handles the matter?"""
    return (matter.organisation, "handler") in actor.seats


def reach(engine: Engine, matter: Matter, key: str, actor: Actor, note: str = "") -> None:
    """A handler says that the milestone is reached. NotHandlerOfMatter, NotAMilestone."""
    with engine.database.read() as session:
        if not may_report(matter, actor):
            raise NotHandlerOfMatter(organisation=Organisation.of(session, matter.organisation).name)
        found = waiting(session, matter)
    if found is None or found.key != key:
        raise NotAMilestone(what=matter.title)
    deliver(engine, MILESTONE, key, {"note": note}, actor.person)


def _stages(session: Session, matter: Matter) -> list[dict[str, object]]:
    """The stages of the plan that was registered as a whole: the last version with several."""
    query = select(PlanVersion).where(PlanVersion.matter_id == matter.id).order_by(PlanVersion.number.desc())
    found = (stages_of(version.plan) for version in session.scalars(query))
    return next((stages for stages in found if len(stages) > 1), [])
