"""One small automaton for each rule, fed with acts: the same for every way through a diagram, a run and a history."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from engine.regulation.rules import Absent, Exactly, Happening, Precedes, Regulation, Responds, Rule, Separate

State = Hashable
NEVER, DONE, REFUSED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Occurred:
    """An act that was performed. On a diagram only act, outcome and element are known.

    `told`: object → which one it was, where the act says so (such as the hash of the text). `posts`: on a diagram that
    of the task, in a journal those of the person from which a rule keeps the act apart.
    """

    act: str
    outcome: str
    element: str
    by: str = ""
    told: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    position: int = 0
    separate_from: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()


class Automaton(Protocol):
    """`step`: the state after an act, and whether the rule still holds."""

    rule: Rule
    first: State

    def step(self, state: Any, occurred: Occurred) -> tuple[State, bool]: ...

    def may_end(self, state: Any) -> bool: ...

    def is_open(self, state: Any) -> bool: ...


class _Plain:
    """What most automata have in common."""

    first: State = NEVER

    def __init__(self, rule: Rule, regulation: Regulation) -> None:
        self.rule, self.regulation = rule, regulation

    def may_end(self, state: Any) -> bool:
        """May the instance end like this?"""
        return True

    def is_open(self, state: Any) -> bool:
        """Is something still owed?"""
        return not self.may_end(state)


def _is(wanted: Happening, occurred: Occurred) -> bool:
    return occurred.act in wanted.acts and wanted.outcome in ("", occurred.outcome)


class _Precedes(_Plain):
    """State: (never | done | refused, which of the objects it was done for)."""

    body: Precedes

    def __init__(self, rule: Rule, regulation: Regulation) -> None:
        super().__init__(rule, regulation)
        assert isinstance(rule.body, Precedes)
        self.body, self.resetting = rule.body, regulation.changing(rule.body.same)
        self.first: State = (DONE if self.body.is_optional else NEVER, ())

    def step(self, state: Any, occurred: Occurred) -> tuple[State, bool]:
        body, (was, of) = self.body, state
        holds = True
        if occurred.act in body.act:
            holds = was == DONE and _is_same(of, self._told(occurred))
        if occurred.act in self.resetting and occurred.act not in body.needs.acts:
            return self.first, holds
        if occurred.act in body.needs.acts:
            return self._after(was, occurred), holds
        return state, holds

    def _after(self, was: int, occurred: Occurred) -> State:
        if self.body.unless and (was == REFUSED or occurred.outcome == self.body.unless):
            return REFUSED, ()
        if _is(self.body.needs, occurred):
            return DONE, self._told(occurred)
        return (was if self.body.unless else NEVER), ()

    def _told(self, occurred: Occurred) -> tuple[tuple[str, str], ...]:
        return tuple(sorted((name, value) for name, value in occurred.told.items() if name in self.body.same))


def _is_same(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> bool:
    """Do both speak of the same objects, as far as both say which?"""
    said = dict(one)
    return all(said.get(name, value) == value for name, value in other)


class _Responds(_Plain):
    """State: is an answer owed?"""

    first: State = False

    def __init__(self, rule: Rule, regulation: Regulation) -> None:
        super().__init__(rule, regulation)
        assert isinstance(rule.body, Responds)
        self.body = rule.body

    def step(self, state: Any, occurred: Occurred) -> tuple[State, bool]:
        if occurred.act in self.body.by:
            return False, True
        return state or _is(self.body.act, occurred), True

    def may_end(self, state: Any) -> bool:
        return not state


class _Absent(_Plain):
    """State: did what forbids the act happen?"""

    first: State = False

    def __init__(self, rule: Rule, regulation: Regulation) -> None:
        super().__init__(rule, regulation)
        assert isinstance(rule.body, Absent)
        self.body, self.resetting = rule.body, regulation.changing(rule.body.same)

    def step(self, state: Any, occurred: Occurred) -> tuple[State, bool]:
        holds = not (state and occurred.act in self.body.act)
        if occurred.act in self.resetting:
            return False, holds
        return state or _is(self.body.after, occurred), holds


class _Exactly(_Plain):
    """State: (how often, was what calls for it done)."""

    first: State = (0, False)

    def __init__(self, rule: Rule, regulation: Regulation) -> None:
        super().__init__(rule, regulation)
        assert isinstance(rule.body, Exactly)
        self.body, self.resetting = rule.body, regulation.changing(rule.body.per)

    def step(self, state: Any, occurred: Occurred) -> tuple[State, bool]:
        count, is_called_for = state
        if occurred.act in self.resetting:
            count = 0
        if occurred.act in self.body.act:
            count += 1
        holds = count <= self.body.times
        return (min(count, self.body.times), is_called_for or occurred.act in self.body.after), holds

    def may_end(self, state: Any) -> bool:
        count, is_called_for = state
        return not is_called_for or count == self.body.times


class _Separate(_Plain):
    """State: the element of each earlier act with who performed it last."""

    first: State = ()

    def __init__(self, rule: Rule, regulation: Regulation) -> None:
        super().__init__(rule, regulation)
        assert isinstance(rule.body, Separate)
        self.body = rule.body

    def step(self, state: Any, occurred: Occurred) -> tuple[State, bool]:
        holds = True
        if occurred.act in self.body.others:
            holds = not self.body.posts & occurred.posts and self._is_another(state, occurred)
        if occurred.act in self.body.act:
            return tuple(sorted({**dict(state), occurred.element: occurred.by}.items())), holds
        return state, holds

    def _is_another(self, state: Any, occurred: Occurred) -> bool:
        return not occurred.by or all(by != occurred.by for element, by in state if element != occurred.element)


class _Excluded(_Separate):
    """The same on a diagram: does the task exclude whoever did the earlier ones?"""

    def _is_another(self, state: Any, occurred: Occurred) -> bool:
        return all(element in occurred.separate_from for element, _ in state if element != occurred.element)


_MADE: Mapping[type, Callable[[Rule, Regulation], Automaton]] = {
    Precedes: _Precedes,
    Responds: _Responds,
    Absent: _Absent,
    Exactly: _Exactly,
    Separate: _Separate,
}


def automaton(rule: Rule, regulation: Regulation, on_diagram: bool = False) -> Automaton | None:
    """The automaton of a rule; None for a kind that looks at elements, not at acts in their order."""
    if on_diagram and isinstance(rule.body, Separate):
        return _Excluded(rule, regulation)
    made = _MADE.get(type(rule.body))
    return made(rule, regulation) if made is not None else None
