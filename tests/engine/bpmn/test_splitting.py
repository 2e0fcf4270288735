"""Several flows out of an activity, and complex gateways."""

import pytest

from engine.bpmn.specs import NoWay

from .drawing import Play, boundary, compiled, flow, flows, process, timer, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def test_every_flow_out_of_a_task_is_taken() -> None:
    play = Play(compiled(process(START + user("a") + user("b") + user("c") + END, "s a b e", "a c e")))
    play.complete("a")
    assert play.open == ["b", "c"]
    assert {"a_b", "a_c"} <= set(play.trace("flow"))


def test_also_out_of_events_and_repeated_tasks() -> None:
    several = (
        "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    body = (
        START + user("a", several) + boundary("late", "a", timer('deadline("1d")'), False) + user("b") + user("c") + END
    )
    play = Play(compiled(process(body, "s a b e", "a c e", "late b", "late c")))
    play.fire("late")
    assert play.open == ["a", "a", "b", "c"]
    play.complete("a")
    play.complete("a")
    assert play.open == ["b", "c", "b", "c"]


def conditioned(default: str = "") -> str:
    ways = flow("a", "b", "x > 1") + flow("a", "c", "x > 5") + (flows("a d") if default else "")
    task = f'<userTask id="a" {default}/>'
    return process(START + task + user("b") + user("c") + user("d") + END + ways, "s a", "b e", "c e", "d e")


@pytest.mark.parametrize(("x", "opened"), [(0, ["d"]), (2, ["b"]), (9, ["b", "c"])])
def test_a_condition_decides_and_the_default_stands_in(x: int, opened: list[str]) -> None:
    play = Play(compiled(conditioned('default="a_d"')))
    play.complete("a", x=x)
    assert play.open == opened


def test_without_a_way_it_refuses_to_go_on() -> None:
    ways = flow("a", "b", "x > 1") + flow("a", "c", "x > 5")
    play = Play(compiled(process(START + user("a") + user("b") + user("c") + END + ways, "s a", "b e", "c e")))
    with pytest.raises(NoWay, match='"a"'):
        play.live.complete(play.task("a").id, {"x": 0}, play._seal(), play.answer)


def joined(condition: str, tasks: str = "abc") -> Play:
    gateway = f'<complexGateway id="g"><activationCondition>{condition}</activationCondition></complexGateway>'
    body = START + '<parallelGateway id="f"/>' + gateway + "".join(map(user, tasks)) + user("z") + END
    return Play(compiled(process(body.replace(">=", "&gt;="), "s f", *(f"f {name} g" for name in tasks), "g z e")))


def test_a_complex_gateway_goes_on_once_when_enough_have_come() -> None:
    play = joined("activationCount >= 2")
    play.complete("a")
    assert "z" not in play.open
    play.complete("c")
    assert play.open == ["b", "z"]
    play.complete("b", late=1)
    assert play.open == ["z"]
    assert play.complete("z").completed and play.live.variables["late"] == 1


def test_it_ends_also_when_the_last_comes_last_of_all() -> None:
    play = joined("activationCount >= 1")
    play.complete("b")
    play.complete("z")
    play.complete("a")
    assert not play.last.completed
    assert play.complete("c").completed


def test_it_is_ready_for_another_round() -> None:
    gateway = '<complexGateway id="g"><activationCondition>activationCount == 1</activationCondition></complexGateway>'
    body = (
        START + '<exclusiveGateway id="r"/><exclusiveGateway id="q" default="q_e"/><parallelGateway id="f"/>' + gateway
    )
    body += user("a") + user("b") + user("z") + END + flow("q", "r", "again")
    play = Play(compiled(process(body, "s r f a g z q e", "f b g")))
    for again in (True, False):
        play.complete("a")
        play.complete("b")
        assert play.open == ["z"]
        play.complete("z", again=again)
    assert play.last.completed and play.trace("completed").count("g") == 2


def test_a_condition_that_can_never_hold_is_a_refusal_and_no_silence() -> None:
    play = joined("activationCount >= 3", "ab")
    play.complete("a")
    with pytest.raises(NoWay, match='"g"'):
        play.live.complete(play.task("b").id, {}, play._seal(), play.answer)


def test_a_complex_gateway_that_splits_takes_every_way_that_holds() -> None:
    ways = flow("g", "a", "x > 1") + flow("g", "b", "x > 5") + flows("g c")
    body = START + '<complexGateway id="g" default="g_c"/>' + user("a") + user("b") + user("c") + END
    assert Play(compiled(process(body + ways, "s g", "a e", "b e", "c e")), {"x": 9}).open == ["a", "b"]
