"""A risk is assessed in twelve cells; the table says how high it is and what follows (Art. 21(2))."""

from __future__ import annotations

import pytest

from engine import Actor
from engine.refusals import Invalid, MustBeSomebodyElse
from tests.processes.kit import Kit, Run

RISKS = ("political", "stability", "opinion")
ASPECTS = ("legality", "reasonableness", "feasibility", "controllability")
SUBJECT = {"title": "公布绩效分配办法", "summary": "在全校范围公布绩效分配办法"}
PLAN = {"measures": "先在教代会说明", "responsible": "潘莉莉", "monitoring": "每日查看留言"}
MEETING = {
    "meeting_no": "第9次党委常委会",
    "meeting_date": "2026-03-05",
    "present": 9,
    "votes_for": 9,
    "votes_against": 0,
    "minutes_ref": "纪要〔2026〕9号",
}


def grid(**cells: str) -> dict[str, str]:
    """Everything sound but what is said."""
    return {f"{risk}_{aspect}": "OK" for risk in RISKS for aspect in ASPECTS} | cells


def assessed(kit: Kit, **cells: str) -> Run:
    return kit.begin("risk_assessment", "panlili", SUBJECT).as_("panlili").does("assess", grid(**cells))


def test_a_low_risk_is_confirmed_by_the_principal_officer(kit: Kit) -> None:
    run = assessed(kit, stability_feasibility="CONCERN")
    run.as_("gaojianping").does("confirm", {"result": "CONFIRM"})
    assert run.end == "risk_assessed"


def test_a_medium_risk_needs_a_response_plan_first(kit: Kit) -> None:
    run = assessed(kit, opinion_reasonableness="FAIL")
    assert run.waits == ["plan_response"]
    run.as_("panlili").does("plan_response", PLAN)
    run.as_("gaojianping").does("confirm", {"result": "CONFIRM"})
    assert run.end == "risk_assessed"


def test_three_doubts_are_a_medium_risk(kit: Kit) -> None:
    doubts = dict.fromkeys(("political_feasibility", "opinion_feasibility", "stability_legality"), "CONCERN")
    assert assessed(kit, **doubts).waits == ["plan_response"]


@pytest.mark.parametrize(
    "cells", [{"opinion_controllability": "FAIL"}, {"opinion_feasibility": "FAIL", "stability_feasibility": "FAIL"}]
)
def test_a_high_risk_goes_to_the_secrecy_office_and_the_leading_body(kit: Kit, cells: dict[str, str]) -> None:
    run = assessed(kit, **cells).as_("panlili").does("plan_response", PLAN)
    run.as_("jiangshen").does("sco_consult", {"result": "PASS"})
    run.as_("heyaqin").does("risk_decision", {**MEETING, "result": "AGREE"})
    assert run.end == "risk_assessed"


def test_a_high_risk_that_the_leading_body_refuses_is_not_suitable(kit: Kit) -> None:
    run = assessed(kit, opinion_controllability="FAIL").as_("panlili").does("plan_response", PLAN)
    run.as_("jiangshen").does("sco_consult", {"result": "PASS"})
    run.as_("heyaqin").does("risk_decision", {**MEETING, "result": "REJECT"})
    assert run.end == "risk_blocked"


def test_a_high_risk_that_the_secrecy_office_refuses_must_not_be_disclosed(kit: Kit) -> None:
    run = assessed(kit, opinion_controllability="FAIL").as_("panlili").does("plan_response", PLAN)
    run.as_("jiangshen").does("sco_consult", {"result": "NOT_DISCLOSE", "opinion": "不宜公开"})
    assert run.end == "risk_block_ended"


def test_what_is_not_lawful_must_not_be_disclosed(kit: Kit) -> None:
    assert assessed(kit, political_legality="FAIL").end == "risk_block_ended"


def test_the_principal_officer_sends_an_assessment_back(kit: Kit) -> None:
    run = assessed(kit).as_("gaojianping").does("confirm", {"result": "RETURN", "opinion": "舆情风险没有写清"})
    assert run.waits == ["assess"]


def test_a_cell_that_was_left_out_is_named(kit: Kit) -> None:
    run = kit.begin("risk_assessment", "panlili", SUBJECT)
    cells = grid()
    del cells["opinion_legality"]
    with pytest.raises(Invalid) as refused:
        run.as_("panlili").does("assess", cells)
    assert "opinion_legality" in refused.value.errors


def test_who_assessed_does_not_confirm(kit: Kit) -> None:
    run = assessed(kit)
    with pytest.raises(MustBeSomebodyElse):
        kit.engine.complete(run.task("confirm").id, both(kit), {"result": "CONFIRM"}, kit.choices())


def both(kit: Kit) -> Actor:
    """Who assessed, had they the principal officer's post as well."""
    return Actor(kit.id_of("panlili"), frozenset({("orgdept", "principal_officer")}))


def test_half_way_and_at_the_deadline_people_are_told(kit: Kit) -> None:
    kit.begin("risk_assessment", "panlili", SUBJECT)
    kit.passes(days=1, hours=12)
    assert "case_remind" in kit.notices("panlili")
    kit.passes(days=2)
    assert "case_overdue" in kit.notices("panlili")
    assert "case_overdue" in kit.notices("gaojianping")
