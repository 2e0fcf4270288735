"""Events on a condition, and timers that fire again and again."""

from datetime import datetime

import pytest

from engine.bpmn import ScriptFailed, periods
from engine.clock import SHANGHAI

from .drawing import Play, boundary, compiled, flows, process, script, timer, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def when(condition: str) -> str:
    text = condition.replace(">", "&gt;")
    return f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"


def test_a_catching_event_goes_on_once_its_condition_holds() -> None:
    catch = f'<intermediateCatchEvent id="c">{when("n > 2")}</intermediateCatchEvent>'
    body = START + '<parallelGateway id="f"/>' + user("a") + user("b") + catch + user("z") + END
    play = Play(compiled(process(body, "s f a b e", "f c z e")))
    play.complete("a", n=1)
    assert play.open == ["b"]
    play.complete("b", n=3)
    assert play.open == ["z"] and play.task("z").data["n"] == 3


def test_it_goes_on_at_once_when_the_condition_holds_already() -> None:
    catch = f'<intermediateCatchEvent id="c">{when("n > 2")}</intermediateCatchEvent>'
    assert Play(compiled(process(START + catch + END, "s c e")), {"n": 3}).last.completed


def test_a_boundary_event_interrupts_before_the_next_task_runs() -> None:
    inner = '<startEvent id="is"/>' + script("one", "n = 5") + script("two", "ran = True") + '<endEvent id="ie"/>'
    sub = f'<subProcess id="x">{inner}{flows("is one two ie")}</subProcess>'
    play = Play(compiled(process(START + sub + boundary("b", "x", when("n > 2")) + user("z") + END, "s x e", "b z e")))
    assert play.open == ["z"] and "ran" not in play.task("z").data
    assert "two" not in play.trace("completed")


def test_one_that_does_not_interrupt_happens_each_time_the_condition_comes_to_hold() -> None:
    body = START + user("a") + boundary("b", "a", when("n > 2"), False) + user("n1") + user("n2") + user("z") + END
    play = Play(compiled(process(body + '<parallelGateway id="f"/>', "s f a e", "f n1 n2 e", "b z e")))
    play.complete("n1", n=3)
    assert play.open.count("z") == 1
    play.complete("z", n=0)
    play.complete("n2", n=9)
    assert play.open == ["a", "z"]


def test_an_event_sub_process_starts_on_a_condition() -> None:
    event = f'<startEvent id="ws">{when("n > 2")}</startEvent>' + user("w") + '<endEvent id="we"/>' + flows("ws w we")
    body = START + user("a") + user("b") + END + f'<subProcess id="l" triggeredByEvent="true">{event}</subProcess>'
    play = Play(compiled(process(body, "s a b e")))
    play.complete("a", n=3)
    assert play.open == ["w"]


def cycle(spec: str) -> Play:
    body = START + user("a") + boundary("b", "a", timer(f'"{spec}"', "Cycle"), False) + END
    return Play(compiled(process(body, "s a e", "b e")))


def test_a_cycle_fires_as_often_as_it_says() -> None:
    play = cycle("R3/PT10M")
    dues = []
    for _ in range(3):
        dues.append(play.last.timers[0].due_at)
        play.fire("b")
    assert play.last.timers == []
    assert [due[11:16] for due in dues] == ["01:10", "01:20", "01:30"]


def test_and_stops_with_its_activity() -> None:
    play = cycle("R/P1D")
    play.fire("b")
    assert len(play.complete("a").timers_gone) == 1 and play.last.completed


def test_months_do_not_drift() -> None:
    start = datetime(2026, 1, 31, 9, tzinfo=SHANGHAI)
    how = periods.cycle("R/P1M", start) | {"turn": 0}
    turns = [periods._turn(how, turn)[0] for turn in range(4)]
    assert [turn.strftime("%m-%d %H:%M") for turn in turns] == [
        "02-28 09:00",
        "03-31 09:00",
        "04-30 09:00",
        "05-31 09:00",
    ]


def test_of_turns_that_were_missed_one_is_made_up_for() -> None:
    play = cycle("R/PT10M")
    play.now = play.now.replace(hour=5, minute=5)
    play.fire("b")
    (next_one,) = play.last.timers
    assert next_one.due_at[11:16] == "05:00"
    play.fire("b")
    assert play.last.timers[0].due_at[11:16] == "05:10"


@pytest.mark.parametrize("spec", ["R3", "R3/P", "PT5M", "R/2026-13-01/P1D", "R/PT0S", "0 0 * * *"])
def test_what_is_no_cycle_is_refused(spec: str) -> None:
    text = process(START + user("a") + boundary("b", "a", timer("spec", "Cycle"), False) + END, "s a e", "b e")
    with pytest.raises(ScriptFailed, match='"b"'):
        Play(compiled(text), {"spec": spec})
