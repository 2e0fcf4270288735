"""An approver with nothing but a phone."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.person import PHONE, Person
from tests.browser.reading import too_wide
from tests.support.servers import Site

TITLE = "党委常委会第7次会议纪要（摘要）"


def test_a_reviewer_passes_a_plan_on_a_phone(browser: Browser, school: Site):
    reviewer = Person(browser, school.url, screen=PHONE, has_touch=True, is_mobile=True).signs_in("fangwenjing")
    reviewer.opens_task("保密审查与审核", TITLE)
    reviewer.sees("会议听取了本学期教学安排的汇报")
    for verdict in ("保密审查", "必要性", "准确性", "其他"):
        reviewer.chooses(verdict, "通过")
    reviewer.chooses("风险等级", "低")
    reviewer.chooses("结论", "审核通过，提交审批")
    assert too_wide(reviewer.page) == []
    reviewer.submits()
    assert reviewer.complaints == []
