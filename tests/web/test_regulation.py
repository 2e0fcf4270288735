"""The regulation on pages: what carries each article, what a history is judged to be, what a draft breaks."""

from __future__ import annotations

import pytest

from tests.web.designer.conftest import draft, hire  # noqa: F401


@pytest.mark.article("第十一条（三）（四）")
def test_every_article_is_shown_with_what_carries_it(school, text):
    page = text(school.browser("aiwen").get("/regulation"))
    assert "未经审批同意的方案不得公开" in page and "第二十一条" in page and "主要负责人审批" in page


def test_an_auditor_sees_what_a_history_is_judged_to_be(school, text):
    matter = school.matter()
    school.propose(matter)
    page = text(school.browser("sikongyi").get(f"/audit/instances/{matter.instance_id}"))
    assert "按实施办法评判" in page and "提出的方案都须有结论" in page and "尚未完成" in page


def test_a_rule_that_a_draft_breaks_is_a_finding_with_the_way_there(draft):  # noqa: F811
    draft.change("disclosure.bpmn", 'name="separate_from" value="draft"', 'name="separate_from" value="review"')
    found = [each for each in draft.findings() if each["code"] == "rule.person"]
    assert found and found[0]["element"] == "approve_head" and found[0]["mend"]
    assert [step["element"] for step in found[0]["steps"] if step["what"] == "completed"][-1] == "approve_head"
    answer = draft.post("requests", note="")
    assert answer.status_code == 422
