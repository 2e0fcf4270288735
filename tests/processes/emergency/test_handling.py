"""An incident from its report to its end, on the real engine with the real diagram and forms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import replay, verify
from engine.refusals import NotFound
from processes.disclosure.holds import HoldOver, HoldReasonMissing, ReleaseHold
from processes.disclosure.publications import Publication
from processes.emergency import EmergencyIncident, decisions, response_plans
from processes.emergency.refusals import (
    HoldInForce,
    MayNotHold,
    NotDisciplineOfficer,
    NothingToHold,
    PlanChanged,
    PlanIncomplete,
    PlanNotInForce,
)

from .conftest import MEASURES, NONE_FITS, NOW

RECEIVED = {"received": True}
REVIEW = {"cause": "审核不细", "opinion": "加强核对", "improvements": "完善预案", "in_time": True}


@pytest.fixture
def incident(staff):
    return staff.report(staff.released())[0]


def progress(next_step):
    return {"opinion": "正在核实", "next": next_step}


def handled(staff, incident):
    """As far as the first report of progress, without a plan that fits."""
    staff.do(incident, "choose_plan", "fangwenjing", NONE_FITS)
    staff.do(incident, "decide", "shenguoan", {"approach": "立即核实更正"})
    staff.do(incident, "arrange", "fangwenjing", MEASURES)


def test_the_first_report_goes_to_three_receivers_at_once(staff, incident):
    told = staff.told(incident)
    assert set(told) == {"LEADER", "DEPARTMENT", "OFFICE"}
    assert {one.told_at for one in told.values()} == {NOW}
    assert {one.due_at for one in told.values()} == {NOW + timedelta(hours=1)}
    assert "first_report" in staff.notices("shenguoan") & staff.notices("fangwenjing")


def test_every_department_concerned_acknowledges_for_itself(staff):
    incident, _ = staff.report(staff.released(), departments=["orgdept"])
    with staff.database.read() as session:
        told = staff.again(incident).first_reports(session)
    assert [one.organisation for one in told if one.receiver == "DEPARTMENT"] == ["orgdept", "pco", "president-office"]


def test_an_incident_goes_from_report_to_close(staff, incident):
    for element, login in (("ack_leader", "shenguoan"), ("ack_office", "fangwenjing")):
        staff.do(incident, element, login, RECEIVED)
    handled(staff, incident)
    staff.do(incident, "carry_out_action", "gaojianping", {"outcome": "DONE", "opinion": "已核实"})
    staff.do(incident, "progress", "fangwenjing", progress("CONTINUE"))
    staff.do(incident, "progress", "fangwenjing", progress("CLOSE"))
    assert staff.again(incident).state == "IN_REVIEW"
    staff.do(incident, "review_incident", "fangwenjing", REVIEW)
    assert (staff.again(incident).state, staff.waiting(incident)) == ("CLOSED", [])
    assert "incident_concluded" in staff.notices("yanweidong")


def assessed(staff, incident, untrue, major):
    """As far as the answer of table D8."""
    handled(staff, incident)
    staff.do(incident, "progress", "fangwenjing", progress("OPINION"))
    staff.do(incident, "assess_opinion", "fangwenjing", {"untrue": untrue, "major": major, "opinion": "已核对"})


def test_a_clarification_is_approved_by_somebody_else_before_it_is_published(staff, incident):
    assessed(staff, incident, "YES", "NO")
    staff.do(incident, "clarify", "wenhaoran", {"text": "<p>数据更正说明</p>"})
    assert "publish_clarification" not in staff.waiting(incident)
    staff.do(incident, "approve_clarification", "fangwenjing", {"result": "RETURN", "opinion": "请写明出处"})
    staff.do(incident, "clarify", "wenhaoran", {"text": "<p>数据更正说明，以决算为准</p>"})
    staff.do(incident, "approve_clarification", "fangwenjing", {"result": "AGREE", "opinion": "同意"})
    staff.do(incident, "publish_clarification", "wenhaoran", {"channel": "官网", "at": "2026-03-02T15:00"})
    assert "progress" in staff.waiting(incident)


def test_a_major_reaction_is_reported_and_needs_no_clarification_where_all_was_true(staff, incident):
    assessed(staff, incident, "NO", "YES")
    assert "major_reaction" in staff.notices("shenguoan") & staff.notices("fangwenjing")
    assert "progress" in staff.waiting(incident) and "clarify" not in staff.waiting(incident)


def test_a_quiet_and_true_release_is_only_watched(staff, incident):
    assessed(staff, incident, "NO", "NO")
    assert "major_reaction" not in staff.notices("shenguoan")
    assert "progress" in staff.waiting(incident)


def test_more_measures_lead_back_to_the_progress(staff, incident):
    handled(staff, incident)
    staff.do(incident, "progress", "fangwenjing", progress("MEASURES"))
    staff.do(incident, "arrange", "fangwenjing", MEASURES)
    assert staff.waiting(incident).count("carry_out_action") == 2


def test_who_does_not_acknowledge_is_told_to_the_superior(staff, incident):
    staff.do(incident, "ack_office", "fangwenjing", RECEIVED)
    staff.tick(hours=2)
    told = staff.told(incident)
    assert told["LEADER"].escalated_at == NOW + timedelta(hours=2)
    assert (told["LEADER"].escalated_to, told["OFFICE"].escalated_at) == ("pco", None)
    assert "unacknowledged" in staff.notices("fangwenjing") & staff.notices("shenguoan")


def test_a_receiver_is_reminded_before(staff, incident):
    staff.tick(minutes=31)
    assert "incident_remind" in staff.notices("shenguoan")
    assert staff.told(incident)["LEADER"].escalated_at is None


def test_an_acknowledgement_after_the_escalation_is_recorded_as_late(staff, incident):
    staff.tick(hours=2)
    staff.do(incident, "ack_leader", "shenguoan", RECEIVED)
    told = staff.told(incident)["LEADER"]
    assert told.is_late and told.acknowledged_by == staff.actor("shenguoan").person
    assert "late_acknowledgement" in staff.notices("shenguoan")


def test_an_incident_is_closed_although_one_receiver_never_acknowledged(staff, incident):
    handled(staff, incident)
    staff.tick(hours=2)
    staff.do(incident, "progress", "fangwenjing", progress("CLOSE"))
    staff.do(incident, "review_incident", "fangwenjing", REVIEW)
    told = staff.told(incident)["LEADER"]
    assert staff.again(incident).ended_at == NOW + timedelta(hours=2)
    assert told.escalated_at and not told.acknowledged_at


def test_an_incident_reported_twice_is_one_incident_with_two_reports(staff):
    publication = staff.released()
    first, is_first_new = staff.report(publication)
    second, is_second_new = staff.report(publication, "pengchao", what="家长群也在转")
    assert (is_first_new, is_second_new, first.id) == (True, False, second.id)
    with staff.database.read() as session:
        assert [one.what for one in staff.again(first).reports(session)] == ["公示数据有误，引发误解", "家长群也在转"]
    assert "further_report" in staff.notices("shenguoan")


def test_a_closed_incident_does_not_swallow_a_new_one(staff, incident):
    handled(staff, incident)
    staff.do(incident, "progress", "fangwenjing", progress("CLOSE"))
    with staff.database.read() as session:
        publication = session.get(Publication, incident.publication_id)
    assert staff.report(publication)[0].id != incident.id


def test_a_plan_that_fits_is_pinned_with_its_version(staff, incident):
    with staff.database.write() as session:
        plan = response_plans.write(session, "舆情应急预案", "公开引发舆情", "核实；澄清", "wang", NOW)
    staff.do(incident, "choose_plan", "fangwenjing", {**NONE_FITS, "basis": "PLAN", "plan": plan.id})
    assert "arrange" in staff.waiting(incident)
    assert (staff.again(incident).plan_id, staff.again(incident).plan_number) == (plan.id, 1)


def test_a_plan_keeps_its_versions_and_refuses_what_is_empty_or_overtaken(staff):
    with staff.database.write() as session:
        plan = response_plans.write(session, "预案", "舆情", "一", "w", NOW)
        response_plans.write(session, "预案", "舆情", "二", "w", NOW, plan=plan, after=1)
        assert [version.steps for version in plan.versions(session)] == ["一", "二"]
        with pytest.raises(PlanChanged):
            response_plans.write(session, "预案", "舆情", "三", "w", NOW, plan=plan, after=1)
        with pytest.raises(PlanIncomplete):
            response_plans.write(session, "预案", " ", "三", "w", NOW)


def test_a_plan_that_ended_meanwhile_is_refused_and_nothing_is_lost(staff, incident):
    with staff.database.write() as session:
        plan = response_plans.write(session, "预案", "舆情", "一", "w", NOW)
    chosen = {**NONE_FITS, "basis": "PLAN", "plan": plan.id}
    offered = {"response_plans": [{"value": plan.id, "label": "预案"}]}
    with staff.database.write() as session:
        session.get(response_plans.ResponsePlan, plan.id).end("w", NOW)
    with pytest.raises(PlanNotInForce):
        staff.do(incident, "choose_plan", "fangwenjing", chosen, offered)
    assert "choose_plan" in staff.waiting(incident)


def hold(staff, incident, login="fangwenjing", reason="避免误导", **target):
    with staff.database.write() as session:
        before = {held.id for held in ReleaseHold.of_incident(session, incident.id)}
        decisions.decide_hold(session, staff.engine, incident, staff.actor(login), reason, **target)
        return next(held for held in ReleaseHold.of_incident(session, incident.id) if held.id not in before)


def resume(staff, incident, held, login="fangwenjing", reason="已核实"):
    with staff.database.write() as session:
        decisions.decide_resumption(session, staff.engine, incident, staff.actor(login), held.id, reason)


def test_a_running_release_is_held_and_resumed(staff, incident):
    matter = staff.minutes()
    held = hold(staff, incident, matter=matter)
    staff.approve(matter)
    assert staff.state(matter) == "ON_HOLD"
    resume(staff, incident, held)
    staff.tick(seconds=1)
    assert staff.state(matter) in ("RELEASING", "RELEASED")


def test_a_matter_waits_until_the_last_hold_is_lifted(staff, incident):
    matter = staff.minutes()
    first, second = hold(staff, incident, matter=matter), hold(staff, incident, organisation="ccmu")
    staff.approve(matter)
    resume(staff, incident, first)
    staff.tick(seconds=1)
    assert staff.state(matter) == "ON_HOLD"
    resume(staff, incident, second)
    staff.tick(seconds=1)
    assert staff.state(matter) != "ON_HOLD"


def test_a_hold_of_another_organisation_lets_a_matter_pass(staff, incident):
    matter = staff.minutes()
    hold(staff, incident, organisation="affiliated-hospital")
    staff.approve(matter)
    assert staff.state(matter) != "ON_HOLD"


def test_a_hold_says_who_when_and_why(staff, incident):
    matter = staff.minutes()
    held = hold(staff, incident, "shenguoan", "数据待核实", matter=matter)
    assert (held.held_by, held.held_at, held.reason) == (staff.actor("shenguoan").person, NOW, "数据待核实")


def test_who_may_not_hold_is_refused_and_so_is_a_hold_without_reason_or_target(staff, incident):
    matter = staff.minutes()
    with pytest.raises(MayNotHold):
        hold(staff, incident, "xuzhihang", matter=matter)
    with pytest.raises(HoldReasonMissing):
        hold(staff, incident, reason=" ", matter=matter)
    with pytest.raises(NothingToHold):
        hold(staff, incident, matter="no-such-matter")


def test_a_leader_of_another_organisation_may_not_hold(staff, incident):
    with pytest.raises(MayNotHold):
        hold(staff, incident, "geqingshan", organisation="affiliated-hospital")


def test_a_hold_is_lifted_once(staff, incident):
    held = hold(staff, incident, organisation="ccmu")
    resume(staff, incident, held)
    with pytest.raises(HoldOver):
        resume(staff, incident, held)


def test_an_incident_with_a_hold_in_force_is_not_closed(staff, incident):
    handled(staff, incident)
    hold(staff, incident, organisation="ccmu")
    with pytest.raises(HoldInForce):
        staff.do(incident, "progress", "fangwenjing", progress("CLOSE"))
    assert "progress" in staff.waiting(incident)


def test_everything_replays_to_the_same(staff, incident):
    matter = staff.minutes()
    held = hold(staff, incident, matter=matter)
    staff.approve(matter)
    handled(staff, incident)
    staff.tick(hours=2)
    resume(staff, incident, held)
    staff.tick(seconds=1)
    with staff.database.read() as session:
        for instance in (incident.instance_id, staff.instance(matter)):
            replay(staff.engine, session, instance)
        assert [broken for broken in verify(session) if broken] == []


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("zhulin", True),
        ("fangwenjing", True),
        ("shenguoan", True),
        ("yanweidong", True),
        ("sikongyi", True),
        ("tanglei", True),
        ("pengchao", False),
        ("geqingshan", False),
        ("weixitong", False),
    ],
)
def test_an_incident_is_seen_by_whom_it_concerns(staff, incident, login, sees):
    actor = staff.actor(login)
    with staff.database.read() as session:
        if sees:
            assert EmergencyIncident.read(session, incident.id, actor.person, actor.seats).id == incident.id
        else:
            with pytest.raises(NotFound):
                EmergencyIncident.read(session, incident.id, actor.person, actor.seats)


def test_a_lead_is_opened_and_read_by_discipline_officers_only(staff, incident):
    officer, coordinator = staff.actor("yanweidong"), staff.actor("fangwenjing")
    with staff.database.write() as session:
        decisions.open_lead(session, staff.engine, incident, officer, "G5", "首报迟报", NOW)
        with pytest.raises(NotDisciplineOfficer):
            decisions.open_lead(session, staff.engine, incident, coordinator, "G5", "首报迟报", NOW)
        assert [lead.facts for lead in decisions.leads(session, incident, officer.seats)] == ["首报迟报"]
        assert decisions.leads(session, incident, coordinator.seats) == []
