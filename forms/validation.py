"""From raw data to what is stored: a marshmallow schema built from the definition for the data at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

from forms import messages, pattern, rich
from forms.checking import parse
from forms.definition import Component, Option
from forms.level import NUMBER, Level, number
from forms.messages import translate
from forms.reading import MOST_ROWS

MOST_CHARACTERS = {"textfield": 2_000, "textarea": 100_000, "richtext": 500_000}
"""Where the definition sets no length of its own."""

NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""No text holds these; databases and XML refuse them."""
_LEVEL: ContextVar[Level] = ContextVar("mingtang_level")
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
EMAIL = pattern.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")
PHONE = pattern.compile(r"^\+?[0-9][0-9 -]{4,19}$")


class Invalid(Exception):
    """`errors`: key → list of messages, nested as the form is; rows of a list under "0", "1", …"""

    def __init__(self, errors: dict[str, Any]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def validate(
    definition: bytes | Mapping[str, Any], submission: Mapping[str, Any], context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What is stored of a submission: JSON values of the form's own fields that are shown and may be changed.

    `context` holds the variables that conditions read, the options under `valuesKey`, and the values of locked
    fields. Dates and times are ISO strings, numbers int or float, files {"digest", "name", "type", "size"}, rich text
    sanitised HTML; an empty field is None, [] or False. Raises `Invalid`.
    """
    level = Level.top(parse(definition).components, submission, context or {}, strict=True)
    return load(level, submission)


def load(level: Level, submission: Mapping[str, Any]) -> dict[str, Any]:
    before = _LEVEL.set(level)
    try:
        entered: dict[str, Any] = schema(tuple(c for c in level.entries() if not c.is_locked)).load(submission)
    except ValidationError as error:
        raise Invalid(_named(error.messages)) from None
    finally:
        _LEVEL.reset(before)
    return entered


@lru_cache(maxsize=1024)
def schema(asked: tuple[Component, ...]) -> Schema:
    """Of the fields that are shown and not locked; made once for each set of them."""
    return Shown({component.key: FIELDS[component.type](component) for component in asked})


class Shown(Schema):
    """A schema of these fields."""

    class Meta:
        unknown = EXCLUDE

    def __init__(self, wanted: dict[str, fields.Field[Any]]) -> None:
        super().__init__()
        self.declared_fields = wanted
        self._init_fields()


def _named(errors: Any) -> Any:
    if isinstance(errors, Mapping):
        return {str(key): _named(value) for key, value in errors.items()}
    return errors


class Entry(fields.Field[Any]):
    """What is common to all kinds: clean, refuse or allow the empty, enter, look for faults."""

    required_message = messages.REQUIRED

    def __init__(self, component: Component) -> None:
        super().__init__()
        self.component = component

    @property
    def level(self) -> Level:
        """The values that this one is entered among."""
        return _LEVEL.get()

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        cleaned = None if value is missing else self.clean(value)
        if cleaned is None or cleaned == []:
            return self.nothing()
        entered = self.enter(cleaned)
        faults = list(self.faults(entered))
        if faults:
            raise ValidationError(faults)
        return entered

    def nothing(self) -> Any:
        if self.level.is_required(self.component):
            raise ValidationError(translate(self.required_message))
        return self.empty()

    def empty(self) -> Any:
        return None

    def clean(self, value: Any) -> Any:
        """`None` for what counts as empty."""
        return value

    def enter(self, value: Any) -> Any:
        return value

    def faults(self, value: Any) -> Iterator[str]:
        return iter(())


class Text(Entry):
    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str):
            raise ValidationError(translate(messages.NOT_TEXT))
        return self.tidy(NEVER.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))) or None

    def tidy(self, text: str) -> str:
        return text.strip()

    def faults(self, value: str) -> Iterator[str]:
        rules = self.component.rules
        most = rules.get("maxLength") or MOST_CHARACTERS[self.component.type]
        if self.length(value) < (rules.get("minLength") or 0):
            yield translate(messages.TOO_SHORT, min=rules["minLength"])
        if self.length(value) > most:
            yield translate(messages.TOO_LONG, max=most)
        else:
            yield from self.misshapen(value)

    def length(self, value: str) -> int:
        return len(value)

    def misshapen(self, value: str) -> Iterator[str]:
        rules = self.component.rules
        kind = rules.get("validationType")
        if kind == "email" and not EMAIL.matches(value):
            yield translate(messages.NOT_AN_EMAIL)
        if kind == "phone" and not PHONE.matches(value):
            yield translate(messages.NOT_A_PHONE)
        if rules.get("pattern") and not pattern.compile(rules["pattern"]).matches(value):
            yield wrong_format(self.component)


class Line(Text):
    def tidy(self, text: str) -> str:
        return " ".join(text.split("\n")).strip()


class Rich(Text):
    def tidy(self, text: str) -> str:
        if len(text) > 2 * MOST_CHARACTERS["richtext"]:
            raise ValidationError(translate(messages.TOO_LONG, max=MOST_CHARACTERS["richtext"]))
        html = rich.from_input(text)
        return "" if rich.is_blank(html) else html.strip()

    def length(self, value: str) -> int:
        return rich.plain_length(value)


class Number(Entry):
    def clean(self, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    def enter(self, value: Any) -> int | float:
        text = value.strip() if isinstance(value, str) else "" if isinstance(value, bool) else _decimal(value)
        if not NUMBER.match(text):
            raise ValidationError(translate(messages.NOT_A_NUMBER))
        return number(text)

    def faults(self, value: float) -> Iterator[str]:
        rules, digits = self.component.rules, self.component.raw.get("decimalDigits")
        if rules.get("min") is not None and value < rules["min"]:
            yield translate(messages.TOO_SMALL, min=rules["min"])
        if rules.get("max") is not None and value > rules["max"]:
            yield translate(messages.TOO_LARGE, max=rules["max"])
        if digits is not None and _digits(value) > digits:
            yield translate(messages.TOO_MANY_DIGITS, digits=digits) if digits else translate(messages.NO_DIGITS)
        step = self.component.raw.get("increment")
        if step and (Decimal(str(value)) - Decimal(str(rules.get("min") or 0))) % Decimal(str(step)):
            yield translate(messages.NOT_A_STEP, step=step)


class Moment(Entry):
    """A date, a time or both; the latter two to the minute, as the clock on the wall shows."""

    formats = {
        "date": ("%Y-%m-%d",),
        "time": ("%H:%M", "%H:%M:%S"),
        "datetime": ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"),
    }
    written = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime": "%Y-%m-%dT%H:%M"}
    wrong = {"date": messages.NOT_A_DATE, "time": messages.NOT_A_TIME, "datetime": messages.NOT_A_MOMENT}

    def clean(self, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    def enter(self, value: Any) -> str:
        for layout in self.formats[self.component.subtype] if isinstance(value, str) else ():
            try:
                moment = datetime.strptime(value.strip(), layout)
            except ValueError:
                continue
            if moment.year >= 1000:
                return moment.strftime(self.written[self.component.subtype])
        raise ValidationError(translate(self.wrong[self.component.subtype]))


class Tick(Entry):
    required_message = messages.REQUIRED_TICK

    def clean(self, value: Any) -> Any:
        if value not in (True, False, None, "", "1", "true", "on", "false", "0"):
            raise ValidationError(translate(messages.NOT_A_TICK))
        return True if value in (True, "1", "true", "on") else None

    def empty(self) -> bool:
        return False


class Choice(Entry):
    required_message = messages.REQUIRED_CHOICE

    def clean(self, value: Any) -> Any:
        return None if value == "" else value

    def enter(self, value: Any) -> Any:
        return _chosen(value, self.level.context, self.component)


class Choices(Entry):
    required_message = messages.REQUIRED_CHOICES

    def clean(self, value: Any) -> Any:
        return [value] if isinstance(value, (str, int, float)) and value != "" else value or None

    def empty(self) -> list[Any]:
        return []

    def enter(self, value: Any) -> list[Any]:
        """In the order of the options, each once."""
        if not isinstance(value, list):
            raise ValidationError(translate(messages.NOT_AN_OPTION))
        options = by_text(self.component.options(self.level.context))
        wanted = {str(item) for item in value if isinstance(item, (str, int, float))}
        if len(wanted) == 0 or not wanted <= options.keys():
            raise ValidationError(translate(messages.NOT_AN_OPTION))
        return [option.value for text, option in options.items() if text in wanted]


class Files(Entry):
    required_message = messages.REQUIRED_FILE

    def clean(self, value: Any) -> Any:
        return [value] if isinstance(value, Mapping) else value or None

    def empty(self) -> list[Any]:
        return []

    def enter(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(file, Mapping) for file in value):
            raise ValidationError(translate(messages.NOT_A_FILE))
        refused = [str(file["refused"]) for file in value if "refused" in file]
        if refused:
            raise ValidationError(refused)
        return [_described(file) for file in value]

    def faults(self, value: list[dict[str, Any]]) -> Iterator[str]:
        if len(value) > 1 and not self.component.raw.get("multiple"):
            yield translate(messages.ONE_FILE)
        accept = self.component.raw.get("accept") or ""
        for file in value:
            if not is_accepted(file, accept):
                yield translate(messages.WRONG_FILE, name=file["name"], accept=accept)


class Rows(Entry):
    def clean(self, value: Any) -> Any:
        return value or None

    def empty(self) -> list[Any]:
        return []

    def enter(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
            raise ValidationError(translate(messages.NOT_A_LIST))
        if len(value) > self.most:
            raise ValidationError(translate(messages.TOO_MANY_ROWS, max=self.most))
        return self.each(value)

    @property
    def most(self) -> int:
        """A list without buttons keeps the number of rows it was shown with."""
        if self.component.raw.get("allowAddRemove"):
            return MOST_ROWS
        given = self.level.trusted.get(self.component.key)
        return max(len(given) if isinstance(given, list) else 0, int(self.component.raw.get("defaultRepetitions") or 0))

    def each(self, value: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        entered, errors = [], {}
        for index, (level, row) in enumerate(zip(self.level.rows(self.component), value, strict=True)):
            try:
                entered.append(load(level, row))
            except Invalid as error:
                errors[index] = error.errors
        if errors:
            raise ValidationError(errors)
        return entered


class Group(Entry):
    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        try:
            return load(self.level.group(self.component), value if isinstance(value, Mapping) else {})
        except Invalid as error:
            raise ValidationError(error.errors) from None


FIELDS: dict[str, Callable[[Component], Entry]] = {
    "textfield": Line,
    "textarea": Text,
    "richtext": Rich,
    "number": Number,
    "datetime": Moment,
    "checkbox": Tick,
    "radio": Choice,
    "select": Choice,
    "checklist": Choices,
    "taglist": Choices,
    "filepicker": Files,
    "dynamiclist": Rows,
    "group": Group,
}


def wrong_format(component: Component) -> str:
    """The designer's own words about the format where they are in the reader's language."""
    if messages.reads_english():
        return str(component.properties.get("en_patternErrorMessage") or translate(messages.WRONG_FORMAT))
    return str(component.rules.get("patternErrorMessage") or translate(messages.WRONG_FORMAT))


def by_text(options: Iterable[Option]) -> dict[str, Option]:
    return {str(option.value): option for option in options}


def _chosen(value: Any, context: Mapping[str, Any], component: Component) -> Any:
    option = by_text(component.options(context)).get(str(value))
    if option is None or isinstance(value, (bool, list, Mapping)):
        raise ValidationError(translate(messages.NOT_AN_OPTION))
    return option.value


def is_accepted(file: Mapping[str, Any], accept: str) -> bool:
    """`accept` as in HTML: `.pdf,image/*,text/plain`."""
    wanted = [part.strip().lower() for part in accept.split(",") if part.strip()]
    return not wanted or any(map(partial(_fits, str(file["name"]).lower(), str(file["type"]).lower()), wanted))


def _fits(name: str, kind: str, wanted: str) -> bool:
    if wanted.startswith("."):
        return name.endswith(wanted)
    return kind.startswith(wanted[:-1]) if wanted.endswith("/*") else kind == wanted


def _described(file: Mapping[str, Any]) -> dict[str, Any]:
    digest, name, kind, size = (file.get(part) for part in ("digest", "name", "type", "size"))
    if not isinstance(digest, str) or not DIGEST.match(digest) or not isinstance(size, int):
        raise ValidationError(translate(messages.NOT_A_FILE))
    return {"digest": digest, "name": NEVER.sub("", str(name or ""))[:255], "type": str(kind or "")[:255], "size": size}


def _decimal(value: Any) -> str:
    try:
        return format(Decimal(str(value)), "f") if isinstance(value, (int, float)) else ""
    except ValueError:
        return ""


def _digits(value: float) -> int:
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
