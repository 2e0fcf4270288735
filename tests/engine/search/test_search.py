"""After every command: thawed and frozen it is the same, the replay is the same, who catches up ends the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.search.diagrams import diagrams
from tests.engine.search.play import Play

commands = st.lists(st.integers(0, 400), min_size=10, max_size=16)
beginnings = st.fixed_dictionaries(
    {"n": st.integers(0, 3), "again": st.booleans(), "note": st.sampled_from(["", "后"])}
)


def searched(law: Callable[..., None], examples: int = 150, **changes: Any) -> Callable[[], None]:
    """A law over made-up diagrams, beginnings and commands; the same in every run unless told otherwise."""
    how = {"deadline": None, "database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
    return settings(max_examples=examples, **how | changes)(given(diagrams(), beginnings, commands)(law))


def journal_holds(drawn: bytes, data: dict[str, Any], numbers: list[int]) -> None:
    """The state is what the journal says, at every entry and from every snapshot."""
    play = Play({"p.bpmn": drawn}, data)
    for number in numbers:
        play.act(number)
    play.finish()


test_the_state_is_what_the_journal_says = searched(journal_holds)
