"""The demo's cases: told once, each as far as its story goes."""

from __future__ import annotations

from processes.cases.demo import CASES, load_cases
from processes.disclosure.demo import load_matters
from tests.processes.kit import Kit


def test_the_demos_cases_are_told_once(kit: Kit) -> None:
    kit.deploy("disclosure", "out_of_catalogue", *(told.definition for told in CASES))
    load_matters(kit.engine)
    load_cases(kit.engine)
    load_cases(kit.engine)
    waits = {told.definition: sorted(run.waits for run in kit.runs(told.definition)) for told in CASES}
    assert waits == {
        "plan_demand": [["answer_demand"]],
        "catalogue_maintenance": [["edit"]],
        "correction": [["check"]],
        "clarification": [["assess"]],
        "secrecy_review": [["check_personal"]],
        "risk_assessment": [["plan_response"]],
        "predecision_consultation": [[]],
        "inspection": [["rectify"]],
        "policy_interpretation": [[]],
        "annual_report": [["hear_opinions", "receive_report"]],
        "rule_interpretation": [["confirm_answer", "confirm_answer"]],
    }
