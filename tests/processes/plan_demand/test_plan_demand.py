"""Art. 11(1): what should be disclosed and was not proposed is demanded; reasons against it are judged (Art. 5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from processes.catalogue import CatalogueVersion
from processes.catalogue.importing import import_catalogue
from processes.disclosure.matters import Matter, open_matter
from processes.plan_demand.demands import NonDisclosure, PlanDemand
from processes.plan_demand.refusals import ReviewDatePast
from tests.processes.kit import Kit, Run

HEAD = "序号,公开内容,公开范围,审批程序,公开方式,公开起始时点,公开时长,责任主体,协同单位或人员,备注"
ROW = "1,党费收缴情况,党内,书记审批,办公网发布,每季度首月15日前,长期,组织部,,"
DEMAND = {"title": "党费收缴情况", "organisation": "orgdept", "reason": "第六条（五）要求公开。"}
EXPLAINED = {"result": "EXPLAIN", "reason": "数据尚未汇总。", "ground": "NOT_DUE"}


def demanded(kit: Kit) -> Run:
    kit.deploy("disclosure", "out_of_catalogue")
    return kit.begin("plan_demand", "qiaoxinyu", DEMAND)


def with_a_quarterly_row(kit: Kit) -> None:
    with kit.database.write() as session:
        by = kit.id_of("qiaoxinyu")
        content = f"{HEAD}\n{ROW}\n".encode()
        report = import_catalogue(session, "ccmu", "catalogue.csv", content, by=by, at=kit.clock.now)
        report.version.put_in_force(session, by=by, at=kit.clock.now)


def demands(kit: Kit) -> list[PlanDemand]:
    with kit.database.read() as session:
        return list(session.scalars(select(PlanDemand).order_by(PlanDemand.demanded_at)))


def test_the_unit_answers_with_a_matter(kit: Kit) -> None:
    run = demanded(kit)
    run.as_("panlili").does("answer_demand", {"result": "PROPOSE"})
    assert run.end == "plan_is_proposed"
    with kit.database.read() as session:
        assert session.get_one(Matter, demands(kit)[0].matter_id).organisation == "orgdept"


def test_reasons_that_hold_are_kept_with_a_day_for_their_review(kit: Kit) -> None:
    run = demanded(kit)
    run.as_("panlili").does("answer_demand", EXPLAINED)
    run.as_("qiaoxinyu").does("judge_reasons", {"result": "ACCEPTED", "opinion": "同意。", "review_on": "2026-06-01"})
    assert run.end == "reasons_accepted"
    kit.passes(to="2026-06-02T09:00")
    again = kit.runs("plan_demand")[-1]
    assert again.id != run.id
    assert again.waits == ["answer_demand"]


def test_reasons_that_do_not_hold_bring_the_demand_back(kit: Kit) -> None:
    run = demanded(kit)
    run.as_("panlili").does("answer_demand", EXPLAINED)
    run.as_("qiaoxinyu").does("judge_reasons", {"result": "REFUSED", "opinion": "数据已形成。"})
    assert run.waits == ["answer_demand"]


def test_a_review_in_the_past_is_refused_and_nothing_is_kept(kit: Kit) -> None:
    run = demanded(kit)
    run.as_("panlili").does("answer_demand", EXPLAINED)
    with pytest.raises(ReviewDatePast):
        run.as_("qiaoxinyu").does(
            "judge_reasons", {"result": "ACCEPTED", "opinion": "同意。", "review_on": "2026-01-01"}
        )
    with kit.database.read() as session:
        assert session.scalars(select(NonDisclosure)).all() == []
    assert run.waits == ["judge_reasons"]


def test_a_period_that_passed_is_demanded_once(kit: Kit) -> None:
    kit.deploy("disclosure", "plan_demand")
    with_a_quarterly_row(kit)
    kit.passes(to="2026-04-14T09:00")
    assert demands(kit) == []
    kit.passes(to="2026-04-17T09:00")
    assert [(one.organisation, one.content, one.period) for one in demands(kit)] == [
        ("orgdept", "党费收缴情况", "2026Q2")
    ]
    kit.passes(days=5)
    assert len(demands(kit)) == 1


def test_a_demand_is_settled_when_the_unit_opens_the_matter_by_itself(kit: Kit) -> None:
    kit.deploy("disclosure", "plan_demand")
    with_a_quarterly_row(kit)
    kit.passes(to="2026-04-17T09:00")
    (run,) = kit.runs("plan_demand")
    with kit.database.write() as session:
        version = CatalogueVersion.in_force(session, "ccmu")
        assert version
        open_matter(session, kit.engine, "orgdept", version.items[0], kit.id_of("panlili"), kit.clock.now)
    kit.beats()
    assert run.end == "proposed_meanwhile"
    assert demands(kit)[0].state == "PROPOSED"


def test_a_row_that_was_proposed_in_time_is_not_demanded(kit: Kit) -> None:
    kit.deploy("disclosure", "plan_demand")
    with_a_quarterly_row(kit)
    kit.clock.now = datetime(2026, 4, 2, 1, tzinfo=UTC)
    with kit.database.write() as session:
        version = CatalogueVersion.in_force(session, "ccmu")
        assert version
        open_matter(session, kit.engine, "orgdept", version.items[0], kit.id_of("panlili"), kit.clock.now)
    kit.passes(to="2026-04-20T09:00")
    assert demands(kit) == []


def test_an_answer_that_is_late_is_told(kit: Kit) -> None:
    demanded(kit)
    kit.passes(days=10)
    assert "case_overdue" in kit.notices("panlili")
