"""What can be known of variables without running anything: conditions, scripts and tables in three values.

A *cell* is a variable or a path into one (`review.result`) that some condition reads. What is known of a cell is the
set of values it may have, as bits of a *universe*: the constants that the version names, and one atom each for being
undefined, for any other true and any other false value. Evaluating a condition splits these sets only where it has to,
so every way out is told together with what is known on that way; what cannot be known is taken both ways.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from engine.bpmn.decisions import Decision, Exactly, Test
from engine.bpmn.words import CHANGING

Path = tuple[str, ...]
Known = tuple[int, ...]
"""For each cell the set of its possible values, then for each variable when it was written, relative to the others."""

Value = tuple[str, Any] | None
"""("is", constant), ("cell", number), ("truth", bool) when only that is known, None when nothing is."""

Tree = Any
NEW = 1 << 20
"""A moment later than all that a marking holds."""

ABSENT, NONE, SOME, EMPTY = (1 << n for n in range(4))
FIRST = 4


@lru_cache(maxsize=4096)
def read(source: str) -> Tree:
    """The syntax tree of an expression."""
    return ast.parse(source.strip(), mode="eval").body


@lru_cache(maxsize=1024)
def read_script(source: str) -> list[Any]:
    """The statements of a script."""
    lines = source.expandtabs(4).splitlines()
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return ast.parse("\n".join(line[min(margins, default=0) :] for line in lines)).body


class Universe:
    """The atoms that values are told apart by."""

    def __init__(self, constants: Iterable[Any]) -> None:
        named = {_spelled(value): value for value in [True, False, *constants] if value is not None}
        self.constants = list(named.values())
        self.bits = {_spelled(value): 1 << (FIRST + n) for n, value in enumerate(self.constants)}
        self.all = (1 << (FIRST + len(self.constants))) - 1
        self.present = self.all & ~ABSENT
        self.true = SOME | sum(self.bits[_spelled(value)] for value in self.constants if value)
        self.false = NONE | EMPTY | sum(self.bits[_spelled(value)] for value in self.constants if not value)

    def of(self, value: Any) -> int:
        """The atom of a constant."""
        if value is None:
            return NONE
        return self.bits.get(_spelled(value)) or (SOME if value else EMPTY)

    def equal(self, value: Any) -> int:
        """The atoms that are equal to a constant, as Python compares."""
        if value is None:
            return NONE
        return sum(self.bits[_spelled(other)] for other in self.constants if other == value)

    def passing(self, mask: int, test: Test) -> tuple[int, int]:
        """Of these values, those that may pass a table's test and those that may fail it."""
        passing = failing = 0
        for atom, value in self.named(mask):
            held = test.holds(value)
            passing, failing = (passing | atom, failing) if held else (passing, failing | atom)
        spans = any(not isinstance(part, Exactly) for part in test.parts)
        if mask & SOME and test.parts:
            passing, failing = passing | SOME, failing | SOME
        if mask & EMPTY:
            held = test.negated if test.parts else True
            passing |= EMPTY if held or spans else 0
            failing |= EMPTY if not held or spans else 0
        return passing, failing

    def named(self, mask: int) -> Iterator[tuple[int, Any]]:
        """The constants among these values, with their atoms."""
        if mask & NONE:
            yield NONE, None
        for value in self.constants:
            if mask & (atom := self.bits[_spelled(value)]):
                yield atom, value

    def spelled(self, mask: int) -> list[Any] | None:
        """The constants of a set that has nothing else; None where it may be anything."""
        return None if mask & (ABSENT | SOME | EMPTY) else [value for _, value in self.named(mask)]


