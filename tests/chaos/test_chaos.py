"""Nodes are hurt for a while, and nothing that was acknowledged is lost, doubled or turned round."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.checker import compared
from tests.chaos.clients import History
from tests.chaos.run import run
from tests.support.postgres import Missing

SEED = 7
SECONDS = 15.0


@pytest.mark.timeout(400)
def test_two_servers_and_two_schedulers_that_are_hurt_lose_nothing(tmp_path: Path, request: pytest.FixtureRequest):
    if "postgresql" not in request.config.getoption("--stores"):
        pytest.skip("several nodes need PostgreSQL")
    try:
        told = run(tmp_path, SEED, SECONDS, longest=3, drops=0)
    except Missing as missing:
        pytest.skip(str(missing))
    print(told)
    assert told.wrong == []
    assert len(told.faults) >= 4 and told.history.approved and told.history.worked and told.history.calls


def journal(*kinds: str) -> list[dict]:
    """A trial's journal as it must be, or shorter."""
    entries = {
        "start": {"command": {"message": {"key": "k"}}, "effects": {"calls": [called("w", "external:trial")]}},
        "work": {"command": {"call": "w"}, "effects": {}},
        "deliver": {"command": {"payload": {"said": "k"}}, "effects": {"calls": [called("h", "webhook")]}},
        "hook": {"command": {"call": "h"}, "effects": {}},
        "fire": {"command": {}, "effects": {}},
        "complete": {"command": {"task": "t"}, "effects": {}},
    }
    names = {"work": "answer", "hook": "answer"}
    return [{"kind": names.get(kind, kind), **entries[kind]} for kind in kinds]


def called(key: str, service: str) -> dict:
    return {"id": key, "service": service, "arguments": {"body": {"key": "k"}}}


WHOLE = ("start", "work", "deliver", "hook", "fire", "complete")


def history(**changes) -> History:
    said = {"begun": {"k": "i"}, "told": {"k": ("i", 3)}, "worked": {"w": ("i", 2)}, "approved": {"t": ["zhao"]}}
    found = History(**(said | changes))
    found.calls["h", "k"] += 1
    found.deeds["w"] += 2
    return found


def test_the_checker_finds_nothing_where_all_is_well():
    assert list(compared({"i": journal(*WHOLE)}, history())) == []


@pytest.mark.parametrize(
    ("journals", "said", "word"),
    [
        ({}, history(), "is not in the journal"),
        ({"i": journal(*WHOLE[:5])}, history(approved={}), "has the entries"),
        ({"i": journal(*WHOLE, "complete")}, history(), "has the entries"),
        ({"i": journal("start", "deliver", "work", "hook", "fire", "complete")}, history(), "is not there"),
        ({"i": journal(*WHOLE), "j": journal(*WHOLE)}, history(), "begun 2 times"),
        ({"i": journal(*WHOLE)}, history(approved={"t": ["zhao", "qian"]}), "both told"),
        ({"i": journal(*WHOLE)}, history(approved={"u": ["zhao"]}), "does not say so"),
        ({"i": journal(*WHOLE)}, history(told={"k": ("i", 4)}), "is not there"),
    ],
)
def test_the_checker_notices_what_was_lost_or_doubled(journals, said, word):
    assert any(word in fault for fault in compared(journals, said))


def test_the_checker_notices_calls_that_never_came_or_came_from_nowhere():
    missed, stray = history(), history()
    missed.calls.clear()
    stray.calls["x", "k"] += 1
    assert any("never came" in fault for fault in compared({"i": journal(*WHOLE)}, missed))
    assert any("never sent" in fault for fault in compared({"i": journal(*WHOLE)}, stray))
