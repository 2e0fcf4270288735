"""The regulation as data: rules over acts, proved on diagrams, kept by running instances, judged on histories.

Nothing here knows what the acts mean; vocabulary, rules and articles come from files.
"""

from __future__ import annotations

from engine.regulation.checking import Checker, finding, unknown_acts
from engine.regulation.guard import RuleBroken, RuleOwed, guard
from engine.regulation.history import Course, Judgement, judge
from engine.regulation.net import Surroundings
from engine.regulation.proof import Step, Verdict, prove
from engine.regulation.reading import BadRegulation, Reader, read_regulation
from engine.regulation.rules import NOTHING, ActWord, Regulation, Rule

__all__ = [
    "NOTHING",
    "ActWord",
    "BadRegulation",
    "Checker",
    "Course",
    "Judgement",
    "Reader",
    "Regulation",
    "Rule",
    "RuleBroken",
    "RuleOwed",
    "Step",
    "Surroundings",
    "Verdict",
    "finding",
    "guard",
    "judge",
    "prove",
    "read_regulation",
    "unknown_acts",
]
