"""What was entered, for reading: history, archive, and the locked fields of a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from forms import messages, rich
from forms.checking import parse
from forms.definition import ENTRIES, Component, Words
from forms.level import Level
from forms.messages import translate
from forms.templates import environment
from forms.validation import by_text

FileUrl = Callable[[Mapping[str, Any]], str | None]
UNITS = ("B", "KB", "MB", "GB")


def no_url(file: Mapping[str, Any]) -> str | None:
    return None


def show(
    definition: bytes | Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    language: str = "zh",
    context: Mapping[str, Any] | None = None,
    file_url: FileUrl = no_url,
) -> Markup:
    """Labels with their values; hidden fields are left out, empty ones are —. `file_url` gives a file's address."""
    form = parse(definition)
    level = Level.top(form.components, data, context or {})
    items = _items(form.components, level, _Reader(language, file_url))
    return Markup(environment.get_template("show.html").render(items=items))


@dataclass(frozen=True, slots=True)
class _Reader:
    language: str
    file_url: FileUrl


@dataclass(slots=True)
class Item:
    """`kind`: entry, group or list."""

    kind: str
    label: Words
    value: Markup = Markup()
    items: list[Item] = field(default_factory=list)
    rows: list[list[Item]] = field(default_factory=list)


def _items(components: Sequence[Component], level: Level, reader: _Reader) -> list[Item]:
    shown = (c for c in components if level.is_shown(c))
    return [_item(c, level, reader) for c in shown if c.type in ENTRIES or c.components]


def _item(component: Component, level: Level, reader: _Reader) -> Item:
    label = component.label(reader.language)
    if component.type == "dynamiclist":
        rows = [_items(component.components, row, reader) for row in level.rows(component)]
        return Item("list", label, rows=rows)
    if component.type == "group":
        inner = level.group(component) if component.is_nested else level
        return Item("group", label, items=_items(component.components, inner, reader))
    return Item("entry", label, spoken(component, level, reader.language, reader.file_url))


def spoken(component: Component, level: Level, language: str, file_url: FileUrl = no_url) -> Markup:
    """The value of one field as a reader sees it."""
    value = level.value(component)
    if component.type == "checkbox":
        return Markup(translate(messages.YES if value else messages.NO))
    if value is None or value == "" or value == []:
        return Markup(translate(messages.EMPTY))
    return SPOKEN.get(component.type, _text)(component, level, language, file_url)


def _text(component: Component, level: Level, language: str, file_url: FileUrl) -> Markup:
    return Markup('<span class="data text-break" lang="zh">{}</span>').format(level.value(component))


def _lines(component: Component, level: Level, language: str, file_url: FileUrl) -> Markup:
    lines = str(level.value(component)).splitlines()
    return Markup('<span class="data text-break" lang="zh">{}</span>').format(Markup("<br>").join(lines))


def _rich(component: Component, level: Level, language: str, file_url: FileUrl) -> Markup:
    html = Markup(rich.sanitise(str(level.value(component))))
    return Markup('<div class="data markdown text-break" lang="zh">{}</div>').format(html)


def _plain(component: Component, level: Level, language: str, file_url: FileUrl) -> Markup:
    value = str(level.value(component))
    return Markup("{}").format(value.replace("T", " ") if component.type == "datetime" else value)


def _options(component: Component, level: Level, language: str, file_url: FileUrl) -> Markup:
    value = level.value(component)
    known = by_text(component.options(level.context, language))
    chosen = [_label(known, item) for item in (value if isinstance(value, list) else [value])]
    return Markup('<span class="data">{}</span>').format(Markup(_comma(language)).join(chosen))


def _label(known: Mapping[str, Any], value: Any) -> Words:
    option = known.get(str(value))
    return option.label if option is not None else Words(str(value))


def _comma(language: str) -> str:
    return ", " if language.startswith("en") else "、"


def _files(component: Component, level: Level, language: str, file_url: FileUrl) -> Markup:
    files = [linked(file, file_url) for file in level.value(component) if is_file(file)]
    return Markup('<ul class="list-unstyled mb-0">{}</ul>').format(
        Markup("").join(Markup("<li>{}</li>").format(file) for file in files)
    )


def is_file(file: Any) -> bool:
    return isinstance(file, Mapping) and "digest" in file


def linked(file: Mapping[str, Any], file_url: FileUrl) -> Markup:
    """The file's name, as a link where there is an address, and its size."""
    url, name = file_url(file), str(file.get("name") or file["digest"])
    link = (
        Markup('<a class="text-decoration-underline" href="{}">{}</a>').format(url, name)
        if url
        else Markup("{}").format(name)
    )
    return Markup('<span class="data text-break" lang="zh">{}</span> <span class="text-secondary">({})</span>').format(
        link, size(file.get("size"))
    )


def size(count: Any) -> str:
    amount = float(count) if isinstance(count, (int, float)) else 0.0
    power = 0
    while amount >= 1024 and power < len(UNITS) - 1:
        amount, power = amount / 1024, power + 1
    return f"{amount:.0f} {UNITS[power]}" if power == 0 or amount >= 10 else f"{amount:.1f} {UNITS[power]}"


SPOKEN: dict[str, Callable[[Component, Level, str, FileUrl], Markup]] = {
    "textarea": _lines,
    "richtext": _rich,
    "number": _plain,
    "datetime": _plain,
    "radio": _options,
    "select": _options,
    "checklist": _options,
    "taglist": _options,
    "filepicker": _files,
}
