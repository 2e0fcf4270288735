"""Called processes, sub-processes, errors, escalations, termination and cancellation."""

import pytest

from engine.bpmn.execution import Spoiled
from engine.outcomes import Call, Done, Failed
from engine.refusals import Refusal

from .drawing import Play, boundary, compiled, diagram, flows, process, properties, script, service, timer, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
INNER = '<startEvent id="is"/>{}<endEvent id="ie"/>'
ROOTS = """<message id="m" name="MatterWithdrawn"/><error id="x" errorCode="HashMismatch"/>
<escalation id="r" escalationCode="remind"/><escalation id="o" escalationCode="overdue"/>"""
CALL = '<callActivity id="call" calledElement="inner"/>'
TERMINATED = '<endEvent id="ie"><terminateEventDefinition/></endEvent>'
WITHDRAWN = '<messageEventDefinition messageRef="m"/>'
ERROR = '<errorEventDefinition errorRef="x"/>'


def called(inner: str, outer: str = CALL, *more: str) -> str:
    return process(inner, key="inner") + process(START + outer + END, "s call e", *more)


def test_a_called_process_gets_a_copy_and_gives_its_variables_back() -> None:
    inner = INNER.format(user("a") + script("b", "n = n + 1")) + flows("is a b ie")
    play = Play(compiled(called(inner)), {"n": 1})
    task = play.task("a")
    assert task.scope in {line[4] for line in play.last.trace if line[1] == "call"}
    assert ["entered", "a", "inner", task.scope, task.id] in play.last.trace
    assert play.complete("a", n=4).completed
    assert play.live.variables == {"n": 5}
    assert play.trace("completed")[-2:] == ["call", "e"]


def test_an_embedded_sub_process_is_drawn_by_its_process() -> None:
    inner = INNER.format(user("a")) + flows("is a ie")
    play = Play(compiled(process(START + f'<subProcess id="call">{inner}</subProcess>' + END, "s call e")))
    assert ["entered", "a", "p", play.task("a").scope, play.task("a").id] in play.last.trace


def withdrawal() -> Play:
    inner = INNER.format(user("a") + boundary("a_late", "a", timer('deadline("1d")'), False)) + flows(
        "is a ie", "a_late ie"
    )
    start = f'<startEvent id="ws">{properties(correlation="matter")}{WITHDRAWN}</startEvent>'
    event = start + service("w", "disclosure.withdraw", matter="matter") + '<endEvent id="we"/>' + flows("ws w we")
    listening = f'<subProcess id="listen" triggeredByEvent="true">{event}</subProcess>'
    return Play(compiled(called(inner, CALL + listening), roots=ROOTS), {"matter": "M1"})


def test_withdrawing_cancels_the_open_call_and_the_task_in_it() -> None:
    play = withdrawal()
    task, call = play.task("a"), play.task("a").scope
    outcome = play.deliver("listen")
    assert outcome.closed == [(task.id, "cancelled")]
    assert len(outcome.timers_gone) == 1
    assert [line for line in outcome.trace if line[0] == "cancelled"] == [
        ["cancelled", "a", "inner", call, task.id],
        ["cancelled", "call", "p", "", call],
    ]
    assert outcome.completed and "we" in play.trace("completed")


def test_a_refusal_of_the_service_refuses_the_whole_command() -> None:
    def refusing(call: Call) -> Done | Failed:
        raise Refusal()

    play = withdrawal()
    play.answer = refusing
    with pytest.raises(Refusal):
        play.deliver("listen")


def test_reminders_of_a_called_process_end_in_escalations_that_reach_the_outside() -> None:
    ends = "".join(
        f'<endEvent id="{key}_end"><escalationEventDefinition escalationRef="{key[0]}"/></endEvent>'
        for key in ("remind", "overdue")
    )
    timers = "".join(
        boundary(f"a_{key}", "a", timer(f'{how}("2d")'), False)
        for key, how in (("remind", "reminder"), ("overdue", "deadline"))
    )
    inner = INNER.format(user("a") + timers + ends) + flows("is a ie", "a_remind remind_end", "a_overdue overdue_end")
    play = Play(compiled(called(inner), roots=ROOTS), {"plan": {"v": 1}})
    play.fire("a_remind")
    play.fire("a_overdue")
    assert play.thrown() == [("escalation", "remind"), ("escalation", "overdue")]
    assert play.last.thrown[0].element == "overdue_end"
    assert play.open == ["a"]
    assert play.complete("a", plan={"v": 2}).completed
    assert play.live.variables == {"plan": {"v": 2}}


def test_an_escalation_may_be_caught_at_the_call() -> None:
    inner = INNER.format(
        '<intermediateThrowEvent id="t"><escalationEventDefinition escalationRef="o"/></intermediateThrowEvent>'
        + user("a")
    )
    caught = CALL + boundary("b", "call", '<escalationEventDefinition escalationRef="o"/>', False) + user("z")
    play = Play(compiled(called(inner + flows("is t a ie"), caught, "b z e"), roots=ROOTS))
    assert sorted(play.open) == ["a", "z"] and not play.thrown()


