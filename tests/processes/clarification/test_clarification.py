"""Public opinion (Art. 15, 21(5), (6)): table D8, report, statement, watching until it is over, each period."""

from __future__ import annotations

import pytest

from engine.refusals import MustBeSomebodyElse
from processes.announcements import Announcement
from tests.processes.kit import Kit, Run

SEEN = {"title": "网传工作要点有误", "what": "网传金额不实", "where": "某论坛", "reach": "百余条", "evidence": []}
STATEMENT = {"title": "情况说明", "text": "<p>网传金额不实。</p>", "scope": "ORG_ALL"}
AGREED = {"result": "AGREE", "opinion": "同意。"}
OVER = {"result": "OVER", "opinion": "已平息。"}
SAID = {"opinion": "已签收。"}


@pytest.fixture
def run(kit: Kit) -> Run:
    return kit.begin("clarification", "qiaoxinyu", SEEN, organisation="ccmu")


def assessed(run: Run, untrue: str, major: str) -> Run:
    return run.as_("qiaoxinyu").does("assess", {"untrue": untrue, "major": major, "opinion": "研判。"})


def drafted(run: Run) -> Run:
    run.as_("xuzhihang").does("verify", {"opinion": "核实无此事。", "attachments": []})
    return run.as_("wenhaoran").does("draft", STATEMENT)


def statements(run: Run) -> list[str]:
    with run.kit.database.read() as session:
        return [one.title for one in session.query(Announcement).filter_by(case_id=run.id)]


@pytest.mark.parametrize(
    ("untrue", "major", "waiting"),
    [
        ("YES", "YES", ["report_leader", "report_office", "verify"]),
        ("YES", "NO", ["verify"]),
        ("NO", "YES", ["guide", "report_leader", "report_office"]),
        ("NO", "NO", []),
    ],
)
def test_the_table_decides_the_response(run: Run, untrue: str, major: str, waiting: list[str]) -> None:
    assert assessed(run, untrue, major).waits == waiting


def test_a_statement_is_published_when_another_has_approved_it(run: Run) -> None:
    drafted(assessed(run, "YES", "NO"))
    assert statements(run) == []
    run.as_("shenguoan").does("approve", AGREED)
    assert statements(run) == ["情况说明"]


def test_it_is_watched_until_it_is_over(run: Run) -> None:
    assessed(run, "NO", "NO")
    run.kit.passes(days=4)
    run.as_("qiaoxinyu").does("watch", {"result": "GO_ON", "opinion": "仍有讨论。"})
    assert run.waits == []
    run.kit.passes(days=4)
    assert run.as_("qiaoxinyu").does("watch", OVER).end == "closed"


def test_what_rises_is_assessed_again(run: Run) -> None:
    assessed(run, "NO", "NO")
    run.kit.passes(days=4)
    run.as_("qiaoxinyu").does("watch", {"result": "RISING", "opinion": "扩散。"})
    assert assessed(run, "YES", "YES").waits == ["report_leader", "report_office", "verify"]


def test_watching_begins_when_every_measure_is_taken(run: Run) -> None:
    assessed(run, "NO", "YES")
    run.as_("shenguoan").does("report_leader", SAID).as_("fangwenjing").does("report_office", SAID)
    run.kit.passes(days=4)
    assert run.waits == ["guide"]
    run.as_("wenhaoran").does("guide", {"opinion": "主动发布。"})
    run.kit.passes(days=4)
    assert run.as_("qiaoxinyu").does("watch", OVER).end == "closed"


def test_a_returned_statement_is_drafted_again(run: Run) -> None:
    drafted(assessed(run, "YES", "NO")).as_("shenguoan").does("approve", {"result": "RETURN", "opinion": "改。"})
    assert run.waits == ["draft"] and statements(run) == []


def test_nobody_approves_the_own_statement(run: Run) -> None:
    run.kit.appoint("wenhaoran", "ccmu", "head_approver")
    drafted(assessed(run, "YES", "NO"))
    with pytest.raises(MustBeSomebodyElse):
        run.as_("wenhaoran").does("approve", AGREED)


def test_a_major_reaction_that_nobody_acknowledges_within_the_hour_is_told(run: Run) -> None:
    assessed(run, "NO", "YES")
    run.kit.passes(hours=2)
    assert run.kit.notices("shenguoan")[-2:] == ["case_remind", "case_overdue"]
    assert "case_overdue" in run.kit.notices("shixiaomin")


def test_another_procedure_reports_opinion_by_a_message(kit: Kit) -> None:
    kit.deploy("clarification")
    run = kit.message("PublicOpinion", "1", {**SEEN, "organisation": "ccmu"})
    assert (run.waits, run.case.title) == (["assess"], "网传工作要点有误")
