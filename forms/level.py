"""Which fields are shown and what they hold: the state of one mapping of a form's values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from forms.definition import SEVERAL, Component, flat

Values = Mapping[str, Any]

NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d{1,10})?\Z", re.ASCII)
NOTHING: Values = {}


class Level:
    """The components that share one mapping of values: a form, a group with a path, or one row of a list.

    `trusted` is the same mapping in the context; locked fields take their value from there, and, where `strict`,
    from nowhere else. `outer` is what expressions see besides. `context` holds the options.
    """

    def __init__(
        self,
        components: Sequence[Component],
        values: Values,
        trusted: Values,
        outer: Values,
        context: Values,
        *,
        strict: bool = False,
        defaults: bool = False,
    ) -> None:
        self.components = components
        self.trusted, self.outer, self.context = trusted, outer, context
        self.strict, self.defaults = strict, defaults
        self._flat = list(flat(components))
        self._values = {c.key: self._held(c, values) for c, _ in self._flat if c.key}

    @classmethod
    def top(cls, components: Sequence[Component], values: Values, context: Values, **how: bool) -> Level:
        return cls(components, values, context, context, context, **how)

    def value(self, component: Component) -> Any:
        return self._values.get(component.key)

    def is_shown(self, component: Component) -> bool:
        return component in self.shown

    def is_required(self, component: Component) -> bool:
        if component.rules.get("required"):
            return True
        return component.required_if is not None and component.required_if.is_true(self.scope)

    def entries(self) -> Iterator[Component]:
        """The shown components that hold a value, in order."""
        return (c for c, _ in self._flat if c.key and c in self.shown)

    def group(self, component: Component) -> Level:
        return self._inner(component, self.value(component), self.trusted.get(component.key))

    def rows(self, component: Component) -> list[Level]:
        trusted = _listed(self.trusted.get(component.key))
        rows = _listed(self.value(component))
        return [self._inner(component, row, trusted[i] if i < len(trusted) else None) for i, row in enumerate(rows)]

    @cached_property
    def shown(self) -> frozenset[Component]:
        """Settled by repetition, as a field that is hidden counts as null in the conditions of others."""
        shown = frozenset(c for c, _ in self._flat)
        if not any(c.hide for c in shown):
            return shown
        for _ in range(len(self._flat) + 1):
            before, shown = shown, self._shown_when(shown)
            if before == shown:
                break
        return shown

    @cached_property
    def scope(self) -> Values:
        return self._scope(self.shown)

    def _shown_when(self, shown: frozenset[Component]) -> frozenset[Component]:
        scope = self._scope(shown)
        hidden = {c for c, _ in self._flat if c.hide and c.hide.is_true(scope)}
        return frozenset(c for c, above in self._flat if c not in hidden and hidden.isdisjoint(above))

    def _scope(self, shown: frozenset[Component]) -> dict[str, Any]:
        own = {c.key: self.value(c) if c in shown else None for c, _ in self._flat if c.key}
        return {**self.outer, **own}

    def _held(self, component: Component, values: Values) -> Any:
        value = values.get(component.key)
        if component.is_locked:
            value = self.trusted.get(component.key, None if self.strict else value)
        elif self.defaults and component.key not in values:
            value = default(component)
        return typed(component, value)

    def _inner(self, component: Component, values: Any, trusted: Any) -> Level:
        return Level(
            component.components,
            _mapped(values),
            _mapped(trusted),
            self.scope,
            self.context,
            strict=self.strict,
            defaults=self.defaults,
        )


def default(component: Component) -> Any:
    if component.type == "dynamiclist":
        return [{} for _ in range(min(int(component.raw.get("defaultRepetitions") or 0), 100))]
    return component.raw.get("defaultValue")


def typed(component: Component, value: Any) -> Any:
    """The value as conditions see it, whether it came from a page (text) or from JSON."""
    if component.type == "checkbox":
        return value in (True, "1", "true", "on")
    if component.type == "number" and isinstance(value, str):
        return number(value.strip()) if NUMBER.match(value.strip()) else value
    if component.type in SEVERAL:
        return _listed(value)
    return None if isinstance(value, str) and not value.strip() else value


def number(text: str) -> int | float:
    value = float(text)
    return int(text) if "." not in text else int(value) if value.is_integer() else value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value in (None, "") else [value]


def _mapped(value: Any) -> Values:
    return value if isinstance(value, Mapping) else NOTHING
