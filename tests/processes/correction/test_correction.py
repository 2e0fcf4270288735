"""A release is corrected (Art. 15): the straight way, each exit, each period, and what nobody gets past."""

from __future__ import annotations

import pytest

from engine.refusals import MustBeSomebodyElse
from processes.correction import Correction
from processes.correction.corrections import reprint
from processes.correction.refusals import NothingChanged, NothingToCorrect, TextMoved
from processes.disclosure.publications import Publication
from processes.disclosure.refusals import SecrecyMark
from tests.processes.kit import Kit, Run

FOUND = {"title": "年份有误", "what": "应为2026年", "evidence": []}
RIGHT = {"title": "年度党政工作要点", "text": "<p>2026年工作要点。</p>", "note": "年份更正为2026年。"}
PASSED = {"secrecy": "PASS", "result": "PASS", "opinion": "同意。"}
AGREED = {"result": "AGREE", "opinion": "同意更正。"}


@pytest.fixture
def run(kit: Kit) -> Run:
    """A student found an error in the yearly programme; its handler is to verify it."""
    return kit.begin("correction", "tianye", FOUND, publication=kit.released())


def shown(run: Run) -> Publication:
    with run.kit.database.read() as session:
        ((_, publication),) = run.linked()
        return session.get_one(Publication, publication)


def drafted(run: Run, result: str = "MINOR", **changes: str) -> Run:
    run.as_("xuzhihang").does("check", {"result": result, "opinion": "属实。"})
    return run.as_("xuzhihang").does("draft", {**RIGHT, **changes})


def approved(run: Run) -> Run:
    return run.as_("fangwenjing").does("review", PASSED).as_("shenguoan").does("approve", AGREED)


def finished(run: Run) -> Run:
    run.as_("caiyunfei").does("confirm", {"summary": "已全部更正。", "attachments": []})
    return run.as_("luozhengping").does("file", {"archive_no": "GZ-2026-1"})


def test_a_slip_is_corrected_and_both_texts_are_kept(run: Run) -> None:
    before = shown(run)
    finished(approved(drafted(run)))
    with run.kit.database.read() as session:
        kept = session.get_one(Correction, run.id)
        assert (kept.text_hash_before, kept.html_before) == (before.text_hash, before.html)
        assert (kept.archive_no, kept.text_hash) == ("GZ-2026-1", shown(run).text_hash)
    assert (run.end, shown(run).html) == ("corrected", RIGHT["text"])


def test_readers_see_the_note_when_it_is_released(run: Run) -> None:
    publication = drafted(run) and shown(run).id
    with run.kit.database.read() as session:
        assert Correction.shown(session, publication) == []
    approved(run)
    with run.kit.database.read() as session:
        assert [each.note for each in Correction.shown(session, publication)] == [RIGHT["note"]]


def test_a_grave_error_is_taken_down_until_it_is_corrected(run: Run) -> None:
    drafted(run, "WITHDRAW")
    assert shown(run).taken_down_at == run.kit.clock.now
    approved(run)
    assert shown(run).taken_down_at is None


def test_what_is_no_error_stays_as_it_is(run: Run) -> None:
    run.as_("xuzhihang").does("check", {"result": "NONE", "opinion": "原文无误。"})
    assert run.end == "no_error"
    assert run.kit.notices("tianye") == ["case_ended"]


def test_what_is_not_approved_is_shown_again_as_it_was(run: Run) -> None:
    before = shown(run).text_hash
    drafted(run, "WITHDRAW").as_("fangwenjing").does("review", PASSED)
    run.as_("shenguoan").does("approve", {"result": "REJECT", "opinion": "不更正。"})
    assert (run.end, shown(run).text_hash, shown(run).taken_down_at) == ("dismissed_end", before, None)


@pytest.mark.parametrize("step", ["review", "approve"])
def test_a_returned_draft_is_drafted_again(run: Run, step: str) -> None:
    drafted(run)
    if step == "approve":
        run.as_("fangwenjing").does("review", PASSED)
        run.as_("shenguoan").does("approve", {"result": "RETURN", "opinion": "再核。"})
    else:
        run.as_("fangwenjing").does("review", {**PASSED, "result": "RETURN"})
    assert run.waits == ["draft"]
    run.as_("xuzhihang").does("draft", {**RIGHT, "note": "再次更正。"})
    finished(approved(run))
    assert run.end == "corrected"


def test_who_reprinted_it_is_told(run: Run) -> None:
    with run.kit.database.write() as session:
        publication = session.get_one(Publication, shown(run).id)
        reprint(session, publication, "学院网站", run.kit.id_of("yubin"), run.kit.clock.now)
    approved(drafted(run))
    assert run.kit.notices("yubin") == ["reprint_to_correct"]


def test_nobody_approves_what_they_reviewed(run: Run) -> None:
    run.kit.appoint("fangwenjing", "ccmu", "head_approver")
    drafted(run).as_("fangwenjing").does("review", PASSED)
    with pytest.raises(MustBeSomebodyElse):
        run.as_("fangwenjing").does("approve", AGREED)


def test_a_correction_that_changes_nothing_is_refused(run: Run) -> None:
    run.as_("xuzhihang").does("check", {"result": "MINOR", "opinion": "属实。"})
    now = shown(run)
    with pytest.raises(NothingChanged):
        run.as_("xuzhihang").does("draft", {"title": now.title, "text": now.html, "note": "无"})


def test_secret_text_is_refused(run: Run) -> None:
    with pytest.raises(SecrecyMark):
        drafted(run, text="<p>秘密★1年</p>")


def test_of_two_corrections_the_second_must_look_again(run: Run) -> None:
    second = run.kit.begin("correction", "zhulin", FOUND, publication=shown(run).id)
    drafted(second, note="另一处").as_("fangwenjing").does("review", PASSED)
    approved(drafted(run, title="更正后的工作要点"))
    with pytest.raises(TextMoved):
        second.as_("shenguoan").does("approve", AGREED)


def test_a_correction_of_nothing_is_refused(kit: Kit) -> None:
    with pytest.raises(NothingToCorrect):
        kit.begin("correction", "tianye", FOUND)


def test_every_step_has_its_periods(run: Run) -> None:
    run.kit.passes(days=4)
    assert run.kit.notices("xuzhihang")[-2:] == ["case_remind", "case_overdue"]
    assert run.waits == ["check"]
