"""Who is told: of a task, half way to its deadline, when it is overdue, and at the end."""

from __future__ import annotations

import pytest

from tests.processes.cases.procedures import asking
from tests.processes.kit import Kit, Run


@pytest.fixture
def run(kit: Kit) -> Run:
    kit.engine.deploy(asking(), "test")
    return kit.begin("asking", "yubin", {"title": "When?", "unit": ""})


def test_whoever_is_to_act_is_told(run: Run) -> None:
    assert run.kit.notices("renshuhua") == ["case_task"]


def test_a_reminder_half_way_then_word_that_it_is_overdue(run: Run) -> None:
    run.kit.passes(days=1, hours=20)
    assert run.kit.notices("renshuhua") == ["case_task", "case_remind"]
    run.kit.passes(days=3)
    assert run.kit.notices("renshuhua")[-1] == "case_overdue"
    assert run.kit.notices("wanlihua") == ["case_overdue"]


def test_the_starter_learns_of_the_end(run: Run) -> None:
    run.as_("renshuhua").does("answer")
    assert run.kit.notices("yubin") == ["case_ended"]
