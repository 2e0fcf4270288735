"""Art. 24, 25, table D6: who is told on which working day of a delay, and what the supervisor makes of it."""

from __future__ import annotations

import pytest

from tests.processes.kit import Kit, Run

ASKED = {"title": "核对", "reason": "核对长期公开内容。"}
LEVELS = ("overdue_remind", "overdue_head", "overdue_supervisor", "overdue_superior")


def neglected(kit: Kit) -> tuple[Run, Run]:
    """A task of the handler with ten working days; the follow-up begins on the next day's first beat."""
    publication = kit.released()
    kit.deploy("long_term_check", "overdue_follow_up")
    late = kit.begin("long_term_check", "qiaoxinyu", ASKED, publication=publication)
    kit.passes(to="2026-03-17T09:00")
    (run,) = kit.runs("overdue_follow_up")
    return late, run


def told(kit: Kit, login: str) -> list[str]:
    return [kind for kind in kit.notices(login) if kind in LEVELS]


@pytest.mark.parametrize(
    ("until", "levels"),
    [
        ("2026-03-17T10:00", {"xuzhihang": 1, "fangwenjing": 0, "shixiaomin": 0}),
        ("2026-03-18T10:00", {"xuzhihang": 2, "fangwenjing": 1, "shixiaomin": 0}),
        ("2026-03-20T10:00", {"xuzhihang": 3, "fangwenjing": 2, "shixiaomin": 1}),
        ("2026-03-24T10:00", {"xuzhihang": 4, "fangwenjing": 3, "shixiaomin": 2}),
    ],
)
def test_each_working_day_of_delay_tells_one_step_higher(kit: Kit, until: str, levels: dict[str, int]) -> None:
    neglected(kit)
    kit.passes(to=until)
    assert {login: len(told(kit, login)) for login in levels} == levels


def test_a_task_that_is_done_ends_its_follow_up(kit: Kit) -> None:
    late, run = neglected(kit)
    late.as_("xuzhihang").does("check_validity", {"result": "VALID", "opinion": "有效。"})
    kit.passes(days=2)
    assert run.end == "done_meanwhile"


def test_the_supervisor_records_a_finding(kit: Kit) -> None:
    _late, run = neglected(kit)
    kit.passes(to="2026-03-25T10:00")
    run.as_("shixiaomin").does("handle_delay", {"result": "FINDING", "facts": "人手不足。"})
    assert run.end == "handled_end"


def test_the_supervisor_gives_a_lead(kit: Kit) -> None:
    kit.deploy("accountability")
    _late, run = neglected(kit)
    kit.passes(to="2026-03-25T10:00")
    run.as_("shixiaomin").does("handle_delay", {"result": "LEAD", "facts": "多次督促仍不办理。", "ground": "G1"})
    assert run.end == "lead_sent"
    assert len(kit.runs("accountability")) == 1


def test_a_refusal_goes_to_the_supervisor_at_once(kit: Kit) -> None:
    late, _run = neglected(kit)
    task = late.task("check_validity").id
    run = kit.begin("overdue_follow_up", "shixiaomin", {"title": "拒不核对", "task": task, "consequence": "REFUSED"})
    assert run.waits == ["handle_delay"]


def test_a_task_is_followed_up_once(kit: Kit) -> None:
    neglected(kit)
    kit.passes(days=2)
    assert len(kit.runs("overdue_follow_up")) == 1
