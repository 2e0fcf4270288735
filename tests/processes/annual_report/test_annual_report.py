"""Art. 22, 23: every January each organisation reports on the year, tells its members and hears them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.refusals import Invalid
from processes.announcements import Announcement
from processes.annual_report.refusals import AlreadyReported, MoreSatisfiedThanThere
from processes.annual_report.reports import AnnualReport
from processes.demo import person
from tests.processes.kit import Kit, Run

YEAR = {"title": "基础医学院2025年度党务公开工作报告", "year": 2025}
SECTION = {"work": "公开三项。", "problems": "答复不够及时。"}
REPORT = {"text": "<p>全年公开三项，收到意见一条。</p>", "scope": "INTRA_PARTY"}
MEETING = {"heard_on": "2026-01-15", "minutes": "〔2026〕1号", "problems": "答复慢。", "measures": "明确专人。"}
HEARD = {"attended": 40, "satisfied": 38, "opinions": "希望更早公开。", "adopted": "采纳。"}


def approved(kit: Kit) -> Run:
    run = kit.begin("annual_report", "yubin", YEAR, organisation="basic-medicine")
    run.as_("houliangcai").does("collect", SECTION)
    run.as_("duanyihe").does("collect", SECTION)
    run.as_("yubin").does("draft_report", REPORT)
    run.as_("zhongkaiwen").does("approve_report", {"result": "AGREE", "opinion": "同意。"})
    return run.as_("yubin").does("hear_report", MEETING)


def titles(kit: Kit, login: str) -> list[str]:
    with kit.database.read() as session:
        found, _total = Announcement.page(session, Announcement.visible(session, person(session, login), kit.clock.now))
        return [one.title for one in found]


def test_a_report_goes_up_and_a_bulletin_to_the_members(kit: Kit) -> None:
    run = approved(kit)
    assert titles(kit, "zhulin") == [YEAR["title"]]
    assert titles(kit, "maoxiaolu") == titles(kit, "pengchao") == []
    assert "annual_bulletin" in kit.notices("zhulin")
    run.as_("lumingyuan").does("receive_report", {"guidance": "请提高答复速度。"})
    run.as_("yubin").does("hear_opinions", HEARD)
    assert run.end == "report_done"
    with kit.database.read() as session:
        report = session.get_one(AnnualReport, run.id)
        assert (report.guidance, report.satisfied, len(report.figures["sections"])) == ("请提高答复速度。", 38, 2)


@pytest.mark.article("第十九条")
def test_no_report_goes_out_before_the_leading_body_heard_it(kit: Kit) -> None:
    run = kit.begin("annual_report", "yubin", YEAR, organisation="basic-medicine")
    run.as_("houliangcai").does("collect", SECTION)
    run.as_("duanyihe").does("collect", SECTION)
    run.as_("yubin").does("draft_report", REPORT)
    run.as_("zhongkaiwen").does("approve_report", {"result": "AGREE", "opinion": "同意。"})
    assert run.waits == ["hear_report"] and titles(kit, "zhulin") == []
    with pytest.raises(Invalid) as refused:
        run.as_("yubin").does("hear_report", {**MEETING, "measures": ""})
    assert "measures" in refused.value.errors
    kit.passes(days=30)
    assert "case_overdue" in kit.notices("yubin")
    run.as_("yubin").does("hear_report", MEETING)
    assert titles(kit, "zhulin") == [YEAR["title"]]


def test_a_report_that_is_not_approved_is_written_again(kit: Kit) -> None:
    run = kit.begin(
        "annual_report", "baixuesong", {**YEAR, "title": "附属医院年度报告"}, organisation="affiliated-hospital"
    )
    run.as_("taosulan").does("collect", SECTION)
    run.as_("baixuesong").does("draft_report", REPORT)
    run.as_("geqingshan").does("approve_report", {"result": "RETURN", "opinion": "请补充数据。"})
    assert run.waits == ["draft_report"]


def test_more_people_cannot_be_satisfied_than_took_part(kit: Kit) -> None:
    run = approved(kit)
    run.as_("lumingyuan").does("receive_report", {"guidance": "收悉。"})
    with pytest.raises(MoreSatisfiedThanThere):
        run.as_("yubin").does("hear_opinions", {**HEARD, "satisfied": 41})
    assert run.waits == ["hear_opinions"]


def test_a_year_is_reported_once(kit: Kit) -> None:
    approved(kit)
    with pytest.raises(AlreadyReported):
        kit.begin("annual_report", "yubin", YEAR, organisation="basic-medicine")


def test_in_january_every_organisation_begins_its_report(kit: Kit) -> None:
    kit.deploy("annual_report")
    kit.clock.now = datetime(2026, 12, 31, 15, tzinfo=UTC)
    kit.beats()
    assert kit.runs("annual_report") == []
    kit.passes(days=2)
    begun = sorted(run.case.organisation for run in kit.runs("annual_report"))
    assert begun == [
        "affiliated-hospital",
        "anatomy-branch",
        "basic-medicine",
        "ccmu",
        "nursing-branch",
        "undergraduate-branch",
    ]
    kit.passes(days=1)
    assert len(kit.runs("annual_report")) == len(begun)


def test_a_section_that_is_late_is_told(kit: Kit) -> None:
    kit.begin("annual_report", "yubin", YEAR, organisation="basic-medicine")
    kit.passes(days=20)
    assert "case_overdue" in kit.notices("houliangcai")
