"""Several instances of one activity."""

import pytest

from engine.bpmn import ScriptFailed

from .drawing import Play, boundary, compiled, flows, process, properties, script, timer, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
SAID = {"collection": "plan.co_units", "item": "co_unit", "output": "confirmations"}
UNITS = {"plan": {"co_units": ["law", "press", "union"]}}


def confirming(inside: str = "", sequential: str = "false", **more: str) -> str:
    loop = f'<multiInstanceLoopCharacteristics isSequential="{sequential}">{inside}</multiInstanceLoopCharacteristics>'
    return process(START + user("ask", loop, **{**SAID, **more}) + END, "s ask e")


def test_each_unit_is_asked_at_once_and_for_itself() -> None:
    play = Play(compiled(confirming(organisation="co_unit")), UNITS)
    assert [task.organisation for task in play.tasks()] == ["law", "press", "union"]
    assert play.trace("flow") == ["s_ask"] and play.trace("entered").count("ask") == 3


def test_answers_stand_in_the_order_of_the_collection() -> None:
    play = Play(compiled(confirming()), UNITS)
    for unit in ("union", "law", "press"):
        task = next(task for task in play.tasks() if task.data["co_unit"] == unit)
        play.complete_task(task.id, consistent=unit != "law")
    assert play.last.completed
    assert play.live.variables["confirmations"] == [
        {"consistent": False, "co_unit": "law"},
        {"consistent": True, "co_unit": "press"},
        {"consistent": True, "co_unit": "union"},
    ]
    assert "co_unit" not in play.live.variables and "consistent" not in play.live.variables


def test_one_after_the_other_sees_the_answers_so_far() -> None:
    play = Play(compiled(confirming(sequential="true")), UNITS)
    assert play.task("ask").data["co_unit"] == "law"
    play.complete("ask", consistent=True)
    assert play.task("ask").data["co_unit"] == "press"
    assert play.task("ask").data["confirmations"] == [{"consistent": True, "co_unit": "law"}]


@pytest.mark.parametrize("units", [[], None])
def test_an_empty_collection_is_done_at_once(units: object) -> None:
    play = Play(compiled(confirming()), {"plan": {"co_units": units}})
    assert play.last.completed and play.live.variables["confirmations"] == []
    assert "ask" in play.trace("completed")


def test_enough_answers_cancel_the_rest() -> None:
    enough = "<completionCondition>len(confirmations) >= 2</completionCondition>"
    play = Play(compiled(confirming(enough.replace(">=", "&gt;="))), UNITS)
    play.complete("ask")
    assert len(play.complete("ask").closed) == 2
    assert play.last.completed and play.trace("cancelled") == ["ask"]


def test_a_submission_under_a_variable_is_the_answer_all_the_same() -> None:
    play = Play(compiled(confirming(variable="confirmation")), {"plan": {"co_units": ["law"]}})
    play.complete("ask", consistent=True)
    assert play.live.variables["confirmations"] == [{"consistent": True, "co_unit": "law"}]


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(ScriptFailed, match="plan.co_units"):
        Play(compiled(confirming()), {"plan": {"co_units": 5}})


def test_a_timer_watches_all_of_them_together() -> None:
    late = boundary("late", "ask", timer('deadline("1d")'))
    body = process(START + user("ask", "<multiInstanceLoopCharacteristics/>", **SAID) + late + END, "s ask e", "late e")
    play = Play(compiled(body), UNITS)
    assert len(play.last.timers) == 1
    assert len(play.fire("late").closed) == 3


def test_sub_processes_can_be_repeated_and_tell_what_they_wrote() -> None:
    inner = (
        '<startEvent id="is"/>'
        + user("a")
        + script("b", "seen = co_unit + '!'")
        + '<endEvent id="ie"/>'
        + flows("is a b ie")
    )
    several = "<multiInstanceLoopCharacteristics/>"
    sub = f'<subProcess id="sub">{properties(**SAID)}{several}{inner}</subProcess>'
    play = Play(compiled(process(START + sub + END, "s sub e")), {"plan": {"co_units": ["law", "press"]}})
    assert len({task.scope for task in play.tasks()}) == 2
    play.complete("a", ok=1)
    play.complete("a", ok=2)
    assert play.live.variables["confirmations"] == [
        {"ok": 1, "seen": "law!", "co_unit": "law"},
        {"ok": 2, "seen": "press!", "co_unit": "press"},
    ]


def test_the_standard_elements_work_too() -> None:
    loop = """<multiInstanceLoopCharacteristics><loopDataInputRef>units</loopDataInputRef>
    <loopDataOutputRef>out</loopDataOutputRef><inputDataItem id="unit"/></multiInstanceLoopCharacteristics>"""
    play = Play(compiled(process(START + user("ask", loop) + END, "s ask e")), {"units": ["a"]})
    play.complete("ask", x=1)
    assert play.live.variables["out"] == [{"x": 1, "unit": "a"}]


def test_a_loop_goes_on_as_long_as_its_condition_holds() -> None:
    loop = "<standardLoopCharacteristics><loopCondition>n &lt; 3</loopCondition></standardLoopCharacteristics>"
    body = START + f'<scriptTask id="a">{loop}<script>n = n + 1</script></scriptTask>' + END
    play = Play(compiled(process(body, "s a e")), {"n": 0})
    assert play.live.variables["n"] == 3
