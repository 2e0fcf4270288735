"""A matter of the demo's office whose plan is drafted, and what becomes of it."""

from __future__ import annotations

from sqlalchemy import select

from engine import Task
from processes.disclosure.demo import STORIES, Story, tell
from processes.disclosure.matters import Matter, PlanVersion
from processes.secrecy_review import SecrecyFinding
from tests.processes.kit import Kit

PLAN = dict(STORIES[0].steps[0].submission)


class Plan:
    """A matter of the office whose plan is to be drafted."""

    def __init__(self, kit: Kit) -> None:
        kit.deploy("disclosure")
        story = STORIES[0]
        self.kit, self.id = kit, story.matter_id
        tell(kit.engine, Story(story.key, story.organisation, story.login, story.content, ()))

    @property
    def matter(self) -> Matter:
        with self.kit.database.read() as session:
            return session.get_one(Matter, self.id)

    @property
    def waits(self) -> list[str]:
        with self.kit.database.read() as session:
            waiting = select(Task.element).where(Task.instance_id == self.matter.instance_id, Task.state == "open")
            return sorted(session.scalars(waiting))

    def does(self, login: str, element: str, said: dict[str, object]) -> Plan:
        self.kit.engine.complete(self.task(element).id, self.kit.actor(login), said, self.kit.choices())
        return self

    def drafted(self, **changed: object) -> Plan:
        return self.does("xuzhihang", "draft", {**PLAN, **changed})

    @property
    def texts(self) -> list[str]:
        """The texts of the versions that were registered."""
        return [str(version.plan["text"]) for version in self.versions]

    @property
    def versions(self) -> list[PlanVersion]:
        with self.kit.database.read() as session:
            registered = select(PlanVersion).where(PlanVersion.matter_id == self.id)
            return list(session.scalars(registered.order_by(PlanVersion.number)))

    @property
    def findings(self) -> list[SecrecyFinding]:
        with self.kit.database.read() as session:
            return SecrecyFinding.of(session, self.matter.instance_id)

    def task(self, element: str) -> Task:
        with self.kit.database.read() as session:
            waiting = select(Task).where(Task.instance_id == self.matter.instance_id, Task.element == element)
            return session.scalars(waiting.where(Task.state == "open")).one()

    @property
    def route(self) -> str:
        """Who approves, by the table."""
        with self.kit.database.read() as session:
            return str(self.kit.engine.data(session, self.task("approve_head"))["route"]["route"])

    @property
    def seen_at_the_review(self) -> dict[str, object]:
        """What the scan tells the reviewer."""
        with self.kit.database.read() as session:
            waiting = select(Task).where(Task.instance_id == self.matter.instance_id, Task.element == "review")
            return dict(self.kit.engine.data(session, session.scalars(waiting).one())["scan"])