def _spelled(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value


class Cells:
    """The cells of a version, and the places of their variables in what is known."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = sorted(set(paths))
        self.number = {path: n for n, path in enumerate(self.paths)}
        self.roots = sorted({path[0] for path in self.paths})
        self.of_root = {root: [n for n, path in enumerate(self.paths) if path[0] == root] for root in self.roots}
        self.rank = {root: len(self.paths) + n for n, root in enumerate(self.roots)}
        self.masks = [sum(1 << cell for cell in self.of_root[root]) for root in self.roots]
        """For each variable the cells of it, as bits."""

    def mask(self, paths: Iterable[Path]) -> int:
        """These cells as bits."""
        return sum(1 << self.number[path] for path in set(paths))


class Knowing:
    """Evaluates what a diagram says over what is known."""

    def __init__(self, universe: Universe, cells: Cells) -> None:
        self.universe, self.cells = universe, cells
        self.seen = self.written = 0
        """The cells that were looked at, and those that were written, since somebody set these to 0; as bits."""

    def nothing(self) -> Known:
        """What is known at the beginning: nothing."""
        return (self.universe.all,) * len(self.cells.paths) + (0,) * len(self.cells.roots)

    # conditions

    def truths(self, tree: Tree, known: Known) -> Iterator[tuple[bool, Known]]:
        """The ways a condition can come out; none where it can only fail."""
        for value, then in self.values(tree, known):
            yield from self._truth(value, then)

    def values(self, tree: Tree, known: Known) -> Iterator[tuple[Value, Known]]:
        """The values an expression can have, each with what is then known."""
        evaluate = _EVALUATED.get(type(tree))
        if evaluate is None:
            yield None, known
        else:
            yield from evaluate(self, tree, known)

    def _constant(self, tree: Any, known: Known) -> Iterator[tuple[Value, Known]]:
        yield ("is", tree.value), known

    def _path(self, tree: Any, known: Known) -> Iterator[tuple[Value, Known]]:
        path = path_of(tree)
        cell = None if path is None else self.cells.number.get(path)
        if path is None or cell is None:
            yield None, known
            return
        self.seen |= 1 << cell
        then = self.narrow(known, cell, self.universe.present)
        root = self.cells.number.get(path[:1])
        if then is not None and root is not None and root != cell:
            then = self.narrow(then, root, self.universe.present)
        if then is not None:
            yield ("cell", cell), then

    def _boolean(self, tree: Any, known: Known) -> Iterator[tuple[Value, Known]]:
        stop, pending = isinstance(tree.op, ast.Or), [known]
        for part in tree.values[:-1]:
            later = []
            for before in pending:
                for value, then in self.values(part, before):
                    for truth, known_then in self._truth(value, then):
                        if truth is stop:
                            yield (value or ("truth", truth)), known_then
                        else:
                            later.append(known_then)
            pending = later
        for before in pending:
            yield from self.values(tree.values[-1], before)

    def _unary(self, tree: Any, known: Known) -> Iterator[tuple[Value, Known]]:
        if not isinstance(tree.op, ast.Not):
            yield None, known
            return
        for truth, then in self.truths(tree.operand, known):
            yield ("is", not truth), then

    def _choice(self, tree: Any, known: Known) -> Iterator[tuple[Value, Known]]:
        for truth, then in self.truths(tree.test, known):
            yield from self.values(tree.body if truth else tree.orelse, then)

    def _call(self, tree: Any, known: Known) -> Iterator[tuple[Value, Known]]:
        name = tree.func.id if isinstance(tree.func, ast.Name) else ""
        if name == "bool" and len(tree.args) == 1:
            for truth, then in self.truths(tree.args[0], known):
                yield ("is", truth), then
        elif (path := witness_of(tree)) is not None and (cell := self.cells.number.get(path)) is not None:
            self.seen |= 1 << cell
            yield ("cell", cell), known
        elif (asked := asked_for(tree)) is not None and (cell := self.cells.number.get((asked,))) is not None:
            for truth, mask in ((True, self.universe.present), (False, ABSENT)):
                if (left := self.narrow(known, cell, mask)) is not None:
                    yield ("is", truth), left
        else:
            yield None, known

    def _compare(self, tree: Any, known: Known) -> Iterator[tuple[Value, Known]]:
        if len(tree.ops) != 1:
            yield None, known
            return
        kind, right = type(tree.ops[0]), tree.comparators[0]
        if kind in (ast.In, ast.NotIn) and isinstance(right, ast.List | ast.Tuple | ast.Set):
            for held, then in self._among(tree.left, right.elts, known):
                yield (None if held is None else ("is", held is (kind is ast.In))), then
            return
        for one, between in self.values(tree.left, known):
            for other, then in self.values(right, between):
                yield from self._compared(kind, one, other, then)

    def _among(self, left: Tree, items: list[Tree], known: Known) -> Iterator[tuple[bool | None, Known]]:
        for value, then in self.values(left, known):
            yield from self._among_items(value, items, then)

    def _among_items(self, value: Value, items: list[Tree], known: Known) -> Iterator[tuple[bool | None, Known]]:
        pending: list[tuple[bool | None, Known]] = [(False, known)]
        for item in items:
            later: list[tuple[bool | None, Known]] = []
            for before, known_then in pending:
                for other, then in self.values(item, known_then):
                    for held, at_last in self._equal(value, other, then):
                        if held:
                            yield True, at_last
                        else:
                            later.append((None if held is None else before, at_last))
            pending = later
        yield from pending

    def _compared(self, kind: type, one: Value, other: Value, known: Known) -> Iterator[tuple[Value, Known]]:
        if kind in (ast.Eq, ast.Is, ast.NotEq, ast.IsNot):
            for held, then in self._equal(one, other, known):
                yield (None if held is None else ("is", held is (kind in (ast.Eq, ast.Is)))), then
        elif one and other and one[0] == other[0] == "is" and kind in _ORDERED:
            try:
                yield ("is", _ORDERED[kind](one[1], other[1])), known
            except TypeError:
                return
        else:
            yield None, known

    def _equal(self, one: Value, other: Value, known: Known) -> Iterator[tuple[bool | None, Known]]:
        """Are they equal? None where it cannot be known."""
        if one is None or other is None:
            yield None, known
        elif one[0] == "is" and other[0] == "is":
            yield one[1] == other[1], known
        elif "truth" in (one[0], other[0]) or one[0] == other[0]:
            yield None, known
        else:
            (_, cell), (_, value) = (one, other) if one[0] == "cell" else (other, one)
            if isinstance(value, list | tuple | dict | set):
                yield None, known
                return
            equal = self.universe.equal(value)
            for held, mask in ((True, equal), (False, self.universe.all & ~equal)):
                then = self.narrow(known, cell, mask)
                if then is not None:
                    yield held, then

    def _truth(self, value: Value, known: Known) -> Iterator[tuple[bool, Known]]:
        if value is None:
            yield True, known
            yield False, known
        elif value[0] == "cell":
            for truth, mask in ((True, self.universe.true), (False, self.universe.false)):
                then = self.narrow(known, value[1], mask)
                if then is not None:
                    yield truth, then
        else:
            yield bool(value[1]), known

    def narrow(self, known: Known, cell: int, mask: int) -> Known | None:
        """Known that the cell is among these values; None where it cannot be."""
        self.seen |= 1 << cell
        left = known[cell] & mask
        if not left:
            return None
        return known if left == known[cell] else (*known[:cell], left, *known[cell + 1 :])

    # writing

    def write(self, known: Known, root: str, values: Mapping[Path, int], otherwise: int, moment: int = NEW) -> Known:
        """The variable was written: what is known of the paths below it, of all other ones `otherwise`."""
        if root not in self.cells.rank:
            return known
        after = list(known)
        for cell in self.cells.of_root[root]:
            self.written |= 1 << cell
            after[cell] = values.get(self.cells.paths[cell][1:], otherwise)
        after[self.cells.rank[root]] = moment
        return tuple(after)

    def forget(self, known: Known, roots: Iterable[str], moment: int = NEW) -> Known:
        """These variables may be anything now."""
        for root in roots:
            known = self.write(known, root, {}, self.universe.all, moment)
        return known

    def merged(self, one: Known, other: Known) -> Known | None:
        """What a token knows that takes up another: of each variable the value written later.

        None where both tell of the same writing and contradict each other.
        """
        after = list(one)
        for root, cells in self.cells.of_root.items():
            place = self.cells.rank[root]
            if other[place] > one[place]:
                after[place] = other[place]
                for cell in cells:
                    after[cell] = other[cell]
            elif other[place] == one[place]:
                for cell in cells:
                    after[cell] &= other[cell]
                    if not after[cell]:
                        return None
        return tuple(after)

    def value_mask(self, value: Value, known: Known) -> int:
        """What a value may be."""
        if value is None:
            return self.universe.present
        if value[0] == "cell":
            self.seen |= 1 << value[1]
            return known[value[1]]
        if value[0] == "truth":
            return (self.universe.true if value[1] else self.universe.false) & self.universe.present
        if isinstance(value[1], list | tuple | dict | set):
            return SOME if value[1] else EMPTY
        return self.universe.of(value[1])

    # scripts

    def run(self, source: str, known: Known) -> Iterator[Known]:
        """What is known after a script."""
        statements = read_script(source)
        if _changes_in_place(statements):
            yield self.forget(known, sorted(_names(statements)))
        else:
            yield from self._block(statements, known)

    def _block(self, statements: list[Any], known: Known) -> Iterator[Known]:
        if not statements:
            yield known
            return
        for then in self._statement(statements[0], known):
            yield from self._block(statements[1:], then)

    def _statement(self, node: Any, known: Known) -> Iterator[Known]:
        if isinstance(node, ast.If):
            for truth, then in self.truths(node.test, known):
                yield from self._block(node.body if truth else node.orelse, then)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield from self._assign(node.targets[0].id, node.value, known)
        elif isinstance(node, ast.Pass):
            yield known
        else:
            yield self.forget(known, sorted(_stored([node])))

    def _assign(self, name: str, tree: Tree, known: Known) -> Iterator[Known]:
        if name not in self.cells.rank:
            yield known
        elif isinstance(tree, ast.Dict):
            yield from self._display(name, tree, known)
        else:
            for value, then in self.values(tree, known):
                below = self.universe.all if value is None or value[0] != "is" else ABSENT
                yield self.write(then, name, {(): self.value_mask(value, then)}, below)

    def _display(self, name: str, tree: Any, known: Known) -> Iterator[Known]:
        found = dict(_leaves(tree))
        pending: list[tuple[dict[Path, int], Known]] = [({(): SOME if tree.keys else EMPTY}, known)]
        for cell in self.cells.of_root[name]:
            path = self.cells.paths[cell][1:]
            if path in found:
                pending = [
                    ({**masks, path: self.value_mask(value, after)}, after)
                    for masks, before in pending
                    for value, after in self.values(found[path], before)
                ]
        is_whole = all(len(self.cells.paths[cell]) <= 2 for cell in self.cells.of_root[name])
        for masks, then in pending:
            yield self.write(then, name, masks, NONE if is_whole and None not in tree.keys else self.universe.all)

    # tables

    def decide(self, decision: Decision, known: Known) -> Iterator[tuple[dict[str, int], Known]]:
        """Output → what it may be, for every rule of a table (UNIQUE, FIRST or ANY) that may fit."""
        pending = [known]
        for rule in decision.rules:
            later: list[Known] = []
            for before in pending:
                for fits, then in self._fits(decision, rule.tests, 0, before):
                    if fits:
                        yield from self._row(decision, rule.outputs, then)
                    else:
                        later.append(then)
            pending = list(dict.fromkeys(later))

    def _fits(self, decision: Decision, tests: tuple[Test, ...], at: int, known: Known) -> Iterator[tuple[bool, Known]]:
        while at < len(tests) and not tests[at].parts:
            at += 1
        if at == len(tests):
            yield True, known
            return
        for value, then in self.values(read(decision.inputs[at].source), known):
            for passed, after in self._passes(tests[at], value, then):
                if passed:
                    yield from self._fits(decision, tests, at + 1, after)
                else:
                    yield False, after

    def _passes(self, test: Test, value: Value, known: Known) -> Iterator[tuple[bool, Known]]:
        if value is not None and value[0] == "is":
            yield test.holds(value[1]), known
            return
        if value is None or value[0] == "truth":
            yield True, known
            yield False, known
            return
        for passed, mask in zip((True, False), self.universe.passing(known[value[1]], test), strict=True):
            if mask and (then := self.narrow(known, value[1], mask)) is not None:
                yield passed, then

    def _row(self, decision: Decision, outputs: Iterable[Any], known: Known) -> Iterator[tuple[dict[str, int], Known]]:
        pending: list[tuple[dict[str, int], Known]] = [({}, known)]
        for name, output in zip(decision.outputs, outputs, strict=True):
            pending = [
                ({**row, name: self.value_mask(value, then)}, then)
                for row, before in pending
                for value, then in self.values(read(output.source), before)
            ]
        yield from pending

    # what is read

    def __repr__(self) -> str:
        return f"Knowing({len(self.cells.paths)} cells, {len(self.universe.constants)} constants)"


_EVALUATED: Mapping[type, Any] = {
    ast.Constant: Knowing._constant,
    ast.Name: Knowing._path,
    ast.Attribute: Knowing._path,
    ast.Subscript: Knowing._path,
    ast.BoolOp: Knowing._boolean,
    ast.UnaryOp: Knowing._unary,
    ast.IfExp: Knowing._choice,
    ast.Call: Knowing._call,
    ast.Compare: Knowing._compare,
}
_ORDERED: Mapping[type, Any] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}


def path_of(tree: Tree) -> Path | None:
    """`a.b["c"]` as ("a", "b", "c")."""
    if isinstance(tree, ast.Name):
        return (tree.id,)
    if isinstance(tree, ast.Attribute):
        inner, name = path_of(tree.value), tree.attr
    elif isinstance(tree, ast.Subscript) and isinstance(tree.slice, ast.Constant) and isinstance(tree.slice.value, str):
        inner, name = path_of(tree.value), tree.slice.value
    else:
        return None
    return None if inner is None else (*inner, name)


def asked_for(tree: Tree) -> str | None:
    """The name in `defined("name")`."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "defined":
        first = tree.args[0] if len(tree.args) == 1 else None
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return None


ANY = "any"


def witness_of(tree: Tree) -> Path | None:
    """`any(c.field == "X" for c in results)` as a path of its own: is there an item like that?"""
    match tree:
        case ast.Call(
            func=ast.Name(id="any"),
            args=[
                ast.GeneratorExp(
                    elt=ast.Compare(
                        left=ast.Attribute(value=ast.Name(id=one), attr=name),
                        ops=[ast.Eq()],
                        comparators=[ast.Constant(value=value)],
                    ),
                    generators=[ast.comprehension(target=ast.Name(id=other), iter=ast.Name(id=items), ifs=[])],
                )
            ],
        ) if one == other:
            return (items, ANY, name, repr(value))
    return None


def paths_in(tree: Tree) -> Iterator[Path]:
    """The paths that evaluating reads, as far as they can be known."""
    path, asked, witness = path_of(tree), asked_for(tree), witness_of(tree)
    if path is not None:
        yield path
    elif witness is not None:
        yield witness
    elif asked is not None:
        yield (asked,)
    elif isinstance(tree, ast.Call):
        for argument in tree.args if isinstance(tree.func, ast.Name) and tree.func.id == "bool" else ():
            yield from paths_in(argument)
    elif isinstance(tree, ast.BoolOp | ast.UnaryOp | ast.IfExp | ast.Compare | ast.List | ast.Tuple | ast.Set):
        for child in ast.iter_child_nodes(tree):
            yield from paths_in(child)


def paths_in_script(source: str) -> Iterator[Path]:
    """The paths that a script reads."""
    for statement in read_script(source):
        for node in ast.walk(statement):
            if isinstance(node, ast.If):
                yield from paths_in(node.test)
            elif isinstance(node, ast.Assign):
                for leaf in [node.value, *(tree for _, tree in _leaves(node.value))]:
                    yield from paths_in(leaf)


def constants_in(tree: Tree) -> Iterator[Any]:
    """The constants that an expression or statement names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool):
            yield node.value


def written_by(source: str) -> set[str]:
    """The variables that a script may write."""
    statements = read_script(source)
    return _names(statements) if _changes_in_place(statements) else _stored(statements)


def surely_written_by(source: str) -> set[str]:
    """The variables that a script writes whatever happens."""
    statements = read_script(source)
    if _changes_in_place(statements):
        return set()
    targets = (node.targets for node in statements if isinstance(node, ast.Assign))
    return {target.id for each in targets for target in each if isinstance(target, ast.Name)}


def thrown_by(source: str) -> set[str | None]:
    """The errors that a script may throw; None for one whose code is not written there."""
    nodes = (node for statement in read_script(source) for node in ast.walk(statement))
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return {_code_of(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "throw"}


def _code_of(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _leaves(tree: Tree, above: Path = ()) -> Iterator[tuple[Path, Tree]]:
    if isinstance(tree, ast.Dict):
        for key, value in zip(tree.keys, tree.values, strict=True):
            if isinstance(key, ast.Constant):
                yield from _leaves(value, (*above, str(key.value)))
    elif above:
        yield above, tree


def _stored(statements: list[Any]) -> set[str]:
    nodes = (node for statement in statements for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _names(statements: list[Any]) -> set[str]:
    nodes = (node for statement in statements for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _changes_in_place(statements: list[Any]) -> bool:
    nodes = [node for statement in statements for node in ast.walk(statement)]
    stored = (node for node in nodes if isinstance(node, ast.Subscript | ast.Attribute))
    called = (node.func for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    return any(isinstance(node.ctx, ast.Store) for node in stored) or any(node.attr in CHANGING for node in called)
