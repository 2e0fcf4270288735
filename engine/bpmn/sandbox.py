"""The language of scripts, conditions, timers and decision tables: a small part of Python, denied by default.

Source text is read by `ast.parse`, every node is looked up in a table and compiled once into closures; nothing is ever
evaluated by Python itself. What is not in the tables does not exist. Cost is bounded: loops run over data only, and
every turn of a loop and every value that grows pays from a budget proportional to the script and its data.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.bpmn import words
from engine.bpmn.values import NotJson, clean, copied, size
from engine.refusals import Refusal, Saying

LENGTH = 20_000
NESTING = 40
PATIENCE = 20_000

Variables = Mapping[str, Any]
Closure = Callable[["Run"], Any]


class ScriptFailed(Refusal):
    """The script of "{element}" failed in line {line}: {reason}"""


class NotAllowedHere(Exception):
    """Something outside the language, found before it runs: `reason` and `line` (from 1 in the script)."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


class Trouble(Exception):
    """Something that went wrong while a script ran."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


class Run:
    """One execution: its variables and what is left of its budget."""

    __slots__ = ("env", "left", "room", "_weighed")

    def __init__(self, env: dict[str, Any] | Variables, room: int) -> None:
        self.env: Any = env
        self.left = PATIENCE
        self.room = room
        self._weighed = False

    def pay(self, cost: int) -> None:
        """Take from the budget; weigh the data only when the base budget is used up."""
        self.left -= cost
        if self.left < 0 and not self._weighed:
            self._weighed = True
            self.left += 50 * self.room + 20 * size(dict(self.env))
        if self.left < 0:
            raise Trouble(Saying("it does too much for the size of its data"))


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. `names` are the variables it reads."""

    source: str
    names: frozenset[str]
    closure: Closure
    room: int

    def value(self, variables: Variables, element: str = "") -> Any:
        """Evaluate in these variables (not changed). ScriptFailed names `element`."""
        return _guarded(self.closure, Run(variables, self.room), element)


@dataclass(frozen=True, slots=True)
class Script:
    """A compiled script. `changes_values` tells that it may change a value in place, so it is given a copy."""

    source: str
    names: frozenset[str]
    closure: Closure
    room: int
    changes_values: bool

    def changed(self, variables: Variables, element: str = "") -> dict[str, Any]:
        """Run it and answer the variables that are new or different, as clean values. ScriptFailed names `element`."""
        try:
            return self.thrown_or_changed(variables, element)
        except words.ErrorThrown as error:
            only = Saying('only a script task can throw the error "{code}"', code=error.code)
            raise ScriptFailed(element=element, line=getattr(error, "mingtang_line", 1), reason=only) from None

    def thrown_or_changed(self, variables: Variables, element: str) -> dict[str, Any]:
        """The same for a script task, whose script may throw a BPMN error: words.ErrorThrown."""
        env = {key: copied(value) for key, value in variables.items()} if self.changes_values else dict(variables)
        _guarded(self.closure, Run(env, self.room), element)
        changed: dict[str, Any] = _guarded(lambda _: _differences(variables, env), Run(env, 0), element)
        return changed


@lru_cache(maxsize=4096)
def expression(source: str) -> Expression:
    """Compile an expression. NotAllowedHere when it is outside the language."""
    return Compiler(source.strip()).expression()


@lru_cache(maxsize=1024)
def script(source: str) -> Script:
    """Compile a script. NotAllowedHere when it is outside the language."""
    return Compiler(_dedented(source)).script()


def _dedented(source: str) -> str:
    lines = source.expandtabs(4).splitlines()
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return "\n".join(line[min(margins, default=0) :] for line in lines)


def _differences(before: Variables, after: Mapping[str, Any]) -> dict[str, Any]:
    changed = {}
    for key in sorted(after):
        value, old = after[key], before.get(key, _differences)
        if value is not old:
            value = clean(value)
            if type(value) is not type(old) or value != old:
                changed[key] = value
    return changed


def _guarded(closure: Closure, run: Run, element: str) -> Any:
    try:
        return closure(run)
    except Trouble as trouble:
        raise ScriptFailed(element=element, line=trouble.line or 1, reason=trouble.reason) from None
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError, MemoryError) as error:
        line = getattr(error, "mingtang_line", 1)
        raise ScriptFailed(element=element, line=line, reason=reason(error)) from None


