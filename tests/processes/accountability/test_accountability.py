"""Art. 25: a lead is verified, the person is heard, the leading body decides, an appeal goes to the superior."""

from __future__ import annotations

import pytest

from engine.refusals import NotAllowed
from processes.accountability.register import AccountabilityCase
from tests.processes.kit import Kit, Run

LEAD = {
    "title": "逾期未公开党费收缴情况",
    "organisation": "basic-medicine",
    "ground": "G1",
    "facts": "2026年1月应公开的党费情况至今未公开，经两次提醒仍未提出方案。",
}
FOUND = {"result": "ESTABLISHED", "ground": "G1", "facts": "提醒记录属实。", "consequence": "NONE"}
HEARD = {"persons": "余斌", "attended": "HEARD", "statement": "工作疏忽，愿意整改。"}
DECIDED = {"outcome": "CRITICISM", "reason": "情节轻微。", "meeting_no": "常委会第9次会议", "meeting_on": "2026-03-20"}


def decided(kit: Kit) -> Run:
    run = kit.begin("accountability", "shixiaomin", LEAD)
    run.as_("yanweidong").does("verify_facts", FOUND)
    run.as_("yanweidong").does("hear_person", {**HEARD, "people": [kit.id_of("yubin")]})
    return run.as_("heyaqin").does("decide_outcome", DECIDED)


def entry(kit: Kit, run: Run) -> AccountabilityCase:
    with kit.database.read() as session:
        return session.get_one(AccountabilityCase, run.id)


def test_a_decision_takes_effect_when_nobody_appeals(kit: Kit) -> None:
    run = decided(kit)
    assert "accountability_decided" in kit.notices("yubin")
    kit.passes(days=31)
    assert run.end == "case_concluded"
    assert (entry(kit, run).state, entry(kit, run).final_outcome) == ("CONCLUDED", "CRITICISM")


def test_a_waived_appeal_ends_it_at_once(kit: Kit) -> None:
    run = decided(kit)
    run.as_("yanweidong").does("await_appeal", {"result": "WAIVED", "words": "书面放弃。"})
    assert run.end == "case_concluded"


def test_the_superior_changes_a_decision_on_appeal(kit: Kit) -> None:
    run = decided(kit)
    run.as_("yanweidong").does("await_appeal", {"result": "APPEALED", "words": "处理过重。"})
    run.as_("lumingyuan").does("reconsider", {"result": "CHANGED", "reason": "主动整改。", "outcome": "NONE"})
    assert (entry(kit, run).outcome, entry(kit, run).final_outcome) == ("CRITICISM", "NONE")


def test_facts_that_do_not_hold_end_it_with_the_reason(kit: Kit) -> None:
    run = kit.begin("accountability", "shixiaomin", LEAD)
    run.as_("yanweidong").does(
        "verify_facts", {"result": "NOT_ESTABLISHED", "facts": "已按时公开，系统登记有误。", "consequence": "NONE"}
    )
    assert run.end == "lead_dropped"
    assert entry(kit, run).state == "NOT_PURSUED"


def test_only_the_discipline_office_and_those_who_act_see_it(kit: Kit) -> None:
    run = kit.begin("accountability", "shixiaomin", LEAD)
    seen = {login: run.as_(login).sees for login in ("yanweidong", "shixiaomin", "fangwenjing", "zhongkaiwen", "yubin")}
    assert seen == {
        "yanweidong": True,
        "shixiaomin": True,
        "fangwenjing": False,
        "zhongkaiwen": False,
        "yubin": False,
    }


def test_nobody_but_a_supervisor_gives_a_lead(kit: Kit) -> None:
    with pytest.raises(NotAllowed):
        kit.begin("accountability", "yubin", LEAD)


def test_late_facts_are_told_to_the_discipline_office_only(kit: Kit) -> None:
    kit.begin("accountability", "shixiaomin", LEAD)
    kit.passes(days=20)
    assert "case_overdue" in kit.notices("yanweidong")
    assert "case_overdue" not in kit.notices("renshuhua")
