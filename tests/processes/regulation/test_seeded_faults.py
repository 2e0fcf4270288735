"""Faults seeded into the shipped diagrams: what breaks a rule is refused with a way there, what is harmless passes."""

from __future__ import annotations

from time import perf_counter

import pytest

from engine.bpmn import compile_version
from engine.clock import now
from engine.regulation import Checker, proof
from processes.regulation import regulation
from tests.processes.regulation.mutation import (
    FOLDER,
    SPIFF,
    add,
    bypass,
    condition,
    default,
    find,
    insert,
    line,
    mutated,
    redirect,
    says,
    script,
    timer,
)
from web.config import read
from web.procedures_folder import files_in, ours
from web.wiring import build

D, P, W, M, S, T, C, E = (
    ("disclosure", "disclosure.bpmn"),
    ("disclosure", "propose_review.bpmn"),
    ("disclosure", "prepare_plan.bpmn"),
    ("disclosure", "implement.bpmn"),
    ("staged", "stage.bpmn"),
    ("staged", "staged_release.bpmn"),
    ("out_of_catalogue", "out_of_catalogue.bpmn"),
    ("emergency", "emergency_handling.bpmn"),
)
BROKEN = {
    "what the head hands on counts as agreed": (D, {"approval-recorded-rightly"}, [
        condition("gw_approved_to_record_approval", 'decision.result in ["AGREE", "TO_COLLECTIVE"]'),
        redirect("gw_head_to_approve_collective", "approval_joined")]),
    "rejected plans are recorded as approved": (D, {"approval-recorded-rightly"}, [
        redirect("gw_approved_to_close", "record_approval")]),
    "returned plans are recorded as approved": (D, {"approval-recorded-rightly"}, [
        redirect("gw_approved_to_propose", "record_approval")]),
    "no approval at all": (D, {"approval-before-release"}, [redirect("gw_reviewed_to_approval_route", "carry_out")]),
    "the approval is not recorded": (D, {"approved-text-only"}, [bypass("record_approval")]),
    "the condition of the approval is turned round": (D, {"approval-recorded-rightly"}, [
        condition("gw_approved_to_record_approval", 'decision.result != "AGREE"')]),
    "the superior's refusal counts for nothing": (D, {"approval-recorded-rightly"}, [
        condition("gw_approved_to_record_approval",
                  'decision.result == "AGREE" or route.route == "COLLECTIVE_SUPERIOR"')]),
    "the default flow leads to the approval": (D, {"approval-recorded-rightly"}, [
        default("gw_approved", "gw_approved_to_record_approval", "gw_approved_to_propose")]),
    "approval goes on when its time is over": (D, {"approval-recorded-rightly"}, [
        add("disclosure", timer("late", "approve_head"), line("late_on", "late", "record_approval"))]),
    "collective approval is skipped after a while": (D, {"approval-recorded-rightly"}, [
        add("disclosure", timer("late", "approve_collective"), line("late_on", "late", "record_approval"))]),
    "not passed by the review, approved all the same": (D, {"review-before-approval"}, [
        redirect("gw_reviewed_to_close", "approval_route")]),
    "the call activity calls the other process": (D, {"approval-before-release"}, [
        lambda root: _call(root, "propose", "implement")]),
    "nothing is archived": (D, {"every-release-archived"}, [redirect("carry_out_to_file_archive", "matter_closed")]),
    "the archive package is left out": (D, {"every-release-archived"}, [bypass("archive")]),
    "archived twice": (D, {"archived-once"}, [
        redirect("archive_to_matter_archived", "gw_again"),
        add("disclosure", '<exclusiveGateway id="gw_again" default="again_no"/>',
            line("again_yes", "gw_again", "archive", 'defined("odd")'),
            line("again_no", "gw_again", "matter_archived"))]),
    "the instance ends before the archive": (D, {"every-release-archived"}, [
        lambda root: _terminate(root, "late_end"),
        add("disclosure", timer("late", "file_archive"), line("late_on", "late", "late_end"))]),
    "released once more after the archive": (D, {"released-once"}, [
        redirect("archive_to_matter_archived", "carry_out")]),
    "the proposer may approve": (D, {"proposer-never-approves"}, [says("approve_head", "separate_from", None)]),
    "the proposer may sit in the collective": (D, {"proposer-never-approves"}, [
        says("approve_collective", "separate_from", None)]),
    "the supervisor approves": (D, {"supervisor-never-handles"}, [
        says("approve_head", "post", "disclosure_supervisor")]),
    "no deadline for the approval": (D, {"steps-have-deadlines"}, [says("approve_head", "due", None)]),
    "nobody hears that the approval is late": (D, {"steps-have-deadlines"}, [
        insert("approve_head_overdue_to_approve_head_overdue_end", '<task id="asleep"/>')]),
    "a script writes the outcome": (D, {"approval-recorded-rightly"}, [
        insert("approval_joined_to_gw_approved",
               script("force", 'decision = {"result": "AGREE"}'))]),
    "a script writes the review": (D, {"review-before-approval"}, [
        insert("propose_to_gw_reviewed",
               script("force", 'review = {"result": "PASS", "sco": False, "stop_list": []}'))]),
    "an error of the service leads to the next release": (M, {"released-once"}, [
        redirect("record_proofs_to_feedback", "release")]),
    "the hold is not looked for": (M, {"hold-checked-before-release"}, [bypass("hold_check")]),
    "the release is made by another service": (M, {"approved-text-only"}, [
        lambda root: _service(root, "release", "disclosure.close_feedback")]),
    "the treated text is not registered": (W, {"registered-before-review"}, [bypass("register_treated")]),
    "the text is treated once more after it was registered": (W, {"registered-before-review"}, [
        redirect("time_mode_to_gw_mode", "treat_again"),
        add("prepare_plan", '<callActivity id="treat_again" calledElement="secrecy_treatment"/>',
            line("treated_again", "treat_again", "gw_mode"))]),
    "the review is left out": (P, {"review-before-approval"}, [redirect("gw_risk_to_review", "review_passed")]),
    "a risk that rules it out passes for a review": (P, {"review-before-approval"}, [
        redirect("too_risky_to_prepare", "review_passed")]),
    "a co-unit's no counts for nothing": (P, {"co-units-agree"}, [redirect("gw_consistent_to_prepare", "gw_risk")]),
    "what the secrecy office forbids is approved": (P, {"secrecy-office-heard"}, [
        redirect("gw_sco_to_sco_ruled_out", "review_passed")]),
    "what the secrecy office rules out goes to the approval": (D, {"review-before-approval"}, [
        redirect("must_not_disclose_to_close", "approval_route")]),
    "the proposer reviews": (P, {"proposer-never-reviews"}, [says("review", "separate_from", None)]),
    "the reviewer gives the secrecy office's opinion": (P, {"two-secrecy-reviewers"}, [
        says("sco_review", "separate_from", "draft")]),
    "the text of a stage is not reviewed": (S, {"text-reviewed-before-recorded"}, [bypass("review_stage")]),
    "the refused text of a stage is released": (S, {"text-reviewed-before-recorded"}, [
        redirect("gw_stage_to_prepare_stage", "approve_stage")]),
    "the text of a stage is released as it is": (S, {"approved-text-only"}, [bypass("approve_stage")]),
    "a stage is prepared and reviewed by one": (S, {"proposer-never-reviews"}, [
        says("review_stage", "separate_from", "draft")]),
    "stages without an approval": (T, {"approval-before-release"}, [
        redirect("gw_reviewed_to_approval_route", "order_stages")]),
    "the catalogue is forgotten": (C, {"outside-matter-followed-up"}, [
        redirect("archive_to_decide_followup", "one_off")]),
    "who gave the reason approves": (C, {"who-goes-outside-does-not-approve"}, [
        says("approve_head", "separate_from", "draft")]),
    "an incident ends without a review": (E, {"incident-reviewed"}, [bypass("review_incident")]),
    "measures without a plan": (E, {"incident-handled-by-a-plan"}, [
        redirect("first_report_to_choose_plan", "arrange")]),
}  # fmt: skip
HARMLESS = {
    "the review ends earlier, the procedure asks again": (P, [redirect("gw_review_to_prepare", "review_not_passed")]),
    "the collective decides for the head": (D, [redirect("gw_route_to_approve_head", "approve_collective")]),
    "the plan is registered after its treatment only": (W, [bypass("register_plan")]),
    "another name": (D, [lambda root: _name(root, "approve_head", "书记审批")]),
    "a step beside the acts": (D, [insert("propose_to_gw_reviewed", '<task id="note"/>')]),
    "a script that counts": (D, [insert("propose_to_gw_reviewed", script("count", "rounds = 1"))]),
    "one more reminder": (D, [
        add("disclosure", timer("again", "approve_head", "false"), '<endEvent id="again_end"/>',
            line("again_on", "again", "again_end"))]),
    "rejected plans go back": (D, [redirect("gw_approved_to_close", "propose")]),
    "the review of a stage excludes one more": (S, [
        says("review_stage", "separate_from", "prepare_stage,draft,review")]),
    "late approval sends the plan back": (D, [
        add("disclosure", timer("late", "approve_collective"), line("late_on", "late", "propose"))]),
    "a condition said another way": (D, [
        condition("gw_head_to_approve_collective", 'not decision.result != "TO_COLLECTIVE"')]),
}  # fmt: skip


