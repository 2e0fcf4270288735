"""Inside a matter the plan is scanned when it is registered, and the reviewer sees what was found."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import Task
from processes.disclosure.demo import STORIES, Story, tell
from processes.disclosure.matters import Matter
from processes.disclosure.refusals import ScopeTooWide
from processes.secrecy_review import SecrecyFinding
from tests.processes.kit import Kit

PHONE = "13812345678"
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
        with self.kit.database.read() as session:
            waiting = select(Task).where(Task.instance_id == self.matter.instance_id, Task.element == element)
            task = session.scalars(waiting.where(Task.state == "open")).one()
        self.kit.engine.complete(task.id, self.kit.actor(login), said, self.kit.choices())
        return self

    def drafted(self, **changed: object) -> Plan:
        return self.does("xuzhihang", "draft", {**PLAN, **changed})

    @property
    def seen_at_the_review(self) -> dict[str, object]:
        """What the scan tells the reviewer."""
        with self.kit.database.read() as session:
            waiting = select(Task).where(Task.instance_id == self.matter.instance_id, Task.element == "review")
            return dict(self.kit.engine.data(session, session.scalars(waiting).one())["scan"])


def test_an_ordinary_plan_goes_to_its_review_as_before(kit: Kit) -> None:
    plan = Plan(kit).drafted()
    assert (plan.waits, plan.seen_at_the_review["lines"]) == (["review"], "")


def test_the_reviewer_sees_what_the_scan_found_but_not_the_number_itself(kit: Kit) -> None:
    plan = Plan(kit).drafted(text=f"<p>联系电话{PHONE}</p>")
    assert plan.seen_at_the_review["lines"] == "正文第1段：手机号码 138****5678"
    with kit.database.read() as session:
        found = SecrecyFinding.of(session, plan.matter.instance_id)
    assert [(row.state, row.type) for row in found] == [("OPEN", "PHONE")]


def test_what_is_not_suitable_cannot_be_proposed(kit: Kit) -> None:
    with pytest.raises(ScopeTooWide, match="第五条"):
        Plan(kit).drafted(ground="UNSUITABLE")


def test_a_scope_wider_than_what_the_plan_concerns_is_refused_with_its_article(kit: Kit) -> None:
    plan = Plan(kit)
    with pytest.raises(ScopeTooWide, match="第九条（二）"):
        plan.drafted(relevance=["MEMBERS"], scope="ORG_ALL", channels=["LAN"])
    assert plan.drafted(relevance=["MEMBERS"]).waits == ["review"]
