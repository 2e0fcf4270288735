"""Inside a matter the plan is scanned when it is registered, and treated before anybody confirms or reviews it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.disclosure.refusals import ScopeTooWide, ShownForGood
from processes.secrecy_review.refusals import KeptForGood
from tests.processes.kit import Kit
from tests.processes.plans import Plan

PHONE = "13812345678"


def test_an_ordinary_plan_goes_to_its_review_as_before(kit: Kit) -> None:
    plan = Plan(kit).drafted()
    assert (plan.waits, plan.seen_at_the_review["lines"], len(plan.texts)) == (["review"], "", 1)


def test_personal_data_is_masked_before_the_review_and_the_masked_text_is_the_registered_one(kit: Kit) -> None:
    plan = Plan(kit).drafted(text=f"<p>联系电话{PHONE}</p>")
    assert (plan.waits, plan.texts) == (["check_personal"], [f"<p>联系电话{PHONE}</p>"])
    plan.does("xuzhihang", "check_personal", {"keep": []})
    assert (plan.waits, plan.texts[1:]) == (["review"], ["<p>联系电话138****5678</p>"])
    assert plan.seen_at_the_review["settled"] == "正文第1段：手机号码 138****5678 已遮盖"
    assert [(row.state, row.type) for row in plan.findings] == [("MASKED", "PHONE")]
    assert plan.matter.text_hash == plan.versions[-1].text_hash


def test_what_keeps_personal_data_is_shown_for_a_time(kit: Kit) -> None:
    plan = Plan(kit).drafted(text=f"<p>咨询电话{PHONE}</p>")
    keep = {"keep": [plan.findings[0].id], "reason": "对外公布的办公电话"}
    with pytest.raises(KeptForGood):
        plan.does("xuzhihang", "check_personal", keep)
    plan.does("xuzhihang", "check_personal", {**keep, "display_duration": "30天"})
    assert plan.waits == ["review"] and plan.versions[-1].plan["display_duration"] == "30天"


def test_a_plan_that_concerns_personal_data_has_an_end(kit: Kit) -> None:
    plan = Plan(kit)
    with pytest.raises(ShownForGood):
        plan.drafted(personal_data=True)
    assert plan.drafted(personal_data=True, display_duration="P30D").waits == ["review"]


def test_what_the_secrecy_office_rules_out_is_closed_without_a_review(kit: Kit) -> None:
    plan = Plan(kit).drafted(text="<p>本办法不得外传</p>")
    assert plan.waits == ["conclude_secrecy", "desensitise"]
    ruled_out = {"result": "NOT_DISCLOSE", "opinion": "尚未解密", "review_on": "2027-03-02"}
    plan.does("jiangshen", "conclude_secrecy", ruled_out)
    assert (plan.waits, plan.matter.state) == ([], "NOT_DISCLOSED")


def test_an_urgent_text_is_treated_within_hours(kit: Kit) -> None:
    plan = Plan(kit).drafted(text=f"<p>联系电话{PHONE}</p>", nature="URGENT")
    task = plan.task("check_personal")
    assert task.due_at is not None and task.due_at - kit.clock() == timedelta(hours=4)


def test_what_is_not_suitable_cannot_be_proposed(kit: Kit) -> None:
    with pytest.raises(ScopeTooWide, match="第五条"):
        Plan(kit).drafted(ground="UNSUITABLE")


def test_a_scope_wider_than_what_the_plan_concerns_is_refused_with_its_article(kit: Kit) -> None:
    plan = Plan(kit)
    with pytest.raises(ScopeTooWide, match="第九条（二）"):
        plan.drafted(relevance=["MEMBERS"], scope="ORG_ALL", channels=["LAN"])
    assert plan.drafted(relevance=["MEMBERS"]).waits == ["review"]
