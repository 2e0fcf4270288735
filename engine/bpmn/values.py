"""Values of a process: JSON and nothing else, never changed in place once a token holds them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.canonical import dump
from engine.refusals import Saying

DEPTH = 60
NODES = 500_000
DIGITS = 4096


class NotJson(ValueError):
    """What a process may not hold, and why."""


class _Copy:
    def __init__(self) -> None:
        self.left = NODES

    def of(self, value: Any, depth: int = 0) -> Any:
        self.left -= 1
        if self.left < 0 or depth > DEPTH:
            raise NotJson(Saying("the value is too large or too deep"))
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str(value)
        if isinstance(value, int):
            return _whole(value)
        if isinstance(value, float):
            return _finite(value)
        if isinstance(value, Mapping):
            return {_key(key): self.of(value[key], depth + 1) for key in sorted(value, key=_key)}
        if isinstance(value, list | tuple):
            return [self.of(item, depth + 1) for item in value]
        if isinstance(value, set | frozenset):
            return [self.of(item, depth + 1) for item in ordered(value)]
        raise NotJson(Saying("a {kind} cannot be kept", kind=type(value).__name__))


def clean(value: Any) -> Any:
    """A deep copy of JSON values only: tuples and sets become lists, keys are sorted. NotJson for the rest."""
    if value is None or value is True or value is False or type(value) is str:
        return value
    return _Copy().of(value)


def copied(value: Any) -> Any:
    """A deep copy of a value that is known to be clean."""
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    if type(value) is list:
        return [copied(item) for item in value]
    return value


def size(value: Any, most: int = NODES) -> int:
    """How many nodes and how much text a value has; stops counting above `most`."""
    total, todo = 0, [value]
    while todo and total <= most:
        item = todo.pop()
        total += 1
        if isinstance(item, str):
            total += len(item) // 64
        elif isinstance(item, Mapping):
            todo.extend(item.values())
        elif isinstance(item, list | tuple | set | frozenset):
            todo.extend(item)
    return total


def ordered(items: Any) -> list[Any]:
    """A set's items in an order that is the same in every process and on every run."""
    return sorted(items, key=lambda item: (type(item).__name__, text(item) if isinstance(item, tuple) else item))


def text(value: Any) -> str:
    """A value as text: the same in every process, for lists and mappings their canonical JSON."""
    return str(value) if isinstance(value, str | int | float) or value is None else dump(clean(value))


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise NotJson(Saying("the key {name} is not text", name=repr(key)))
    return key


def _whole(value: int) -> int:
    if value.bit_length() > DIGITS:
        raise NotJson(Saying("the number is too large"))
    return int(value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise NotJson(Saying("the number is not finite"))
    return float(value)
