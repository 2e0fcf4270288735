"""Our stepping against SpiffWorkflow's own, on the betsy conformance diagrams that we accept."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import SpiffWorkflow.bpmn.specs.event_definitions.timer as spiff_timer
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import Program, compile_version
from engine.refusals import NotDeployable, Refusal
from tests.conformance import betsy

from .drawing import MONDAY, Play

OURS_IS_RIGHT = {
    "Cancel_Event": "SpiffWorkflow tells the cancelled transaction as completed",
    "Error_BoundaryEvent_Transaction_Interrupting": "and the one interrupted by an error",
    "Escalation_EndEvent_SubProcess": "and the one interrupted by an escalation",
    "Signal_BoundaryEvent_SubProcess_Interrupting": "and runs on in the interrupted sub-process",
    "Escalation_StartEvent_EventSubProcess_Interrupting": "it starts the event sub-process at once",
    "Signal_StartEvent_EventSubProcess_NonInterrupting": "it does not know event sub-processes inside sub-processes",
    "Timer_StartEvent_EventSubProcess_Interrupting": "it does not interrupt",
    "WCP19_CancelTask": "it loses everything after an element called Start",
    "MultiInstanceTask_NegativeLoopCardinality": "it stops without an error",
    "Conditional_BoundaryEvent_SubProcess_Interrupting": "it lets the next task run first",
    "Timer_BoundaryEvent_SubProcess_TimeCycle": "it counts turns otherwise",
    "Timer_StartEvent_TimeCycle_EventSubProcess_NonInterrupting": "and ends before the last of them",
    "SequenceFlow_Conditional": "it refuses several flows out of a task",
    "SequenceFlow_ConditionalDefault": "and these",
    "ComplexGateway": "it refuses complex gateways",
    "WCP06_MultiChoice_ComplexGateway": "and these",
    "WCP09_Structured_Discriminator_ComplexGateway": "and this one",
}


def accepted() -> Iterator[Any]:
    for case in betsy.cases():
        try:
            program = compile_version({case.file: betsy.diagram(case.file, logs=False)})
        except NotDeployable:
            continue
        if case.name.rpartition("-")[0] not in OURS_IS_RIGHT:
            yield pytest.param(case.file, program, case.process, case.data, id=case.name)


@pytest.mark.parametrize(("file", "program", "process", "data"), list(accepted()))
def test_the_same_elements_complete(file: str, program: Program, process: str, data: dict[str, Any]) -> None:
    assert ours(program, process, data) == theirs(betsy.diagram(file, logs=False), process, data)


@pytest.mark.skipif(not betsy.cases(), reason="the corpus is not at hand")
def test_most_of_the_suite_is_accepted() -> None:
    assert len(list(accepted())) >= 60


def ours(program: Program, process: str, data: dict[str, Any]) -> tuple[Counter[str], bool]:
    try:
        play = Play(program, data, process_id=process)
        while not play.last.completed and play_on(play):
            pass
    except Refusal:
        return Counter(), False
    return Counter(play.trace("completed")), play.last.completed


def play_on(play: Play) -> bool:
    if play.open:
        play.complete(play.open[0])
        return True
    timers = [t for o in play.outcomes for t in o.timers if t.id in play.live.waiting]
    if timers:
        timer = min(timers, key=lambda timer: timer.due_at)
        play.now = max(play.now, datetime.fromisoformat(timer.due_at))
        play.fire(timer.element)
    return bool(timers)


class Clock(datetime):
    """A clock moved by hand."""

    present = MONDAY

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return cls.present


def theirs(source: bytes, process: str, data: dict[str, Any]) -> tuple[Counter[str], bool]:
    warnings.simplefilter("ignore")
    Clock.present = MONDAY
    real, spiff_timer.datetime = spiff_timer.datetime, Clock
    try:
        return run(source, process, data)
    except Exception:
        return Counter(), False
    finally:
        spiff_timer.datetime = real


def run(source: bytes, process: str, data: dict[str, Any]) -> tuple[Counter[str], bool]:
    parser = BpmnParser()
    parser.add_bpmn_str(source)
    workflow = BpmnWorkflow(parser.get_spec(process), parser.get_subprocess_specs(process))
    for task in workflow.get_tasks(state=TaskState.READY | TaskState.WAITING):
        task.data.update(data)
    completed: Counter[str] = Counter()

    def note(task: Any) -> None:
        spec = task.task_spec
        if spec.bpmn_id and task.state == TaskState.COMPLETED and not hasattr(spec, "task_spec"):
            completed[spec.bpmn_id] += 1

    for _ in range(30):
        workflow.do_engine_steps(did_complete_task=note)
        manual = workflow.get_tasks(state=TaskState.READY, manual=True)
        for task in manual:
            task.run()
            note(task)
        if not manual and (workflow.is_completed() or not advance(workflow)):
            break
    return completed, workflow.is_completed()


def advance(workflow: Any) -> bool:
    """Move the clock to the next timer."""
    values = [task.internal_data.get("event_value") for task in workflow.event_manager.tasks.values()]
    due = [datetime.fromisoformat(value) for value in values if isinstance(value, str)]
    if due:
        Clock.present = max(min(due), Clock.present) + timedelta(milliseconds=1)
        workflow.refresh_timers()
    return bool(due)
