"""Feedback from its coming to its reply (Art. 11(4)): the straight way, each exit, each period."""

from __future__ import annotations

import pytest

from processes.disclosure.publications import Publication
from processes.feedback import Feedback, leave
from processes.organisation import Person
from tests.processes.kit import Kit, Run

ANSWERED = {"reply": "下月起执行。", "disclose": False}
STUDIED = {"result": "ADOPT", "opinion": "予以采纳。"}


@pytest.fixture
def publication(kit: Kit) -> str:
    return kit.released()


def left(kit: Kit, publication: str, login: str | None, kind: str = "QUESTION", scope: str = "ORG_ALL") -> Run:
    """A reader says something about a release; None: without a name."""
    with kit.database.write() as session:
        said_about = session.get_one(Publication, publication)
        said_about.scope = scope
        person = Person.by_login(session, login) if login else None
        feedback = leave(session, kit.engine, said_about, person, kind, "何时执行？", kit.clock.now)
        return Run(kit, str(feedback.case_id))


def voice(run: Run) -> Feedback:
    with run.kit.database.read() as session:
        return session.query(Feedback).filter_by(case_id=run.id).one()


def seen_by(run: Run, publication: str, login: str | None) -> list[str | None]:
    with run.kit.database.read() as session:
        person = Person.by_login(session, login) if login else None
        return [each.reply for each in Feedback.shown_to(session, publication, person)]


def test_a_question_is_answered_by_the_desk_officer(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye")
    run.as_("qiaoxinyu").does("triage", {"result": "ANSWER"}).as_("qiaoxinyu").does("reply", ANSWERED)
    assert (run.end, voice(run).reply) == ("closed", "下月起执行。")


def test_a_signed_reply_reaches_its_reader_alone(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye")
    run.as_("qiaoxinyu").does("triage", {"result": "ANSWER"}).as_("qiaoxinyu").does("reply", ANSWERED)
    assert kit.notices("tianye") == ["feedback_replied"]
    assert (seen_by(run, publication, "tianye"), seen_by(run, publication, "zhulin")) == (["下月起执行。"], [])


def test_an_anonymous_reader_is_answered_in_public(kit: Kit, publication: str) -> None:
    run = left(kit, publication, None, scope="PUBLIC")
    assert seen_by(run, publication, None) == []
    run.as_("qiaoxinyu").does("triage", {"result": "ANSWER"}).as_("qiaoxinyu").does("reply", ANSWERED)
    assert seen_by(run, publication, None) == ["下月起执行。"]


def test_a_suggestion_goes_to_its_unit_and_is_studied(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye", "SUGGESTION")
    run.as_("qiaoxinyu").does("triage", {"result": "ASSIGN", "unit": "orgdept", "opinion": "请办理。"})
    run.as_("panlili").does("handle", {"opinion": "可行。", "draft": "拟采纳。", "attachments": []})
    run.as_("shenguoan").does("study", STUDIED).as_("qiaoxinyu").does("reply", ANSWERED)
    assert run.end == "closed"


def test_an_outcome_that_is_to_be_disclosed_is_put_before_the_unit(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye")
    run.as_("qiaoxinyu").does("triage", {"result": "ANSWER"})
    run.as_("qiaoxinyu").does("reply", {**ANSWERED, "disclose": True})
    assert run.end == "outcome_proposed"
    assert "outcome_to_propose" in kit.notices("xuzhihang")


def test_what_is_not_taken_is_answered_with_the_reason(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye")
    run.as_("qiaoxinyu").does("triage", {"result": "DECLINE", "opinion": "不属于党务公开范围。"})
    assert (run.end, voice(run).reply) == ("declined", "不属于党务公开范围。")


@pytest.mark.parametrize("login", ["tianye", None])
def test_misconduct_goes_to_the_discipline_body_alone(kit: Kit, publication: str, login: str | None) -> None:
    run = left(kit, publication, login, "MISCONDUCT", "PUBLIC")
    assert run.waits == ["verify"]
    watchers = ("qiaoxinyu", "fangwenjing", "shenguoan", "sikongyi", "yanweidong")
    assert [who for who in watchers if run.as_(who).sees] == ["yanweidong"]
    run.as_("yanweidong").does("verify", {"result": "UNFOUNDED", "opinion": "已核查。", "reply": "不属实。"})
    assert run.end == "verified"
    assert seen_by(run, publication, None) == []


def test_misconduct_found_by_the_desk_is_handed_over(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye", "COMPLAINT")
    run.as_("qiaoxinyu").does("triage", {"result": "MISCONDUCT", "opinion": "涉及违纪。"})
    assert run.waits == ["verify"]
    assert voice(run).kept_apart and not run.as_("fangwenjing").sees


def test_what_came_by_letter_is_registered_and_handled_alike(kit: Kit) -> None:
    said = {"channel": "LETTER", "title": "党费收据", "kind": "SUGGESTION", "text": "请公开收据。", "contact": "王某"}
    run = kit.begin("feedback", "qiaoxinyu", said)
    assert (voice(run).channel, voice(run).organisation, run.waits) == ("LETTER", run.case.organisation, ["triage"])


def test_the_forwarding_is_reminded_of_and_told_when_late(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye")
    kit.passes(days=2)
    assert kit.notices("qiaoxinyu") == ["case_task", "case_remind", "case_overdue"]
    assert "case_overdue" in kit.notices("shixiaomin") and run.waits == ["triage"]


def test_a_reply_that_takes_longer_than_the_whole_period_is_told(kit: Kit, publication: str) -> None:
    run = left(kit, publication, "tianye")
    run.as_("qiaoxinyu").does("triage", {"result": "ASSIGN", "unit": "orgdept", "opinion": ""})
    kit.passes(days=18)
    before = kit.notices("panlili").count("case_overdue")
    kit.passes(days=5)
    assert (before, kit.notices("panlili").count("case_overdue")) == (1, 2)
