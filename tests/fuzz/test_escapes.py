"""The attack list against the script language. Each attack is refused before it runs, or stopped while it does."""

from __future__ import annotations

import pytest

from tests.conformance import workers

from . import harm

ESCAPES: dict[str, tuple[str, ...]] = {
    "walk along attributes": (
        "().__class__.__bases__[0].__subclasses__()",
        "x.__class__.__mro__[1].__init__.__globals__",
        "len.__self__",
        "''.join.__func__",
        "r.append.__self__.__class__",
        "(1).real.__class__",
        "x['__class__'].__class__",
        "[].sort.__objclass__",
    ),
    "reach functions that are not there": (
        "eval('1')",
        "exec('1')",
        "compile('1', 'f', 'eval')",
        "open('/etc/passwd').read()",
        "__import__('os').system('id')",
        "getattr(x, '__class__')",
        "setattr(x, 'a', 1)",
        "globals()['x']",
        "vars(x)",
        "dir(x)",
        "type(x)",
        "object()",
        "super()",
        "breakpoint()",
        "input()",
        "memoryview(s)",
        "bytes(10)",
        "map(len, r)",
        "filter(None, r)",
        "iter(r)",
        "next(r)",
        "id(x)",
        "hash(x)",
        "print(x)",
    ),
    "formats": (
        "'{0.__class__.__init__.__globals__}'.format(x)",
        "'{0}'.format_map(x)",
        "'%(x)s' % x",
        "'%1000000000d' % 1",
        "f'{x.__class__}'",
        "f'{x!r}'",
        "f'{x:{s}}'",
        "f'{1:>1000000000}'",
        "f'{[c for c in ().__class__.__bases__]}'",
    ),
    "frames and coroutines": (
        "(a for a in r).gi_frame.f_globals",
        "(a for a in r).gi_code",
        "[a for a in r].__iter__()",
        "(yield 1)",
        "(yield from r)",
        "(await x)",
        "[a async for a in r]",
        "lambda: 1",
        "(lambda a: a)(1)",
        "(b := 1)",
    ),
    "comprehensions that leak or hide": (
        "[__class__ for a in r]",
        "[a.__class__ for a in r]",
        "[_ for _ in r]",
        "{a: b for a, b in x.__dict__.items()}",
        "[x for x.__class__ in r]",
        "[a for a in [x.__class__]][0]",
    ),
    "look-alikes of letters": (
        "x.__ｃｌａｓｓ__",
        "＿＿import＿＿('os')",
        "ｅｖａｌ('1')",
        "x._\u200b_class__",
        "x.﹍﹍class﹍﹍",
        "𝓮𝓿𝓪𝓵('1')",
        "ﬁlter(None, r)",
    ),
    "builtins through data": (
        "__builtins__",
        "__builtins__['open']('/etc/passwd')",
        "x['__builtins__']",
        "x.__builtins__.open('/etc/passwd')",
    ),
    "calls of what data holds": (
        "x['k'](1)",
        "r[0](1)",
        "x.k()",
        "x.a.b()",
        "s()",
        "(1)(2)",
        "(len)(r)(1)",
        "[len][0](r)",
    ),
    "other syntax": (
        "*r",
        "[*r]",
        "{**x}",
        "len(*r)",
        "dict(**x)",
        "x if x else (yield)",
        "b'bytes'",
        "1j",
        "...",
        "x @ x",
        "~1",
        "1 << 100000",
        "1 & 2",
        "x is r",
        "'\\N{BULLET}' * 2 ** 40",
        "x[::0]",
        "x[1:2, 3]",
    ),
}
SCRIPTS: dict[str, tuple[str, ...]] = {
    "imports and definitions": (
        "import os",
        "from os import system",
        "import os as x",
        "def f():\n    return 1",
        "async def f():\n    pass",
        "class A:\n    pass",
        "@x\ndef f():\n    pass",
        "type X = int",
    ),
    "exceptions and their context": (
        "try:\n    x = 1 / 0\nexcept Exception as e:\n    y = e.__traceback__.tb_frame",
        "try:\n    y = 1\nfinally:\n    pass",
        "raise x",
        "assert x",
        "with x as y:\n    pass",
        "throw(x.__class__)",
    ),
    "names outside": ("global x", "nonlocal x", "del x", "x.__class__ = 1", "_x = 1", "x._y = 1", "__builtins__ = {}"),
    "statements": (
        "while True:\n    pass",
        "return 1",
        "match x:\n    case 1:\n        pass",
        "x: int = 1",
        "y = x = x.__class__",
    ),
}
BOMBS: dict[str, tuple[str, ...]] = {
    "huge ranges and repetitions": (
        "range(10 ** 18)",
        "list(range(10 ** 9))",
        "[0] * 10 ** 10",
        "'a' * 10 ** 10",
        "(1,) * 10 ** 10",
        "[[0] * 100000] * 100000",
        "'ab' * 500000 + 'ab' * 500000",
        "[r] * 99999",
        "str([big] * 90000)",
        "[big] * 90000 == [big] * 90000",
        "sorted([big] * 9000)",
        "sum([range(10 ** 5)], [])",
    ),
    "numbers": (
        "9 ** 9 ** 9",
        "2 ** 100000",
        "(2 ** 1000) ** 1000",
        "10 ** 1000 * 10 ** 1000 * 10 ** 1000",
        "int('9' * 100000)",
        "int('9' * 900) ** 100",
        "str(10 ** 1000) * 1000",
        "float('9' * 100000)",
        "round(1.5, 10 ** 10)",
        "1e308 * 1e308",
        "1 / 0",
        "abs(-2 ** 4095) * 3",
        "sum([2 ** 4000 for a in r for b in r])",
    ),
    "turns": (
        "[1 for a in r for b in r for c in r for d in r]",
        "sum([1 for a in range(99999) for b in range(99999)])",
        "{a: b for a in big for b in big}",
        "[[b for b in big] for a in big]",
        "[sorted(big) for a in big]",
        "[min(big) for a in big]",
        "[big + big for a in big]",
        "[big[:] for a in big]",
        "[list(zip(big, big, big)) for a in big]",
        "[list(enumerate(big)) for a in big]",
        "list(zip(*big))",
        "[str(big) for a in big]",
        "[f'{big}' for a in big]",
        "[big == y for a in big]",
        "[a in big for a in big]",
        "[big.index(2) for a in big if 2 in big]",
        "[big.count(1) for a in big]",
        "[deadline('99999wd') for a in r]",
        "any([a for a in big for b in big])",
        "[x.items() for a in big for b in big]",
    ),
    "texts": (
        "('a' * 99999).replace('a', 'b' * 99999)",
        "('a' * 99999).join(['b' * 9999] * 9999)",
        "('a,' * 99999).split(',') * 100",
        "['a' * 99999 for a in big]",
        "('a' * 99999).count('a') * 'x'",
        "'a'.join([s] * 99999).join([s] * 99999)",
        "[('a' * 90000).upper() for a in big]",
        "[('a' * 90000).find('b' * 45000) for a in big]",
        "[('a' * 90000 + 'b').count('a' * 45000 + 'b') for a in big]",
        "[('a' * 45000 + 'b') in ('a' * 90000) for a in big]",
    ),
    "depth": (
        "(" * 3000 + "1" + ")" * 3000,
        "[" * 90 + "]" * 90,
        "-" * 3000 + "1",
        "not " * 1000 + "1",
        "x" + ".a" * 3000,
        "x" + "[0]" * 3000,
        "1" + "+1" * 9000,
        "1 if " * 90 + "1" + " else 1" * 90,
        "f'{" * 50 + "1" + "}'" * 50,
        "'" + "a" * 25_000 + "'",
        "[" + "1," * 9_900 + "]",
    ),
}
SCRIPT_BOMBS = (
    "y = [1]\nfor a in r:\n    y = [y, y]",
    "y = []\ny.append(y)",
    "y = {}\ny['y'] = y",
    "y = 'a'\nfor a in r:\n    y = y + y",
    "y = 2\nfor a in r:\n    y = y * y",
    "y = []\nfor a in big:\n    for b in big:\n        y.append(a)",
    "y = []\nfor a in r:\n    y.extend(big)\n    y = y + y",
    "y = {}\nfor a in big:\n    for b in big:\n        y[str(a) + str(b)] = big",
    "for a in r:\n    r.append(a)",
    "y = [[[big] * 300] * 300] * 300",
    "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 90)) + " " * 90 + "y = 1",
)
PATIENT = 60.0


