"""Art. 17: an item is consulted upon before it has its meeting, unless it is confirmed to be secret."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Call, Done, Failed
from engine.refusals import NotAllowed
from processes.announcements import Announcement
from processes.cases import Case
from processes.demo import person
from processes.predecision_consultation.records import ConsultationRecord
from processes.predecision_consultation.refusals import InterestsUnheard, NotConsulted, OwnSecrecy
from processes.predecision_consultation.services import MISSING, require
from tests.processes.kit import Kit, Run

pytestmark = pytest.mark.article("第十七条")

ITEM = {
    "title": "绩效工资改革方案",
    "secret": "NO",
    "text": "<p>方案征求意见稿</p>",
    "reach": "ORG_ALL",
    "interest": "NO",
    "discussion": "NO",
    "hearing": "NO",
    "notice": "NO",
}
SECRET = {"title": "专项工作方案", "secret": "YES", "secret_ground": "定密事项"}
MEETING = {"meeting": "第9次党委常委会", "on": "2026-04-20"}
HELD = {"held_on": "2026-03-20", "people": "教职工代表12人", "said": "希望分步实施。"}
OPINIONS = [
    {"source": "党支部", "words": "分步实施。", "result": "ADOPTED", "reason": "有利于平稳过渡。"},
    {"source": "教职工", "words": "暂缓实施。", "result": "REJECTED", "reason": "上级已有时限要求。"},
]
SUMMARY = {"text": "收到意见两条。", "opinions": OPINIONS}
AGREED = {"result": "AGREE", "opinion": "同意。"}


def proposed(kit: Kit, **said: str) -> Run:
    return kit.begin("predecision_consultation", "panlili", {**ITEM, **said})


def scheduled(run: Run) -> Run:
    run.as_("panlili").does("summarise", SUMMARY)
    run.as_("gaojianping").does("approve_summary", AGREED)
    return run.as_("fangwenjing").does("schedule_item", MEETING)


def announced(kit: Kit, login: str | None) -> list[str]:
    with kit.database.read() as session:
        reader = person(session, login) if login else None
        found, _total = Announcement.page(session, Announcement.visible(session, reader, kit.clock.now))
        return [one.title for one in found if one.kind == "CONSULTATION"]


def kept(kit: Kit, run: Run) -> ConsultationRecord:
    with kit.database.read() as session:
        return session.get_one(ConsultationRecord, run.id)


def required(kit: Kit, run: Run) -> Any:
    call = Call("asked", "gate", "consultation.require", {"consultation": run.id})
    with kit.database.read() as session:
        return require(session, call)


def test_opinions_are_asked_answered_and_recorded_before_the_meeting(kit: Kit) -> None:
    run = proposed(kit)
    assert announced(kit, "zhulin") == [ITEM["title"]] and announced(kit, None) == []
    assert "consultation" in kit.notices("gaojianping")
    kit.passes(days=6)
    assert run.waits == []
    kit.passes(days=3)
    assert scheduled(run).end == "item_scheduled"
    record = kept(kit, run)
    assert (record.kind, record.ways, record.meeting, str(record.meeting_on)) == ("HELD", "", *MEETING.values())
    with kit.database.read() as session:
        said = [(one.number, one.words, one.result, one.reason) for one in record.opinions(session)]
    assert said == [(n, one["words"], one["result"], one["reason"]) for n, one in enumerate(OPINIONS, 1)]


@pytest.mark.parametrize(("said", "days"), [({"reach": "PUBLIC"}, 15), ({"interest": "YES", "discussion": "YES"}, 30)])
def test_society_and_major_interests_have_longer(kit: Kit, said: dict[str, str], days: int) -> None:
    run = proposed(kit, **said)
    assert bool(announced(kit, None)) == (said.get("reach") == "PUBLIC")
    kit.passes(days=5, hours=20)
    if "discussion" in said:
        run.as_("panlili").does("hold_discussion", HELD)
    kit.passes(days=days - 7)
    assert run.waits == []
    kit.passes(days=3)
    assert run.waits == ["summarise"]


def test_every_way_is_gone_side_by_side_and_all_are_waited_for(kit: Kit) -> None:
    run = proposed(kit, discussion="YES", hearing="YES", notice="YES")
    assert run.waits == ["watch_notice"]
    kit.passes(days=6)
    assert run.waits == ["hold_discussion", "watch_notice"]
    kit.passes(days=5)
    assert run.waits == ["hold_discussion", "hold_hearing"]
    run.as_("panlili").does("hold_discussion", HELD)
    assert run.waits == ["hold_hearing"]
    run.as_("gaojianping").does("hold_hearing", HELD)
    assert scheduled(run).end == "item_scheduled"
    assert kept(kit, run).ways == "discussion,hearing,notice"


def test_an_objection_breaks_the_notice_off_and_is_investigated(kit: Kit) -> None:
    run = proposed(kit, notice="YES")
    kit.message("ConsultationObjection", run.id, {"source": "来信", "words": "程序有误。"})
    assert run.waits == ["investigate"]
    kit.passes(days=9)
    assert run.waits == ["investigate"]
    run.as_("panlili").does("investigate", {"result": "UNFOUNDED", "facts": "程序合规。"})
    assert run.waits == ["summarise"]


def test_an_objection_by_letter_is_entered_and_investigated(kit: Kit) -> None:
    run = proposed(kit, notice="YES")
    run.as_("panlili").does("watch_notice", {"source": "来信", "words": "程序有误。"})
    assert run.waits == ["investigate"]


def test_what_touches_vital_interests_is_heard_in_a_meeting(kit: Kit) -> None:
    with pytest.raises(InterestsUnheard):
        proposed(kit, interest="YES")
    assert kit.runs("predecision_consultation") == []


def test_a_summary_sent_back_is_made_again_and_never_approved_by_its_author(kit: Kit) -> None:
    kit.appoint("panlili", "orgdept", "principal_officer")
    run = proposed(kit)
    kit.passes(days=8)
    run.as_("panlili").does("summarise", SUMMARY)
    with pytest.raises(NotAllowed):
        run.as_("panlili").does("approve_summary", AGREED)
    run.as_("gaojianping").does("approve_summary", {"result": "RETURN", "opinion": "理由不充分。"})
    assert run.waits == ["summarise"]
    assert isinstance(required(kit, run), Failed)
    assert scheduled(run).end == "item_scheduled"


def test_what_is_secret_is_recorded_and_nothing_is_opened(kit: Kit) -> None:
    run = kit.begin("predecision_consultation", "panlili", SECRET)
    run.as_("jiangshen").does("confirm_secret", {"result": "CONFIRMED", "ground": "定密第3号"})
    assert announced(kit, "panlili") == []
    assert run.as_("fangwenjing").does("schedule_item", MEETING).end == "item_scheduled"
    assert (kept(kit, run).kind, kept(kit, run).text) == ("EXEMPT", "定密第3号")


def test_who_calls_an_item_secret_does_not_confirm_it(kit: Kit) -> None:
    kit.appoint("panlili", "sco", "sco_reviewer")
    run = kit.begin("predecision_consultation", "panlili", SECRET)
    confirmed = {"result": "CONFIRMED", "ground": "定密第3号"}
    with pytest.raises(OwnSecrecy):
        run.as_("panlili").does("confirm_secret", confirmed)


def test_what_is_not_secret_goes_back(kit: Kit) -> None:
    run = kit.begin("predecision_consultation", "panlili", SECRET)
    run.as_("jiangshen").does("confirm_secret", {"result": "NOT_SECRET", "ground": "不属于国家秘密"})
    assert run.end == "secrecy_refused"


def test_no_item_has_a_meeting_without_its_record(kit: Kit) -> None:
    run = proposed(kit)
    answer = required(kit, run)
    assert isinstance(answer, Failed) and answer.code == MISSING
    with kit.database.read() as session, pytest.raises(NotConsulted):
        ConsultationRecord.required(session, session.get_one(Case, run.id))
    kit.passes(days=8)
    scheduled(run)
    assert required(kit, run) == Done({"kind": "HELD"})


def test_a_late_summary_is_told(kit: Kit) -> None:
    proposed(kit)
    kit.passes(days=25)
    assert {"case_reminder", "case_overdue"} & set(kit.notices("panlili"))
    assert "case_overdue" in kit.notices("gaojianping")
