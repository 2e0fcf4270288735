"""A script throws a BPMN error."""

import pytest

from engine.bpmn import ScriptFailed, check

from .drawing import Play, boundary, compiled, diagram, process, properties, script, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
ROOTS = '<error id="x" errorCode="Late"/>'
CAUGHT = '<errorEventDefinition errorRef="x"/>'


def test_its_boundary_event_catches_it() -> None:
    body = START + script("t", "n = 1\nthrow('Late', 'after noon')") + boundary("b", "t", CAUGHT, variable="problem")
    play = Play(compiled(process(body + user("z") + END, "s t e", "b z e"), roots=ROOTS))
    assert play.task("z").data == {"problem": {"code": "Late", "reason": "after noon"}}


def test_uncaught_it_ends_the_instance_as_failed() -> None:
    play = Play(compiled(process(START + script("t", "throw('Late')") + END, "s t e")))
    assert play.last.completed and play.last.failed and play.thrown() == [("error", "Late")]


def test_only_a_script_task_can() -> None:
    extension = properties().replace(
        "</extensionElements>", "<s:preScript>throw('Late')</s:preScript></extensionElements>"
    )
    with pytest.raises(ScriptFailed, match="only a script task"):
        Play(compiled(process(START + f'<userTask id="a">{extension}</userTask>' + END, "s a e")))


def test_an_expression_cannot() -> None:
    findings = check({"p.bpmn": diagram(process(START + user("a", due="throw(1)") + END, "s a e"))})
    assert ["there is no function" in str(finding) for finding in findings] == [True]
