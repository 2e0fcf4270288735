"""The whole way of a matter by clicking: from a row of the catalogue to the archive, and back in the picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine import Entry
from engine.clock import SHANGHAI, now
from engine.db import Database
from processes.disclosure.matters import Matter
from tests.browser.person import Person
from tests.support.servers import Site
from web import i18n

At = Callable[..., Person]
CHINESE = dict(i18n.messages("zh_Hans_CN"))
ROW = "年度党政工作要点"
TITLE = "2026年党政工作要点"
ARCHIVE_NO = "DQ-2026-0042"
FIRST_WORDS = "抓好校园建设，总投入三亿元。"
FINAL_WORDS = "抓好校园建设，总投入两亿元。"
QUESTION = "两亿元包括设备购置吗？"
ANSWER = "包括，详见附件。"
ATTACHMENT = ("重点任务分解表.csv", "任务,责任单位\n校园建设,后勤处\n".encode())
RECORD = """() => {
  const rows = [...document.querySelectorAll('.playback-list > li')]
  window.shown = []
  new MutationObserver(changes => {
    for (const { target, oldValue } of changes) if (oldValue === null) window.shown.push(rows.indexOf(target))
  }).observe(rows[0].parentElement, { attributeFilter: ['aria-current'], attributeOldValue: true, subtree: true })
}"""
"""Gather in `shown` the number of every step that the film comes to, however fast it goes."""


@pytest.mark.timeout(600)
def test_a_row_of_the_catalogue_becomes_an_archived_release(at: At, site: Site):
    propose(at)
    confirm(at, "一致")
    review_and_return(at)
    correct(at)
    confirm(at, "一致")
    review_and_pass(at)
    review_secrecy(at)
    decide_together(at)
    prove_the_bulletin(at)
    read_in_scope_only(at)
    ask_and_answer(at)
    close_the_feedback(at)
    archive(at)
    matter = read_the_record(at)
    play_back(at("sikongyi"))
    assert site.run("replay", matter).returncode == 0
    assert "Everything holds." in site.run("verify").stdout
    assert the_changed_entry(site, matter) in site.run("verify", check=False).stderr
    assert site.run("verify", check=False).returncode == 1


def propose(at: At) -> None:
    handler = at("xuzhihang")
    start(handler)
    fill_in_the_plan(handler)
    handler.looks("04-plan-filled")
    handler.submits()
    handler.looks("05-inbox-after-plan")


def start(handler: Person) -> None:
    """From the row in the catalogue that governs the handler's unit."""
    handler.opens("/catalogue")
    handler.follows(said("The catalogue that counts for me"))
    handler.looks("01-catalogue")
    handler.follows(ROW)
    handler.looks("02-row")
    handler.presses(said("Open a matter for this row"))
    handler.looks("03-plan-empty")


def fill_in_the_plan(handler: Person) -> None:
    handler.chooses("公开范围", "党内")
    handler.writes(标题=TITLE, 公开内容=ROW, 范围说明="全体党员", 公开起始时点="常委会通过之日后", 公开时长="永久")
    handler.writes_rich("拟公开的文本", "总体要求", FIRST_WORDS)
    handler.attaches("附件", *ATTACHMENT)
    handler.ticks("重要事项", "局域网", "编发简报", "校长办公室")
    handler.picks("事项性质", "长期性、稳定性（长期公开）")
    handler.writes(可能出现的舆情热点="投入规模可能引起关注。", 应对预案="由党委办公室统一答复。")
    handler.writes(备注="与上年格式一致。", 坚持正确方向的说明="内容符合中央和市委部署。")


def confirm(at: At, answer: str) -> None:
    unit = at("dongmin")
    unit.opens_task("协同单位确认", TITLE)
    unit.chooses("拟公开的内容是否准确一致", answer)
    unit.looks("06-co-unit")
    unit.submits()


def review_and_return(at: At) -> None:
    reviewer = at("fangwenjing")
    reviewer.opens_task("保密审查与审核", TITLE)
    reviewer.sees(FIRST_WORDS, ATTACHMENT[0])
    judge(reviewer, accuracy="修改后通过")
    reviewer.writes(准确性意见="投入金额与预算不符，应为两亿元。", 审核意见="请核对投入金额。")
    reviewer.chooses("结论", "退回修改")
    reviewer.looks("07-review-returns")
    reviewer.submits()


