"""Gateways choose, split and join."""

import pytest

from engine.bpmn.execution import RunsAway
from engine.bpmn.specs import NoWay

from .drawing import Play, compiled, flow, flows, process, script, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def choice(tag: str, default: str = 'default="g_b"') -> str:
    body = START + f'<{tag} id="g" {default}/>' + user("a") + user("b") + user("c") + END
    condition = "" if default else flow("g", "b", "x == 2")
    ways = flow("g", "a", "x > 0") + flow("g", "c", "x > 5") + (flows("g b") if default else condition)
    return process(body + ways, "s g", "a e", "b e", "c e")


def test_an_exclusive_gateway_takes_the_first_way_that_holds() -> None:
    assert Play(compiled(choice("exclusiveGateway")), {"x": 9}).open == ["a"]


def test_or_the_default() -> None:
    assert Play(compiled(choice("exclusiveGateway")), {"x": 0}).open == ["b"]


def test_without_a_default_it_refuses_to_go_on() -> None:
    with pytest.raises(NoWay, match='"g"'):
        Play(compiled(choice("exclusiveGateway", default="")), {"x": 0})


def test_an_inclusive_gateway_takes_every_way_that_holds() -> None:
    assert sorted(Play(compiled(choice("inclusiveGateway")), {"x": 9}).open) == ["a", "c"]


def forked(kind: str, after: str = "") -> str:
    body = START + f'<parallelGateway id="f"/><{kind} id="j"/>' + user("a") + user("b") + user("z") + END
    return process(body + after, "s f a j z e", "f b j")


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_a_join_waits_for_all_branches(kind: str) -> None:
    play = Play(compiled(forked(kind)))
    play.complete("b")
    assert play.open == ["a"]
    play.complete("a")
    assert play.open == ["z"]
    assert play.trace("entered").count("j") == 1
    assert {"a_j", "b_j"} < set(play.trace("flow"))


def test_a_join_keeps_what_each_branch_wrote_last() -> None:
    play = Play(compiled(forked("parallelGateway")), {"plan": {"v": 1}, "note": "old"})
    play.complete("a", plan={"v": 2})
    play.complete("b", opinion="fine")
    assert play.task("z").data == {"plan": {"v": 2}, "note": "old", "opinion": "fine"}


def test_a_list_that_got_shorter_stays_shorter_after_a_join() -> None:
    play = Play(compiled(forked("parallelGateway")), {"channels": ["LAN", "TV"]})
    play.complete("a", channels=["TV"])
    play.complete("b")
    assert play.task("z").data["channels"] == ["TV"]


def test_branches_do_not_see_each_other_through_shared_lists() -> None:
    body = START + '<parallelGateway id="f"/>' + script("a", "plan.units.append(1)") + user("b") + END
    play = Play(compiled(process(body, "s f a e", "f b e")), {"plan": {"units": []}})
    assert play.task("b").data["plan"] == {"units": []}


def test_a_data_object_is_read_and_written_across_branches() -> None:
    body = START + '<dataObject id="note"/><dataObjectReference id="ref" dataObjectRef="note"/>'
    body += '<scriptTask id="w"><dataOutputAssociation><targetRef>ref</targetRef></dataOutputAssociation>'
    body += "<script>note = 1</script></scriptTask>"
    body += '<scriptTask id="r"><dataInputAssociation><sourceRef>ref</sourceRef></dataInputAssociation>'
    body += "<script>seen = note + 1</script></scriptTask>"
    body += '<parallelGateway id="f"/><parallelGateway id="j"/>' + user("a") + END
    play = Play(compiled(process(body, "s w f r j e", "f a j")))
    play.complete("a")
    assert play.last.completed and play.live.variables == {"seen": 2}


def test_an_inclusive_join_does_not_wait_for_a_way_not_taken() -> None:
    body = START + '<inclusiveGateway id="f" default="f_b"/><inclusiveGateway id="j"/>'
    body += user("a") + user("b") + user("z") + END + flow("f", "a", "True")
    play = Play(compiled(process(body, "s f b j z e", "a j")))
    play.complete("a")
    assert play.open == ["z"]


def returned() -> str:
    body = START + user("draft") + '<exclusiveGateway id="g" default="g_draft"/>' + END
    return process(body + flow("g", "e", "done"), "s draft g draft")


def test_a_return_loop_goes_on_for_thousands_of_rounds_and_stays_as_small() -> None:
    play = Play(compiled(returned()), {"done": False})
    play.complete("draft")
    size = len(play.frozen)
    for _ in range(1500):
        task = play.live.waiting.popitem()
        play.live.waiting[task[0]] = task[1]
        play.position += 1
        play.live.complete(task[0], {"done": False}, play._seal(), play.answer)
    assert len(play.live.freeze()) < size + 100
    outcome = play.live.complete(next(iter(play.live.waiting)), {"done": True}, play._seal(), play.answer)
    assert outcome.completed and outcome.trace[-1][:2] == ["completed", "e"]


def test_a_loop_that_waits_for_nobody_is_stopped() -> None:
    body = START + script("a", "n = 1") + '<exclusiveGateway id="g" default="g_a"/>' + END
    with pytest.raises(RunsAway):
        Play(compiled(process(body + flow("g", "e", "n > 1"), "s a g a")))


def test_a_way_that_ends_without_an_end_event_ends() -> None:
    play = Play(compiled(process(START + user("a"), "s a")))
    assert play.complete("a").completed
