"""A form definition as read from form-js JSON (schema version 18), its conditions compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from forms import feel

SCHEMA_VERSION = 18

ENTRIES = frozenset(
    [
        "textfield",
        "textarea",
        "number",
        "datetime",
        "checkbox",
        "radio",
        "select",
        "checklist",
        "taglist",
        "filepicker",
        "richtext",
    ]
)
"""What a person fills in."""
CHOICES = frozenset(["radio", "select", "checklist", "taglist"])
SEVERAL = frozenset(["checklist", "taglist", "filepicker"])
CONTAINERS = frozenset(["group", "dynamiclist"])
DECORATIONS = frozenset(["text", "separator", "spacer", "button"])
TYPES = ENTRIES | CONTAINERS | DECORATIONS

LABELS = {"date": "dateLabel", "time": "timeLabel", "datetime": "dateLabel"}


@dataclass(frozen=True, slots=True)
class Words:
    """A text and, where it is not in the language of the page, its language."""

    text: str
    language: str | None = None

    def __bool__(self) -> bool:
        return bool(self.text)

    def __html__(self) -> str:
        if not self.language:
            return escape(self.text)
        return Markup('<span lang="{}">{}</span>').format(self.language, self.text)


@dataclass(frozen=True, slots=True)
class Option:
    value: Any
    label: Words


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One field, group, list or decoration. `key` is empty where nothing is entered."""

    type: str
    key: str
    raw: Mapping[str, Any]
    hide: feel.Expression | None
    required_if: feel.Expression | None
    components: tuple[Component, ...]

    @property
    def is_locked(self) -> bool:
        """Shown, never asked for: its value comes from the context."""
        return bool(self.raw.get("disabled") or self.raw.get("readonly"))

    @property
    def is_nested(self) -> bool:
        """Its fields have a mapping (or list of mappings) of their own."""
        return self.type == "dynamiclist" or self.type == "group" and bool(self.key)

    @property
    def rules(self) -> Mapping[str, Any]:
        return self.raw.get("validate") or {}

    @property
    def properties(self) -> Mapping[str, Any]:
        return self.raw.get("properties") or {}

    @property
    def subtype(self) -> str:
        return str(self.raw.get("subtype") or "date")

    @property
    def expressions(self) -> list[feel.Expression]:
        return [expression for expression in (self.hide, self.required_if) if expression is not None]

    def label(self, language: str) -> Words:
        return words(label_of(self.raw), self.properties.get("en"), language)

    def words(self, name: str, language: str) -> Words:
        return words(self.raw.get(name), self.properties.get("en_" + name), language)

    def options(self, context: Mapping[str, Any], language: str = "zh") -> list[Option]:
        """Those written in the form, or those that the context holds under `valuesKey`."""
        key = self.raw.get("valuesKey")
        listed = reach(context, key) if key else self.raw.get("values")
        return [option(item, language) for item in listed] if isinstance(listed, (list, tuple)) else []


@dataclass(frozen=True, slots=True)
class Form:
    components: tuple[Component, ...]
    asked: frozenset[str]
    """Names which conditions read: when one of these fields changes, others may appear."""


def words(chinese: Any, english: Any, language: str) -> Words:
    if not language.startswith("en"):
        return Words(str(chinese or english or ""))
    return Words(str(english)) if english else Words(str(chinese or ""), "zh")


def label_of(raw: Mapping[str, Any]) -> Any:
    name = LABELS.get(str(raw.get("subtype") or "date"), "") if raw.get("type") == "datetime" else "label"
    return raw.get(name) or raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel")


def option(item: Any, language: str) -> Option:
    if not isinstance(item, Mapping):
        return Option(item, words(item, None, language))
    value = item.get("value")
    return Option(value, words(item.get("label") or value, item.get("en"), language))


def reach(variables: Mapping[str, Any], path: Any) -> Any:
    value: Any = variables
    for name in str(path).split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def key_of(raw: Mapping[str, Any]) -> str:
    kind = raw.get("type")
    return str(raw.get("path" if kind in CONTAINERS else "key") or "") if kind not in DECORATIONS else ""


def children(raw: Mapping[str, Any]) -> Sequence[Any]:
    """The components inside; empty where the definition is broken."""
    inside = raw.get("components")
    return inside if isinstance(inside, list) else []


def condition_of(raw: Mapping[str, Any]) -> Any:
    conditional = raw.get("conditional")
    return conditional.get("hide") if isinstance(conditional, Mapping) else None


def build(raw: Mapping[str, Any]) -> Form:
    """From a definition that has been checked."""
    components = tuple(map(_component, children(raw)))
    return Form(components, frozenset(_asked(components)))


def _component(raw: Mapping[str, Any]) -> Component:
    properties = raw.get("properties") or {}
    return Component(
        type=str(raw["type"]),
        key=key_of(raw),
        raw=raw,
        hide=_expression(condition_of(raw)),
        required_if=_expression(properties.get("required_if")),
        components=tuple(map(_component, children(raw))),
    )


def _expression(text: Any) -> feel.Expression | None:
    return feel.compile(text) if text else None


def _asked(components: Sequence[Component]) -> Iterator[str]:
    for component in components:
        for expression in component.expressions:
            yield from expression.names
        yield from _asked(component.components)


def flat(
    components: Sequence[Component], above: tuple[Component, ...] = ()
) -> Iterator[tuple[Component, tuple[Component, ...]]]:
    """The components that share one mapping of values, each with the groups it lies in."""
    for component in components:
        yield component, above
        if component.type == "group" and not component.is_nested:
            yield from flat(component.components, (*above, component))
