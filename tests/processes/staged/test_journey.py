"""Three stages by date and by milestone, from the plan to the archive, on the real engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from engine import Actor, replay
from processes.disclosure.archive import ArchivePackage
from processes.disclosure.matters import PlanVersion
from processes.notices import Notice
from processes.organisation import Person
from processes.staged import reach, waiting
from processes.staged.refusals import NotAMilestone, NotHandlerOfMatter, RecipientLeft

from .conftest import a_plan, a_stage


def milestone(release):
    with release.engine.database.read() as session:
        return waiting(session, release.matter)


def handler(release):
    return Actor(release.matter.proposer, frozenset({("pco", "handler")}))


def say_reached(release):
    reach(release.engine, release.matter, milestone(release).key, handler(release))


def difference(release):
    """What the review is shown."""
    with release.engine.database.read() as session:
        return release.engine.data(session, release.task("review_stage"))["difference"]


def played_back(release):
    with release.engine.database.read() as session:
        return replay(release.engine, session, release.matter.instance_id).state


def all_three(release, plan):
    release.approve(plan)
    release.day(2026, 3, 10)
    release.carry(plan["stages"][0])
    say_reached(release)
    release.carry(plan["stages"][1])
    release.day(2026, 9, 30)
    release.carry(plan["stages"][2])


def test_three_stages_go_out_by_date_and_by_milestone(release):
    plan = a_plan()
    release.approve(plan)
    assert (release.waits_at, release.released) == ([], [])
    release.day(2026, 3, 9)
    assert release.waits_at == []
    release.day(2026, 3, 10)
    release.carry(plan["stages"][0])
    assert milestone(release).milestone == "工程过半"
    say_reached(release)
    release.carry(plan["stages"][1])
    release.day(2026, 9, 29)
    assert release.waits_at == []
    release.day(2026, 9, 30)
    release.carry(plan["stages"][2])
    assert [(one.title, one.scope) for one in release.released] == [
        ("启动", "INTRA_PARTY"),
        ("中期", "INTRA_PARTY"),
        ("完成", "ORG_ALL"),
    ]


def test_every_stage_is_in_the_archive_and_the_whole_plays_back_alike(release):
    all_three(release, a_plan())
    release.do("feedback", {"summary": "无", "outcome": "已答复", "disclose_outcome": True})
    release.do("file_archive", {"archive_no": "DQ-2026-9", "retention": "Y30", "note": "齐全"})
    assert (release.matter.state, played_back(release)) == ("ARCHIVED", "completed")
    assert all(one.outcome_disclosed for one in release.released)
    with release.engine.database.read() as session:
        package = session.get_one(ArchivePackage, release.id)
        paths = [part["path"] for part in package.inventory["parts"]]
    assert package.passed
    assert {"publication/stage-01/text.html", "publication/stage-02/text.html", "publication/text.html"} <= set(paths)


def test_a_milestone_that_never_comes_lets_the_stage_begin_on_its_latest_day(release):
    plan = a_plan()
    release.approve(plan)
    release.day(2026, 3, 10)
    release.carry(plan["stages"][0])
    release.day(2026, 6, 30)
    assert (release.waits_at, milestone(release)) == (["prepare_stage"], None)


def test_the_review_sees_what_changed(release):
    plan = a_plan()
    release.approve(plan)
    release.day(2026, 3, 10)
    changed = {"title": "启动", "text": "<p>启动：工作按计划进行。增加了一项。</p>", "channels": ["LAN"]}
    release.do("prepare_stage", changed)
    found = difference(release)
    assert (found["unchanged"], found["is_first"]) == (False, True)
    assert {"kind": "added", "text": "增加了一项。"} in found["from_plan"]


def test_what_the_review_returns_is_written_again_and_nothing_goes_out(release):
    plan = a_plan()
    release.approve(plan)
    release.day(2026, 3, 10)
    release.do("prepare_stage", {key: plan["stages"][0][key] for key in ("title", "text", "channels")})
    release.do("review_stage", {"result": "RETURN", "opinion": "请核对数字"})
    assert (release.waits_at, release.released) == (["prepare_stage"], [])


def test_another_text_than_the_reviewed_one_does_not_go_out(release, served):
    plan = a_plan()
    release.approve(plan)
    release.day(2026, 3, 10)
    release.engine.services["staged.release_stage"] = tampering(served["staged.release_stage"])
    release.carry(plan["stages"][0])
    assert (release.waits_at, release.released) == (["check_mismatch"], [])
    release.engine.services["staged.release_stage"] = served["staged.release_stage"]
    release.do("check_mismatch", {"cause": "误改", "restored": True})
    assert [one.title for one in release.released] == ["启动"]


def tampering(service):
    """The service as it answers when somebody changed the text after the review."""

    def run(session, call):
        arguments = {**call.arguments, "plan": {**call.arguments["plan"], "text": "<p>别的文本</p>"}}
        return service.run(session, replace(call, arguments=arguments))

    return replace(service, run=run)


def test_a_recipient_who_left_is_named_before_anything_goes_out(release):
    person = release.reader("zhulin")
    first = a_stage(scope="TARGETED", recipients=[person])
    plan = a_plan(first, a_stage("后续", "2026-06-30"), order_exception_reason="先向当事人说明")
    release.approve(plan)
    with release.engine.database.write() as session:
        session.execute(update(Person).where(Person.id == person).values(active=False))
        name = session.get_one(Person, person).name
    release.day(2026, 3, 10)
    with pytest.raises(RecipientLeft) as refusal:
        release.carry(first, recipients=[person])
    assert name in str(refusal.value) and release.released == []


def test_who_leaves_between_review_and_release_stops_it_as_well(release):
    person = release.reader("zhulin")
    first = a_stage(scope="TARGETED", recipients=[person])
    plan = a_plan(first, a_stage("后续", "2026-06-30"), order_exception_reason="先向当事人说明")
    release.approve(plan)
    release.day(2026, 3, 10)
    release.do("prepare_stage", {key: first[key] for key in ("title", "text", "channels", "recipients")})
    with release.engine.database.write() as session:
        session.execute(update(Person).where(Person.id == person).values(active=False))
    with pytest.raises(RecipientLeft):
        release.do("review_stage", {"result": "PASS", "opinion": "一致"})
    assert (release.released, release.waits_at) == ([], ["review_stage"])


def test_a_milestone_is_reported_once_by_a_handler_for_its_own_stage(release):
    plan = a_plan()
    release.approve(plan)
    with pytest.raises(NotAMilestone):
        reach(release.engine, release.matter, f"{release.id}:1", handler(release))
    release.day(2026, 3, 10)
    release.carry(plan["stages"][0])
    key = milestone(release).key
    with pytest.raises(NotHandlerOfMatter):
        reach(release.engine, release.matter, key, Actor("somebody"))
    reach(release.engine, release.matter, key, handler(release))
    with pytest.raises(NotAMilestone):
        reach(release.engine, release.matter, key, handler(release))


def test_every_text_that_was_reviewed_is_kept_as_a_version(release):
    all_three(release, a_plan())
    with release.engine.database.read() as session:
        kept = session.scalars(select(PlanVersion).where(PlanVersion.matter_id == release.id)).all()
        told = set(session.scalars(select(Notice.kind).where(Notice.subject == release.id)))
    assert len(kept) == 4
    assert {"task_opened", "approved", "released"} <= told
