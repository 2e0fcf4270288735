"""On the running instance: the act that would break a rule is refused, whatever the diagram says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.bpmn import Program
from engine.canonical import read
from engine.clock import SHANGHAI
from engine.refusals import NotAllowed
from engine.regulation.history import Course, acts_of, withdrawn_by
from engine.regulation.rules import Regulation


class RuleBroken(NotAllowed):
    """{says} ({basis}). “{element}” would break this rule and was refused; nothing was changed."""


class RuleOwed(NotAllowed):
    """{says} ({basis}). The matter cannot end with this left undone; nothing was changed."""


def guard(
    regulation: Regulation,
    program: Program,
    course: Course | None,
    line: Any,
    is_completed: bool,
    before: Callable[[], Sequence[Any]],
) -> Course | None:
    """Take the acts of an entry into the course of its instance. RuleBroken or RuleOwed refuse the command.

    `course` is None where nothing is known yet: it is then made from the entries `before`, once there is an act.
    """
    if not _performs(regulation, program):
        return course
    said = read(line.body)
    occurred, withdrawn = acts_of(program, regulation, line, said), withdrawn_by(said)
    if course is None:
        if not occurred and withdrawn is None and not is_completed:
            return None
        course = course_of(regulation, program, before())
    for rule, act in course.take(line, occurred, withdrawn):
        name = program.elements[act.element].name or act.element
        raise RuleBroken(reason="", says=rule.says.zh, basis=rule.basis, element=name, rule=rule.id)
    if is_completed:
        for rule in course.owed(line.at.astimezone(SHANGHAI).date()):
            raise RuleOwed(reason="", says=rule.says.zh, basis=rule.basis, rule=rule.id)
    return course


def course_of(regulation: Regulation, program: Program, lines: Sequence[Any]) -> Course:
    """The course of an instance, from its journal."""
    course = Course(regulation)
    for line in lines:
        said = read(line.body)
        course.take(line, acts_of(program, regulation, line, said), withdrawn_by(said))
    return course


def _performs(regulation: Regulation, program: Program) -> bool:
    """Does the program perform any act that a rule names?"""
    key = (regulation.digest, program.digest)
    if key not in _PERFORMING:
        acts = frozenset[str]().union(*(rule.acts() for rule in regulation.rules))
        _PERFORMING[key] = any(element.properties.get("act") in acts for element in program.elements.values())
    return _PERFORMING[key]


_PERFORMING: dict[tuple[str, str], bool] = {}
