"""What the player is given: every entry with its trace, on the diagrams that the instance ran on."""

from __future__ import annotations

import pytest

from tests.web.playback.conftest import LETTER


@pytest.fixture
def recorded(browse, letter):
    return browse("li").get(f"/instances/{letter}/playback.json").json


def test_every_entry_says_when_who_and_what(recorded) -> None:
    said = [(entry["position"], entry["kind"], entry["by"]) for entry in recorded["entries"]]
    assert said == [(1, "start", "李写信"), (2, "complete", "李写信")]
    assert all(entry["at"].endswith("+00:00") for entry in recorded["entries"])


def test_a_trace_names_the_process_that_draws_each_element(recorded) -> None:
    places = {
        (element, process) for kind, element, process, _, _ in recorded["entries"][0]["trace"] if kind == "entered"
    }
    assert {("start", "letter"), ("write", "letter"), ("draft", "writing")} <= places


def test_what_happens_inside_a_call_carries_the_call_as_scope(recorded) -> None:
    trace = recorded["entries"][0]["trace"]
    call = next(task for kind, element, _, _, task in trace if (kind, element) == ("entered", "write"))
    assert {scope for _, _, process, scope, _ in trace if process == "writing"} == {call}


def test_flows_are_in_the_trace(recorded) -> None:
    taken = [element for entry in recorded["entries"] for kind, element, *_ in entry["trace"] if kind == "flow"]
    assert taken == ["f_start_write", "f_begin_draft", "f_draft_written", "f_write_sign"]


def test_the_diagrams_are_those_of_its_own_version(browse, letter, parts, actor) -> None:
    changed = {path: data.replace("写信".encode(), "起草".encode()) for path, data in LETTER.items()}
    parts.engine.deploy(changed, actor("li").person)
    files = browse("li").get(f"/instances/{letter}/playback.json").json["files"]
    assert [file["path"] for file in files] == ["0.bpmn", "1.bpmn"]
    assert "写信" in files[0]["xml"]
