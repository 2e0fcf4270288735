"""Which values the fields of a form can have: what is known of a submission before anybody makes one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forms.checking import parse
from forms.definition import CHOICES, DECORATIONS, SEVERAL, Component

Path = tuple[str, ...]
Values = tuple[Any, ...] | None
"""The values that a field can have, None among them where it can be left out; None alone: any value. A list that is not
empty stands for all such lists."""

SOME: list[Any] = [...]


def possible(definition: bytes | Mapping[str, Any]) -> dict[Path, Values]:
    """Path of each field that a submission stores → its possible values."""
    found: dict[Path, Values] = {}
    for path, values in _fields(parse(definition).components, (), False):
        earlier = found.get(path, ())
        found[path] = None if values is None or earlier is None else _united(earlier, values)
    return found


def _united(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*one, *(value for value in other if value not in one))


def _fields(components: Sequence[Component], above: Path, may_be_hidden: bool) -> Iterator[tuple[Path, Values]]:
    for component in components:
        hidden = may_be_hidden or component.hide is not None
        if component.type in DECORATIONS or component.is_locked:
            continue
        if component.type == "group":
            inside = (*above, component.key) if component.key else above
            yield from _fields(component.components, inside, hidden)
        else:
            yield (*above, component.key), _values(component, hidden)


def _values(component: Component, may_be_hidden: bool) -> Values:
    is_needed = bool(component.rules.get("required")) and not may_be_hidden
    values = _when_shown(component, is_needed)
    return None if values is None else (*values, *((None,) if may_be_hidden else ()))


def _when_shown(component: Component, is_needed: bool) -> Values:
    if component.type == "checkbox":
        return (True,) if is_needed else (True, False)
    if component.type in SEVERAL or component.type == "dynamiclist":
        return (SOME,) if is_needed and component.type in SEVERAL else (SOME, [])
    if component.type in CHOICES and not component.raw.get("valuesKey"):
        offered = tuple(option.value for option in component.options({}))
        return offered if is_needed else (*offered, None)
    return None
