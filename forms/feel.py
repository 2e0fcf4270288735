"""A subset of FEEL, compiled to closures: what a condition in a form may say.

Comparisons, and, or, not( ), paths (`plan.scope`), `x in ("a", "b")`, `x in list`, lists, numbers, strings, true,
false, null and a few functions. A name nobody knows is null; what cannot be compared is neither true nor false (null).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Any

from forms import messages

Names = Mapping[str, Any]
Closure = Callable[[Names], Any]

LONGEST = 2000
DEEPEST = 40

TOKEN = re.compile(
    r"""\s*(?:(?P<number>-?(?:\d+(?:\.\d+)?|\.\d+))
    |(?P<string>"(?:\\.|[^"\\])*")
    |(?P<sign><=|>=|!=|[=<>()\[\],])
    |(?P<function>(?:list\s+contains|string\s+length|[^\W\d]\w*)(?=\s*\())
    |(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*))""",
    re.VERBOSE,
)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
WORDS = {"and", "or", "not", "in"}
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
ORDER: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class BadExpression(ValueError):
    """The text is not in the subset. `message` is a msgid with {names}, `parameters` fills them."""

    def __init__(self, message: str, **parameters: Any) -> None:
        super().__init__(message.format(**parameters))
        self.message, self.parameters = message, parameters


@dataclass(frozen=True, slots=True)
class Expression:
    """Call it with the variables. `names` are the top-level names it reads."""

    text: str
    names: frozenset[str]
    closure: Closure

    def __call__(self, variables: Names) -> Any:
        return self.closure(variables)

    def is_true(self, variables: Names) -> bool:
        return self.closure(variables) is True


@lru_cache(maxsize=1024)
def compile(text: str) -> Expression:
    """Raises `BadExpression`. A leading `=`, as the form editor writes it, may stay."""
    if len(text) > LONGEST:
        raise BadExpression(messages.FEEL_LONG, max=LONGEST)
    source = text.strip().removeprefix("=")
    parser = _Parser(_tokens(source))
    closure = parser.whole()
    return Expression(text, frozenset(parser.names), closure)


def evaluate(text: str, variables: Names) -> Any:
    """The value of `text`; null for what is unknown or cannot be compared. Raises `BadExpression`."""
    return compile(text)(variables)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(source: str) -> list[_Token]:
    found, position, end = [], 0, len(source.rstrip())
    while position < end:
        match = TOKEN.match(source, position)
        if match is None:
            raise BadExpression(messages.FEEL_CHARACTER, near=source[position : position + 12].strip())
        found.append(_token(match))
        position = match.end()
    return found


def _token(match: re.Match[str]) -> _Token:
    kind = str(match.lastgroup)
    text = match.group(kind)
    if kind == "function":
        text = " ".join(text.split())
    return _Token("word" if text in WORDS else kind, text)


class _Parser:
    """Recursive descent: either → both → comparison → operand."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.position, self.depth = tokens, 0, 0
        self.names: set[str] = set()

    def whole(self) -> Closure:
        closure = self.either()
        if self.position < len(self.tokens):
            raise self.unexpected()
        return closure

    def either(self) -> Closure:
        parts = [self.both()]
        while self.take("word", "or"):
            parts.append(self.both())
        return _any_of(parts) if len(parts) > 1 else parts[0]

    def both(self) -> Closure:
        parts = [self.comparison()]
        while self.take("word", "and"):
            parts.append(self.comparison())
        return _all_of(parts) if len(parts) > 1 else parts[0]

    def comparison(self) -> Closure:
        left = self.operand()
        if self.take("word", "in"):
            return _within(left, self.several() if self.next_is("sign", "(") else self.operand())
        for sign in ("=", "!=", *ORDER):
            if self.take("sign", sign):
                return _compare(sign, left, self.operand())
        return left

    def operand(self) -> Closure:
        if self.next_is("sign", "("):
            return self.bracketed()
        if self.next_is("sign", "["):
            return self.several("[", "]")
        if self.take("word", "not"):
            return _not(self.bracketed())
        token = self.advance()
        if token.kind == "function":
            return self.call(token.text)
        return self.value(token)

    def bracketed(self) -> Closure:
        self.open("(")
        closure = self.either()
        self.close(")")
        return closure

    def several(self, begin: str = "(", end: str = ")") -> Closure:
        items = self.items(begin, end)
        return lambda variables: [item(variables) for item in items]

    def items(self, begin: str = "(", end: str = ")") -> list[Closure]:
        self.open(begin)
        found = [] if self.next_is("sign", end) else [self.either()]
        while self.take("sign", ","):
            found.append(self.either())
        self.close(end)
        return found

    def call(self, name: str) -> Closure:
        if name not in FUNCTIONS:
            raise BadExpression(messages.FEEL_FUNCTION, name=name, functions=messages.listed(["not", *FUNCTIONS]))
        count, function = FUNCTIONS[name]
        arguments = self.items()
        if len(arguments) != count:
            raise BadExpression(messages.FEEL_ARGUMENTS, name=name, count=count)
        return lambda variables: function(*(argument(variables) for argument in arguments))

    def value(self, token: _Token) -> Closure:
        if token.kind == "number":
            return _constant(float(token.text) if "." in token.text else int(token.text))
        if token.kind == "string":
            return _constant(ESCAPE.sub(_unescaped, token.text[1:-1]))
        if token.kind != "name":
            self.position -= 1
            raise self.unexpected()
        if token.text in CONSTANTS:
            return _constant(CONSTANTS[token.text])
        self.names.add(token.text.split(".")[0])
        return _path(token.text.split("."))

    def open(self, sign: str) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(messages.FEEL_DEEP, max=DEEPEST)
        if not self.take("sign", sign):
            raise self.unexpected()

    def close(self, sign: str) -> None:
        self.depth -= 1
        if not self.take("sign", sign):
            raise self.unexpected()

    def next_is(self, kind: str, text: str) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position] == _Token(kind, text)

    def take(self, kind: str, text: str) -> bool:
        found = self.next_is(kind, text)
        self.position += found
        return found

    def advance(self) -> _Token:
        if self.position >= len(self.tokens):
            raise self.unexpected()
        self.position += 1
        return self.tokens[self.position - 1]

    def unexpected(self) -> BadExpression:
        if self.position >= len(self.tokens):
            return BadExpression(messages.FEEL_END)
        return BadExpression(messages.FEEL_UNEXPECTED, near=self.tokens[self.position].text)


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(int(code[1:], 16)) if len(code) == 5 else ESCAPES.get(code, code)


