"""Every sentence this package says. English here; the web sets a translator and lists `ALL` for its catalogues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Translator = Callable[[str], str]

# To the person who fills a form in
REQUIRED = "This field is required. Please fill it in."
REQUIRED_TICK = "This field is required. Please tick it."
REQUIRED_CHOICE = "This field is required. Please choose one option."
REQUIRED_CHOICES = "This field is required. Please choose at least one option."
REQUIRED_FILE = "This field is required. Please attach a file."
NOT_TEXT = "Please enter text."
NOT_A_NUMBER = "Please enter a number in digits, such as 12 or 3.5."
NOT_A_DATE = "Please enter an existing date, such as 2024-03-01."
NOT_A_TIME = "Please enter a time, such as 09:30."
NOT_A_MOMENT = "Please enter a date and time, such as 2024-03-01 09:30."
NOT_A_TICK = "Please tick the box or leave it empty."
NOT_AN_OPTION = "Please choose one of the options listed."
NOT_A_FILE = "Please attach the file again."
NOT_A_LIST = "Please enter the rows again."
TOO_SHORT = "Please enter at least {min} characters."
TOO_LONG = "Please enter at most {max} characters."
TOO_SMALL = "Please enter {min} or more."
TOO_LARGE = "Please enter {max} or less."
TOO_MANY_DIGITS = "Please enter at most {digits} digits after the decimal point."
NO_DIGITS = "Please enter a whole number."
NOT_A_STEP = "Please enter a multiple of {step}."
WRONG_FORMAT = "Please check the format and enter it again."
NOT_AN_EMAIL = "Please enter an e-mail address, such as name@example.com."
NOT_A_PHONE = "Please enter a telephone number in digits."
ONE_FILE = "Please attach one file only."
WRONG_FILE = "“{name}” cannot be attached here. Please choose a file of these types: {accept}."
TOO_MANY_ROWS = "Please enter at most {max} rows."

# On the page
CORRECT = "Please correct what is marked ({count})."
PLEASE_CHOOSE = "Please choose"
REQUIRED_MARK = "required"
ADD_ROW = "Add a row"
REMOVE_ROW = "Remove row {number}"
ROW = "Row {number}"
REFRESH = "Refresh conditional fields"
REMOVE_FILE = "Remove {name}"
CHOSEN = "{count} of {total} chosen"
NO_OPTIONS = "There is nothing to choose from yet."
YES = "Yes"
NO = "No"
EMPTY = "—"

# To the designer of a form
NOT_JSON = "The form is not valid JSON: {reason}. Export it again from the form editor."
NOT_A_FORM = "The form has no list of components. Export it again from the form editor."
NEWER_FORM = "The form has schema version {version}; the newest known is {known}. Save it with an older form editor."
TOO_BIG = "The form has {count} bytes, at most {max} are allowed. Split it into several tasks."
TOO_MANY_FIELDS = "The form has {count} fields, at most {max} are allowed. Split it into several tasks."
TOO_DEEP = "Groups and lists lie inside each other more than {max} deep. Flatten the form."
UNKNOWN_TYPE = "Fields of the type “{type}” are not offered. Use one of these: {types}."
NO_KEY = "The field has no key. Give it one."
BAD_KEY = "The key “{key}” is not allowed. Use Latin letters, digits and _, beginning with a letter."
RESERVED_KEY = "The key “{key}” is used by the page itself. Choose another."
DUPLICATE_KEY = "The key “{key}” is used twice. Choose another for one of the fields."
NO_LABEL = "The field has no label. Give it one, so that everybody can tell what to enter."
NO_OPTIONS_GIVEN = "The field has no options. List them, or name the variable that holds them."
BAD_OPTION = "Option {number} lacks a value or a label. Fill in both."
DUPLICATE_OPTION = "The option “{value}” is listed twice. Remove one."
BAD_DEFAULT = "The default “{value}” is not among the options. Choose another."
BAD_VARIABLE = "“{name}” is not the name of a variable. Use a name such as people or plan.units."
BAD_CONDITION = "The condition “{text}” cannot be used: {reason}"
CIRCLE = "Whether this field is shown depends on itself: {keys}. Break the circle."
BAD_PATTERN = "The pattern “{pattern}” cannot be used: {reason}"
NO_EXPRESSION = "“{name}” holds an expression. Expressions are offered only in “hide if” and required_if."
NOT_OFFERED = "“{name}” is not offered. Remove it."
BAD_SETTING = "“{name}” may not be “{value}”. Use {expected}."
BAD_RANGE = "{min} is more than {max}. Exchange them."

# Why a condition cannot be used
FEEL_LONG = "it is longer than {max} characters. Shorten it."
FEEL_DEEP = "it has more than {max} brackets inside each other. Simplify it."
FEEL_CHARACTER = "“{near}” is not understood. Use comparisons, and, or, not( ), in, and names."
FEEL_UNEXPECTED = "“{near}” is not expected there. Correct the expression."
FEEL_END = "it ends too early. Complete the expression."
FEEL_FUNCTION = "there is no function “{name}”. Use one of these: {functions}."
FEEL_ARGUMENTS = "“{name}” needs {count} arguments. Correct the expression."

# Why a pattern cannot be used
PATTERN_LONG = "it is longer than {max} characters. Shorten it."
PATTERN_SYNTAX = "“{near}” is not understood at position {position}. Correct the pattern."
PATTERN_FEATURE = "“{near}” is not offered. Use characters, classes [ ], groups ( ), | and repetitions."
PATTERN_SLOW = "checking it could take too long. Avoid repetitions inside repetitions, and begin it with ^."

ALL: tuple[str, ...] = tuple(value for name, value in list(globals().items()) if name.isupper())


def _english(msgid: str) -> str:
    return msgid


def _chinese() -> str:
    return "zh"


_translator: Translator = _english
_language: Callable[[], str] = _chinese


def use(translator: Translator = _english, language: Callable[[], str] = _chinese) -> None:
    """From now on translate by `translator` (msgid → text with the same {names}); `language()` is the reader's."""
    global _translator, _language
    _translator, _language = translator, language


def translate(msgid: str, **parameters: Any) -> str:
    """The sentence in the reader's language, its {names} filled in."""
    return _translator(msgid).format(**parameters) if parameters else _translator(msgid)


def reads_english() -> bool:
    return _language().startswith("en")


def listed(words: Sequence[str]) -> str:
    return ", ".join(words)
