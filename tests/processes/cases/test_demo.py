"""The demo's cases: told once, each as far as its story goes."""

from __future__ import annotations

from sqlalchemy import select

from engine import Instance, Task
from processes.cases.demo import CASES, load_cases
from processes.disclosure.demo import load_matters
from processes.emergency import EmergencyIncident
from processes.emergency.demo import load_incident
from processes.periodic.demo import load_schedule
from processes.periodic.schedules import Schedule
from processes.staged.demo import load_staged
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
        "postponement": [[]],
        "long_term_check": [["check_validity"]],
        "accountability": [["hear_person"]],
        "predecision_consultation": [[]],
        "inspection": [["rectify"]],
        "policy_interpretation": [[]],
        "annual_report": [["hear_opinions", "receive_report"]],
        "rule_interpretation": [["confirm_answer", "confirm_answer"]],
    }


def test_the_demos_stages_wait_for_their_first_day(kit: Kit) -> None:
    kit.deploy("staged")
    load_staged(kit.engine)
    load_staged(kit.engine)
    with kit.database.read() as session:
        (instance,) = session.scalars(select(Instance.id).where(Instance.definition == "staged_release"))
        waiting = select(Task.element).where(Task.instance_id == instance, Task.state == "open")
        assert session.scalars(waiting).all() == []
    kit.passes(days=31)
    with kit.database.read() as session:
        assert session.scalars(waiting).all() == ["prepare_stage"]


def test_the_demos_incident_is_closed_and_reviewed(kit: Kit) -> None:
    kit.deploy("disclosure", "out_of_catalogue", "emergency", "feedback")
    load_matters(kit.engine)
    load_incident(kit.engine)
    load_incident(kit.engine)
    with kit.database.read() as session:
        (incident,) = session.scalars(select(EmergencyIncident))
    assert incident.state == "CLOSED"


def test_the_demos_schedule_begins_in_march(kit: Kit) -> None:
    load_schedule(kit.engine)
    load_schedule(kit.engine)
    with kit.database.read() as session:
        (schedule,) = Schedule.all(session)
    assert schedule.next_at is not None and (schedule.next_at.year, schedule.next_at.month) == (2027, 3)
