"""The seven places where a message or a signal is caught, timers beside them, and what goes outside."""

import pytest

from .drawing import MONDAY, Play, boundary, compiled, flows, process, properties, timer, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
ROOTS = '<message id="m" name="Reply"/><signal id="g" name="Hold"/>'
MESSAGE, SIGNAL = '<messageEventDefinition messageRef="m"/>', '<signalEventDefinition signalRef="g"/>'
KEY = properties(correlation="matter")


def played(body: str, *paths: str, **data: object) -> Play:
    return Play(compiled(process(body, *paths), roots=ROOTS), {"matter": "M1", **data})


def listener(event: str, interrupting: str) -> str:
    inner = f'<startEvent id="ls" isInterrupting="{interrupting}">{KEY}{event}</startEvent>'
    inner += user("lu") + '<endEvent id="le"/>' + flows("ls lu le")
    return f'<subProcess id="l" triggeredByEvent="true">{inner}</subProcess>'


@pytest.mark.parametrize("event", [MESSAGE, SIGNAL])
def test_an_intermediate_event_waits_and_goes_on(event: str) -> None:
    play = played(START + f'<intermediateCatchEvent id="c">{KEY}{event}</intermediateCatchEvent>' + END, "s c e")
    (waiting,) = play.last.subscriptions
    assert (waiting.element, waiting.name, waiting.key) in [("c", "Reply", "M1"), ("c", "Hold", "M1")]
    outcome = play.deliver("c", answer=42)
    assert outcome.completed and outcome.subscriptions_gone == [waiting.id]
    assert play.live.variables["answer"] == 42


def test_a_receive_task_keeps_the_payload_under_its_variable() -> None:
    task = f'<receiveTask id="r" messageRef="m">{properties(correlation="matter", variable="reply")}</receiveTask>'
    play = played(START + task + END, "s r e")
    assert play.deliver("r", result="AGREE").completed
    assert play.live.variables["reply"] == {"result": "AGREE"}


def test_an_interrupting_boundary_event_cancels_its_activity() -> None:
    play = played(START + user("a") + boundary("b", "a", MESSAGE) + user("z") + END, "s a e", "b z e")
    play.deliver("b")
    assert play.open == ["z"]
    assert play.trace("cancelled") == ["a"]
    assert "b_z" in play.trace("flow")


def test_a_boundary_event_that_does_not_interrupt_may_happen_again() -> None:
    play = played(START + user("a") + boundary("b", "a", MESSAGE, False) + user("z") + END, "s a e", "b z e")
    play.deliver("b")
    play.deliver("b")
    assert play.open == ["a", "z", "z"]
    assert play.complete("a").subscriptions_gone


def test_an_interrupting_event_sub_process_ends_all_else_in_its_scope() -> None:
    play = played(START + user("a") + listener(MESSAGE, "true") + END, "s a e")
    play.deliver("l", reason="withdrawn")
    assert play.open == ["lu"]
    assert play.trace("cancelled") == ["a"]
    assert play.task("lu").data == {"matter": "M1", "reason": "withdrawn"}
    assert play.complete("lu").completed


def test_one_that_does_not_interrupt_runs_beside_it_as_often_as_it_is_called() -> None:
    play = played(START + user("a") + listener(SIGNAL, "false") + END, "s a e")
    play.deliver("l")
    play.deliver("l")
    assert play.open == ["a", "lu", "lu"]
    play.complete("a")
    play.complete("lu")
    assert not play.last.completed
    assert play.complete("lu").completed


def test_an_event_sub_process_that_nobody_called_does_not_keep_its_scope_alive() -> None:
    play = played(START + user("a") + listener(MESSAGE, "true") + END, "s a e")
    outcome = play.complete("a")
    assert outcome.completed and len(outcome.subscriptions_gone) == 1
    assert "l" not in play.trace("entered")


def gateway() -> Play:
    body = START + '<eventBasedGateway id="g1"/>' + user("x") + user("y") + END
    body += f'<intermediateCatchEvent id="c">{MESSAGE}</intermediateCatchEvent>'
    body += f'<intermediateCatchEvent id="t">{timer(chr(34) + "P2D" + chr(34), "Duration")}</intermediateCatchEvent>'
    return played(body, "s g1 c x e", "g1 t y e")


def test_after_an_event_based_gateway_the_first_event_wins() -> None:
    play = gateway()
    assert play.trace("entered") == ["s", "g1"]
    outcome = play.deliver("c")
    assert play.open == ["x"] and len(outcome.timers_gone) == 1
    assert play.trace("flow") == ["s_g1", "g1_c", "c_x"]
    assert "t" not in play.trace("cancelled")


def test_and_it_may_be_the_timer() -> None:
    play = gateway()
    assert play.last.timers[0].due_at == "2026-03-04T01:00:00+00:00"
    play.fire("t")
    assert play.open == ["y"]


def test_timers_are_due_by_the_working_calendar_and_show_how() -> None:
    late = boundary("late", "a", timer('deadline("2wd")'), False)
    soon = boundary("soon", "a", timer('reminder("2d")'), False)
    play = played(START + user("a") + late + soon + END, "s a e", "late e", "soon e")
    first, second = play.last.timers
    assert (first.due_at, first.how["counted"]) == ("2026-03-04T16:00:00+00:00", ["2026-03-03", "2026-03-04"])
    assert second.due_at == MONDAY.replace(day=3).isoformat()


def test_a_message_thrown_inside_is_caught_inside_by_key() -> None:
    catch = f'<intermediateCatchEvent id="c">{KEY}{MESSAGE}</intermediateCatchEvent>'
    throw = f'<intermediateThrowEvent id="t">{properties(correlation="to", payload="[1, matter]")}{MESSAGE}'
    body = START + '<parallelGateway id="f"/>' + catch + user("a") + throw + "</intermediateThrowEvent>" + END
    play = played(body, "s f c e", "f a t e")
    play.complete("a", to="M2")
    (thrown,) = play.last.thrown
    assert (thrown.kind, thrown.name, thrown.key, thrown.payload) == ("message", "Reply", "M2", [1, "M1"])
    assert not play.last.completed
    again = played(body, "s f c e", "f a t e")
    assert again.complete("a", to="M1").completed and not again.thrown()


def test_a_signal_end_event_in_a_sub_process_goes_outside() -> None:
    inner = f'<startEvent id="is"/><endEvent id="ie">{SIGNAL}</endEvent>' + flows("is ie")
    play = played(START + f'<subProcess id="sub">{inner}</subProcess>' + END, "s sub e")
    assert play.thrown() == [("signal", "Hold")] and play.last.completed


def test_a_signal_reaches_all_that_wait_for_it() -> None:
    catch = "".join(f'<intermediateCatchEvent id="c{n}">{SIGNAL}</intermediateCatchEvent>' for n in (1, 2))
    body = START + '<parallelGateway id="f"/>' + catch + user("a") + '<sendTask id="t" messageRef="m"/>' + END
    body += f'<intermediateThrowEvent id="h">{SIGNAL}</intermediateThrowEvent>'
    play = played(body, "s f c1 e", "f c2 e", "f a h t e")
    assert play.complete("a").completed
    assert play.thrown() == [("message", "Reply")]
