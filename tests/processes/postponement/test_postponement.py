"""A postponement has a day, a consent and an end; it never becomes silence (Art. 16)."""

from __future__ import annotations

from datetime import date

import pytest

from engine import Call
from engine.refusals import Invalid
from processes.postponement import Postponement
from processes.postponement.refusals import (
    PostponedEnough,
    ReviewDayMissing,
    UntilMissing,
    UntilPast,
    UntilTooFar,
)
from processes.postponement.services import ask
from tests.processes.kit import NOW, Kit, Run

SUBJECT = {"title": "机构改革方案"}
ASKED = {"reason": "方案尚待上级批复，特别重大复杂", "until": "2026-04-01"}
MEETING = {
    "meeting_no": "第9次党委常委会",
    "meeting_date": "2026-03-03",
    "present": 9,
    "votes_for": 9,
    "votes_against": 0,
    "minutes_ref": "纪要〔2026〕9号",
}
AGREED = {**MEETING, "result": "AGREE"}
SECRETARY, HANDLER, HEAD = "heyaqin", "panlili", "gaojianping"


def waiting(kit: Kit, **changed: str) -> Run:
    """Asked for and agreed to."""
    return asked(kit, **changed).as_(SECRETARY).does("consent", AGREED)


def asked(kit: Kit, **changed: str) -> Run:
    """Begun and asked for."""
    return kit.begin("postponement", HANDLER, SUBJECT).as_(HANDLER).does("request", {**ASKED, **changed})


def come(kit: Kit) -> Run:
    """The day has come."""
    run = waiting(kit)
    kit.passes(to="2026-04-01T00:01")
    return run


def states(run: Run) -> list[tuple[str, date]]:
    with run.kit.database.read() as session:
        return [(row.state, row.until) for row in Postponement.of(session, run.id)]


def test_nothing_happens_until_the_day_and_then_the_handler_decides(kit: Kit) -> None:
    run = waiting(kit)
    assert (run.waits, states(run)) == ([], [("CONSENTED", date(2026, 4, 1))])
    kit.passes(to="2026-03-31T23:59")
    assert run.waits == []
    kit.passes(to="2026-04-01T00:01")
    assert run.waits == ["choose"] and "case_task" in kit.notices(HANDLER)


def test_it_is_released(kit: Kit) -> None:
    run = come(kit).as_(HANDLER).does("choose", {"result": "RELEASE"})
    assert (run.end, states(run)) == ("postponement_over", [("OVER", date(2026, 4, 1))])


def test_the_leading_body_refuses(kit: Kit) -> None:
    run = asked(kit)
    run.as_(SECRETARY).does("consent", {**MEETING, "result": "REJECT"})
    assert (run.end, states(run)) == ("postponement_refused", [("REFUSED", date(2026, 4, 1))])


def test_what_was_sent_back_is_asked_for_again(kit: Kit) -> None:
    run = asked(kit)
    run.as_(SECRETARY).does("consent", {**MEETING, "result": "RETURN"})
    run.as_(HANDLER).does("request", {**ASKED, "until": "2026-03-20"})
    run.as_(SECRETARY).does("consent", AGREED)
    assert states(run)[-1] == ("CONSENTED", date(2026, 3, 20))


def test_a_further_postponement_needs_a_consent_of_its_own(kit: Kit) -> None:
    run = come(kit).as_(HANDLER).does("choose", {"result": "AGAIN", "opinion": "批复未到"})
    run.as_(HANDLER).does("request", {**ASKED, "until": "2026-06-01"})
    assert run.waits == ["consent"]
    run.as_(SECRETARY).does("consent", AGREED)
    kit.passes(to="2026-06-01T00:01")
    assert run.waits == ["choose"]


def test_postponing_ends_where_the_time_limit_says(kit: Kit) -> None:
    run = waiting(kit, until="2026-08-20")
    kit.passes(to="2026-08-20T08:00")
    run.as_(HANDLER).does("choose", {"result": "AGAIN", "opinion": "批复未到"})
    with pytest.raises(UntilTooFar, match="t.postpone_longest"):
        run.as_(HANDLER).does("request", {**ASKED, "until": "2027-03-05"})
    run.as_(HANDLER).does("request", {**ASKED, "until": "2027-02-10"})
    run.as_(SECRETARY).does("consent", AGREED)
    kit.passes(to="2027-02-10T08:00")
    run.as_(HANDLER).does("choose", {"result": "AGAIN", "opinion": "批复未到"})
    with pytest.raises(PostponedEnough, match="t.postpone_total"):
        run.as_(HANDLER).does("request", {**ASKED, "until": "2027-03-10"})


