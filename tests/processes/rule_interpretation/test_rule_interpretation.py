"""Art. 26: anyone asks about an article; the committee office answers, and the departments agree before it counts."""

from __future__ import annotations

import pytest

from processes.disclosure.refusals import SecrecyMark
from processes.rule_interpretation.answers import RuleAnswer
from tests.processes.kit import Kit, Run

ASKED = {"title": "会议记录是否公开", "article": "第八条", "question": "会议记录全文是否也要公开？"}
ANSWER = {"text": "<p>公开决议和执行情况。</p>", "offices": ["orgdept", "propaganda"]}
AGREE = {"result": "AGREE", "opinion": ""}

pytestmark = pytest.mark.article("第二十六条")


def asked(kit: Kit) -> Run:
    return kit.begin("rule_interpretation", "tianye", ASKED, organisation="ccmu")


def answers(kit: Kit) -> dict[str, list[tuple[str, list[str]]]]:
    with kit.database.read() as session:
        found = RuleAnswer.by_article(session)
        return {article: [(one.html, one.departments) for one in each] for article, each in found.items()}


def test_an_answer_counts_when_every_department_agreed(kit: Kit) -> None:
    run = asked(kit)
    run.as_("fangwenjing").does("draft_answer", ANSWER)
    run.as_("gaojianping").does("confirm_answer", AGREE)
    assert answers(kit) == {}
    run.as_("wenhaoran").does("confirm_answer", AGREE)
    assert run.end == "answered"
    assert answers(kit) == {"第八条": [("<p>公开决议和执行情况。</p>", ["orgdept", "propaganda"])]}
    assert "rule_answered" in kit.notices("tianye")


def test_one_department_that_disagrees_sends_it_back(kit: Kit) -> None:
    run = asked(kit)
    run.as_("fangwenjing").does("draft_answer", ANSWER)
    run.as_("gaojianping").does("confirm_answer", {"result": "RETURN", "opinion": "与第六条不一致。"})
    run.as_("wenhaoran").does("confirm_answer", AGREE)
    assert run.waits == ["draft_answer"] and answers(kit) == {}


def test_a_secret_is_no_answer(kit: Kit) -> None:
    run = asked(kit)
    run.as_("fangwenjing").does("draft_answer", {**ANSWER, "text": "<p>见机密★文件。</p>", "offices": ["orgdept"]})
    with pytest.raises(SecrecyMark):
        run.as_("gaojianping").does("confirm_answer", AGREE)
    assert answers(kit) == {} and run.waits == ["confirm_answer"]


def test_an_answer_that_is_late_is_told(kit: Kit) -> None:
    asked(kit)
    kit.passes(days=30)
    assert "case_overdue" in kit.notices("fangwenjing")