def _constant(value: Any) -> Closure:
    return lambda variables: value


def _path(names: list[str]) -> Closure:
    def read(variables: Names) -> Any:
        value: Any = variables
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    return read


def _any_of(parts: list[Closure]) -> Closure:
    def either(variables: Names) -> bool | None:
        values = [part(variables) for part in parts]
        return True if _holds(True, values) else False if all(value is False for value in values) else None

    return either


def _all_of(parts: list[Closure]) -> Closure:
    def both(variables: Names) -> bool | None:
        values = [part(variables) for part in parts]
        return False if _holds(False, values) else True if all(value is True for value in values) else None

    return both


def _holds(wanted: bool, values: list[Any]) -> bool:
    return any(value is wanted for value in values)


def _not(part: Closure) -> Closure:
    def negated(variables: Names) -> bool | None:
        value = part(variables)
        return not value if isinstance(value, bool) else None

    return negated


def _compare(sign: str, left: Closure, right: Closure) -> Closure:
    if sign == "=":
        return lambda variables: _equal(left(variables), right(variables))
    if sign == "!=":
        return lambda variables: not _equal(left(variables), right(variables))
    return lambda variables: _ordered(ORDER[sign], left(variables), right(variables))


def _within(left: Closure, right: Closure) -> Closure:
    return lambda variables: _contains(right(variables), left(variables))


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _ordered(order: Callable[[Any, Any], Any], left: Any, right: Any) -> bool | None:
    if _is_number(left) and _is_number(right) or isinstance(left, str) and isinstance(right, str):
        return bool(order(left, right))
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _contains(whole: Any, part: Any) -> bool:
    """`x in list`; a list of lists is searched one level down, as `x in (list, "b")` asks."""
    if not isinstance(whole, (list, tuple)):
        return whole is not None and _equal(whole, part)
    return any(_equal(item, part) or isinstance(item, list) and _contains(item, part) for item in whole)


def _count(value: Any) -> int | None:
    return len(value) if isinstance(value, (list, tuple)) else None


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, str) else None


def _has(text: Any, part: Any) -> bool | None:
    return part in text if isinstance(text, str) and isinstance(part, str) else None


def _list_contains(whole: Any, part: Any) -> bool | None:
    return any(_equal(item, part) for item in whole) if isinstance(whole, (list, tuple)) else None


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "list contains": (2, _list_contains),
    "count": (1, _count),
    "contains": (2, _has),
    "string length": (1, _length),
}