def told(do: object, sources: list[str]) -> dict[str, harm.Told | workers.Broken]:
    return dict(workers.run(do, sources, PATIENT, megabytes=2048, count=1))  # type: ignore[arg-type]


def harms(answers: dict[str, harm.Told | workers.Broken]) -> dict[str, str]:
    """What did harm, but for what only took long on a busy machine."""
    found = {s[:60]: a.why if isinstance(a, workers.Broken) else a.harm for s, a in answers.items()}
    return {source: why for source, why in found.items() if why}


@pytest.mark.timeout(300)
def test_no_escape_gets_out() -> None:
    answers = told(harm.expression_told, [source for table in ESCAPES.values() for source in table])
    assert harms(answers) == {}
    assert {source: a for source, a in answers.items() if a.result == "harmless"} == {}  # type: ignore[union-attr]


@pytest.mark.timeout(300)
def test_no_statement_gets_out() -> None:
    answers = told(harm.script_told, [source for table in SCRIPTS.values() for source in table])
    assert harms(answers) == {}
    assert {source: a for source, a in answers.items() if a.result == "harmless"} == {}  # type: ignore[union-attr]


@pytest.mark.timeout(300)
def test_no_bomb_takes_a_second_or_a_quarter_of_a_gigabyte() -> None:
    answers = told(harm.expression_told, [source for table in BOMBS.values() for source in table])
    assert harms(answers) == {}


@pytest.mark.timeout(300)
def test_no_script_bomb_does_either() -> None:
    assert harms(told(harm.script_told, list(SCRIPT_BOMBS))) == {}
