"""Art. 24: routine and special inspections, rectification, circulation, and a lead where one is needed."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from processes.inspection.duties import PARTS, turn
from processes.inspection.findings import Finding, Inspection
from processes.organisation import Organisation
from tests.processes.kit import Kit, Run

PLAN = {
    "title": "基础医学院专项督查",
    "kind": "SPECIAL",
    "organisation": "basic-medicine",
    "reason": "党建考核前督查。",
}
CLEAN = {"passed": ["CATALOGUE", "PROCEDURE"], "score": 96, "lead": "NO"}
FOUND = {"passed": ["CATALOGUE"], "score": 70, "problems": "两项意见建议超期未答复\n\n归档清单缺少凭证", "lead": "NO"}
BULLETIN = {"scope": "PARTY_ORGS", "text": "基础医学院党务公开督查情况。"}


def inspected(kit: Kit, findings: dict) -> Run:
    run = kit.begin("inspection", "shixiaomin", PLAN)
    return run.as_("wanlihua").does("inspect", findings)


def test_a_clean_inspection_is_circulated_and_ends(kit: Kit) -> None:
    run = inspected(kit, CLEAN)
    run.as_("fangwenjing").does("circulate", BULLETIN)
    assert run.end == "inspection_ended"
    assert "inspection_bulletin" in kit.notices("geqingshan")
    with kit.database.read() as session:
        assert session.get_one(Inspection, run.id).score == 96


def test_findings_are_rectified_until_the_supervisor_accepts(kit: Kit) -> None:
    run = inspected(kit, FOUND)
    run.as_("yubin").does("rectify", {"measures": "已答复。"})
    run.as_("wanlihua").does("verify_rectification", {"result": "AGAIN", "opinion": "归档凭证仍缺。"})
    run.as_("yubin").does("rectify", {"measures": "已补齐凭证。"})
    run.as_("wanlihua").does("verify_rectification", {"result": "ACCEPTED", "opinion": "到位。"})
    run.as_("fangwenjing").does("circulate", BULLETIN)
    assert run.end == "inspection_ended"
    with kit.database.read() as session:
        assert session.execute(Finding.by_organisation()).all() == [("basic-medicine", 2, 2)]


def test_late_rectification_is_told_to_those_above(kit: Kit) -> None:
    inspected(kit, FOUND)
    kit.passes(days=20)
    assert "case_overdue" in kit.notices("yubin")
    assert "case_overdue" in kit.notices("wanlihua")


def test_a_lead_goes_to_the_discipline_office(kit: Kit) -> None:
    kit.deploy("accountability")
    lead = {"lead": "YES", "ground": "G4", "lead_facts": "公开的经费数据与账目不符。"}
    run = inspected(kit, {**CLEAN, **lead})
    run.as_("fangwenjing").does("circulate", BULLETIN)
    kit.beats()
    (pursued,) = kit.runs("accountability")
    assert run.end == "lead_sent"
    assert pursued.waits == ["verify_facts"]
    assert ("case", run.id) in pursued.linked()


def test_every_organisation_has_its_turn_within_a_year(kit: Kit) -> None:
    with kit.database.read() as session:
        drawn = [one.code for quarter in range(PARTS) for one in turn(session, 2026, quarter)]
        below = session.scalars(
            select(Organisation.code).where(Organisation.kind == "PARTY_ORG", Organisation.parent.is_not(None))
        )
        assert sorted(drawn) == sorted(below)


def test_a_quarter_is_begun_once(kit: Kit) -> None:
    kit.deploy("inspection")
    kit.clock.now = datetime(2026, 4, 1, 1, tzinfo=UTC)
    kit.beats()
    first = [run.case.organisation for run in kit.runs("inspection")]
    kit.passes(days=10)
    assert first and [run.case.organisation for run in kit.runs("inspection")] == first
