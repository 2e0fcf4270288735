"""What a rule of the standard is: a name, its clause in BPMN 2.0.2, a sentence, and how breaches are found.

A breach is an error where the diagram would be ambiguous or contradict itself when it runs, else a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.bpmn.standard.model import Model

Breaches = Iterator[Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """`breaches` gives the nodes that break it."""

    code: str
    clause: str
    sentence: str
    level: str
    breaches: Callable[[Model], Breaches]

    @property
    def message(self) -> str:
        """What is said of a breach; {clause} is filled in."""
        return "BPMN 2.0, {clause}: " + self.sentence


RULES: list[Rule] = []


def rule(
    name: str, clause: str, sentence: str, level: str = "error"
) -> Callable[[Callable[[Model], Breaches]], Callable[[Model], Breaches]]:
    """Make a rule of a function."""

    def note(breaches: Callable[[Model], Breaches]) -> Callable[[Model], Breaches]:
        RULES.append(Rule(f"standard.{name}", clause, sentence, level, breaches))
        return breaches

    return note
