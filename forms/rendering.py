"""A form as HTML that works without JavaScript; htmx, where present, asks for the same page again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from markupsafe import Markup

from forms import rich
from forms.checking import parse
from forms.definition import DECORATIONS, ENTRIES, SEVERAL, Component, Form, Option, Words, words
from forms.level import Level
from forms.showing import FileUrl, is_file, linked, no_url, spoken
from forms.templates import environment
from forms.validation import MOST_CHARACTERS

BODY = "form-body"
"""The id of what `render` returns, which htmx exchanges."""
SCROLLED_FROM = 12
"""Lists of more options scroll inside a box of their own; CSS class `form-options-scroll`."""

INPUTS = {"textfield": "text", "number": "text", "date": "date", "time": "time", "datetime": "datetime-local"}
MACROS = {
    "textfield": "line",
    "number": "line",
    "datetime": "line",
    "textarea": "area",
    "richtext": "area",
    "radio": "choices",
    "checklist": "choices",
    "taglist": "choices",
    "filepicker": "files",
    "dynamiclist": "rows",
}

Errors = Mapping[str, Any] | Sequence[str] | None


def render(
    definition: bytes | Mapping[str, Any],
    data: Mapping[str, Any],
    errors: Errors = None,
    *,
    language: str = "zh",
    context: Mapping[str, Any] | None = None,
    refresh_url: str = "",
    file_url: FileUrl = no_url,
) -> Markup:
    """The inside of a `<form method="post" enctype="multipart/form-data" novalidate>`: fields and error summary.

    `data` is the prefill or what `read` returned; `errors` those of `Invalid`. `refresh_url` is where the form posts
    to (default: the page's own address). The form element, its token and its submit buttons are the caller's.
    """
    form = parse(definition)
    drawer = _Drawer(form, language, file_url)
    level = Level.top(form.components, data, context or {}, defaults=True)
    fields = drawer.rows(form.components, level, _mapped(errors), "")
    return Markup(
        environment.get_template("form.html").render(
            fields=fields,
            faults=[*drawer.faults, *_strangers(errors, drawer.known)],
            refresh_url=refresh_url,
            body=BODY,
            is_conditional=bool(form.asked),
        )
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the error summary; `id` is empty where no field belongs to it."""

    id: str
    label: Words
    messages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chosen:
    id: str
    value: str
    label: Words
    is_chosen: bool


@dataclass(slots=True)
class Field:
    """What a template needs to know of one component."""

    macro: str
    name: str
    label: Words
    description: Words
    component: Component
    value: Any = None
    errors: Sequence[str] = ()
    is_required: bool = False
    is_asked: bool = False
    language: str | None = None
    column: str = "col-12"
    options: list[Chosen] = field(default_factory=list)
    children: list[list[Field]] = field(default_factory=list)
    entries: list[list[list[Field]]] = field(default_factory=list)

    @property
    def id(self) -> str:
        return "f-" + self.name

    @property
    def described_by(self) -> str:
        parts = ["-hint"] * bool(self.description) + ["-error"] * bool(self.errors)
        return " ".join(self.id + part for part in parts)

    @property
    def input_type(self) -> str:
        component = self.component
        return INPUTS[component.subtype if component.type == "datetime" else component.type]

    @property
    def text(self) -> str:
        return "" if self.value is None else str(self.value)

    @property
    def max_length(self) -> int | None:
        return self.component.rules.get("maxLength") or MOST_CHARACTERS.get(self.component.type)

    def adorner(self, side: str) -> Words:
        name = side + "Adorner"
        language = "en" if self.language else "zh"
        appearance = self.component.raw.get("appearance") or {}
        return words(appearance.get(name), self.component.properties.get("en_" + name), language)

    @property
    def is_radio(self) -> bool:
        return self.component.type == "radio"

    @property
    def is_scrolled(self) -> bool:
        return len(self.options) > SCROLLED_FROM

    @property
    def chosen_count(self) -> int:
        return sum(option.is_chosen for option in self.options)


class _Drawer:
    """Walks the components once; `faults` are gathered in the order of the page."""

    def __init__(self, form: Form, language: str, file_url: FileUrl) -> None:
        self.form, self.language, self.file_url = form, language, file_url
        self.faults: list[Fault] = []
        self.known: set[str] = set()

    def rows(
        self, components: Sequence[Component], level: Level, errors: Mapping[str, Any], prefix: str
    ) -> list[list[Field]]:
        """Fields side by side where the designer put them into one row."""
        shown = [c for c in components if level.is_shown(c) and c.type != "button"]
        beside = [list(row) for _, row in groupby(enumerate(shown), key=lambda pair: _row(*pair))]
        return [[self.field(c, level, errors, prefix) for _, c in row] for row in beside]

    def field(self, component: Component, level: Level, errors: Mapping[str, Any], prefix: str) -> Field:
        drawn = Field(
            macro=self.macro(component),
            name=prefix + component.key,
            label=component.label(self.language),
            description=component.words("description", self.language),
            component=component,
            is_required=level.is_required(component),
            is_asked=component.key in self.form.asked,
            language="zh" if self.language.startswith("en") else None,
            column=_column(component),
        )
        if component.type not in DECORATIONS and component.key:
            self.fault(drawn, errors)
        self.fill(drawn, level, errors, prefix)
        return drawn

    def macro(self, component: Component) -> str:
        if component.is_locked and component.type in ENTRIES:
            return "fixed"
        return MACROS.get(component.type, component.type)

    def fault(self, drawn: Field, errors: Mapping[str, Any]) -> None:
        self.known.add(drawn.name)
        found = errors.get(drawn.component.key)
        if isinstance(found, (list, tuple)) and found:
            drawn.errors = [str(message) for message in found]
            self.faults.append(Fault(drawn.id, drawn.label, drawn.errors))

    def fill(self, drawn: Field, level: Level, errors: Mapping[str, Any], prefix: str) -> None:
        component = drawn.component
        if component.type == "group":
            drawn.children = self.inside(component, level, errors, prefix)
        elif component.type == "dynamiclist":
            drawn.entries = self.repeated(component, level, _mapped(errors.get(component.key)), drawn.name)
        elif component.type == "text":
            drawn.value = self.heading(component)
        elif drawn.macro == "fixed":
            drawn.value = spoken(component, level, self.language, self.file_url)
        elif component.key:
            drawn.value = self.value(component, level)
            drawn.options = self.options(drawn, level)

    def inside(self, component: Component, level: Level, errors: Mapping[str, Any], prefix: str) -> list[list[Field]]:
        if not component.is_nested:
            return self.rows(component.components, level, errors, prefix)
        inner = _mapped(errors.get(component.key))
        return self.rows(component.components, level.group(component), inner, f"{prefix}{component.key}-")

    def repeated(
        self, component: Component, level: Level, errors: Mapping[str, Any], name: str
    ) -> list[list[list[Field]]]:
        rows = enumerate(level.rows(component))
        return [self.rows(component.components, row, _row_errors(errors, i), f"{name}-{i}-") for i, row in rows]

    def heading(self, component: Component) -> Markup:
        said = words(component.raw.get("text"), component.properties.get("en"), self.language)
        html = rich.markdown(said.text)
        return Markup('<div lang="{}">{}</div>').format(said.language, html) if said.language else html

    def value(self, component: Component, level: Level) -> Any:
        value = level.value(component)
        if component.type == "filepicker":
            return [(file, linked(file, self.file_url)) for file in value if is_file(file)]
        if component.type == "richtext" and value:
            return rich.sanitise(value) if rich.HAS_TAG.search(str(value)) else value
        return value

    def options(self, drawn: Field, level: Level) -> list[Chosen]:
        value = level.value(drawn.component)
        wanted = {str(item) for item in value} if drawn.component.type in SEVERAL else {str(value)}
        offered = enumerate(drawn.component.options(level.context, self.language), 1)
        return [_choice(drawn, number, option, wanted) for number, option in offered]


def _choice(drawn: Field, number: int, option: Option, wanted: set[str]) -> Chosen:
    return Chosen(f"{drawn.id}-{number}", str(option.value), option.label, str(option.value) in wanted)


def _row(index: int, component: Component) -> Any:
    return (component.raw.get("layout") or {}).get("row") or index


def _column(component: Component) -> str:
    """form-js counts 16 columns, Bootstrap 12."""
    layout = component.raw.get("layout") or {}
    if not layout.get("row"):
        return "col-12"
    columns = layout.get("columns")
    return f"col-12 col-md-{max(1, round(columns * 12 / 16))}" if columns else "col-12 col-md"


def _mapped(errors: Any) -> Mapping[str, Any]:
    return errors if isinstance(errors, Mapping) else {}


def _row_errors(errors: Mapping[Any, Any], index: int) -> Mapping[str, Any]:
    return _mapped(errors.get(str(index), errors.get(index)))


def _strangers(errors: Errors, known: set[str]) -> Iterator[Fault]:
    """Messages that belong to no field of the page."""
    if isinstance(errors, Mapping):
        for key, found in errors.items():
            if key not in known and isinstance(found, (list, tuple)):
                yield Fault("", Words(""), [str(message) for message in found])
    elif errors:
        yield Fault("", Words(""), [str(message) for message in errors])
