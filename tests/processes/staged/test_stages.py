"""What a plan with stages must say before it may be proposed, and how two texts differ."""

from __future__ import annotations

import pytest

from processes.disclosure import plans
from processes.staged import refusals, stages

from .conftest import NOW, a_plan, a_stage

INSIDE, OUTSIDE = a_stage("党内", "2026-03-10"), a_stage("党外", "2026-03-10", "PUBLIC")


@pytest.mark.parametrize(
    ("plan", "refusal", "named"),
    [
        (a_plan(a_stage()), refusals.TooFewStages, ""),
        (a_plan(a_stage("昨天", "2026-03-01"), a_stage()), refusals.StageInThePast, "昨天"),
        (a_plan(a_stage(), a_stage("空白", text="<p> </p>")), refusals.StageIncomplete, "空白"),
        (a_plan(a_stage(), a_stage("节点", trigger="MILESTONE")), refusals.MilestoneUnnamed, "节点"),
        (a_plan(a_stage(on="2026-05-01"), a_stage("提前", "2026-04-01")), refusals.StagesOutOfOrder, "提前"),
        (a_plan(OUTSIDE, INSIDE), refusals.OutsideFirst, "党外"),
        (a_plan(a_stage(), a_stage("特定", scope="TARGETED")), refusals.RecipientsOfStageMissing, "特定"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_by_the_name_of_its_stage(plan, refusal, named):
    with pytest.raises(refusal) as said:
        stages.check(plan, NOW)
    assert named in str(said.value)


def test_outside_before_inside_needs_a_recorded_reason():
    stages.check(a_plan(OUTSIDE, INSIDE, order_exception_reason="上级已公布"), NOW)
    stages.check(a_plan(INSIDE, OUTSIDE), NOW)


def test_today_in_shanghai_is_not_past():
    stages.check(a_plan(a_stage(on="2026-03-02"), a_stage(on="2026-03-02")), NOW)


def test_an_ordinary_plan_is_left_alone():
    plan = {"title": "要点", "text": "<p>要点</p>"}
    stages.check(plan, NOW)
    assert stages.as_one(plan) == plan


@pytest.mark.parametrize("change", [{"title": "另"}, {"text": "<p>另</p>"}, {"on": "2026-03-11"}, {"scope": "UNIT"}])
def test_the_approved_hash_covers_every_stage(change):
    before, after = (stages.as_one(a_plan(a_stage(**more), a_stage())) for more in ({}, change))
    assert plans.plan_hash(before) != plans.plan_hash(after)


def test_the_whole_is_as_wide_as_its_widest_stage():
    whole = stages.as_one(a_plan(INSIDE, OUTSIDE))
    assert (whole["scope"], whole["channels"]) == ("PUBLIC", ["LAN"])


def test_a_difference_is_told_clause_by_clause():
    told = stages.difference("<p>一期完工。二期开工。</p>", "<p>一期完工。三期开工。</p>")
    assert [(part["kind"], part["text"]) for part in told] == [
        ("same", "一期完工。"),
        ("removed", "二期开工。"),
        ("added", "三期开工。"),
    ]
