"""Art. 21(4): an interpretation is reviewed, approved and shown with the release of which it speaks."""

from __future__ import annotations

import pytest

from processes.announcements import Announcement
from processes.disclosure.refusals import SecrecyMark
from processes.policy_interpretation.refusals import NothingToInterpret
from tests.processes.kit import Kit, Run

ASKED = {"title": "年度工作要点解读", "reason": "涉及全校师生。"}
DRAFT = {"background": "<p>背景。</p>", "meaning": "<p>意义。</p>", "points": "<p>要点。</p>", "focus": ""}
PASS = {"secrecy": "PASS", "result": "PASS", "opinion": "准确。"}


def drafted(kit: Kit) -> tuple[str, Run]:
    publication = kit.released()
    run = kit.begin("policy_interpretation", "xuzhihang", ASKED, publication=publication)
    return publication, run.as_("xuzhihang").does("draft_interpretation", DRAFT)


def test_an_approved_interpretation_is_shown_with_the_release(kit: Kit) -> None:
    publication, run = drafted(kit)
    run.as_("fangwenjing").does("review_interpretation", PASS)
    run.as_("wenhaoran").does("approve_interpretation", {"result": "AGREE"})
    assert run.end == "interpretation_shown"
    with kit.database.read() as session:
        (shown,) = Announcement.about(session, publication)
        assert shown.html == "<h2>出台背景</h2><p>背景。</p><h2>意义</h2><p>意义。</p><h2>要点</h2><p>要点。</p>"


@pytest.mark.parametrize("verdict", [{"secrecy": "FAIL"}, {"result": "RETURN"}])
def test_what_does_not_pass_is_written_again(kit: Kit, verdict: dict[str, str]) -> None:
    _publication, run = drafted(kit)
    run.as_("fangwenjing").does("review_interpretation", {**PASS, **verdict})
    assert run.waits == ["draft_interpretation"]


def test_what_the_spokesperson_returns_is_written_again(kit: Kit) -> None:
    publication, run = drafted(kit)
    run.as_("fangwenjing").does("review_interpretation", PASS)
    run.as_("wenhaoran").does("approve_interpretation", {"result": "RETURN", "opinion": "请再通俗一些。"})
    assert run.waits == ["draft_interpretation"]
    with kit.database.read() as session:
        assert Announcement.about(session, publication) == []


def test_a_secrecy_mark_is_refused_and_nothing_is_kept(kit: Kit) -> None:
    publication = kit.released()
    run = kit.begin("policy_interpretation", "xuzhihang", ASKED, publication=publication)
    with pytest.raises(SecrecyMark):
        run.as_("xuzhihang").does("draft_interpretation", {**DRAFT, "points": "<p>机密★五年</p>"})
    assert run.waits == ["draft_interpretation"]


def test_an_interpretation_of_nothing_is_refused(kit: Kit) -> None:
    run = kit.begin("policy_interpretation", "xuzhihang", ASKED)
    with pytest.raises(NothingToInterpret):
        run.as_("xuzhihang").does("draft_interpretation", DRAFT)
