"""What a designer must put right before a form can be used."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from forms import feel, messages, pattern
from forms.definition import (
    CHOICES,
    CONTAINERS,
    DECORATIONS,
    ENTRIES,
    SCHEMA_VERSION,
    TYPES,
    Form,
    build,
    children,
    condition_of,
    key_of,
    label_of,
)

LARGEST = 1_000_000
MOST_COMPONENTS = 500
DEEPEST = 8

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")
VARIABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\Z")
RESERVED = frozenset(["action", "csrf_token"])

NOT_OFFERED = ("valuesExpression", "disallowPassedDates", "expression", "serializeToString")
TEXT_RULES = {"minLength", "maxLength", "pattern", "patternErrorMessage", "validationType", "required"}
RULES = {
    "textfield": TEXT_RULES,
    "textarea": TEXT_RULES,
    "richtext": {"minLength", "maxLength", "required"},
    "number": {"min", "max", "required"},
}


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is the key (or id) of the component, empty for the form; `message` a msgid, filled by `parameters`."""

    field: str
    message: str
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        text = self.message.format(**self.parameters)
        return f"{self.field}: {text}" if self.field else text


class NotAForm(ValueError):
    """The definition has problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


Raw = Mapping[str, Any]
Problems = Iterator[Problem]


def parse(definition: bytes | Raw) -> Form:
    """The form of a definition; raises `NotAForm` where `check` finds something."""
    return _parse_bytes(definition) if isinstance(definition, bytes) else _parse(definition)


@lru_cache(maxsize=256)
def _parse_bytes(definition: bytes) -> Form:
    return _parse(definition)


def _parse(definition: bytes | Raw) -> Form:
    problems = check(definition)
    if problems:
        raise NotAForm(problems)
    return build(json.loads(definition) if isinstance(definition, bytes) else definition)


def check(definition: bytes | Raw) -> list[Problem]:
    """All problems of a definition, in the order of its fields; none means that it can be used."""
    raw, problem = _load(definition)
    if problem is not None:
        return [problem]
    found = list(_size(raw))
    return found or [*_version(raw), *_level(children(raw)), *_circles(children(raw))]


def _load(definition: bytes | Raw) -> tuple[Raw, Problem | None]:
    if isinstance(definition, bytes) and len(definition) > LARGEST:
        return {}, Problem("", messages.TOO_BIG, {"count": len(definition), "max": LARGEST})
    try:
        raw = json.loads(definition) if isinstance(definition, bytes) else definition
    except (ValueError, RecursionError) as error:
        return {}, Problem("", messages.NOT_JSON, {"reason": str(error) or "nested too deeply"})
    if not isinstance(raw, Mapping) or not isinstance(raw.get("components"), list):
        return {}, Problem("", messages.NOT_A_FORM)
    return raw, None


def _size(raw: Raw) -> Problems:
    count, deepest = _measure(children(raw))
    if count > MOST_COMPONENTS:
        yield Problem("", messages.TOO_MANY_FIELDS, {"count": count, "max": MOST_COMPONENTS})
    if deepest > DEEPEST:
        yield Problem("", messages.TOO_DEEP, {"max": DEEPEST})


def _measure(components: Sequence[Any]) -> tuple[int, int]:
    count, depth, level = 0, 0, list(components)
    while level:
        count, depth = count + len(level), depth + 1
        level = [child for raw in level if isinstance(raw, Mapping) for child in children(raw)]
    return count, depth


def _version(raw: Raw) -> Problems:
    version = raw.get("schemaVersion", SCHEMA_VERSION)
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        yield Problem("", messages.NEWER_FORM, {"version": version, "known": SCHEMA_VERSION})


def _level(components: Sequence[Any], keys: set[str] | None = None) -> Problems:
    """Components whose values share one mapping: no key may be used twice among them."""
    keys = set() if keys is None else keys
    for raw in components:
        if not isinstance(raw, Mapping):
            yield Problem("", messages.NOT_A_FORM)
        elif raw.get("type") not in TYPES:
            offered = messages.listed(sorted(TYPES))
            yield Problem(_place(raw), messages.UNKNOWN_TYPE, {"type": raw.get("type"), "types": offered})
        else:
            yield from _component(raw, keys)


def _component(raw: Raw, keys: set[str]) -> Problems:
    yield from _key(raw, keys)
    broken = list(_shape(raw))
    yield from broken or _content(raw)
    if raw["type"] in CONTAINERS:
        yield from _level(children(raw), None if key_of(raw) else keys)


def _content(raw: Raw) -> Problems:
    yield from _label(raw)
    yield from _conditions(raw)
    yield from _not_offered(raw)
    yield from _expressions(raw)
    yield from _layout(raw)
    if raw["type"] in CHOICES:
        yield from _options(raw)
    if raw["type"] in RULES:
        yield from _rules(raw)
    if raw["type"] in SETTINGS:
        yield from SETTINGS[raw["type"]](raw)


def _place(raw: Raw) -> str:
    return str(raw.get("key") or raw.get("path") or raw.get("id") or raw.get("type") or "")


def _key(raw: Raw, keys: set[str]) -> Problems:
    key, kind = key_of(raw), raw["type"]
    if kind in DECORATIONS or kind == "group" and not key:
        return
    if not key:
        yield Problem(_place(raw), messages.NO_KEY)
    elif not KEY.match(key):
        yield Problem(key, messages.BAD_KEY, {"key": key})
    elif key in RESERVED:
        yield Problem(key, messages.RESERVED_KEY, {"key": key})
    elif key in keys:
        yield Problem(key, messages.DUPLICATE_KEY, {"key": key})
    keys.add(key)


def _shape(raw: Raw) -> Problems:
    """The parts of a component that the rest relies on to be mappings."""
    for name in ("validate", "properties", "conditional", "layout", "appearance"):
        if raw.get(name) is not None and not isinstance(raw[name], Mapping):
            yield _bad(raw, name, raw[name], "{ }")
    if raw["type"] in CONTAINERS and not isinstance(raw.get("components", []), list):
        yield _bad(raw, "components", raw["components"], "[ ]")


def _bad(raw: Raw, name: str, value: Any, expected: str) -> Problem:
    return Problem(_place(raw), messages.BAD_SETTING, {"name": name, "value": value, "expected": expected})


def _label(raw: Raw) -> Problems:
    if raw["type"] in ENTRIES | {"dynamiclist"} and not str(label_of(raw) or "").strip():
        yield Problem(_place(raw), messages.NO_LABEL)


def _conditions(raw: Raw) -> Problems:
    for text in _condition_texts(raw):
        if not isinstance(text, str):
            yield _bad(raw, "hide", text, "=…")
            continue
        try:
            feel.compile(text)
        except feel.BadExpression as error:
            yield Problem(_place(raw), messages.BAD_CONDITION, {"text": text, "reason": _why(error)})


def _why(error: feel.BadExpression | pattern.BadPattern) -> str:
    return messages.translate(error.message, **error.parameters)


def _condition_texts(raw: Raw) -> list[Any]:
    properties = raw.get("properties") or {}
    return [text for text in (condition_of(raw), properties.get("required_if")) if text]


def _not_offered(raw: Raw) -> Problems:
    """Settings of the form editor that would be ignored: better refused than silently without effect."""
    refused = [*NOT_OFFERED, *(("readonly", "disabled") if raw["type"] in CONTAINERS else ())]
    offered = RULES.get(raw["type"], {"required"})
    rules = raw.get("validate") or {}
    for name in [*filter(raw.get, refused), *filter(rules.get, rules.keys() - offered)]:
        yield Problem(_place(raw), messages.NOT_OFFERED, {"name": name})


def _expressions(raw: Raw) -> Problems:
    """form-js takes FEEL in many settings; taking it for plain text here would be a silent error."""
    settings = {**raw, **(raw.get("validate") or {}), **(raw.get("appearance") or {})}
    for name, value in settings.items():
        if name not in NOT_OFFERED and _is_expression(name, value):
            yield Problem(_place(raw), messages.NO_EXPRESSION, {"name": name})


def _is_expression(name: str, value: Any) -> bool:
    return isinstance(value, str) and (value.startswith("=") or name == "text" and "{{" in value)


def _layout(raw: Raw) -> Problems:
    columns = (raw.get("layout") or {}).get("columns")
    if columns is not None and not _is_whole(columns, 1, 16):
        yield _bad(raw, "columns", columns, "1–16")


def _options(raw: Raw) -> Problems:
    name = raw.get("valuesKey")
    if name:
        if not isinstance(name, str) or not VARIABLE.match(name):
            yield Problem(_place(raw), messages.BAD_VARIABLE, {"name": name})
    elif not isinstance(raw.get("values"), list) or not raw["values"]:
        yield Problem(_place(raw), messages.NO_OPTIONS_GIVEN)
    else:
        yield from _static_options(raw, raw["values"])


def _static_options(raw: Raw, options: Sequence[Any]) -> Problems:
    seen: set[str] = set()
    for number, option in enumerate(options, 1):
        if not _is_option(option):
            yield Problem(_place(raw), messages.BAD_OPTION, {"number": number})
            continue
        if str(option["value"]) in seen:
            yield Problem(_place(raw), messages.DUPLICATE_OPTION, {"value": option["value"]})
        seen.add(str(option["value"]))
    yield from _default_option(raw, seen)


def _is_option(option: Any) -> bool:
    if not isinstance(option, Mapping) or not isinstance(option.get("value"), str):
        return False
    return option["value"] != "" and bool(str(option.get("label") or "").strip())


def _default_option(raw: Raw, values: set[str]) -> Problems:
    default = raw.get("defaultValue")
    for value in default if isinstance(default, list) else [default] if default not in (None, "") else []:
        if str(value) not in values:
            yield Problem(_place(raw), messages.BAD_DEFAULT, {"value": value})


def _rules(raw: Raw) -> Problems:
    rules = raw.get("validate") or {}
    for name in ("minLength", "maxLength"):
        if rules.get(name) is not None and not _is_whole(rules[name], 0, 1_000_000):
            yield _bad(raw, name, rules[name], "0–1000000")
    for least, most in (("min", "max"), ("minLength", "maxLength")):
        yield from _range(raw, rules.get(least), rules.get(most))
    if rules.get("validationType") not in (None, "", "custom", "email", "phone"):
        yield _bad(raw, "validationType", rules["validationType"], "email, phone, custom")
    if rules.get("pattern"):
        yield from _pattern(raw, rules["pattern"])


def _range(raw: Raw, least: Any, most: Any) -> Problems:
    if _is_number(least) and _is_number(most) and least > most:
        yield Problem(_place(raw), messages.BAD_RANGE, {"min": least, "max": most})


def _pattern(raw: Raw, text: Any) -> Problems:
    try:
        pattern.compile(str(text))
    except pattern.BadPattern as error:
        yield Problem(_place(raw), messages.BAD_PATTERN, {"pattern": str(text), "reason": _why(error)})


def _number(raw: Raw) -> Problems:
    digits = raw.get("decimalDigits")
    if digits is not None and not _is_whole(digits, 0, 10):
        yield _bad(raw, "decimalDigits", digits, "0–10")
    step = raw.get("increment")
    if step not in (None, "") and not _is_step(step):
        yield _bad(raw, "increment", step, "0.5, 1, 10")
    for name in ("min", "max"):
        value = (raw.get("validate") or {}).get(name)
        if value is not None and not _is_number(value):
            yield _bad(raw, name, value, "0, 12, 3.5")


def _moment(raw: Raw) -> Problems:
    if raw.get("subtype") not in (None, "date", "time", "datetime"):
        yield _bad(raw, "subtype", raw["subtype"], "date, time, datetime")


def _files(raw: Raw) -> Problems:
    if raw.get("accept") is not None and not isinstance(raw["accept"], str):
        yield _bad(raw, "accept", raw["accept"], ".pdf,image/*")


def _list(raw: Raw) -> Problems:
    repetitions = raw.get("defaultRepetitions")
    if repetitions is not None and not _is_whole(repetitions, 0, 100):
        yield _bad(raw, "defaultRepetitions", repetitions, "0–100")


SETTINGS = {"dynamiclist": _list, "number": _number, "datetime": _moment, "filepicker": _files}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_step(value: Any) -> bool:
    try:
        return 0 < float(value) < 1e9
    except (TypeError, ValueError):
        return False


def _circles(components: Sequence[Any]) -> Problems:
    """A field whose being shown depends, over others, on itself."""
    reads: dict[str, set[str]] = {}
    _reads(components, frozenset(), reads)
    for key in reads:
        circle = _way_back(key, reads)
        if circle:
            yield Problem(key, messages.CIRCLE, {"keys": " → ".join(circle)})
            return


def _reads(components: Sequence[Any], above: frozenset[str], reads: dict[str, set[str]]) -> None:
    for raw in components:
        if not isinstance(raw, Mapping):
            continue
        names = above | _names(condition_of(raw))
        if key_of(raw):
            reads.setdefault(key_of(raw), set()).update(names)
        _reads(children(raw), names, reads)


def _names(text: Any) -> frozenset[str]:
    try:
        return feel.compile(text).names if isinstance(text, str) else frozenset()
    except feel.BadExpression:
        return frozenset()


def _way_back(start: str, reads: Mapping[str, set[str]]) -> list[str]:
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop()
        for name in sorted(reads.get(way[-1], ())):
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
