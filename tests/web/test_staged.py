"""The way into a staged release, its milestone and its difference on the pages, and the end of a display."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import Actor, tick
from processes import organisation
from processes.catalogue import CatalogueItem
from processes.disclosure import demo
from processes.disclosure.matters import Matter, open_matter
from processes.disclosure.publications import Publication
from processes.notices import Notice

from .portal import release

HANDLER = "xuzhihang"


def stage(title, on, scope="INTRA_PARTY", **changes):
    told = {"title": title, "trigger": "DATE", "on": on, "scope": scope, "channels": ["LAN"]}
    return {**told, "text": f"<p>{title}：按计划进行。</p>", **changes}


PLAN = {
    "title": "校园改造",
    "content": "校园改造进展",
    "nature": "PROGRESSIVE",
    "display_duration": "P30D",
    "stages": [
        stage("启动", "2025-03-03"),
        stage("中期", "2025-06-30", trigger="MILESTONE", milestone="工程过半"),
        stage("完成", "2025-09-30", "ORG_ALL"),
    ],
}


def row(school):
    with school.parts.database.read() as session:
        return next(item for item in session.scalars(select(CatalogueItem)) if "pco" in item.units or not item.units)


def do(school, matter, element, submission):
    """Somebody who holds its post completes the task."""
    task = school.task(matter, element)
    with school.parts.database.read() as session:
        on = school.clock.now.date()
        person = organisation.holders(session, task.organisation, task.post, on)[0]
        actor = Actor(person.id, organisation.seats(session, person.id, on))
    school.parts.engine.complete(task.id, actor, submission, {"people": [], "organisations": []})


@pytest.fixture
def staged(school):
    """A staged matter, approved as a whole; its first stage has begun today."""
    with school.parts.database.write() as session:
        item = session.get_one(CatalogueItem, row(school).id)
        matter = open_matter(
            session, school.parts.engine, "pco", item, school.person(HANDLER).id, school.clock.now, is_staged=True
        )
    do(school, matter, "draft", PLAN)
    do(school, matter, "review", demo.passed("同意"))
    do(school, matter, "approve_head", {"result": "AGREE", "opinion": "同意"})
    tick(school.parts.engine, now=school.clock.now)
    return matter


def test_a_matter_with_a_row_can_be_opened_stage_by_stage(school, text):
    browser, item = school.browser(HANDLER), row(school)
    assert "分期逐段公开" in text(browser.get(f"/matters/new?item={item.id}"))
    answer = browser.post("/matters", data={"item": item.id, "organisation": "pco", "mode": "staged"})
    page = text(browser.get(answer.location))
    assert "公开阶段" in page and "进展节点" in page


def test_a_matter_without_a_row_is_not(school, text):
    browser = school.browser(HANDLER)
    assert "分期逐段公开" not in text(browser.get("/matters/new"))
    answer = browser.post("/matters", data={"organisation": "pco", "mode": "staged"}, follow_redirects=True)
    assert "须对应目录条目" in text(answer)
    with school.parts.database.read() as session:
        assert session.scalar(select(Matter.id)) is None


def test_a_bad_plan_comes_back_with_its_stage_named(school, text):
    browser, item = school.browser(HANDLER), row(school)
    location = browser.post("/matters", data={"item": item.id, "organisation": "pco", "mode": "staged"}).location
    form = {key: PLAN[key] for key in ("title", "content", "nature", "display_duration")}
    for number, on in enumerate(("2025-03-01", "2025-04-01")):
        form |= {f"stages-{number}-{key}": value for key, value in stage(f"阶段{number}", on).items()}
    answer = browser.post(f"{location}/completion", data=form)
    assert answer.status_code == 422
    assert "“阶段0”的日期 2025-03-01 已经过去" in text(answer)


def test_the_handler_begins_with_the_planned_text(school, staged, text):
    task = school.task(staged, "prepare_stage")
    assert "启动：按计划进行。" in text(school.browser(HANDLER).get(f"/tasks/{task.id}"))


def test_the_reviewer_sees_what_changed(school, staged, text):
    said = {"title": "启动", "text": "<p>启动：按计划进行。新增一项。</p>", "channels": ["LAN"]}
    do(school, staged, "prepare_stage", said)
    task = school.task(staged, "review_stage")
    page = school.browser("fangwenjing").get(f"/tasks/{task.id}").get_data(as_text=True)
    assert "<ins>新增一项。</ins>" in page


def test_the_handler_reports_the_milestone_on_the_matter_s_page(school, staged, text):
    do(school, staged, "prepare_stage", {key: PLAN["stages"][0][key] for key in ("title", "text", "channels")})
    do(school, staged, "review_stage", {"result": "PASS", "opinion": "一致"})
    browser = school.browser(HANDLER)
    assert "工程过半" in text(browser.get(f"/matters/{staged.id}"))
    assert "已达到节点" not in text(school.browser("fangwenjing").get(f"/matters/{staged.id}"))
    browser.post(f"/matters/{staged.id}/milestone", data={"key": f"{staged.id}:2", "note": "主体完工"})
    assert school.task(staged, "prepare_stage")
    assert browser.post(f"/matters/{staged.id}/milestone", data={"key": f"{staged.id}:2"}).status_code == 409


def test_an_ordinary_matter_for_stages_is_sent_back_with_the_way_to_go(school):
    with school.parts.database.write() as session:
        item = session.get_one(CatalogueItem, row(school).id)
        matter = open_matter(session, school.parts.engine, "pco", item, school.person(HANDLER).id, school.clock.now)
    school.propose(matter, nature="PROGRESSIVE")
    with school.parts.database.read() as session:
        notices = Notice.about(session, matter.id)
    assert any(notice.kind == "use_staged" and "分期逐段公开" in notice.text_zh for notice in notices)


def test_what_was_shown_long_enough_is_gone_for_readers_and_noted_for_those_of_the_matter(school, staged, text):
    number = release(school, display_until=school.clock.now + timedelta(days=5), proofs_json='{"NOTICE_BOARD":"BOARD"}')
    with school.parts.database.write() as session:
        session.get_one(Publication, number).matter_id = staged.id
    school.clock.pass_by(days=6)
    tick(school.parts.engine, now=school.clock.now)
    assert school.visitor().get(f"/portal/{number}").status_code == 404
    assert school.browser("maoxiaolu").get(f"/portal/{number}").status_code == 404
    page = text(school.browser(HANDLER).get(f"/portal/{number}"))
    assert "已撤下" in page and "公开栏" in page


@pytest.fixture
def board(school, staged):
    """A release on the notice board whose display has ended."""
    number = release(school, display_until=school.clock.now + timedelta(days=5), proofs_json='{"NOTICE_BOARD":"BOARD"}')
    with school.parts.database.write() as session:
        publication = session.get_one(Publication, number)
        publication.matter_id, publication.organisation = staged.id, "pco"
    school.clock.pass_by(days=6)
    tick(school.parts.engine, now=school.clock.now)
    return number


def removed(school, login, number, channel="NOTICE_BOARD", photo=b"\x89PNG\r\n\x1a\n"):
    said = {"at": "2025-03-09", "note": "已清理"} | ({"photos": (io.BytesIO(photo), "公开栏.png")} if photo else {})
    where = f"/portal/{number}/take-downs/{channel}"
    return school.browser(login).post(where, data=said, content_type="multipart/form-data")


def test_the_desk_officer_shows_that_the_board_was_cleared(school, board, text):
    officer = school.browser("qiaoxinyu")
    assert "登记撤下" in text(officer.get(f"/portal/{board}"))
    assert removed(school, "qiaoxinyu", board).status_code == 302
    page = text(officer.get(f"/portal/{board}"))
    assert [said for said in ("已撤下", "2025年3月9日", "已清理", "公开栏.png", "乔欣雨") if said not in page] == []
    assert removed(school, "qiaoxinyu", board).status_code == 409


def test_a_board_needs_a_photo_and_what_was_typed_stays(school, board, text):
    answer = removed(school, "qiaoxinyu", board, photo=None)
    assert (answer.status_code, "请上传公开栏撤下后的照片" in text(answer)) == (422, True)
    assert "已清理" in answer.get_data(as_text=True)


def test_nobody_else_records_a_removal_and_nothing_that_did_not_hang_there(school, board):
    assert removed(school, "xuzhihang", board).status_code == 403
    assert removed(school, "qiaoxinyu", board, channel="TV").status_code in (409, 422)
