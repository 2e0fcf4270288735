"""A regulation as data: the acts that a diagram can perform, and the rules over them, each with its article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.canonical import digest, dump


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ActWord:
    """One act of the vocabulary.

    `holds` is the field of the form with the outcome, whose values fall into classes. `changes`: the objects that are
    another one after the act, such as the text after a new proposal. `tells`: object → where a service's answer or a
    submission says which one it was, such as text → text_hash.
    """

    name: str
    says: Words
    basis: str = ""
    holds: str = "result"
    outcomes: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    changes: frozenset[str] = frozenset()
    tells: Mapping[str, str] = field(default_factory=dict)

    def outcome(self, value: Any) -> str:
        """The class of an outcome, "" for one that falls into none."""
        return next((name for name, values in self.outcomes.items() if value in values), "")


@dataclass(frozen=True, slots=True)
class Happening:
    """One of these acts, with an outcome of this class; "" takes any."""

    acts: frozenset[str]
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Precedes:
    """`act` only after `needs`, on the same objects; never after `unless`. `is_optional`: only where `needs` was done.

    `by`: the services that bind the act to the object; another element may not perform it.
    """

    act: frozenset[str]
    needs: Happening
    unless: str = ""
    same: frozenset[str] = frozenset()
    is_optional: bool = False
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Responds:
    """After `act`, one of `by` on every way to the end."""

    act: Happening
    by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Absent:
    """Never `act` after `after`, on the same objects."""

    act: frozenset[str]
    after: Happening
    same: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Separate:
    """Who did `act` does none of `others`; or no holder of one of `posts` does them."""

    others: frozenset[str]
    act: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Within:
    """Each of `acts` has a deadline, a reminder before it and an escalation after it."""

    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Exactly:
    """`act` at most so many times for one of the objects, and no fewer once `after` was done."""

    act: frozenset[str]
    times: int
    per: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()


Body = Precedes | Responds | Absent | Separate | Within | Exactly
KINDS: Mapping[str, type] = {
    "precedes": Precedes,
    "responds": Responds,
    "absent": Absent,
    "separate": Separate,
    "within": Within,
    "exactly": Exactly,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says, on which article it rests, from when to when it is valid.

    A `guarded` rule may be offered by a diagram and is refused when it happens, so no way through a diagram breaks it.
    """

    id: str
    basis: str
    says: Words
    body: Body
    valid_from: date
    valid_to: date | None = None
    is_guarded: bool = False
    line: int = 0

    @property
    def kind(self) -> str:
        return next(name for name, kind in KINDS.items() if isinstance(self.body, kind))

    def is_valid(self, day: date) -> bool:
        """Was the rule in force on this day?"""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def acts(self) -> frozenset[str]:
        """Every act that the rule names."""
        return frozenset(_acts(self.body))

    def triggers(self) -> frozenset[str]:
        """The acts that bring the rule into play: a diagram without any of them has nothing to keep."""
        body = self.body
        if isinstance(body, Responds):
            return body.act.acts
        if isinstance(body, Separate):
            return body.others
        return body.acts if isinstance(body, Within) else body.act


def _acts(body: Body) -> Iterator[str]:
    match body:
        case Precedes():
            yield from body.act | body.needs.acts
        case Responds():
            yield from body.act.acts | body.by
        case Absent():
            yield from body.act | body.after.acts
        case Separate():
            yield from body.act | body.others
        case Within():
            yield from body.acts
        case Exactly():
            yield from body.act | body.after


@dataclass(frozen=True, slots=True)
class Regulation:
    """A vocabulary and its rules; `digest` tells editions apart."""

    name: Words
    acts: Mapping[str, ActWord]
    rules: tuple[Rule, ...]
    digest: str = ""

    @property
    def kept_apart(self) -> frozenset[str]:
        """The posts whose holders may not do something, whatever other posts they hold."""
        return frozenset().union(*(rule.body.posts for rule in self.rules if isinstance(rule.body, Separate)))

    def on(self, day: date) -> tuple[Rule, ...]:
        """The rules in force on a day."""
        return tuple(rule for rule in self.rules if rule.is_valid(day))

    def changing(self, objects: frozenset[str]) -> frozenset[str]:
        """The acts that change one of these objects."""
        return frozenset(name for name, word in self.acts.items() if word.changes & objects)


NOTHING = Regulation(Words("", ""), {}, (), digest(dump([])))
"""No regulation: nothing is checked."""