def judge(reviewer: Person, accuracy: str) -> None:
    """The four verdicts of Art. 11(2), and the risk."""
    for verdict in ("保密审查", "必要性", "其他"):
        reviewer.chooses(verdict, "通过")
    reviewer.chooses("准确性", accuracy)
    reviewer.chooses("风险等级", "低")


def correct(at: At) -> None:
    handler = at("xuzhihang")
    handler.opens_task("提出公开方案", TITLE)
    handler.sees("请核对投入金额。")
    handler.looks("08-returned-plan")
    handler.writes_rich("拟公开的文本", "总体要求", FINAL_WORDS)
    handler.submits()


def review_and_pass(at: At) -> None:
    reviewer = at("fangwenjing")
    reviewer.opens_task("保密审查与审核", TITLE)
    reviewer.sees(FINAL_WORDS)
    judge(reviewer, accuracy="通过")
    reviewer.ticks("请保密委员会办公室共同审查")
    reviewer.chooses("结论", "审核通过，提交审批")
    reviewer.looks("09-review-passes")
    reviewer.submits()


def review_secrecy(at: At) -> None:
    office = at("jiangshen")
    office.opens_task("共同保密审查", TITLE)
    office.chooses("共同审查结论", "可以公开")
    office.looks("10-joint-review")
    office.submits()


def decide_together(at: At) -> None:
    secretary = at("heyaqin")
    secretary.opens_task("集体研究决定", TITLE)
    secretary.writes(会议名称和届次="党委常委会2026年第3次会议", 会议日期="2026-03-02", 纪要文号="常委纪要〔2026〕3号")
    secretary.writes(出席人数="11", 赞成="11", 反对="0")
    secretary.attaches("会议纪要摘录", "纪要摘录.txt", "同意公开。".encode())
    secretary.chooses("决定", "同意公开")
    secretary.looks("11-collective-decision")
    secretary.submits()


def prove_the_bulletin(at: At) -> None:
    publisher = at("caiyunfei")
    publisher.opens_task("公开并登记凭证", TITLE)
    publisher.writes(文号或者期号="党建简报2026年第2期", 公开时间=now_here())
    publisher.looks("12-proof")
    publisher.submits()


def read_in_scope_only(at: At) -> None:
    """A member reads it, with the attachment; a colleague outside the Party finds neither list entry nor page."""
    member, colleague = at("zhulin"), at("maoxiaolu")
    member.opens("/portal")
    member.looks("13-portal")
    member.follows(TITLE)
    member.sees(FINAL_WORDS, ATTACHMENT[0], "党委办公室")
    member.looks("14-publication")
    colleague.opens("/portal")
    expect(colleague.page.locator("main")).not_to_contain_text(TITLE)
    assert status(colleague, member.page.url) == 404
    assert status(colleague, link(member, ATTACHMENT[0])) == 404
    assert status(member, link(member, ATTACHMENT[0])) == 200


def ask_and_answer(at: At) -> None:
    member, desk = at("zhulin"), at("qiaoxinyu")
    member.writes(**{said("Your words"): QUESTION})
    member.presses(said("Send feedback"))
    desk.opens("/feedback")
    desk.sees(QUESTION, "祝霖")
    desk.looks("15-feedback")
    desk.follows("受理分办")
    desk.chooses("受理意见", "专责人员直接答复")
    desk.submits()
    desk.opens("/feedback")
    desk.page.locator("main a.btn-primary").filter(has_text="答复").first.click()
    desk.writes(答复=ANSWER)
    desk.submits()
    member.page.reload()
    member.sees(ANSWER)
    member.looks("16-answered")


def close_the_feedback(at: At) -> None:
    desk = at("qiaoxinyu")
    desk.opens_task("收集反馈意见", TITLE)
    desk.writes(意见建议梳理="收到咨询一条，已答复。", 办理结果="无需整改。", 提前结束收集的理由="咨询已答复。")
    desk.ticks("公开办理结果")
    desk.looks("17-feedback-closed")
    desk.submits()


