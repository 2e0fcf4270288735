"""An incident from its report to its close (Art. 21(7)), step by step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Locator, expect

from tests.browser.person import Person
from tests.browser.test_journey import judge, said
from tests.support.servers import Site

At = Callable[..., Person]
RELEASE = "上年度党费收缴、使用和管理情况"
HELD = "党委常委会第7次会议纪要（摘要）"
NEWS = "网上流传的数字与公开的数字不一致。"
CLARIFICATION = "网上流传的是前年的数字，上年数字以公开文本为准。"
LEADER = "主管领导"


def report(at: At) -> None:
    """A reader, from the page of the release."""
    reader = at("zhulin")
    reader.opens("/portal")
    reader.follows(RELEASE)
    reader.follows(said("Report an incident"))
    reader.writes(发生了什么=NEWS, 在何处发现="校内论坛")
    reader.chooses("严重程度", "较大")
    reader.attaches("证据材料", "截图.txt", "论坛截图".encode())
    reader.looks("40-report")
    reader.presses(said("Report"))
    reader.sees("已报告主管领导", NEWS, "截图.txt")
    reader.looks("41-incident")


def acknowledge(at: At, step: str, login: str) -> None:
    receiver = at(login)
    receiver.opens_task(step, RELEASE)
    receiver.sees(NEWS)
    receiver.ticks("已阅看首报")
    receiver.submits()


def leave_the_leader_waiting(at: At, site: Site) -> None:
    """Two hours later the superior has been told, and of nobody but the receiver who is silent.

    Above the committee's secretary is nobody inside the school: the Party committee office tells those outside.
    """
    office = at("fangwenjing")
    opens(office)
    expect(superior_told(office, LEADER)).to_have_text("—")
    site.clock.goes_to(site.clock() + timedelta(hours=2))
    office.waits_for("党委办公室", superior_told(office, LEADER))
    for receiver in ("有关部门", "党委办公室"):
        expect(superior_told(office, receiver)).to_have_text("—")
    office.looks("42-escalated")
    office.opens("/inbox/notices")
    office.sees("的首报逾期未签收：主管领导签收")


def hold_a_running_release(at: At) -> None:
    """It goes on to its approval and stops there."""
    office = at("fangwenjing")
    office.opens_task("保密审查与审核", HELD)
    judge(office, accuracy="通过")
    office.chooses("结论", "审核通过，提交审批")
    office.submits()
    opens(office)
    holds = office.page.locator("#holds")
    holds.get_by_label(said("What is to wait?")).select_option(label=HELD)
    holds.get_by_label(said("Why it is to wait")).fill("同一会议的数据待核实。")
    office.presses(said("Hold"))
    office.sees("同一会议的数据待核实。", said("on hold"))
    office.looks("43-hold")
    head = at("shenguoan")
    head.opens_task("主要负责人审批", HELD)
    head.chooses("审批结论", "同意公开")
    head.submits()
    sees_the_state(at, "暂停中")


def choose_no_plan_and_let_the_leader_decide(at: At) -> None:
    """Where no response plan fits, the leader decides; he still has not acknowledged."""
    office = at("fangwenjing")
    office.opens_task("选择预案", RELEASE)
    office.chooses("处置依据", "没有适用的预案，报主管领导决定")
    office.chooses("核定的严重程度", "较大")
    office.writes(研判意见="没有同类预案。")
    office.submits()
    leader = at("shenguoan")
    leader.opens_task("决定处置办法", RELEASE)
    leader.writes(处置办法="核对数字，必要时发布澄清说明。")
    leader.submits()


def carry_out_a_measure(at: At) -> None:
    office, owner = at("fangwenjing"), at("panlili")
    office.opens_task("部署处置措施", RELEASE)
    with office.in_row(1):
        office.writes(措施="核对党费收支数字")
        office.picks("责任单位", "组织部")
        office.picks("责任人", "潘莉莉（组织部）")
    office.looks("44-measures")
    office.submits()
    owner.opens_task("落实处置措施", RELEASE, tab="mine")
    owner.sees("核对党费收支数字")
    owner.chooses("结果", "已落实")
    owner.writes(落实情况="数字无误，网上流传的是前年的数字。")
    owner.submits()


def resume_the_release(at: At, site: Site) -> None:
    office = at("fangwenjing")
    opens(office)
    office.page.get_by_label(said("Why the releases go on")).fill("数据已核实无误。")
    office.presses(said("Resume"))
    office.sees(said("resumed"), "数据已核实无误。")
    sees_the_state(at, "当前位置：公开并登记凭证")


def sees_the_state(at: At, words: str) -> None:
    """The held matter's page says so, to whoever handles it."""
    handler = at("xuzhihang")
    handler.opens("/matters")
    handler.follows(HELD)
    handler.waits_for(words, handler.page.locator("main"))


def clarify(at: At) -> None:
    """What was said is untrue in part: the spokesperson drafts, somebody else approves, and only then it goes out."""
    office, spokesperson = at("fangwenjing"), at("wenhaoran")
    office.opens_task("续报进展", RELEASE)
    office.writes(进展情况="公开时没有附对照，容易误读。")
    office.chooses("下一步", "研判舆情，决定是否澄清")
    office.submits()
    office.opens_task("研判舆情", RELEASE)
    office.chooses("信息不真实、不完整、不准确", "是")
    office.chooses("引发重大舆情反应", "否")
    office.writes(研判意见="信息不完整。")
    office.submits()
    spokesperson.opens_task("澄清说明", RELEASE)
    spokesperson.writes_rich("澄清文本", "说明", CLARIFICATION)
    spokesperson.submits()
    office.opens_task("批准澄清文本", RELEASE)
    office.sees(CLARIFICATION)
    office.chooses("审定结论", "同意发布")
    office.writes(审定意见="同意。")
    office.looks("45-clarification")
    office.submits()
    spokesperson.opens_task("发布澄清", RELEASE)
    spokesperson.writes(发布渠道="校园网首页", 发布时间="2026-03-02T11:15")
    spokesperson.submits()


def close(at: At) -> None:
    """Still the leader has not acknowledged: that stays in the record."""
    office = at("fangwenjing")
    office.opens_task("续报进展", RELEASE)
    office.writes(进展情况="已经澄清，讨论平息。")
    office.chooses("下一步", "办结")
    office.submits()


def review(at: At) -> None:
    office = at("fangwenjing")
    office.opens_task("复盘总结", RELEASE)
    office.writes(经过与原因="前年的数字被误作上年。", 教训="公开时应当附上年对照。", 改进措施="以后附对照表。")
    office.submits()
    opens(office)
    office.sees("处置终结", said("never acknowledged"), "公开时应当附上年对照。")
    office.looks("46-closed")


def superior_told(person: Person, receiver: str) -> Locator:
    """Whether the superior was told of this receiver, in the table of the first report."""
    return told(person, receiver).locator(f"[data-label='{said('Superior told')}']")


def told(person: Person, receiver: str) -> Locator:
    card = person.page.locator(".card").filter(has=person.page.get_by_role("heading", name="首报", exact=True))
    return card.get_by_role("row").filter(has=person.page.locator("td.title", has_text=receiver))


def opens(person: Person) -> None:
    """The page of the incident, from the list."""
    person.opens("/emergency")
    person.follows(RELEASE)
    expect(person.heading).to_contain_text(RELEASE)
