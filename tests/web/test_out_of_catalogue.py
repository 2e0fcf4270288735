"""A matter outside the catalogue on its pages: the reason, the decision, the drafted row, the keeper's hand."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from processes.catalogue import CatalogueItem, CatalogueVersion
from processes.disclosure import demo
from processes.disclosure.matters import Matter
from processes.notices import Notice

KEEPER, OTHER_KEEPER, DECIDES = "qiaoxinyu", "yubin", "gaojianping"
REASON = {"content": "党费使用情况", "reason": "目录制定时尚无此事项", "necessity": "党员有权了解"}
DUES = next(story for story in demo.STORIES if story.key == "party-dues")


@pytest.fixture
def finished(school) -> Matter:
    """A matter that waits for the decision whether it gets a row."""
    demo.tell(school.parts.engine, demo.Story(DUES.key, DUES.organisation, DUES.login, None, DUES.steps[:-1]))
    with school.parts.database.read() as session:
        return session.get_one(Matter, DUES.matter_id)


@pytest.fixture
def row(school, finished) -> CatalogueItem:
    """The row that was drafted for it."""
    decide(school, finished, "ADD_ITEM")
    return rows(school)[-1]


def decide(school, matter, result):
    task = school.task(matter, "decide_followup")
    data = {"result": result, "reason": "每年都会出现"}
    return school.browser(DECIDES).post(f"/tasks/{task.id}/completion", data=data, follow_redirects=True)


def rows(school):
    with school.parts.database.read() as session:
        drafts = select(CatalogueItem).join(CatalogueVersion).where(CatalogueVersion.status == "DRAFT")
        return list(session.scalars(drafts.order_by(CatalogueItem.position)))


def typed(item, **changes):
    return {**item.written, **changes}


def seen(browser, item):
    page = browser.get(f"/catalogue/items/{item.id}/edit").get_data(as_text=True)
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_the_reason_begins_the_plan(school, text):
    browser = school.browser("panlili")
    assert "发起事项并说明理由" in text(browser.get("/matters/new"))
    task = browser.post("/matters", data={"organisation": "orgdept"}).location
    assert "为何未列入目录" in text(browser.get(task))
    browser.post(f"{task}/completion", data=REASON)
    with school.parts.database.read() as session:
        matter = session.scalars(select(Matter)).one()
    assert matter.title == "党费使用情况"
    draft = browser.get(f"/tasks/{school.task(matter).id}").get_data(as_text=True)
    assert 'value="党费使用情况"' in draft


def test_a_reason_that_says_too_little_is_shown_again(school, text):
    browser = school.browser("panlili")
    task = browser.post("/matters", data={"organisation": "orgdept"}).location
    answer = browser.post(f"{task}/completion", data={"content": "党费使用情况"})
    assert answer.status_code == 422
    assert "党费使用情况" in answer.get_data(as_text=True)


def test_the_decision_is_on_the_page_of_the_matter(school, text, finished):
    decide(school, finished, "ONE_OFF")
    page = text(school.browser("panlili").get(f"/matters/{finished.id}"))
    assert "是否列入目录" in page and "一事一办" in page and "每年都会出现" in page
    assert rows(school) == []


def test_the_keeper_finds_the_row_from_the_notice_and_others_do_not(school, text, row):
    with school.parts.database.read() as session:
        links = {notice.link for notice in Notice.unread(session, demo.person(session, KEEPER).id)}
    assert f"/catalogue/items/{row.id}" in links
    page = text(school.browser(KEEPER).get(f"/catalogue/items/{row.id}"))
    assert "修改本行" in page and "组织部" in page and "由目录外事项转入" in page
    for login in (OTHER_KEEPER, "panlili", "maoxiaolu"):
        assert school.browser(login).get(f"/catalogue/items/{row.id}").status_code == 404
        assert school.browser(login).get(f"/catalogue/items/{row.id}/edit").status_code == 404
        assert school.browser(login).post(f"/catalogue/items/{row.id}", data=typed(row)).status_code == 404
        assert school.browser(login).post(f"/catalogue/items/{row.id}/removal").status_code == 404


def test_the_page_of_the_matter_leads_only_readers_to_the_row(school, finished, row):
    pages = {
        login: school.browser(login).get(f"/matters/{finished.id}").get_data(as_text=True)
        for login in (KEEPER, "panlili")
    }
    assert f"/catalogue/items/{row.id}" in pages[KEEPER]
    assert f"/catalogue/items/{row.id}" not in pages["panlili"]


def test_the_keeper_edits_the_row_and_puts_it_in_force(school, text, row):
    browser = school.browser(KEEPER)
    data = typed(row, approval_procedure="部长审核，书记签发", seen=seen(browser, row))
    answer = browser.post(f"/catalogue/items/{row.id}", data=data, follow_redirects=True)
    assert "本行已保存" in text(answer) and "主要负责人审批" in text(answer)
    browser.post(f"/catalogue/versions/{row.version_id}/in-force")
    page = text(school.browser("panlili").get(f"/catalogue/items/{row.id}"))
    assert "为本行发起公开事项" in page
    assert browser.get(f"/catalogue/items/{row.id}/edit").status_code == 409


def test_what_another_keeper_wrote_is_not_overwritten(school, row):
    browser = school.browser(KEEPER)
    before = seen(browser, row)
    browser.post(f"/catalogue/items/{row.id}", data=typed(row, remarks="第一", seen=before))
    answer = browser.post(f"/catalogue/items/{row.id}", data=typed(row, remarks="第二", seen=before))
    assert answer.status_code == 409 and "第二" in answer.get_data(as_text=True)
    assert rows(school)[-1].remarks == "第一"


def test_a_row_without_content_is_shown_again(school, row):
    browser = school.browser(KEEPER)
    answer = browser.post(f"/catalogue/items/{row.id}", data=typed(row, content=" ", seen=seen(browser, row)))
    assert answer.status_code == 422
    assert rows(school)[-1].content == row.content


def test_the_keeper_takes_a_row_out_of_the_draft(school, text, row):
    answer = school.browser(KEEPER).post(f"/catalogue/items/{row.id}/removal", follow_redirects=True)
    assert "已从草稿中删除" in text(answer)
    assert row.id not in {item.id for item in rows(school)}


def test_a_row_in_force_is_not_touched(school):
    with school.parts.database.read() as session:
        item = session.scalars(select(CatalogueItem)).first()
    browser = school.browser(KEEPER)
    assert browser.post(f"/catalogue/items/{item.id}", data=typed(item)).status_code == 409
    assert browser.post(f"/catalogue/items/{item.id}/removal").status_code == 409