def _aim(root, flow, target):
    find(root, flow).set("targetRef", target)


def _call(root, element, process):
    find(root, element).set("calledElement", process)


def _service(root, element, service):
    next(find(root, element).iter(f"{SPIFF}serviceTaskOperator")).set("id", service)


def _name(root, element, name):
    find(root, element).set("name", name)


def _terminate(root, key):
    add("disclosure", f'<endEvent id="{key}"><terminateEventDefinition/></endEvent>')(root)


@pytest.fixture(scope="module")
def checker() -> Checker:
    return build(read({})).engine.checker


def broken(checker, files):
    """Rule → verdict, of all that do not hold."""
    program = compile_version(files)
    found = checker.verdicts(program, files, now().date())
    return {verdict.rule.id: verdict for verdict in found if verdict.says != "holds"}


@pytest.mark.parametrize("folder", [folder.name for folder in ours()])
def test_every_shipped_diagram_keeps_every_rule_within_five_seconds(checker, folder):
    begun = perf_counter()
    assert broken(checker, files_in(FOLDER / folder)) == {}
    assert perf_counter() - begun < 5 * SLOW


SLOW = 6
"""How much slower a machine that runs other tests beside this one may be."""


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_is_refused_with_a_way_there(checker, fault):
    (folder, file), rules, edits = BROKEN[fault]
    found = broken(checker, mutated(folder, file, *edits))
    assert rules <= found.keys(), found.keys()
    for verdict in (verdict for verdict in found.values() if verdict.rule.id in rules or verdict.says != "too large"):
        assert verdict.says == "broken" and (verdict.steps or verdict.reason in ("mechanism", "deadline"))


