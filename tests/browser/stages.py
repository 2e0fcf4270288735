"""A release in three stages (Art. 16): by date, at a milestone, by date; inside the Party before outside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.test_journey import judge, said
from tests.support.servers import Site

At = Callable[..., Person]
ROW = "年度党政工作要点"
TITLE = "实验楼改造进展"
MILESTONE = "主体结构封顶"
DATE = "公开日期（按节点的为最迟日期）"
LAST_DAY = "2026-09-30"


def plan(at: At) -> None:
    """From the row of the catalogue; a stage whose date has passed comes back with its name."""
    handler = at("xuzhihang")
    handler.opens("/catalogue")
    handler.follows(said("The catalogue that counts for me"))
    handler.follows(ROW)
    handler.presses(said("Release stage by stage"))
    handler.writes(标题=TITLE, 公开内容="实验楼改造", 公开时长="P30D")
    handler.picks("事项性质", "动态性、阶段性（分期逐段公开）")
    for _ in range(handler.rows(), 3):
        handler.adds_a_row("公开阶段")
    stage(handler, 1, "开工", "2026-03-01", "党内")
    stage(handler, 2, "封顶", "2026-06-30", "党内", milestone=MILESTONE)
    stage(handler, 3, "竣工", LAST_DAY, "党内外全员")
    handler.writes(可能出现的舆情热点="工期。", 应对预案="由承办单位说明。", 坚持正确方向的说明="符合要求。")
    handler.presses("提交")
    handler.sees("“开工”的日期 2026-03-01 已经过去")
    handler.looks("50-plan-refused")
    with handler.in_row(1):
        handler.writes(**{DATE: "2026-03-02"})
    handler.submits()


def stage(handler: Person, number: int, title: str, on: str, scope: str, milestone: str = "") -> None:
    with handler.in_row(number):
        handler.writes(阶段标题=title)
        handler.chooses("启动条件", "达到进展节点启动" if milestone else "到期启动")
        handler.writes(**{DATE: on}, **({"进展节点": milestone} if milestone else {}))
        handler.chooses("公开范围", scope)
        handler.ticks("局域网")
        handler.writes_rich("本阶段拟公开的文本", title, f"实验楼改造{title}。")


def review_and_approve(at: At) -> None:
    """All stages are reviewed and approved together, once."""
    reviewer, secretary = at("fangwenjing"), at("heyaqin")
    reviewer.opens_task("保密审查与审核", TITLE)
    reviewer.sees("实验楼改造封顶。", MILESTONE)
    judge(reviewer, accuracy="通过")
    reviewer.chooses("结论", "审核通过，提交审批")
    reviewer.looks("51-review-of-all-stages")
    reviewer.submits()
    secretary.opens_task("集体研究决定", TITLE)
    secretary.writes(会议名称和届次="党委常委会2026年第3次会议", 会议日期="2026-03-02", 纪要文号="常委纪要〔2026〕3号")
    secretary.writes(出席人数="11", 赞成="11", 反对="0")
    secretary.chooses("决定", "同意公开")
    secretary.submits()


def release_the_first(at: At) -> None:
    """Its day has come."""
    waits_for_its_text(at("xuzhihang"))
    prepare(at, "实验楼改造开工，工期七个月。")
    pass_on(at, added="工期七个月。")
    reads(at, "zhulin", "开工", "工期七个月")


def reach_the_milestone_and_release_the_second(at: At) -> None:
    """Before its day, since the building has got so far; a reader outside the Party does not see it."""
    handler = at("xuzhihang")
    opens(handler)
    handler.sees(MILESTONE)
    handler.presses(said("The milestone is reached"))
    prepare(at, "实验楼改造封顶。")
    pass_on(at, added="")
    reads(at, "zhulin", "封顶", "实验楼改造封顶")
    outsider = at("maoxiaolu")
    outsider.opens("/portal")
    expect(outsider.page.locator("main")).not_to_contain_text("封顶")


def wait_for_the_day_and_release_the_third(at: At, site: Site) -> None:
    site.clock.goes_to(site.clock() + timedelta(days=215))
    waits_for_its_text(at("xuzhihang"))
    prepare(at, "实验楼改造竣工。")
    pass_on(at, added="")
    reads(at, "maoxiaolu", "竣工", "实验楼改造竣工")


def archive(at: At) -> None:
    """The matter shows three releases, each with its text."""
    desk, archivist, handler = at("qiaoxinyu"), at("luozhengping"), at("xuzhihang")
    desk.opens_task("收集反馈意见", TITLE)
    desk.writes(意见建议梳理="没有收到意见。", 办理结果="无。", 提前结束收集的理由="工程已经竣工。")
    desk.submits()
    archivist.opens_task("整理归档", TITLE)
    archivist.writes(档号="DQ-2026-0088", 归档说明="材料齐全。")
    archivist.picks("保管期限", "永久")
    archivist.submits()
    opens(handler)
    handler.sees("已归档", "开工", "封顶", "竣工")
    handler.looks("55-three-stages")


def waits_for_its_text(handler: Person) -> None:
    handler.opens("/inbox?tab=posts")
    handler.waits_for("核对本阶段文本", handler.page.get_by_role("row").filter(has_text=TITLE))


def prepare(at: At, text: str) -> None:
    handler = at("xuzhihang")
    handler.opens_task("核对本阶段文本", TITLE)
    handler.writes_rich("本阶段公开的文本", "进展", text)
    handler.looks("52-stage-text")
    handler.submits()


def pass_on(at: At, added: str) -> None:
    """The reviewer sees what became of the planned text."""
    reviewer = at("fangwenjing")
    reviewer.opens_task("审核差异", TITLE)
    if added:
        expect(reviewer.page.locator("ins").first).to_contain_text(added)
    reviewer.chooses("审核结论", "通过")
    reviewer.writes(审核意见="与计划一致。")
    reviewer.looks("53-stage-review")
    reviewer.submits()


def reads(at: At, login: str, stage: str, words: str) -> None:
    reader = at(login)
    reader.opens("/portal")
    reader.waits_for(stage, reader.page.locator("main"))
    reader.follows(stage)
    reader.sees(words)


def opens(handler: Person) -> None:
    handler.opens("/matters")
    handler.follows(TITLE)
