"""User tasks: who they are for, until when, and what they see."""

import pytest

from engine.refusals import NotOpen

from .drawing import MONDAY, Play, Seal, boundary, compiled, done, process, properties, timer, user

START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
LANES = f"""<laneSet id="ls"><lane id="l1" name="Handling unit">{properties(post="handler", organisation="unit")}
<flowNodeRef>draft</flowNodeRef></lane></laneSet>"""


def one(task: str, **data: object) -> Play:
    return Play(compiled(process(START + task + END, "s draft e")), data)


def test_a_task_opens_for_the_post_and_organisation_of_its_lane() -> None:
    play = Play(compiled(process(LANES + START + user("draft") + END, "s draft e")), {"unit": "party_office"})
    task = play.task("draft")
    assert (task.post, task.organisation) == ("handler", "party_office")
    assert play.program.elements["draft"].lane == "Handling unit"


def test_its_own_properties_go_before_those_of_the_lane() -> None:
    play = Play(compiled(process(LANES + START + user("draft", post="archivist") + END, "s draft e")), {"unit": "x"})
    assert play.task("draft").post == "archivist"


def test_the_organisation_is_the_variable_unless_something_else_is_said() -> None:
    assert one(user("draft"), organisation="school").task("draft").organisation == "school"
    assert one(user("draft")).task("draft").organisation == ""


def test_the_due_date_shows_how_it_was_computed() -> None:
    task = one(user("draft", due='settings["t.draft"]'), settings={"t.draft": "2wd"}).task("draft")
    assert task.due_at == "2026-03-04T16:00:00+00:00"
    assert task.due_how is not None and task.due_how["counted"] == ["2026-03-03", "2026-03-04"]


def test_form_state_and_separation_are_told() -> None:
    draft = user("draft", state="DRAFTING")
    review = user("review", formJsonSchemaFilename="review.form.json", separate_from="draft")
    body = process(START + draft + review + END, "s draft review e")
    play = Play(compiled(body, **{"review.form.json": b"{}"}))
    assert play.task("draft").state == "DRAFTING"
    play.complete("draft")
    assert (play.task("review").form, play.task("review").separate_from) == ("review.form.json", ["draft"])


def test_a_submission_is_merged_at_the_top() -> None:
    play = one(user("draft"), title="old", kept=1)
    play.complete("draft", title="new")
    assert play.live.variables == {"title": "new", "kept": 1}


def test_or_put_whole_under_the_variable_that_the_task_names() -> None:
    play = one(user("draft", variable="plan"), plan={"title": "old", "hidden": True})
    play.complete("draft", title="new")
    assert play.live.variables == {"plan": {"title": "new"}}


def test_nobody_can_change_what_a_task_holds_by_changing_what_it_shows() -> None:
    play = one(user("draft"), plan={"channels": ["LAN"]})
    play.task("draft").data["plan"]["channels"].append("TV")
    assert play.live.data(play.task("draft").id)["plan"]["channels"] == ["LAN"]


def test_a_task_that_is_done_cannot_be_done_again() -> None:
    play = one(user("draft"))
    task = play.task("draft").id
    play.complete("draft")
    with pytest.raises(NotOpen):
        play.live.complete(task, {}, Seal(MONDAY, "again", play._seal().calendar), done)


def test_closed_tells_how_each_task_ended() -> None:
    late = boundary("late", "draft", timer('deadline("1d")'))
    play = Play(compiled(process(START + user("draft") + late + END, "s draft e", "late e")))
    task = play.task("draft").id
    assert play.fire("late").closed == [(task, "cancelled")]


def test_the_trace_tells_elements_and_flows_in_order() -> None:
    play = one(user("draft"))
    outcome = play.complete("draft")
    assert [line[:2] for line in outcome.trace] == [
        ["completed", "draft"],
        ["flow", "draft_e"],
        ["entered", "e"],
        ["completed", "e"],
    ]
    assert outcome.completed


def test_a_manual_task_waits_and_a_plain_task_does_not() -> None:
    body = START + '<task id="t"/><manualTask id="m"/>' + END
    play = Play(compiled(process(body, "s t m e")))
    assert play.open == ["m"]


def test_elements_called_like_the_ends_of_spiffworkflow_are_elements_all_the_same() -> None:
    body = '<startEvent id="Start"/>' + user("Root") + '<endEvent id="End"/>'
    play = Play(compiled(process(body, "Start Root End")))
    play.complete("Root")
    assert play.trace("completed") == ["Start", "Root", "End"]