def test_what_is_too_large_to_be_walked_through_is_refused_as_well(checker, monkeypatch):
    """Two branches that run all the five steps side by side: more markings than the checker looks at."""
    edits = [
        add(
            "disclosure",
            '<parallelGateway id="both"/>',
            line("both_route", "both", "gw_route"),
            line("both_out", "both", "carry_out"),
        ),
        lambda root: _aim(root, "approval_route_to_gw_route", "both"),
    ]
    monkeypatch.setattr(proof, "MOST", 300)
    monkeypatch.setattr(proof, "MOST_MADE", 3_000)
    found = broken(checker, mutated(*D, *edits))
    assert {verdict.says for verdict in found.values()} <= {"broken", "too large"}
    assert "approval-before-release" in found


@pytest.mark.parametrize("change", HARMLESS)
def test_a_harmless_change_passes(checker, change):
    (folder, file), edits = HARMLESS[change]
    assert broken(checker, mutated(folder, file, *edits)) == {}


def test_the_way_is_a_way_of_the_diagram(checker):
    """第十一条（三）: each step of a counter-example follows the one before along the flows."""
    (folder, file), _, edits = BROKEN["no approval at all"]
    verdict = broken(checker, mutated(folder, file, *edits))["approval-before-release"]
    steps = [step.element for step in verdict.steps if step.what == "completed"]
    assert steps[0] == "matter_opened" and steps[-1] == verdict.element == "release"
    assert "approve_head" not in steps


def test_there_are_at_least_thirty_faults():
    assert len(BROKEN) >= 30 and regulation().rules