def archive(at: At) -> None:
    archivist = at("luozhengping")
    archivist.opens_task("整理归档", TITLE)
    archivist.writes(档号=ARCHIVE_NO, 归档说明="材料齐全。")
    archivist.picks("保管期限", "永久")
    archivist.looks("18-archive")
    archivist.submits()


def read_the_record(at: At) -> str:
    """The matter's page, as the handler finds it at the end; the id of the matter."""
    handler = at("xuzhihang")
    handler.opens("/matters")
    handler.follows(TITLE)
    handler.sees("已归档", ARCHIVE_NO, "党建简报2026年第2期")
    handler.looks("19-matter")
    return handler.page.url.rpartition("/")[2]


def play_back(auditor: Person) -> None:
    auditor.opens("/matters")
    auditor.follows(TITLE)
    auditor.follows("回放")
    film = Film(auditor.page)
    film.goes("回到开始")
    film.goes("下一步")
    film.goes("下一步")
    film.shows("已办：提出公开方案", FIRST_WORDS)
    auditor.looks("20-playback-first-plan")
    film.slides_to_the_end()
    film.shows("已办：整理归档", ARCHIVE_NO)
    film.chooses("已办：提出公开方案", number=2)
    film.shows("已办：提出公开方案", FINAL_WORDS)
    film.opens_in_place("实施公开")
    auditor.looks("21-playback-inside")
    film.plays_from_the_beginning()


class Film:
    """The player on the page of a playback."""

    def __init__(self, page: Page) -> None:
        self.page = page
        expect(page.locator(".playback.is-ready")).to_be_visible()
        self.here = page.locator(".playback-list [aria-current=step]")

    def goes(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def shows(self, step: str, words: str) -> None:
        expect(self.here).to_contain_text(step)
        expect(self.page.locator(".playback-detail")).to_contain_text(words)

    def slides_to_the_end(self) -> None:
        self.page.get_by_role("slider").focus()
        self.page.keyboard.press("Home")
        expect(self.here).to_have_count(0)
        self.page.keyboard.press("End")

    def chooses(self, step: str, number: int) -> None:
        self.page.locator(".playback-list li").filter(has_text=step).nth(number - 1).get_by_role("link").click()

    def opens_in_place(self, call: str) -> None:
        """From the caller's diagram into the diagram of what it calls."""
        trail = self.page.locator(".diagram-trail")
        trail.get_by_role("button").first.click()
        self.page.locator(".diagram-stage:visible").get_by_role("button", name=call).click()
        expect(trail.locator("[aria-current=location]")).to_contain_text(call)
        expect(self.page.locator(".diagram-stage:visible [data-element-id=prove]").first).to_be_visible()

    def plays_from_the_beginning(self) -> None:
        """At its fastest, it shows every step of the list once, in their order, and stops at the last."""
        self.goes("回到开始")
        expect(self.here).to_have_count(0)
        self.page.get_by_label("速度").select_option("8")
        self.page.evaluate(RECORD)
        self.goes("播放")
        expect(self.page.locator(".playback-list > li").last).to_have_attribute("aria-current", "step", timeout=120_000)
        expect(self.page.get_by_role("button", name="播放", exact=True)).to_be_visible(timeout=30_000)
        assert self.page.evaluate("shown") == list(range(self.page.locator(".playback-list > li").count()))


def the_changed_entry(site: Site, matter: str) -> str:
    """Change one byte of the matter's third entry by hand; what `verify` has to name."""
    database = Database(site.settings["MINGTANG_DATABASE_URL"])
    with database.write() as session:
        entry = session.get_one(Entry, (session.get_one(Matter, matter).instance_id, 3))
        key = f"{entry.instance_id}/{entry.position}"
        entry.kept = entry.kept[:-2] + ("0" if entry.kept[-2] != "0" else "1") + entry.kept[-1]
    database.close()
    return key


def link(person: Person, words: str) -> str:
    return str(person.page.get_by_role("link", name=words).first.get_attribute("href"))


def status(person: Person, address: str) -> int:
    """What the person's browser gets from there."""
    return person.context.request.get(address).status


def said(message: str) -> str:
    """What a Chinese page says for it."""
    return CHINESE.get(message, message)


def now_here() -> str:
    """This moment, as a person at school writes it."""
    return now().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