PYTHON: Mapping[type[BaseException], Saying] = {
    ZeroDivisionError: Saying("a number is divided by zero"),
    IndexError: Saying("there is no such item"),
    OverflowError: Saying("the number is too large"),
    RecursionError: Saying("it is nested too deep"),
    MemoryError: Saying("the result is too long"),
}
"""What is said where Python itself gives up."""


def reason(error: BaseException) -> Saying:
    """What went wrong, as a phrase."""
    if error.args and isinstance(error.args[0], Saying):
        return error.args[0]
    if isinstance(error, KeyError):
        return Saying("there is no key {key}", key=str(error))
    return PYTHON.get(type(error)) or Saying("the values do not fit together: {problem}", problem=str(error))


class Compiler:
    """Turns source text into closures, refusing what is not in the language."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: set[str] = set()
        self.local: list[set[str]] = []
        self.loops = 0
        self.room = 0
        self.changes_values = False
        self.in_script = False

    def expression(self) -> Expression:
        tree = self._read("eval")
        closure = self.of(tree.body)
        return Expression(self.source, frozenset(self.names), closure, self.room)

    def script(self) -> Script:
        self.in_script = True
        body = self._block(self._read("exec").body)
        return Script(self.source, frozenset(self.names), _statements(body), self.room, self.changes_values)

    def _read(self, mode: str) -> Any:
        if len(self.source) > LENGTH:
            raise NotAllowedHere(Saying("it is longer than {most} characters", most=LENGTH))
        try:
            tree = ast.parse(self.source, mode=mode)
        except SyntaxError as error:
            raise NotAllowedHere(Saying("it cannot be read"), error.lineno or 1) from None
        except (ValueError, RecursionError, MemoryError, OverflowError):
            raise NotAllowedHere(Saying("it cannot be read")) from None
        self.room = _measured(tree)
        return tree

    def of(self, node: ast.AST) -> Closure:
        """The closure of one expression node; a line number is put on whatever it raises."""
        found = EXPRESSIONS.get(type(node))
        if found is None:
            raise self.refused(node, Saying("{part} is not part of the language", part=_called(node)))
        return _placed(found(self, node), getattr(node, "lineno", 1))

    def refused(self, node: ast.AST, reason: str) -> NotAllowedHere:
        return NotAllowedHere(reason, getattr(node, "lineno", 1))

    # -- statements

    def _block(self, nodes: Iterable[ast.stmt]) -> list[Closure]:
        return [self._statement(node) for node in nodes]

    def _statement(self, node: ast.stmt) -> Closure:
        found = STATEMENTS.get(type(node))
        if found is None:
            raise self.refused(node, Saying("{part} is not part of the language", part=_called(node)))
        return _placed(found(self, node), node.lineno)

    def _assign(self, node: Any) -> Closure:
        value = self.of(node.value)
        stores = [self._store(target) for target in node.targets]

        def assign(run: Run) -> None:
            result = value(run)
            for store in stores:
                store(run, result)

        return assign

    def _augment(self, node: Any) -> Closure:
        operate = self._operator(node, node.op)
        load = ast.copy_location(_as_load(node.target), node)
        old, value, store = self.of(load), self.of(node.value), self._store(node.target)
        return lambda run: store(run, operate(run, old(run), value(run)))

    def _store(self, target: ast.expr) -> Callable[[Run, Any], None]:
        if isinstance(target, ast.Name):
            return _into_name(self._named(target, target.id))
        if isinstance(target, ast.Tuple | ast.List):
            return _into_several([self._store(item) for item in target.elts])
        self.changes_values = True
        if isinstance(target, ast.Subscript):
            return _into_item(self.of(target.value), self.of(target.slice))
        if isinstance(target, ast.Attribute):
            name = self._named(target, target.attr)
            return _into_item(self.of(target.value), lambda run: name)
        raise self.refused(target, Saying("nothing can be assigned to {part}", part=_called(target)))

    def _if(self, node: Any) -> Closure:
        test = self.of(node.test)
        then, other = _statements(self._block(node.body)), _statements(self._block(node.orelse))
        return lambda run: then(run) if test(run) else other(run)

    def _for(self, node: Any) -> Closure:
        store, items, cost = self._store(node.target), self.of(node.iter), _measured(node)
        self.loops += 1
        body, otherwise = _statements(self._block(node.body)), _statements(self._block(node.orelse))
        self.loops -= 1

        def loop(run: Run) -> Any:
            for item in words.walked(run, items(run)):
                run.pay(cost)
                store(run, item)
                if body(run) is BREAK:
                    return None
            return otherwise(run)

        return loop

    def _jump(self, node: Any) -> Closure:
        if not self.loops:
            raise self.refused(node, Saying("{part} stands outside a loop", part=_called(node)))
        signal = BREAK if isinstance(node, ast.Break) else CONTINUE
        return lambda run: signal

    def _expression_statement(self, node: Any) -> Closure:
        inner = self.of(node.value)

        def statement(run: Run) -> None:
            inner(run)

        return statement

    # -- expressions

    def _constant(self, node: Any) -> Closure:
        value = node.value
        if not isinstance(value, str | int | float | bool | None) or isinstance(value, complex):
            raise self.refused(node, Saying("a {kind} is not part of the language", kind=type(value).__name__))
        try:
            clean(value)
        except NotJson as error:
            raise self.refused(node, reason(error)) from None
        return lambda run: value

    def _name(self, node: Any) -> Closure:
        name = self._named(node, node.id)
        if not any(name in names for names in self.local):
            self.names.add(name)

        def load(run: Run) -> Any:
            try:
                return run.env[name]
            except KeyError:
                raise Trouble(Saying('there is no variable "{name}"', name=name)) from None

        return load

    def _named(self, node: ast.AST, name: str) -> str:
        if name.startswith("_"):
            raise self.refused(node, Saying('the name "{name}" begins with an underscore', name=name))
        return name

    def _attribute(self, node: Any) -> Closure:
        name, value = self._named(node, node.attr), self.of(node.value)

        def read(run: Run) -> Any:
            found = value(run)
            if isinstance(found, dict):
                return found.get(name)
            raise Trouble(Saying('{value} has no "{name}"', value=words.kind(found), name=name))

        return read

    def _subscript(self, node: Any) -> Closure:
        value = self.of(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._slice(value, node.slice)
        key = self.of(node.slice)
        return lambda run: words.item(value(run), key(run))

    def _slice(self, value: Closure, node: ast.Slice) -> Closure:
        low, high, step = (self.of(part) if part else _nothing for part in (node.lower, node.upper, node.step))

        def cut(run: Run) -> Any:
            return words.cut(run, value(run), low(run), high(run), step(run))

        return cut

    def _binary(self, node: Any) -> Closure:
        operate, left, right = self._operator(node, node.op), self.of(node.left), self.of(node.right)
        return lambda run: operate(run, left(run), right(run))

    def _operator(self, node: ast.AST, operator: ast.operator) -> Callable[[Run, Any, Any], Any]:
        found = words.OPERATORS.get(type(operator))
        if found is None:
            raise self.refused(node, Saying("the operator {part} is not part of the language", part=_called(operator)))
        return found

    def _unary(self, node: Any) -> Closure:
        sign, operand = words.SIGNS.get(type(node.op)), self.of(node.operand)
        if sign is None:
            raise self.refused(node, Saying("the operator {part} is not part of the language", part=_called(node.op)))
        return lambda run: sign(operand(run))

    def _boolean(self, node: Any) -> Closure:
        parts = [self.of(value) for value in node.values]
        stop_at = isinstance(node.op, ast.Or)

        def decide(run: Run) -> Any:
            result: Any = None
            for part in parts:
                result = part(run)
                if bool(result) is stop_at:
                    break
            return result

        return decide

    def _compare(self, node: Any) -> Closure:
        first = self.of(node.left)
        pairs = zip(node.ops, node.comparators, strict=True)
        rest = [(words.COMPARISONS[type(op)], self.of(value)) for op, value in pairs]

        def compare(run: Run) -> bool:
            left = first(run)
            for test, value in rest:
                right = value(run)
                if not test(run, left, right):
                    return False
                left = right
            return True

        return compare

    def _choice(self, node: Any) -> Closure:
        test, then, other = self.of(node.test), self.of(node.body), self.of(node.orelse)
        return lambda run: then(run) if test(run) else other(run)

    def _list(self, node: Any) -> Closure:
        items = [self.of(item) for item in node.elts]
        make = DISPLAYED[type(node)]
        return lambda run: make([item(run) for item in items])

    def _dict(self, node: Any) -> Closure:
        if None in node.keys:
            raise self.refused(node, Saying("** is not part of the language"))
        pairs = [(self.of(key), self.of(value)) for key, value in zip(node.keys, node.values, strict=True)]
        return lambda run: {words.key(key(run)): value(run) for key, value in pairs}

    def _text(self, node: Any) -> Closure:
        parts = [self.of(value) for value in node.values]
        return lambda run: words.joined(run, "", [words.said(run, part(run)) for part in parts])

    def _part(self, node: Any) -> Closure:
        if node.conversion != -1 or node.format_spec is not None:
            raise self.refused(node, Saying("a format is not part of the language"))
        return self.of(node.value)

    def _comprehension(self, node: Any) -> Closure:
        targets = (name for part in node.generators for name in ast.walk(part.target))
        self.local.append({name.id for name in targets if isinstance(name, ast.Name)})
        turns = [self._turn(part) for part in node.generators]
        element = self._pair(node) if isinstance(node, ast.DictComp) else self.of(node.elt)
        self.local.pop()
        make, cost = COLLECTED[type(node)], _measured(node)

        def collect(run: Run) -> Any:
            outer, found = run.env, []
            run.env = dict(outer)
            try:
                _turned(run, turns, 0, cost, lambda: found.append(element(run)))
            finally:
                run.env = outer
            return make(found)

        return collect

    def _turn(self, part: ast.comprehension) -> tuple[Any, Closure, list[Closure]]:
        names = ast.walk(part.target)
        if part.is_async or not all(isinstance(name, ast.Name | ast.Tuple | ast.Store) for name in names):
            raise self.refused(part.target, Saying("this comprehension is not part of the language"))
        return self._store(part.target), self.of(part.iter), [self.of(test) for test in part.ifs]

    def _pair(self, node: Any) -> Closure:
        key, value = self.of(node.key), self.of(node.value)
        return lambda run: (words.key(key(run)), value(run))

    def _call(self, node: Any) -> Closure:
        named = {keyword.arg: self.of(keyword.value) for keyword in node.keywords}
        if None in named or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self.refused(node, Saying("* and ** are not part of the language"))
        arguments = [self.of(argument) for argument in node.args]
        if isinstance(node.func, ast.Attribute):
            return self._method(node, arguments, named)
        known = {**words.FUNCTIONS, **words.IN_SCRIPTS} if self.in_script else words.FUNCTIONS
        if not isinstance(node.func, ast.Name) or node.func.id not in known:
            raise self.refused(node, Saying("there is no function {name}", name=repr(ast.unparse(node.func)[:40])))
        self._check_names(node, words.NAMED.get(node.func.id, ()))
        function = known[node.func.id]
        return lambda run: function(run, *[a(run) for a in arguments], **{str(k): v(run) for k, v in named.items()})

    def _method(self, node: Any, arguments: list[Closure], named: Mapping[str | None, Closure]) -> Closure:
        name, value = self._named(node, node.func.attr), self.of(node.func.value)
        if name not in words.METHOD_NAMES:
            raise self.refused(node, Saying('there is no method "{name}"', name=name))
        self._check_names(node, ())
        if name in words.CHANGING:
            if not self.in_script:
                raise self.refused(node, Saying('"{name}" changes a value; an expression may not', name=name))
            self.changes_values = True
        return lambda run: words.method(run, value(run), name, [argument(run) for argument in arguments])

    def _check_names(self, node: Any, allowed: Iterable[str]) -> None:
        for keyword in node.keywords:
            if keyword.arg not in tuple(allowed):
                raise self.refused(node, Saying('the argument "{name}" is not part of the language', name=keyword.arg))


BREAK, CONTINUE = object(), object()

STATEMENTS: dict[type, Callable[[Compiler, Any], Closure]] = {
    ast.Assign: Compiler._assign,
    ast.AugAssign: Compiler._augment,
    ast.If: Compiler._if,
    ast.For: Compiler._for,
    ast.Break: Compiler._jump,
    ast.Continue: Compiler._jump,
    ast.Expr: Compiler._expression_statement,
    ast.Pass: lambda compiler, node: _nothing,
}
EXPRESSIONS: dict[type, Callable[[Compiler, Any], Closure]] = {
    ast.Constant: Compiler._constant,
    ast.Name: Compiler._name,
    ast.Attribute: Compiler._attribute,
    ast.Subscript: Compiler._subscript,
    ast.BinOp: Compiler._binary,
    ast.UnaryOp: Compiler._unary,
    ast.BoolOp: Compiler._boolean,
    ast.Compare: Compiler._compare,
    ast.IfExp: Compiler._choice,
    ast.List: Compiler._list,
    ast.Tuple: Compiler._list,
    ast.Set: Compiler._list,
    ast.Dict: Compiler._dict,
    ast.JoinedStr: Compiler._text,
    ast.FormattedValue: Compiler._part,
    ast.ListComp: Compiler._comprehension,
    ast.SetComp: Compiler._comprehension,
    ast.DictComp: Compiler._comprehension,
    ast.GeneratorExp: Compiler._comprehension,
    ast.Call: Compiler._call,
}
DISPLAYED: dict[type, Callable[[list[Any]], Any]] = {ast.List: list, ast.Tuple: tuple, ast.Set: words.make_set}
COLLECTED: dict[type, Callable[[list[Any]], Any]] = {
    ast.ListComp: list,
    ast.GeneratorExp: list,
    ast.SetComp: words.make_set,
    ast.DictComp: dict,
}


def _statements(closures: list[Closure]) -> Closure:
    def block(run: Run) -> Any:
        for closure in closures:
            signal = closure(run)
            if signal is BREAK or signal is CONTINUE:
                return signal
        return None

    return block


Turn = tuple[Callable[["Run", Any], None], Closure, list[Closure]]


def _turned(run: Run, turns: list[Turn], depth: int, cost: int, found: Callable[[], None]) -> None:
    store, items, tests = turns[depth]
    for item in words.walked(run, items(run)):
        run.pay(cost)
        store(run, item)
        if all(test(run) for test in tests):
            if depth + 1 == len(turns):
                found()
            else:
                _turned(run, turns, depth + 1, cost, found)


def _placed(closure: Closure, line: int) -> Closure:
    def placed(run: Run) -> Any:
        try:
            return closure(run)
        except Trouble as trouble:
            trouble.line = trouble.line or line
            raise
        except Exception as error:
            if not hasattr(error, "mingtang_line"):
                error.mingtang_line = line  # type: ignore[attr-defined]
            raise

    return placed


def _into_name(name: str) -> Callable[[Run, Any], None]:
    def store(run: Run, value: Any) -> None:
        run.env[name] = value

    return store


def _into_several(stores: list[Callable[[Run, Any], None]]) -> Callable[[Run, Any], None]:
    def store(run: Run, value: Any) -> None:
        for into, item in zip(stores, words.unpacked(run, value, len(stores)), strict=True):
            into(run, item)

    return store


def _into_item(holder: Closure, key: Closure) -> Callable[[Run, Any], None]:
    return lambda run, value: words.put(holder(run), key(run), value)


def _nothing(run: Run) -> Any:
    return None


def _as_load(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    return target


def _called(node: ast.AST) -> str:
    return {
        "Import": "import",
        "ImportFrom": "import",
        "Lambda": "lambda",
        "FunctionDef": "def",
        "ClassDef": "class",
        "NamedExpr": ":=",
        "Starred": "*",
        "AsyncFunctionDef": "async def",
    }.get(type(node).__name__, type(node).__name__.lower())


def _measured(tree: ast.AST) -> int:
    """How many nodes; refuses what is nested too deep."""
    total, todo = 0, [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        total += 1
        if depth > 2 * NESTING:
            raise NotAllowedHere(Saying("it is nested too deep"), getattr(node, "lineno", 1))
        todo.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
    return total