def releasing() -> str:
    body = START + service("release", "disclosure.release", "publication", plan="plan") + user("check") + END
    caught = boundary("mismatch", "release", ERROR, variable="problem")
    return process(body + caught, "s release e", "mismatch check release")


def test_an_inside_service_answers_while_the_instance_advances() -> None:
    asked: list[Call] = []
    play = Play(compiled(releasing(), roots=ROOTS), {"plan": [1]}, lambda call: asked.append(call) or Done({"id": 7}))
    assert play.last.completed and play.live.variables["publication"] == {"id": 7}
    assert (asked[0].service, asked[0].arguments) == ("disclosure.release", {"plan": [1]})
    assert play.last.answers == [[asked[0].id, "done", {"id": 7}]]


def test_a_failure_is_caught_by_the_boundary_error_event_of_its_code() -> None:
    answers = iter([Failed("HashMismatch", "the text differs"), Done("ok")])
    play = Play(compiled(releasing(), roots=ROOTS), {"plan": 1}, lambda call: next(answers))
    assert play.open == ["check"]
    assert play.task("check").data["problem"] == {"code": "HashMismatch", "reason": "the text differs"}
    assert play.trace("cancelled") == ["release"]


def test_a_failure_that_nobody_catches_ends_the_instance_as_failed() -> None:
    play = Play(compiled(releasing(), roots=ROOTS), {"plan": 1}, lambda call: Failed("Other", "no"))
    assert play.last.completed and play.last.failed
    assert play.thrown() == [("error", "Other")]


def test_an_outside_service_is_waited_for() -> None:
    play = Play(compiled(releasing(), roots=ROOTS), {"plan": 1}, outside=("disclosure.release",))
    (call,) = play.last.calls
    assert (call.element, call.arguments, play.last.completed) == ("release", {"plan": 1}, False)
    outcome = play.answer_call("release", Done([2]))
    assert outcome.completed and outcome.calls_gone == [call.id]
    assert play.live.variables["publication"] == [2]


def test_and_may_fail_too() -> None:
    play = Play(compiled(releasing(), roots=ROOTS), {"plan": 1}, outside=("disclosure.release",))
    play.answer_call("release", Failed("HashMismatch"))
    assert play.open == ["check"]


def test_an_error_end_event_climbs_to_the_call_and_cancels_it() -> None:
    inner = f'<startEvent id="is"/><parallelGateway id="f"/>{user("a")}{user("b")}<endEvent id="ie">{ERROR}</endEvent>'
    caught = CALL + boundary("b1", "call", ERROR) + user("z")
    play = Play(compiled(called(inner + flows("is f a ie", "f b"), caught, "b1 z e"), roots=ROOTS))
    play.complete("a")
    assert play.open == ["z"]
    assert play.trace("cancelled") == ["b", "call"]


def test_an_error_is_caught_by_an_error_event_sub_process() -> None:
    event = f'<startEvent id="ws">{ERROR}</startEvent>' + user("mend") + '<endEvent id="we"/>' + flows("ws mend we")
    body = (
        START
        + user("a")
        + f'<endEvent id="bad">{ERROR}</endEvent><subProcess id="l" triggeredByEvent="true">{event}</subProcess>'
    )
    play = Play(compiled(process(body, "s a bad"), roots=ROOTS))
    play.complete("a")
    assert play.open == ["mend"]
    assert play.complete("mend").completed and not play.last.failed


def test_terminate_ends_its_scope_and_nothing_more() -> None:
    inner = f'<startEvent id="is"/><parallelGateway id="f"/>{user("a")}{user("b")}{TERMINATED}'
    play = Play(
        compiled(
            called(inner + flows("is f a ie", "f b"), CALL + user("z")).replace(
                '"call_e" sourceRef="call" targetRef="e"',
                '"call_z" sourceRef="call" targetRef="z"/><sequenceFlow id="z_e" sourceRef="z" targetRef="e"',
            )
        )
    )
    play.complete("a")
    assert play.trace("cancelled") == ["b"]
    assert play.open == ["z"]


def test_cancelling_ends_everything_from_the_inside_out() -> None:
    play = withdrawal()
    outcome = play.cancel()
    assert outcome.completed and not outcome.failed
    assert [line[1] for line in outcome.trace] == ["a", "call"]
    assert outcome.timers_gone and outcome.subscriptions_gone


def test_after_a_refusal_in_the_middle_the_live_instance_is_not_used_again() -> None:
    play = withdrawal()
    play.answer = lambda call: 1 / 0  # type: ignore[assignment,return-value]
    with pytest.raises(ZeroDivisionError):
        play.live.deliver(next(iter(play.last.subscriptions)).id, {}, play._seal(), play.answer)
    with pytest.raises(Spoiled):
        play.live.cancel(play._seal())


def test_two_files_make_one_version() -> None:
    inner = process(INNER.format(user("a")) + flows("is a ie"), key="inner")
    outer = diagram(process(START + CALL + END, "s call e"))
    from engine.bpmn import compile_version

    program = compile_version({"a/inner.bpmn": diagram(inner), "b.bpmn": outer})
    assert (program.process_id, program.processes) == ("p", {"inner": "a/inner.bpmn", "p": "b.bpmn"})
    assert Play(program).open == ["a"]
