"""A matter that no row of the catalogue foresees, by clicking: from its reason to the new row in force (Art. 12)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from engine.clock import SHANGHAI, now
from tests.browser.person import Person
from tests.browser.test_journey import judge, said

At = Callable[..., Person]
TITLE = "校园党员先锋岗评选结果"
REASON = "评选办法今年首次施行，制定目录时尚无此事项。"


@pytest.mark.timeout(600)
def test_a_matter_outside_the_catalogue_becomes_a_row_in_force(at: At):
    give_the_reason(at)
    propose(at)
    review(at)
    approve(at)
    prove(at)
    close_the_feedback(at)
    archive(at)
    decide_on_the_catalogue(at)
    edit_the_row_and_put_it_in_force(at)
    open_the_next_matter_for_the_row(at)


def give_the_reason(at: At) -> None:
    handler = at("panlili")
    handler.opens("/matters/new")
    handler.sees(said("Handling unit"))
    handler.looks("30-new-matter")
    handler.presses(said("Open the matter and give the reason"))
    handler.writes(拟公开的事项=TITLE, 为何未列入目录=REASON, 为何需要公开="师生党员有权了解评选结果。")
    handler.looks("31-reason")
    handler.submits()


def propose(at: At) -> None:
    handler = at("panlili")
    handler.opens_task("提出公开方案", TITLE)
    handler.chooses("公开范围", "党内")
    handler.writes(范围说明="全体党员", 公开起始时点="批准之日", 公开时长="30天", 备注="每年评选一次。")
    handler.writes_rich("拟公开的文本", "评选结果", "共评出先锋岗十个。")
    handler.ticks("局域网", "编发简报")
    handler.picks("事项性质", "长期性、稳定性（长期公开）")
    handler.writes(可能出现的舆情热点="无。", 应对预案="由组织部答复。", 坚持正确方向的说明="符合要求。")
    handler.submits()


def review(at: At) -> None:
    reviewer = at("gaojianping")
    reviewer.opens_task("保密审查与审核", TITLE)
    reviewer.sees(REASON)
    judge(reviewer, accuracy="通过")
    reviewer.chooses("结论", "审核通过，提交审批")
    reviewer.looks("32-review-with-reason")
    reviewer.submits()


def approve(at: At) -> None:
    head = at("shenguoan")
    head.opens_task("主要负责人审批", TITLE)
    head.sees(REASON)
    head.chooses("审批结论", "同意公开")
    head.looks("33-head-approves")
    head.submits()


def prove(at: At) -> None:
    publisher = at("caiyunfei")
    publisher.opens_task("公开并登记凭证", TITLE)
    publisher.writes(文号或者期号="党建简报第5期", 公开时间=now().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"))
    publisher.submits()


def close_the_feedback(at: At) -> None:
    desk = at("panlili")
    desk.opens_task("收集反馈意见", TITLE)
    desk.writes(意见建议梳理="没有收到意见。", 办理结果="无。", 提前结束收集的理由="评选已结束。")
    desk.submits()


def archive(at: At) -> None:
    archivist = at("luozhengping")
    archivist.opens_task("整理归档", TITLE)
    archivist.writes(档号="DQ-2026-0077", 归档说明="材料齐全。")
    archivist.picks("保管期限", "永久")
    archivist.submits()


def decide_on_the_catalogue(at: At) -> None:
    officer = at("gaojianping")
    officer.opens_task("研究是否列入目录", TITLE)
    officer.chooses("决定", "列入目录")
    officer.writes(理由="每年评选一次，应当列入目录。")
    officer.looks("34-follow-up")
    officer.submits()


def edit_the_row_and_put_it_in_force(at: At) -> None:
    """From the notice; the keeper says who approves, and looks once more at what changes."""
    keeper = at("qiaoxinyu")
    keeper.opens("/inbox/notices")
    notice = keeper.page.locator("main li, main .list-group-item, main tr").filter(has_text=TITLE).first
    notice.get_by_role("button").first.click()
    expect(keeper.heading).to_contain_text(TITLE)
    keeper.sees("每年评选一次；由目录外事项转入")
    keeper.looks("35-drafted-row")
    keeper.follows(said("Edit the row"))
    keeper.writes(审批程序="部长审核，书记签发")
    keeper.looks("36-edit-row")
    keeper.presses(said("Save the row"))
    keeper.sees("部长审核，书记签发", "主要负责人审批")
    keeper.page.get_by_role("navigation").get_by_role("link", name="中共首都医科大学委员会").click()
    keeper.follows(said("Put in force"))
    keeper.looks("37-last-look")
    keeper.presses(said("Put in force"))
    keeper.sees("现行有效", TITLE)


def open_the_next_matter_for_the_row(at: At) -> None:
    """The next one needs no reason any more: it runs the five steps."""
    handler = at("panlili")
    handler.opens("/catalogue")
    handler.follows(said("The catalogue that counts for me"))
    handler.follows(TITLE)
    handler.presses(said("Open a matter for this row"))
    expect(handler.heading).to_contain_text("提出公开方案")
    handler.looks("38-next-plan")
