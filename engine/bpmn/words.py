"""The functions, operators and methods of the script language, each with a bound on what it may cost or make."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from engine.bpmn import seal
from engine.bpmn.values import DIGITS, ordered, size, text
from engine.refusals import Saying

if TYPE_CHECKING:
    from engine.bpmn.sandbox import Run

MOST_TEXT = 1_000_000
MOST_ITEMS = 100_000
LARGE = (list, dict, tuple, set)
NAMES: dict[type, str] = {
    type(None): "nothing",
    bool: "a yes/no",
    str: "a text",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}


class Bound(ValueError):
    """A value would grow too large."""


class ErrorThrown(Exception):
    """A script throws a BPMN error: `code` and `reason`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


def kind(value: Any) -> Saying:
    """What a value is called in a message."""
    return Saying(NAMES.get(type(value), "a value of another kind"))


def key(value: Any) -> Any:
    """A key of a mapping: text or a number."""
    if isinstance(value, str | int | float | bool | None):
        return value
    raise TypeError(Saying("{value} cannot be a key", value=kind(value)))


def walked(run: Run, value: Any) -> Iterable[Any]:
    """A copy of the items, in an order that never depends on chance: mappings by key, sets by value."""
    run.pay(len(value) // (2 if isinstance(value, dict | set) else 8) if isinstance(value, (*LARGE, str)) else 0)
    if isinstance(value, list | tuple | range | str):
        return list(value)
    if isinstance(value, dict):
        return _keys(value)
    if isinstance(value, set):
        return ordered(value)
    raise TypeError(Saying("{value} has no items to walk over", value=kind(value)))


def make_set(items: Iterable[Any]) -> set[Any]:
    """A set of keys."""
    return {key(item) for item in items}


def item(value: Any, at: Any) -> Any:
    """`value[at]`."""
    if isinstance(value, dict):
        return value[key(at)]
    if isinstance(value, list | tuple | str) and isinstance(at, int):
        return value[at]
    raise TypeError(Saying("{value} has no item {name}", value=kind(value), name=repr(text(at))))


def cut(run: Run, value: Any, low: Any, high: Any, step: Any) -> Any:
    """`value[low:high:step]`."""
    if isinstance(value, list | tuple | str):
        run.pay(len(value) // 16)
        return value[low:high:step]
    raise TypeError(Saying("{value} cannot be cut", value=kind(value)))


def put(holder: Any, at: Any, value: Any) -> None:
    """`holder[at] = value`."""
    if isinstance(holder, dict):
        holder[key(at)] = value
    elif isinstance(holder, list) and isinstance(at, int):
        holder[at] = value
    else:
        raise TypeError(Saying("nothing can be put into {value}", value=kind(holder)))


def unpacked(run: Run, value: Any, count: int) -> list[Any]:
    """Exactly `count` items."""
    items = list(walked(run, value))
    if len(items) != count:
        raise ValueError(Saying("{count} values were expected, {came} came", count=count, came=len(items)))
    return items


def bounded(run: Run, length: int) -> None:
    """Refuse what is too long and pay for what is long."""
    if length > MOST_TEXT:
        raise Bound(Saying("the result is too long"))
    run.pay(length // 16)


def joined(run: Run, between: str, parts: list[str]) -> str:
    """`between.join(parts)`."""
    bounded(run, sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)


# -- operators


def _add(run: Run, left: Any, right: Any) -> Any:
    if _numbers(left, right):
        return _number(left + right)
    if isinstance(left, str) and isinstance(right, str):
        bounded(run, len(left) + len(right))
        return left + right
    if type(left) is type(right) and isinstance(left, list | tuple):
        _items(run, len(left) + len(right))
        return left + right
    raise TypeError(Saying("{left} and {right} cannot be added", left=kind(left), right=kind(right)))


def _multiply(run: Run, left: Any, right: Any) -> Any:
    if _numbers(left, right):
        return _number(left * right) if _bits(left) + _bits(right) <= DIGITS else _too_large()
    if isinstance(left, int) and isinstance(right, str | list):
        left, right = right, left
    if isinstance(left, str | list) and isinstance(right, int):
        _items(run, len(left) * max(right, 0))
        return left * right
    raise TypeError(Saying("{left} and {right} cannot be multiplied", left=kind(left), right=kind(right)))


def _power(run: Run, left: Any, right: Any) -> Any:
    if not _numbers(left, right):
        raise TypeError(Saying("only numbers have powers"))
    if abs(right) > 1000 or _bits(left) * max(abs(right), 1) > DIGITS:
        _too_large()
    return _number(left**right)


def _of_numbers(operate: Callable[[Any, Any], Any]) -> Callable[[Run, Any, Any], Any]:
    def apply(run: Run, left: Any, right: Any) -> Any:
        if not _numbers(left, right):
            raise TypeError(Saying("{left} and {right} cannot be calculated with", left=kind(left), right=kind(right)))
        return _number(operate(left, right))

    return apply


def _subtract(run: Run, left: Any, right: Any) -> Any:
    if isinstance(left, set) and isinstance(right, set):
        return left - right
    return _of_numbers(lambda a, b: a - b)(run, left, right)


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 64


def _number(value: Any) -> Any:
    return _too_large() if _bits(value) > DIGITS or isinstance(value, complex) else value


def _too_large() -> Any:
    raise Bound(Saying("the number is too large"))


def _items(run: Run, count: int) -> None:
    if count > MOST_ITEMS:
        raise Bound(Saying("the result is too long"))
    run.pay(count // 16)


OPERATORS: dict[type, Callable[[Any, Any, Any], Any]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: _multiply,
    ast.Pow: _power,
    ast.Div: _of_numbers(lambda a, b: a / b),
    ast.FloorDiv: _of_numbers(lambda a, b: a // b),
    ast.Mod: _of_numbers(lambda a, b: a % b),
}
SIGNS: dict[type, Callable[[Any], Any]] = {
    ast.USub: lambda value: -_signed(value),
    ast.UAdd: lambda value: +_signed(value),
    ast.Not: lambda value: not value,
}


def _signed(value: Any) -> Any:
    if not _numbers(value):
        raise TypeError(Saying("{value} has no sign", value=kind(value)))
    return value


def _same(run: Run, left: Any, right: Any) -> bool:
    _weigh(run, left, right)
    return bool(left == right)


def _in(run: Run, left: Any, right: Any) -> bool:
    if isinstance(right, str):
        run.pay(len(right) // 64)
    elif isinstance(right, list | tuple):
        run.pay(size(right) if isinstance(left, LARGE) else len(right) // 8)
    elif not isinstance(right, dict | set):
        raise TypeError(Saying("{right} holds nothing", right=kind(right)))
    return left in right


def _weigh(run: Run, left: Any, right: Any) -> None:
    if isinstance(left, LARGE) and isinstance(right, LARGE):
        run.pay(size(left))


def _is(run: Run, left: Any, right: Any) -> bool:
    if not (left is None or right is None or isinstance(right, bool)):
        raise TypeError(Saying("is compares with None, True or False only"))
    return left is right


COMPARISONS: dict[type, Callable[[Any, Any, Any], bool]] = {
    ast.Eq: _same,
    ast.NotEq: lambda run, left, right: not _same(run, left, right),
    ast.Lt: lambda run, left, right: _sorted(run, left, right) and left < right,
    ast.LtE: lambda run, left, right: _sorted(run, left, right) and left <= right,
    ast.Gt: lambda run, left, right: _sorted(run, left, right) and left > right,
    ast.GtE: lambda run, left, right: _sorted(run, left, right) and left >= right,
    ast.In: _in,
    ast.NotIn: lambda run, left, right: not _in(run, left, right),
    ast.Is: _is,
    ast.IsNot: lambda run, left, right: not _is(run, left, right),
}


def _sorted(run: Run, left: Any, right: Any) -> bool:
    _weigh(run, left, right)
    return True


# -- functions


def _keys(value: dict[Any, Any]) -> list[Any]:
    return sorted(value, key=lambda name: (type(name).__name__, name))


def _listed(run: Run, value: Any = ()) -> list[Any]:
    items = list(walked(run, value))
    _items(run, len(items))
    return items


def _sum(run: Run, values: Any, start: Any = 0) -> Any:
    total = start
    for value in _listed(run, values):
        total = _of_numbers(lambda a, b: a + b)(run, total, value)
    return total


def _range(run: Run, *bounds: int) -> list[int]:
    made = range(*bounds)
    _items(run, len(made))
    return list(made)


def _sort(run: Run, values: Any, reverse: bool = False) -> list[Any]:
    items = _listed(run, values)
    run.pay(size(items))
    return sorted(items, reverse=bool(reverse))


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    def extreme(run: Run, *values: Any, **named: Any) -> Any:
        items = _listed(run, values[0]) if len(values) == 1 else list(values)
        run.pay(size(items))
        return choose(items, **named)

    return extreme


def _int(run: Run, value: Any = 0) -> int:
    if isinstance(value, str) and len(value) > 1000:
        _too_large()
    if not isinstance(value, str | int | float):
        raise TypeError(Saying("{value} is not a number", value=kind(value)))
    return int(value)


def _float(run: Run, value: Any = 0.0) -> float:
    if not isinstance(value, str | int | float):
        raise TypeError(Saying("{value} is not a number", value=kind(value)))
    return float(value)


def _str(run: Run, value: Any = "") -> str:
    return said(run, value)


def said(run: Run, value: Any) -> str:
    """A value as text."""
    run.pay(4 * size(value))
    return text(value)


def _dict(run: Run, value: Any = None, **named: Any) -> dict[Any, Any]:
    if isinstance(value, dict):
        run.pay(len(value) // 8)
        return {**value, **named}
    pairs = [unpacked(run, pair, 2) for pair in _listed(run, value or ())]
    return {**{key(name): item for name, item in pairs}, **named}


def _length(run: Run, value: Any) -> int:
    if isinstance(value, str | list | tuple | dict | set):
        return len(value)
    raise TypeError(Saying("{value} has no length", value=kind(value)))


def _round(run: Run, value: Any, digits: int | None = None) -> Any:
    if not _numbers(value) or not (digits is None or abs(int(digits)) < 100):
        raise TypeError(Saying("only a number can be rounded"))
    return round(value, digits)


def _counted(run: Run, spec: Any, compute: Callable[[str], Any]) -> Any:
    """Working days are counted one by one, so each of them is paid for."""
    digits = "".join(letter for letter in spec if letter.isdigit())[:6] if isinstance(spec, str) else ""
    run.pay(100 + 5 * int(digits or 0))
    return compute(spec)


def _throw(run: Run, code: Any, reason: Any = "") -> None:
    raise ErrorThrown(said(run, code), said(run, reason))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": _length,
    "min": _extreme(min),
    "max": _extreme(max),
    "sum": _sum,
    "sorted": _sort,
    "any": lambda run, values: any(_listed(run, values)),
    "all": lambda run, values: all(_listed(run, values)),
    "abs": lambda run, value: abs(_signed(value)),
    "round": _round,
    "int": _int,
    "float": _float,
    "str": _str,
    "bool": lambda run, value=False: bool(value),
    "list": _listed,
    "dict": _dict,
    "set": lambda run, values=(): make_set(_listed(run, values)),
    "tuple": lambda run, values=(): tuple(_listed(run, values)),
    "range": _range,
    "enumerate": lambda run, values, start=0: [(start + n, value) for n, value in enumerate(_listed(run, values))],
    "zip": lambda run, *several: list(zip(*(_listed(run, values) for values in several), strict=False)),
    "defined": lambda run, name: name in run.env,
    "deadline": lambda run, spec: _counted(run, spec, seal.deadline),
    "reminder": lambda run, spec: _counted(run, spec, seal.reminder),
}
IN_SCRIPTS = {"throw": _throw}
"""What scripts can do beside, and expressions cannot."""
NAMED = {"sorted": ("reverse",), "min": ("default",), "max": ("default",), "enumerate": ("start",)}


# -- methods


def _replace(run: Run, value: str, old: str, new: str) -> str:
    if not (isinstance(old, str) and isinstance(new, str)):
        raise TypeError(Saying("replace takes two texts"))
    bounded(run, len(value) + (len(new) - len(old)) * (value.count(old) if old else len(value) + 1) + len(new))
    return value.replace(old, new)


def _split(run: Run, value: str, by: str | None = None) -> list[str]:
    bounded(run, len(value))
    return value.split(by)


def _join(run: Run, value: str, parts: Any) -> str:
    items = _listed(run, parts)
    if not all(isinstance(part, str) for part in items):
        raise TypeError(Saying("join takes texts only"))
    return joined(run, value, items)


def _get(run: Run, value: dict[Any, Any], name: Any, otherwise: Any = None) -> Any:
    return value.get(key(name), otherwise)


def _search(run: Run, values: list[Any], wanted: Any) -> None:
    run.pay(size(values, 100_000) if isinstance(wanted, list | dict) else len(values) // 16)


def _index(run: Run, values: list[Any], wanted: Any) -> int:
    _search(run, values, wanted)
    return values.index(wanted)


def _count(run: Run, values: Any, wanted: Any) -> int:
    _search(run, [values], wanted)
    return int(values.count(wanted))


def _append(run: Run, values: list[Any], value: Any) -> None:
    _items(run, len(values) + 1)
    values.append(value)


def _extend(run: Run, values: list[Any], more: Any) -> None:
    items = _listed(run, more)
    _items(run, len(values) + len(items))
    values.extend(items)


def _update(run: Run, value: dict[Any, Any], more: Any) -> None:
    if not isinstance(more, dict):
        raise TypeError(Saying("update takes a mapping"))
    _items(run, len(value) + len(more))
    value.update(more)


def _plain(name: str) -> Callable[..., Any]:
    def plain(run: Run, value: str, *arguments: Any) -> Any:
        bounded(run, len(value))
        return getattr(value, name)(*arguments)

    return plain


def _starts(name: str) -> Callable[..., bool]:
    def starts(run: Run, value: str, wanted: Any) -> bool:
        return bool(getattr(value, name)(tuple(wanted) if isinstance(wanted, list) else wanted))

    return starts


METHODS: dict[type, dict[str, Callable[..., Any]]] = {
    str: {
        **{name: _plain(name) for name in ("strip", "lstrip", "rstrip", "lower", "upper", "title", "isdigit", "find")},
        "startswith": _starts("startswith"),
        "endswith": _starts("endswith"),
        "split": _split,
        "replace": _replace,
        "join": _join,
        "count": _count,
    },
    dict: {
        "get": _get,
        "keys": lambda run, value: list(walked(run, value)),
        "values": lambda run, value: [value[name] for name in walked(run, value)],
        "items": lambda run, value: [(name, value[name]) for name in walked(run, value)],
        "update": _update,
        "pop": lambda run, value, name, *otherwise: value.pop(key(name), *otherwise[:1]),
    },
    list: {
        "append": _append,
        "extend": _extend,
        "index": _index,
        "count": _count,
        "remove": lambda run, values, wanted: values.pop(_index(run, values, wanted)) and None,
        "pop": lambda run, values, at=-1: values.pop(at),
    },
    tuple: {"index": lambda run, values, wanted: _index(run, list(values), wanted), "count": _count},
    set: {"add": lambda run, values, value: values.add(key(value))},
}
METHOD_NAMES = frozenset(name for methods in METHODS.values() for name in methods)
CHANGING = frozenset({"append", "extend", "update", "pop", "remove", "add"})


def method(run: Run, value: Any, name: str, arguments: list[Any]) -> Any:
    """`value.name(*arguments)` if the kind of value has such a method."""
    found = METHODS.get(str if isinstance(value, str) else type(value), {}).get(name)
    if found is None:
        raise TypeError(Saying('{value} has no method "{name}"', value=kind(value), name=name))
    return found(run, value, *arguments)
