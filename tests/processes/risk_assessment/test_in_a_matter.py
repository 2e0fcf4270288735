"""Inside a matter the risk is graded before the review, and its grade decides who approves (Art. 11(3), 21(2))."""

from __future__ import annotations

import pytest

from processes.disclosure.demo import passed
from tests.processes.kit import Kit
from tests.processes.plans import Plan
from tests.processes.risk_assessment.test_risk_assessment import PLAN as RESPONSE
from tests.processes.risk_assessment.test_risk_assessment import grid


def graded(kit: Kit, **cells: str) -> Plan:
    plan = Plan(kit).drafted(assess_risk=True)
    assert plan.waits == ["assess"]
    return plan.does("xuzhihang", "assess", grid(**cells))


def test_an_ordinary_plan_needs_no_assessment(kit: Kit) -> None:
    assert Plan(kit).drafted().waits == ["review"]


def test_what_goes_to_the_public_is_always_assessed(kit: Kit) -> None:
    public = {"scope": "PUBLIC", "channels": ["INTERNET"], "order_exception_reason": "招生事项，面向社会"}
    assert Plan(kit).drafted(**public).waits == ["assess"]


def test_a_low_risk_goes_to_the_review(kit: Kit) -> None:
    assert graded(kit).waits == ["review"]


def test_the_response_plan_is_written_before_the_review_and_the_approval_may_be_handed_on(kit: Kit) -> None:
    plan = graded(kit, opinion_reasonableness="FAIL").does("xuzhihang", "plan_response", RESPONSE)
    assert plan.waits == ["review"]
    plan.does("fangwenjing", "review", passed("同意公开。"))
    assert plan.route == "CHOICE"


def test_a_high_risk_is_decided_together_whatever_the_reviewer_says(kit: Kit) -> None:
    plan = graded(kit, opinion_controllability="FAIL").does("xuzhihang", "plan_response", RESPONSE)
    plan.does("jiangshen", "sco_consult", {"result": "PASS"})
    plan.does("fangwenjing", "review", passed("同意公开。"))
    assert plan.waits == ["approve_collective"]


@pytest.mark.parametrize("cells", [{"political_legality": "FAIL"}, {"opinion_controllability": "FAIL"}])
def test_what_is_ruled_out_goes_back_to_the_proposer(kit: Kit, cells: dict[str, str]) -> None:
    plan = graded(kit, **cells)
    if "plan_response" in plan.waits:
        plan.does("xuzhihang", "plan_response", RESPONSE)
        plan.does("jiangshen", "sco_consult", {"result": "NOT_DISCLOSE", "opinion": "不宜公开"})
    assert plan.waits == ["draft"]


def test_what_was_assessed_once_is_assessed_again_even_where_the_proposer_takes_the_tick_back(kit: Kit) -> None:
    plan = graded(kit, political_legality="FAIL").drafted(assess_risk=False)
    assert plan.waits == ["assess"]
    plan.does("xuzhihang", "assess", grid()).does("fangwenjing", "review", passed("同意公开。"))
    assert plan.route == "HEAD"