def test_it_turns_into_non_disclosure_only_by_the_leading_body_and_is_looked_at_again(kit: Kit) -> None:
    run = come(kit).as_(HANDLER).does("choose", {"result": "CONVERT", "opinion": "依规不宜公开"})
    refused = {**MEETING, "result": "NOT_DISCLOSE", "ground": "依照有关规定不宜公开"}
    with pytest.raises(Invalid):
        run.as_(SECRETARY).does("decide_non_disclosure", refused)
    run.as_(SECRETARY).does("decide_non_disclosure", {**refused, "review_on": "2026-10-12"})
    assert (run.waits, states(run)) == ([], [("NOT_DISCLOSED", date(2026, 4, 1))])
    kit.passes(to="2026-10-12T08:00")
    run.as_(HEAD).does("rereview", {"result": "STILL", "opinion": "理由仍在", "review_on": "2027-04-12"})
    kit.passes(to="2027-04-12T08:00")
    run.as_(HEAD).does("rereview", {"result": "DISCLOSE", "opinion": "理由不再"})
    assert run.end == "postponement_over"


def test_the_leading_body_may_insist_on_disclosure(kit: Kit) -> None:
    run = come(kit).as_(HANDLER).does("choose", {"result": "CONVERT", "opinion": "依规不宜公开"})
    run.as_(SECRETARY).does("decide_non_disclosure", {**MEETING, "result": "REJECT"})
    assert run.waits == ["choose"]


@pytest.mark.parametrize("day", ["2026-04-01", "2027-04-02"])
def test_the_day_of_the_next_review_is_neither_past_nor_far(kit: Kit, day: str) -> None:
    run = come(kit).as_(HANDLER).does("choose", {"result": "CONVERT", "opinion": "依规不宜公开"})
    said = {**MEETING, "result": "NOT_DISCLOSE", "ground": "依照有关规定不宜公开", "review_on": day}
    with pytest.raises(ReviewDayMissing):
        run.as_(SECRETARY).does("decide_non_disclosure", said)
    assert run.waits == ["decide_non_disclosure"]


def test_a_postponement_without_an_end_is_refused_by_the_form_and_by_the_service(kit: Kit) -> None:
    with pytest.raises(Invalid) as refused:
        asked(kit, until="")
    assert "until" in refused.value.errors
    with kit.database.write() as session, pytest.raises(UntilMissing):
        ask(session, Call("c", "ask", "postponement.ask", {"request": {}, "settings": {}}, "i", NOW, None))


@pytest.mark.parametrize(("until", "refusal"), [("2026-03-02", UntilPast), ("2026-09-01", UntilTooFar)])
def test_a_day_that_is_past_or_too_far_is_refused_and_nothing_is_registered(
    kit: Kit, until: str, refusal: type
) -> None:
    run = kit.begin("postponement", HANDLER, SUBJECT)
    with pytest.raises(refusal):
        run.as_(HANDLER).does("request", {**ASKED, "until": until})
    assert (run.waits, states(run)) == (["request"], [])


def test_an_auditor_sees_which_postponements_have_passed_their_day(kit: Kit) -> None:
    run = come(kit)
    with kit.database.read() as session:
        assert [row.instance_id for row in Postponement.passed(session, date(2026, 4, 2))] == [run.id]
        assert Postponement.passed(session, date(2026, 4, 1)) == []


@pytest.mark.parametrize(("element", "login"), [("consent", SECRETARY), ("choose", HANDLER)])
def test_whoever_is_slow_is_reminded_and_then_overdue(kit: Kit, element: str, login: str) -> None:
    run = asked(kit) if element == "consent" else come(kit)
    assert run.waits == [element]
    kit.passes(days=15)
    assert {"case_remind", "case_overdue"} <= set(kit.notices(login))
