"""A link stands for a sequence flow."""

from .drawing import Play, compiled, process, user
from .test_refusals import catches, throws

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def test_what_comes_after_the_link_is_done() -> None:
    play = Play(compiled(process(START + throws("t", "A") + catches("c", "A") + user("a") + END, "s t", "c a e")))
    assert play.open == ["a"]
    assert play.trace("completed") == ["s", "t", "c"]
    assert play.complete("a").completed


def test_several_links_may_lead_to_one_place() -> None:
    fork = '<parallelGateway id="f"/>' + throws("t", "A") + throws("u", "A")
    play = Play(compiled(process(START + fork + catches("c", "A") + user("a") + END, "s f t", "f u", "c a e")))
    assert play.open == ["a", "a"]


def test_an_inclusive_join_waits_for_what_comes_by_a_link() -> None:
    body = START + '<parallelGateway id="f"/>' + user("a") + user("b") + throws("t", "A") + catches("c", "A")
    body += '<inclusiveGateway id="j"/>' + user("z") + END
    play = Play(compiled(process(body, "s f a j z e", "f b t", "c j")))
    play.complete("a")
    assert play.open == ["b"]
    play.complete("b")
    assert play.open == ["z"]


def test_links_of_a_sub_process_are_its_own() -> None:
    inner = '<startEvent id="is"/>' + throws("it", "A") + catches("ic", "A") + user("a") + '<endEvent id="ie"/>'
    flows = "".join(
        f'<sequenceFlow id="{a}{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in (("is", "it"), ("ic", "a"), ("a", "ie"))
    )
    body = START + f'<subProcess id="x">{inner}{flows}</subProcess>' + throws("t", "A") + catches("c", "A") + END
    play = Play(compiled(process(body, "s x t", "c e")))
    play.complete("a")
    assert play.last.completed and play.trace("completed")[-3:] == ["t", "c", "e"]
