"""The acts that a journal tells of, and what the rules say of them: kept, broken, open or not applicable.

Works on any journal, also one that was written before a rule existed. Each act is judged by the rules that were in
force on its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.bpmn import Element, Program
from engine.canonical import read
from engine.clock import SHANGHAI
from engine.regulation.automata import Automaton, Occurred, automaton
from engine.regulation.rules import Regulation, Rule, Within

TASKS = ("userTask", "manualTask")
Breach = tuple[Rule, Occurred]
"""A rule and the act that broke it."""


def acts_of(program: Program, regulation: Regulation, line: Any, said: Mapping[str, Any]) -> list[Occurred]:
    """The acts of one entry, in their order. `said` is the entry's body.

    A move to another version tells again what earlier entries told: nothing is done by it.
    """
    command = said["command"]
    if command["kind"] == "migrate":
        return []
    answers = {call: answer["done"] for call, answer in said["answers"] if "done" in answer}
    if command["kind"] == "answer" and "done" in command["answer"]:
        answers[command["call"]] = command["answer"]["done"]
    found = []
    for kind, key, _process, _scope, token in said["trace"]:
        element = program.elements.get(key)
        if kind != "completed" or element is None or element.by_event:
            continue
        act = element.properties.get("act", "")
        if act not in regulation.acts:
            continue
        if element.loop is not None and not _was_done(element, token, command, answers):
            continue
        told, is_done = _told(element, token, command, answers), command.get("task") == token
        posts = frozenset(command.get("holds", ())) if is_done else frozenset()
        found.append(_occurred(regulation, act, element, line, told, posts))
    return found


def _was_done(element: Element, token: str, command: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Did an instance of a repeated activity do it? An activity that is repeated no times passes without doing it."""
    if element.kind in TASKS:
        return bool(command.get("task") == token)
    return token in answers if element.kind == "serviceTask" else True


def _told(element: Element, token: str, command: Mapping[str, Any], answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the act says of itself: the submission, or the answer of the service."""
    said = command.get("data") if element.kind in TASKS and command.get("task") == token else answers.get(token)
    return said if isinstance(said, Mapping) else {}


def _occurred(
    regulation: Regulation, act: str, element: Element, line: Any, told: Mapping[str, Any], posts: frozenset[str]
) -> Occurred:
    word = regulation.acts[act]
    objects = {name: str(told[key]) for name, key in word.tells.items() if told.get(key)}
    by = (line.by or "") if element.kind in TASKS else ""
    outcome = word.outcome(told.get(word.holds)) if word.outcomes else ""
    return Occurred(act, outcome, element.id, by, objects, line.at, line.position, posts=posts)


class Course:
    """The rules along one instance: fed with entries, it tells which rules an act breaks."""

    def __init__(self, regulation: Regulation) -> None:
        self.regulation = regulation
        self.automata: list[Automaton] = [
            made for rule in regulation.rules if (made := automaton(rule, regulation)) is not None
        ]
        self._begin()

    def _begin(self) -> None:
        self.states: dict[str, Any] = {each.rule.id: each.first for each in self.automata}
        self.acts: list[Occurred] = []

    def take(self, line: Any, occurred: Sequence[Occurred], withdrawn: int | None = None) -> list[Breach]:
        """The rules that these acts break; `withdrawn` is the position of an entry that is taken back."""
        if withdrawn is not None:
            left = [act for act in self.acts if act.position < withdrawn]
            self._begin()
            self._step(left)
        return self._step(occurred)

    def _step(self, occurred: Iterable[Occurred]) -> list[Breach]:
        broken = []
        for act in occurred:
            self.acts.append(act)
            for each in self.automata:
                state, holds = each.step(self.states[each.rule.id], act)
                self.states[each.rule.id] = state
                if not holds and each.rule.is_valid(_day(act.at)):
                    broken.append((each.rule, act))
        return broken

    def owed(self, day: date) -> list[Rule]:
        """The rules by which something is still owed."""
        return [
            each.rule for each in self.automata if each.rule.is_valid(day) and each.is_open(self.states[each.rule.id])
        ]


def _day(at: datetime | None) -> date:
    assert at is not None, "an act of a journal has its moment"
    return at.astimezone(SHANGHAI).date()


def withdrawn_by(said: Mapping[str, Any]) -> int | None:
    """The position of the first entry that counts no more after this one: taken back, or gone back behind."""
    command = said["command"]
    if command["kind"] == "jump":
        return int(command["to"]) + 1
    return int(command["position"]) if command["kind"] == "withdraw" else None


@dataclass(slots=True)
class Judgement:
    """What a rule says of one instance: kept | broken | open | not applicable, with the entries that show it."""

    rule: Rule
    says: str
    positions: list[int] = field(default_factory=list)
    broken_at: list[int] = field(default_factory=list)


def judge(
    program: Program, regulation: Regulation, lines: Sequence[Any], is_over: bool, now: datetime
) -> list[Judgement]:
    """Every rule on one journal. `is_over`: the instance has ended."""
    course, broken, read_lines = Course(regulation), dict[str, list[int]](), []
    for line in lines:
        said = read(line.body)
        read_lines.append((line, said))
        for rule, act in course.take(line, acts_of(program, regulation, line, said), withdrawn_by(said)):
            broken.setdefault(rule.id, []).append(act.position)
    last = lines[-1].at if lines else now
    owed = {rule.id for rule in course.owed(_day(last if is_over else now))}
    found = []
    for rule in regulation.rules:
        if isinstance(rule.body, Within):
            found.append(_in_time(rule, program, read_lines))
        else:
            found.append(_judged(rule, course, broken.get(rule.id, []), rule.id in owed, is_over, lines))
    return found


def _judged(
    rule: Rule, course: Course, broken: list[int], is_owed: bool, is_over: bool, lines: Sequence[Any]
) -> Judgement:
    positions = [act.position for act in course.acts if act.act in rule.acts()]
    if not any(act.act in rule.triggers() and rule.is_valid(_day(act.at)) for act in course.acts):
        return Judgement(rule, "not applicable")
    if broken:
        return Judgement(rule, "broken", positions, broken)
    if is_owed and is_over:
        return Judgement(rule, "broken", positions, [lines[-1].position])
    return Judgement(rule, "open" if is_owed else "kept", positions)


def _in_time(rule: Rule, program: Program, lines: Sequence[tuple[Any, Any]]) -> Judgement:
    """Was every task done before it was due?"""
    assert isinstance(rule.body, Within)
    due: dict[str, datetime] = {}
    positions, late = list[int](), list[int]()
    for line, said in lines:
        for task in said["effects"].get("opened", ()):
            element = program.elements.get(task["element"])
            act = element.properties.get("act", "") if element is not None else ""
            if act in rule.body.acts and task["due_at"] and rule.is_valid(_day(line.at)):
                due[task["id"]] = datetime.fromisoformat(task["due_at"])
                positions.append(line.position)
        for task_id, how in said["effects"].get("closed", ()):
            until = due.pop(task_id, None)
            if until is not None and how == "completed" and line.at > until:
                late.append(line.position)
    if not positions:
        return Judgement(rule, "not applicable")
    if late:
        return Judgement(rule, "broken", positions, late)
    return Judgement(rule, "open" if due else "kept", positions)
