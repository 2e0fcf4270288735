"""Article 12 on the real engine: the straight way, each exit, each deadline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import Actor, Instance, Task, replay, tick, verify
from engine.refusals import MustBeSomebodyElse, NotAllowed
from processes import demo as school
from processes.catalogue import CatalogueItem, CatalogueVersion
from processes.disclosure import demo
from processes.disclosure.archive import ArchivePackage
from processes.disclosure.matters import Matter, open_matter, withdraw
from processes.disclosure.opinions import opinions
from processes.disclosure.publications import Publication
from processes.disclosure.refusals import SecrecyMark
from processes.notices import Notice
from processes.out_of_catalogue import CatalogueFollowup

from .conftest import NOW, WAY

ONE_OFF = {"result": "ONE_OFF", "reason": "仅此一次"}
MEETING = {
    "meeting_no": "常委会第3次会议",
    "meeting_date": "2026-03-02",
    "present": 9,
    "votes_for": 9,
    "votes_against": 0,
    "minutes_ref": "常委纪要〔2026〕3号",
}


def state_of(database, matter):
    with database.read() as session:
        after = session.get_one(Matter, matter.id)
        return after.state, after.ended_at is not None


def evidence(database, matter):
    with database.read() as session:
        assert Publication.of_matter(session, matter.id) is None
        return session.get_one(ArchivePackage, matter.id).kind


def told(database, login):
    with database.read() as session:
        return {notice.kind for notice in Notice.unread(session, school.person(session, login).id)}


def drafts(session):
    return list(session.scalars(select(CatalogueVersion).where(CatalogueVersion.status == "DRAFT")))


def test_a_matter_without_a_row_runs_its_own_procedure_and_begins_with_the_reason(tell, waiting, database):
    matter = tell("give_reason")
    with database.read() as session:
        assert session.get_one(Instance, matter.instance_id).definition == "out_of_catalogue"
    assert waiting(matter) == ["give_reason"]


def test_a_matter_with_a_row_runs_the_five_steps(engine, database):
    with database.write() as session:
        item = session.scalars(select(CatalogueItem)).first()
        matter = open_matter(session, engine, "pco", item, school.person(session, "xuzhihang").id, NOW)
        assert session.get_one(Instance, matter.instance_id).definition == "disclosure"


def test_the_reason_names_the_matter_and_is_read_by_who_decides(tell, database):
    matter = tell("review")
    with database.read() as session:
        assert matter.title == "上年度党费收缴、使用和管理情况"
        said = opinions(session, matter.instance_id)
    assert [one.element for one in said] == ["give_reason", "draft"]
    assert "未列为学校的公开事项" in said[0].opinion


def test_a_reason_with_a_secrecy_mark_is_refused(tell, waiting):
    with pytest.raises(SecrecyMark):
        tell("draft", give_reason={"reason": "机密★1年"})
    assert waiting(tell("give_reason")) == ["give_reason"]


def test_the_straight_way_ends_with_a_drafted_row(tell, database):
    matter = tell()
    assert state_of(database, matter) == ("ARCHIVED", True)
    with database.read() as session:
        followup = session.get_one(CatalogueFollowup, matter.id)
        assert (followup.decision, followup.by) == ("ADD_ITEM", school.person(session, "gaojianping").id)
        assert [version.items[-1].id for version in drafts(session)] == [followup.item_id]


def test_the_archive_comes_before_the_decision_on_the_catalogue(tell, waiting, database):
    matter = tell("decide_followup")
    assert waiting(matter) == ["decide_followup"]
    assert state_of(database, matter) == ("ARCHIVED", False)


def test_the_drafted_row_comes_into_force_and_carries_the_next_matter(tell, engine, database):
    tell()
    with database.write() as session:
        draft = drafts(session)[0]
        draft.put_in_force(session, by=school.person(session, "qiaoxinyu").id, at=NOW)
        [row] = CatalogueItem.of_unit(session, "orgdept")
        matter = open_matter(session, engine, "orgdept", row, school.person(session, "panlili").id, NOW)
        assert session.get_one(Instance, matter.instance_id).definition == "disclosure"
        assert [item.position for item in draft.items] == [1, 2, 3]


def test_the_keeper_of_the_catalogue_is_told(tell, database):
    tell()
    assert "row_drafted" in told(database, "qiaoxinyu")
    assert "row_drafted" not in told(database, "yubin")


def test_a_one_off_makes_no_row_and_keeps_its_reason(tell, do, database):
    matter = tell("decide_followup")
    do(matter, "decide_followup", "gaojianping", ONE_OFF)
    assert state_of(database, matter) == ("ARCHIVED", True)
    with database.read() as session:
        followup = session.get_one(CatalogueFollowup, matter.id)
        assert (followup.decision, followup.reason, followup.item_id) == ("ONE_OFF", "仅此一次", None)
        assert drafts(session) == []


def test_two_matters_draft_their_rows_in_one_draft(tell, database):
    tell(key="one")
    tell(key="two", draft={"content": "另一事项"}, file_archive={"archive_no": "DQ-2026-0002"})
    with database.read() as session:
        [draft] = drafts(session)
        assert [(item.seq, item.text_of("content")[:4]) for item in draft.items[2:]] == [
            ("3", "党费收缴"),
            ("4", "另一事项"),
        ]


@pytest.mark.parametrize(("review", "waits"), [({"risk": "HIGH"}, "approve_collective"), ({}, "approve_head")])
def test_head_or_leading_body_approve_and_nobody_else(tell, waiting, review, waits):
    assert waiting(tell("approve_head", review=review)) == [waits]


def test_the_head_may_leave_it_to_the_leading_body(tell, do, waiting, database):
    matter = tell("approve_head")
    do(matter, "approve_head", "shenguoan", {"result": "TO_COLLECTIVE", "opinion": "请常委会研究"})
    assert waiting(matter) == ["approve_collective"]
    do(matter, "approve_collective", "heyaqin", {**MEETING, "result": "AGREE", "attachments": []})
    assert waiting(matter) == ["prove"]


@pytest.mark.parametrize("login", ["lumingyuan", "gaojianping", "panlili", "fangwenjing"])
def test_approval_is_not_delegated(tell, do, login):
    matter = tell("approve_head")
    with pytest.raises(NotAllowed):
        do(matter, "approve_head", login, {"result": "AGREE", "opinion": "同意"})


def test_who_gave_the_reason_does_not_decide_on_the_catalogue(tell, engine, database):
    matter = tell("decide_followup")
    with database.read() as session:
        task = session.scalars(select(Task).where(Task.element == "decide_followup")).one()
    everything = Actor(matter.proposer, frozenset({("orgdept", "principal_officer")}))
    with pytest.raises(MustBeSomebodyElse):
        engine.complete(task.id, everything, ONE_OFF)


@pytest.mark.parametrize(
    ("review", "state"),
    [
        ({"result": "REJECT", "opinion": "不宜公开"}, "REJECTED"),
        ({"result": "NOT_DISCLOSE", "opinion": "不予公开"}, "NOT_DISCLOSED"),
    ],
)
def test_what_the_review_refuses_is_closed_and_kept(tell, database, review, state):
    matter = tell("approve_head", review=review)
    assert state_of(database, matter) == (state, True)
    assert evidence(database, matter) == "EVIDENCE"


def test_what_the_head_rejects_is_closed_and_kept(tell, do, database):
    matter = tell("approve_head")
    do(matter, "approve_head", "shenguoan", {"result": "REJECT", "opinion": "暂缓"})
    assert state_of(database, matter) == ("REJECTED", True)
    assert evidence(database, matter) == "EVIDENCE"


def test_what_is_returned_is_proposed_again_without_a_second_reason(tell, do, waiting, database):
    matter = tell("approve_head")
    do(matter, "approve_head", "shenguoan", {"result": "RETURN", "opinion": "请补充"})
    assert waiting(matter) == ["draft"]
    assert state_of(database, matter) == ("RETURNED", False)


@pytest.mark.parametrize("until", ["give_reason", "draft", "review", "approve_head"])
def test_the_proposer_withdraws_before_the_approval(tell, engine, database, until):
    matter = tell(until)
    withdraw(engine, matter, Actor(matter.proposer), "重复")
    assert state_of(database, matter) == ("WITHDRAWN", True)
    assert evidence(database, matter) == "EVIDENCE"


OWN_DEADLINES = [
    ("give_reason", "panlili"),
    ("approve_head", "shenguoan"),
    ("file_archive", "luozhengping"),
    ("decide_followup", "gaojianping"),
]


@pytest.mark.parametrize(("element", "login"), OWN_DEADLINES)
def test_every_task_is_reminded_and_then_escalated(tell, engine, database, clock, element, login):
    tell(element)
    clock.now = NOW + timedelta(days=40)
    tick(engine, clock.now)
    assert {"remind", "overdue"} <= told(database, login)
    assert "overdue" in told(database, "shixiaomin")


def test_a_collective_decision_is_reminded_and_escalated(tell, engine, database, clock):
    tell("approve_head", review={"risk": "HIGH"})
    clock.now = NOW + timedelta(days=40)
    tick(engine, clock.now)
    assert {"remind", "overdue"} <= told(database, "heyaqin")


def test_the_follow_up_has_the_deadline_of_its_setting(tell, database):
    tell("decide_followup")
    with database.read() as session:
        task = session.scalars(select(Task).where(Task.element == "decide_followup")).one()
        assert task.due_at - NOW > timedelta(days=13)


@pytest.mark.parametrize("until", [*WAY, None])
def test_every_stand_replays_and_every_chain_holds(tell, engine, database, until):
    matter = tell(until)
    with database.read() as session:
        replay(engine, session, matter.instance_id)
        assert [broken for broken in verify(session) if broken] == []


def test_the_demo_s_finished_matter_is_told_once(engine, database):
    demo.load_matters(engine)
    demo.load_matters(engine)
    with database.read() as session:
        assert len(drafts(session)) == 1
        found = sorted(session.scalars(select(Instance.definition)))
        assert found == ["disclosure", "disclosure", "feedback", "out_of_catalogue"]
