from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from engine.canonical import dump
from processes.disclosure.observer import matter_observer
from processes.notices import Notice

from .conftest import NOW

REVIEW = SimpleNamespace(properties={"en": "Review"})
PROGRAM = SimpleNamespace(elements=defaultdict(lambda: SimpleNamespace(properties={}), review=REVIEW))


@dataclass
class Outcome:
    opened: list[Any] = field(default_factory=list)
    thrown: list[Any] = field(default_factory=list)


@pytest.fixture
def happens(session, matter):
    """A command of the matter's instance is observed."""

    def happens(*opened, state="open", thrown=(), command=None):
        instance = SimpleNamespace(
            id=matter.instance_id, definition="disclosure", state=state, has_ended=state in ("completed", "cancelled")
        )
        line = SimpleNamespace(at=NOW, body=dump({"command": command or {}}))
        outcome = Outcome(list(opened), list(thrown))
        observed = SimpleNamespace(instance=instance, line=line, outcome=outcome, program=PROGRAM)
        matter_observer(session, observed)

    return happens


def opens(element, state, organisation="office", post="principal_officer", person=None):
    return SimpleNamespace(
        id=f"t-{element}",
        element=element,
        name=element,
        state=state,
        organisation=organisation,
        post=post,
        person=person,
        data={},
    )


def told(session, person):
    return [notice.kind for notice in Notice.unread(session, person.id)]


def escalation(kind):
    return SimpleNamespace(kind="escalation", name=kind)


def test_the_matter_stands_where_its_open_task_stands(happens, matter):
    happens(opens("review", "IN_REVIEW"))
    assert matter.state == "IN_REVIEW"


def test_who_holds_the_post_is_told_of_a_new_task(session, happens, who):
    happens(opens("review", "IN_REVIEW"))
    assert told(session, who("lin")) == ["task_opened"]
    assert Notice.unread(session, who("lin").id)[0].link == "/tasks/t-review"


def test_an_english_notice_calls_the_step_by_its_english_name(session, happens, who):
    happens(opens("review", "IN_REVIEW"))
    assert Notice.unread(session, who("lin").id)[0].text_en.endswith(": Review")


def test_a_task_for_a_person_is_told_to_that_person_only(session, happens, who):
    happens(opens("review", "IN_REVIEW", person=who("nurse").id))
    assert (told(session, who("nurse")), told(session, who("lin"))) == (["task_opened"], [])


def test_a_registered_plan_that_comes_back_is_returned(session, happens, matter, who):
    matter.text_hash = "registered"
    happens(opens("draft", "DRAFT", post="handler"))
    assert matter.state == "RETURNED"
    assert sorted(told(session, who("han"))) == ["returned", "task_opened"]


def test_a_first_draft_was_not_returned(happens, matter):
    happens(opens("draft", "DRAFT", post="handler"))
    assert matter.state == "DRAFT"


@pytest.mark.parametrize(("kind", "supervisor"), [("remind", []), ("overdue", ["overdue"])])
def test_a_late_task_is_told_to_its_holder_and_then_to_the_supervisor(
    session, happens, who, matter, open_task, kind, supervisor
):
    open_task(matter, "draft", "office", "handler")
    happens(thrown=[escalation(kind)], command={"kind": "fire", "element": f"draft_{kind}"})
    assert (told(session, who("han")), told(session, who("sup"))) == ([kind], supervisor)


def test_the_end_of_the_instance_ends_the_matter(happens, matter):
    happens(state="completed")
    assert matter.ended_at == NOW


def test_another_procedure_is_none_of_its_business(session, matter):
    other = SimpleNamespace(instance=SimpleNamespace(id=matter.instance_id, definition="leave", state="completed"))
    matter_observer(session, other)
    assert matter.ended_at is None
