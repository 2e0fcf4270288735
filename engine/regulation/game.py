"""The token game: every move that a marking allows, as the engine would make it.

A marking is a tree of tokens written as nested tuples. Moves mirror `engine/bpmn`: a command completes a task, lets an
event happen or a call be answered, and what follows by itself runs at once. Where something cannot be known the move
forks; where the order of two steps could matter, every order is taken. Several instances of an activity at once are
played by two that run side by side, each of which may be followed by another: a rule looks at the last act that matters
to it, so two suffice to bring any two acts of different instances into any order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.bpmn.diagram import Event
from engine.outcomes import topic_of
from engine.regulation.knowledge import ABSENT, ANY, EMPTY, NEW, SOME, Known, Path, read, thrown_by
from engine.regulation.net import DIRECT, Area, Net, Node, submitted

READY, WAIT, JOIN, ENDED, HOST, SCOPE, SERIES, CROWD, OVER = range(9)
Frozen = tuple[Any, ...]
HOW_ENDED = ("completed", "failed")
CHOOSES = frozenset(["userTask", "manualTask"])
WAITS = frozenset(["userTask", "manualTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"])
THROWS = frozenset(["endEvent", "intermediateThrowEvent", "sendTask"])


class Impossible(Exception):
    """The engine would refuse this, or what is known contradicts itself: nothing happens."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act that a move performs; `outcome` is the class of its outcome, "" where it has none or another one."""

    act: str
    outcome: str
    node: int


@dataclass(frozen=True, slots=True)
class Move:
    """One move: what it does, in order, and the marking it leads to. `steps`: (what, element or flow, choice)."""

    target: Frozen
    acts: tuple[Act, ...]
    steps: tuple[tuple[str, str, str], ...]
    written: int = 0


class Token:
    """A token while a move is made."""

    __slots__ = ("state", "node", "known", "up", "source", "main", "armed", "tokens", "is_gone")

    def __init__(self, state: int, node: Node | None, known: Known, up: Token | None, source: int = -1) -> None:
        self.state, self.node, self.known, self.up, self.source = state, node, known, up, source
        self.main: Token | None = None
        self.armed: list[int] = []
        self.tokens: list[Token] = []
        self.is_gone = False

    def inside(self) -> Iterator[Token]:
        """This token and all that it holds."""
        yield self
        if self.main is not None:
            yield from self.main.inside()
        for token in self.tokens:
            yield from token.inside()


class Oracle:
    """Makes the choices of a move: those it is told, then always the first; `widths` says how many there were."""

    def __init__(self, told: tuple[int, ...]) -> None:
        self.taken, self.widths = list(told), list[int]()

    def choose(self, options: list[Any]) -> Any:
        """One of them. Impossible when there is none."""
        if not options:
            raise Impossible
        if len(options) == 1:
            return options[0]
        place = len(self.widths)
        self.widths.append(len(options))
        if place == len(self.taken):
            self.taken.append(0)
        return options[self.taken[place]]


Sketch = tuple[Any, ...]
"""A marking as a move leaves it: instead of what is known each token has (live cells, what is known)."""


class Game:
    """The moves of one net.

    What a move does depends only on the cells that it looks at. So the moves of a marking are kept as patterns by the
    values of those cells, and made again for every other marking that agrees in them.
    """

    def __init__(self, net: Net, classes: Callable[[Node, Known], list[tuple[str, Known]]]) -> None:
        self.net, self.classes = net, classes
        self.patterns: dict[Frozen, dict[tuple[int, ...], dict[Known, list[Move]]]] = {}
        self.made = 0
        """How many moves were played out; the others are patterns, which cost nearly nothing."""

    def beginnings(self) -> Iterator[Move]:
        """The markings that an instance can start with, one for each start event."""
        for start in self.net.root.starts:
            for move in self._forked(partial(Play.begin, start=start)):
                yield Move(_filled(move.target, self.net.nothing), move.acts, move.steps)

    def moves(self, frozen: Frozen) -> Iterator[Move]:
        """Every move from a marking."""
        if frozen[0] == OVER:
            return
        known = self._common(frozen)
        if known is None or any(known[len(self.net.knowing.cells.paths) :]):
            for move in self._forked(lambda play: play.go(frozen)):
                yield Move(_filled(move.target, self.net.nothing), move.acts, move.steps)
            return
        for pattern in self._patterns(frozen, known):
            yield Move(_filled(pattern.target, known), pattern.acts, pattern.steps)

    def _patterns(self, frozen: Frozen, known: Known) -> list[Move]:
        kept = self.patterns.setdefault(_mapped(frozen, lambda _: ()), {})
        for cells, by_values in kept.items():
            found = by_values.get(tuple([known[cell] for cell in cells]))
            if found is not None:
                return found
        self.net.knowing.seen = 0
        moves = list(self._forked(lambda play: play.go(frozen)))
        seen = self.net.knowing.seen
        for move in moves:
            seen |= move.written & self._readable(frozen) if move.target[0] != OVER else 0
        patterns = [Move(_pattern(move.target, seen | move.written), move.acts, move.steps) for move in moves]
        cells = tuple(cell for cell in range(len(self.net.knowing.cells.paths)) if seen >> cell & 1)
        kept.setdefault(cells, {})[tuple([known[cell] for cell in cells])] = patterns
        return patterns

    def _common(self, frozen: Frozen) -> Known | None:
        """What the tokens know together, where those that can still read a cell know the same of it."""
        first = len(self.net.knowing.cells.paths)
        found, told = list(self.net.nothing), 0
        for known, live in self._lives(frozen, self.net.root):
            if any(known[first:]):
                return None
            for cell in _bits(live & told):
                if known[cell] != found[cell]:
                    return None
            for cell in _bits(live & ~told):
                found[cell] = known[cell]
            told |= live
        return tuple(found)

    def _readable(self, frozen: Frozen) -> int:
        """The cells that some token can still read: what one writes anew another may keep as it was."""
        told = 0
        for _, live in self._lives(frozen, self.net.root):
            told |= live
        return told

    def _lives(self, frozen: Frozen, area: Area) -> Iterator[tuple[Known, int]]:
        """What each token of a marking knows, with the cells that it can still read."""
        state, number, known = frozen[:3]
        node = self.net.nodes[number] if number >= 0 else None
        armed = frozen[3] if state == HOST else ()
        yield known, read_by(self.net, state, node, armed, area)
        inner = area if state != SCOPE or node is None else _inner(node)
        for token in _held(frozen):
            yield from self._lives(token, inner)

    def _forked(self, act: Callable[[Play], None]) -> Iterator[Move]:
        pending: list[tuple[int, ...]] = [()]
        while pending:
            told = pending.pop()
            oracle = Oracle(told)
            play = Play(self.net, oracle, self.classes)
            self.made += 1
            self.net.knowing.written = 0
            try:
                act(play)
                yield Move(play.sketch(), tuple(play.acts), tuple(play.steps), self.net.knowing.written)
            except Impossible:
                pass
            for place in range(len(told), len(oracle.widths)):
                before = tuple(oracle.taken[:place])
                pending += [(*before, other) for other in range(1, oracle.widths[place])]


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def read_by(net: Net, state: int, node: Node | None, armed: Iterable[int], area: Area) -> int:
    """The cells that a token can still read; `area` is the scope that it stands in."""
    if state == ENDED:
        return area.live_at_end
    if node is None:
        return 0
    listening = node.area.live_of_listeners
    if state == HOST:
        for number in armed:
            listening |= net.nodes[number].live
        return listening
    if state == SCOPE:
        return listening
    if state in (SERIES, CROWD):
        return node.live | node.live_after
    return node.live


def _held(token: Frozen) -> tuple[Frozen, ...]:
    """The tokens that a token holds."""
    state = token[0]
    if state == HOST:
        return (token[4],)
    if state in (SCOPE, CROWD):
        return token[4]  # type: ignore[no-any-return]
    return (token[3],) if state == SERIES and token[3] else ()


def _mapped(token: Frozen, change: Callable[[Any], Any]) -> Frozen:
    """The same tree with something else in the place of what each token knows."""
    state, number, known, *rest = token
    if state == HOST:
        rest[1] = _mapped(rest[1], change)
    elif state in (SCOPE, CROWD):
        rest[1] = tuple([_mapped(each, change) for each in rest[1]])
    elif state == SERIES and rest[0]:
        rest[0] = _mapped(rest[0], change)
    return (state, number, change(known), *rest)


def _pattern(sketch: Sketch, settled: int) -> Sketch:
    """A sketch in which the cells that the move neither looked at nor wrote are left open."""
    if sketch[0] == OVER:
        return sketch

    def opened(told: tuple[int, Known]) -> tuple[tuple[int, ...], Known]:
        live, known = told
        return tuple([cell for cell in range(live.bit_length()) if (live & ~settled) >> cell & 1]), known

    return _mapped(sketch, opened)


def _filled(sketch: Sketch, known: Known) -> Frozen:
    """The marking of a pattern for what is known; siblings in order, of those alike two at most."""
    if sketch[0] == OVER:
        return sketch
    state, number, (cells, own), *rest = sketch
    if cells and isinstance(cells, tuple):
        filled = list(own)
        for cell in cells:
            filled[cell] = known[cell]
        own = tuple(filled)
    if state == HOST:
        rest[1] = _filled(rest[1], known)
    elif state in (SCOPE, CROWD):
        inside = sorted([_filled(each, known) for each in rest[1]])
        rest[1] = tuple([each for n, each in enumerate(inside) if n < 2 or each != inside[n - 2]])
    elif state == SERIES and rest[0]:
        rest[0] = _filled(rest[0], known)
    return (state, number, own, *rest)


class Play:
    """One move being made, on a thawed marking."""

    def __init__(self, net: Net, oracle: Oracle, classes: Any) -> None:
        self.net, self.knowing, self.choose, self.classes = net, net.knowing, oracle.choose, classes
        self.root: Token
        self.ready: list[Token] = []
        self.acts: list[Act] = []
        self.steps: list[tuple[str, str, str]] = []
        self.ended = ""
        self.moment = NEW
        self.visited: set[int] = set()
        self.is_stopped = False

    # -- thawing and freezing

    def begin(self, start: Node) -> None:
        known = self.knowing.nothing()
        self.root = Token(SCOPE, None, known, None)
        self._open(self.root, self.net.root, known, start)
        self._settle()

    def go(self, frozen: Frozen) -> None:
        """Choose what happens, and let it happen with all that follows by itself."""
        self.root = self._thaw(frozen, None)
        self.ready = [token for token in self.root.inside() if token.state == READY or self._is_busy(token)]
        if not self.ready and not self._recheck():
            happening = self.choose(list(self._events(self.root)))
            happening()
        self._settle()

    def _thaw(self, frozen: Frozen, up: Token | None) -> Token:
        state, number, known = frozen[:3]
        token = Token(state, self.net.nodes[number] if number >= 0 else None, known, up)
        if state in (READY, JOIN):
            token.source = frozen[3]
        elif state == HOST:
            token.armed, token.main = list(frozen[3]), self._thaw(frozen[4], token)
        elif state in (SCOPE, CROWD):
            token.armed = list(frozen[3])
            token.tokens = [self._thaw(each, token) for each in self._counted(frozen[4])]
        elif state == SERIES and frozen[3]:
            token.main = self._thaw(frozen[3], token)
        return token

    def _counted(self, tokens: tuple[Frozen, ...]) -> Iterator[Frozen]:
        """Two alike stand for two or more: is there another one behind them?"""
        for place, token in enumerate(tokens):
            yield token
            if place and token == tokens[place - 1] and self.choose([False, True]):
                yield token

    def sketch(self) -> Sketch:
        """The marking now: what nobody can read is forgotten, moments are counted anew."""
        if self.ended:
            return (OVER, self.ended)
        moments = self._moments()
        return self._freeze(self.root, moments)

    def _moments(self) -> list[dict[int, int]]:
        """For each variable: the moments at which what tokens still know of it was written, in order."""
        masks = self.knowing.cells.masks
        first = len(self.knowing.cells.paths)
        found: list[set[int]] = [set() for _ in masks]
        for token in self.root.inside():
            live = self._live(token)
            if live:
                for place, mask in enumerate(masks):
                    if live & mask:
                        found[place].add(token.known[first + place])
        return [{moment: n for n, moment in enumerate(sorted(moments))} for moments in found]

    def _freeze(self, token: Token, moments: list[dict[int, int]]) -> Sketch:
        live = self._live(token)
        known = self._forgotten(token.known, live, moments)
        number = token.node.number if token.node is not None else -1
        head = (token.state, number, (live, known))
        if token.state in (READY, JOIN):
            return (*head, token.source)
        if token.state == HOST:
            assert token.main is not None
            return (*head, tuple(token.armed), self._freeze(token.main, moments))
        if token.state in (SCOPE, CROWD):
            return (*head, tuple(token.armed), tuple([self._freeze(each, moments) for each in token.tokens]))
        if token.state == SERIES:
            return (*head, self._freeze(token.main, moments) if token.main is not None else ())
        return head

    def _forgotten(self, known: Known, live: int, moments: list[dict[int, int]]) -> Known:
        if not live:
            return self.net.nothing
        cells, everything = self.knowing.cells, self.knowing.universe.all
        first = len(cells.paths)
        masks = [known[cell] if live >> cell & 1 else everything for cell in range(first)]
        ranks = [moments[place][known[first + place]] if live & mask else 0 for place, mask in enumerate(cells.masks)]
        return (*masks, *ranks)

    def _live(self, token: Token) -> int:
        area = self._area_of(token) if token.state == ENDED else self.net.root
        return read_by(self.net, token.state, token.node, token.armed, area)

    def _area_of(self, token: Token) -> Area:
        """The scope that a token stands in."""
        up = token.up
        while up is not None and up.state != SCOPE:
            up = up.up
        assert up is not None
        return self.net.root if up.node is None else _inner(up.node)

    # -- what can happen

    def _events(self, token: Token) -> Iterator[Callable[[], None]]:
        """All that may happen to this token or inside it."""
        node = token.node
        if token.state == WAIT and node is not None:
            yield from self._waiting(token, node)
        elif token.state == HOST:
            assert token.main is not None
            for number in token.armed:
                event = self.net.nodes[number].element.events[0]
                if event.kind not in DIRECT:
                    yield partial(self._fire, token, number, _comes_again(event))
            yield from self._events(token.main)
        elif token.state == SCOPE:
            for number in token.armed:
                event = _listened(self.net.nodes[number])
                if event.kind not in DIRECT:
                    yield partial(self._hear, token, number, _comes_again(event))
            for each in token.tokens:
                yield from self._events(each)
        elif token.state == SERIES and token.main is not None:
            yield from self._events(token.main)
        elif token.state == CROWD and node is not None:
            if node.inner is None:
                yield lambda: self._one_of_many(token, node)
            for each in token.tokens:
                yield from self._events(each)

    def _waiting(self, token: Token, node: Node) -> Iterator[Callable[[], None]]:
        if node.kind == "eventBasedGateway":
            for way in node.ways:
                yield lambda way=way: self._caught_first(token, way)  # type: ignore[misc]
        elif node.kind in ("receiveTask", "intermediateCatchEvent"):
            event = node.element.events[0]
            yield lambda: self._caught(token, node, event)
        elif node.kind == "serviceTask":
            yield lambda: self._answered(token, node)
        else:
            yield lambda: self._submitted(token, node)

    def _submitted(self, token: Token, node: Node) -> None:
        token.known = self._submission(node, token.known)
        self._complete(token)

    def _submission(self, node: Node, known: Known) -> Known:
        given = self._given(node)
        variable = node.element.properties.get("variable", "")
        if given is None:
            return self._put(known, variable) if variable else self._anything(known)
        _, masks, otherwise = given
        if variable:
            return self._write(known, variable, masks, otherwise)
        for root in self.knowing.cells.roots:
            below = {path[1:]: mask for path, mask in masks.items() if path[:1] == (root,)}
            if below:
                may_be_left_out = bool(below.get((), 0) & ~self.knowing.universe.present)
                before = known
                known = self._write(known, root, below, otherwise)
                if may_be_left_out:
                    known = self.choose([known, before])
        return known

    def _given(self, node: Node) -> Any:
        return self._remembered((node.number,), lambda: submitted(self.net, node.element))

    def _caught_first(self, token: Token, way: Any) -> None:
        self.steps.append(("flow", way.flow, ""))
        known = self._script(way.target, "preScript", token.known)
        caught = Token(WAIT, way.target, known, token.up, token.node.number if token.node else -1)
        self._replace(token, [caught])
        self._caught(caught, way.target, way.target.element.events[0])

    def _caught(self, token: Token, node: Node, event: Event) -> None:
        self.steps.append((_happening(event), node.element.id, ""))
        token.known = self._payload(node, event, token.known, True)
        self._complete(token)

    def _payload(self, node: Node, event: Event, known: Known, has_payload: bool) -> Known:
        variable = node.element.properties.get("variable")
        if variable:
            return self._put(known, variable)
        if has_payload and event.kind in ("message", "signal"):
            return self._anything(known)
        return known

    def _answered(self, token: Token, node: Node) -> None:
        code = self.choose([None, *self._codes(node)])
        if code is not None:
            self.steps.append(("failed", node.element.id, code))
            self._throw_error(token, code)
            return
        assert node.element.operator is not None
        if node.element.operator.result:
            token.known = self._put(token.known, node.element.operator.result)
        self._complete(token)

    def _codes(self, node: Node) -> list[str]:
        """The errors that the service of a node may answer."""
        assert node.element.operator is not None
        declared = self.net.surroundings.raises.get(node.element.operator.service)
        return [*self.net.codes, "?"] if declared is None else list(declared)

    # -- writing variables

    def _write(self, known: Known, root: str, masks: Any, otherwise: int, same: bool = False) -> Known:
        """`same`: at the moment of the write before, as another way that it can come out."""
        self.moment += not same
        return self.knowing.write(known, root, masks, otherwise, self.moment)

    def _put(self, known: Known, root: str) -> Known:
        """The variable now holds something of which nothing is known."""
        return self._write(known, root, {(): self.knowing.universe.present}, self.knowing.universe.all)

    def _anything(self, known: Known) -> Known:
        self.moment += 1
        return self.knowing.forget(known, self.knowing.cells.roots, self.moment)

    def _script(self, node: Node, name: str, known: Known) -> Known:
        source = node.element.scripts.get(name)
        if source is None:
            return known
        after: Known = self.choose(list(self.knowing.run(source[0], known)))
        first = len(self.knowing.cells.paths)
        self.moment += 1
        moments = (self.moment if moment >= NEW and moment != known[first + n] else moment
                   for n, moment in enumerate(after[first:]))  # fmt: skip
        return (*after[:first], *moments)

    def _merged(self, one: Known, other: Known) -> Known:
        merged = self.knowing.merged(one, other)
        if merged is None:
            raise Impossible
        return merged

    # -- tokens come, complete and go

    def _enter(self, scope: Token, node: Node, known: Known, source: int) -> None:
        """A token arrives at a node of the scope."""
        scope.tokens.append(self._activity(node, known, scope, source))

    def _activity(self, node: Node, known: Known, up: Token, source: int) -> Token:
        if not node.boundaries:
            return self._main(node, known, up, source)
        host = Token(HOST, node, known, up)
        host.armed = [boundary.number for boundary in node.boundaries]
        host.main = self._main(node, known, host, source)
        return host

    def _main(self, node: Node, known: Known, up: Token, source: int) -> Token:
        known = self._script(node, "preScript", known)
        if node.element.loop is not None:
            return self._repeated(node, known, up)
        return self._single(node, known, up, source)

    def _single(self, node: Node, known: Known, up: Token, source: int = -1) -> Token:
        is_link = any(event.kind == "link" for event in node.element.events)
        if (node.kind in WAITS and not is_link) or (node.kind == "serviceTask" and self._is_outside(node)):
            return Token(WAIT, node, known, up)
        if node.inner is not None:
            scope = Token(SCOPE, node, known, up)
            self._open(scope, node.inner, known, node.inner.starts[0])
            return scope
        is_join = node.kind in ("parallelGateway", "inclusiveGateway") and len(node.sources) > 1
        token = Token(JOIN if is_join else READY, node, known, up, source)
        if not is_join:
            self.ready.append(token)
        return token

    def _is_outside(self, node: Node) -> bool:
        operator = node.element.operator
        if operator is None:
            return False
        return operator.service in self.net.surroundings.outside or bool(topic_of(operator.service))

    def _open(self, scope: Token, area: Area, known: Known, start: Node) -> None:
        scope.armed = [listener.number for listener in area.listeners]
        self._enter(scope, start, known, -1)

    def _complete(self, token: Token) -> None:
        """The activity of a token is done: it performed its act, and the token goes on."""
        node = token.node
        assert node is not None
        if node.element.loop is None:
            token.known = self._script(node, "postScript", token.known)
        token.known = self._performed(node, token.known)
        self._leave(token)

    def _performed(self, node: Node, known: Known) -> Known:
        kind, choice = "completed", ""
        if node.act:
            options = self.classes(node, known)
            outcome, known = self.choose(options)
            self.acts.append(Act(node.act, outcome, node.number))
            choice = outcome
        self.steps.append((kind, node.element.id, choice))
        return known

    def _leave(self, token: Token) -> None:
        """Go on from here: out of a host, on in a series, or along the flows."""
        up, node = token.up, token.node
        assert up is not None and node is not None
        if up.state == HOST and up.main is token:
            assert up.up is not None
            token.up = up.up
            self._swap(up, token)
            up.is_gone = True
            self._leave(token)
        elif up.state == SERIES:
            self._next_in_series(up, token.known)
        elif up.state == CROWD:
            self._one_less(up, token)
        else:
            token.known, ways = self._ways(node, token.known)
            self._go_on(token, node, ways)

    def _ways(self, node: Node, known: Known) -> tuple[Known, list[Any]]:
        """The ways out of an activity or event: those without a condition, and each whose condition holds."""
        if all(way.condition is None for way in node.ways):
            return known, node.ways
        default = node.element.default
        always = [way for way in node.ways if way.condition is None and way.flow != default]
        otherwise = [way for way in node.ways if way.flow == default]
        pending: list[tuple[Known, list[Any]]] = [(known, [])]
        for way in node.ways:
            if way.condition is not None and way.flow != default:
                pending = [
                    (then, [*chosen, way] if truth else chosen)
                    for before, chosen in pending
                    for truth, then in self.knowing.truths(way.condition, before)
                ]
        told = [(then, [*always, *(chosen or otherwise)]) for then, chosen in pending]
        known, chosen = self.choose([(then, ways) for then, ways in told if ways])
        return known, [way for way in node.ways if way in chosen]

    def _go_on(self, token: Token, node: Node, ways: list[Any]) -> None:
        scope = token.up
        assert scope is not None and scope.state == SCOPE
        scope.tokens.remove(token)
        token.is_gone = True
        if not ways:
            self._end(scope, token.known)
        for way in ways:
            if way.flow:
                self.steps.append(("flow", way.flow, ""))
            self._enter(scope, way.target, token.known, node.number)

    def _end(self, scope: Token, known: Known) -> None:
        """A token has reached the end of its scope; what ended there before is taken up."""
        for other in scope.tokens:
            if other.state == ENDED:
                other.known = self._merged(known, other.known)
                return
        scope.tokens.append(Token(ENDED, None, known, scope))

    def _replace(self, token: Token, others: list[Token]) -> None:
        """Other tokens stand where this one stood; out of its host, if it has one."""
        up = token.up
        assert up is not None
        if up.state == HOST:
            up.main = others[0]
        else:
            place = up.tokens.index(token)
            up.tokens[place : place + 1] = others
        token.is_gone = True

    def _swap(self, old: Token, new: Token) -> None:
        up = old.up
        assert up is not None
        if up.state == SERIES:
            up.main = new
        else:
            up.tokens[up.tokens.index(old)] = new

    def _cancel(self, token: Token) -> None:
        for each in token.inside():
            each.is_gone = True

    def _finish(self, scope: Token, known: Known) -> None:
        """A scope is over: its variables come back to who holds it."""
        if scope.node is None:
            self.ended = self.ended or "completed"
            return
        scope.known = known
        scope.tokens, scope.armed = [], []
        if scope.node.element.by_event:
            assert scope.up is not None
            self.steps.append(("completed", scope.node.element.id, ""))
            scope.up.tokens.remove(scope)
            scope.is_gone = True
            self._end(scope.up, known)
        else:
            self._complete(scope)

    # -- several instances

    def _repeated(self, node: Node, known: Known, up: Token) -> Token:
        loop = node.element.loop
        assert loop is not None
        if loop.kind == "parallel":
            return self._crowd(node, known, up)
        series = Token(SERIES, node, known, up)
        if loop.output:
            series.known = known = self._write(known, loop.output, self._results(series, None), ABSENT)
        if self._goes_on(node, known, is_first=True):
            series.main = self._instance(node, known, series)
        else:
            series.state = READY
            self.ready.append(series)
        return series

    def _goes_on(self, node: Node, known: Known, is_first: bool) -> bool:
        """Is there another instance in the series?"""
        loop = node.element.loop
        assert loop is not None
        if loop.kind == "loop" and is_first and not loop.test_before:
            return True
        if loop.kind == "loop" and loop.condition and loop.maximum is None:
            return self._decided(loop.condition, known)
        return bool(self.choose([True, False]))

    def _decided(self, source: str, known: Known) -> bool:
        return bool(self.choose(sorted({truth for truth, _ in self.knowing.truths(read(source), known)})))

    def _instance(self, node: Node, known: Known, up: Token) -> Token:
        loop = node.element.loop
        assert loop is not None
        return self._single(node, self._put(known, loop.item) if loop.item else known, up)

    def _taken_up(self, holder: Token, known: Known) -> None:
        """What an instance leaves behind."""
        assert holder.node is not None and holder.node.element.loop is not None
        loop = holder.node.element.loop
        if loop.output:
            holder.known = self._write(holder.known, loop.output, self._results(holder, known), ABSENT)
            return
        before = holder.known
        holder.known = self._merged(holder.known, known)
        if loop.item in self.knowing.cells.rank:
            cells, rank = self.knowing.cells.of_root[loop.item], self.knowing.cells.rank[loop.item]
            holder.known = tuple(
                before[n] if n in cells or n == rank else value for n, value in enumerate(holder.known)
            )

    def _results(self, holder: Token, known: Known | None) -> dict[Path, int]:
        """What is known of the list of results: is there one with this value, now that this instance is done?"""
        universe, cells = self.knowing.universe, self.knowing.cells
        assert holder.node is not None and holder.node.element.loop is not None
        found: dict[Path, int] = {(): SOME | EMPTY}
        for cell in cells.of_root.get(holder.node.element.loop.output, ()):
            path = cells.paths[cell]
            if path[1:2] == (ANY,):
                self.knowing.seen |= 1 << cell
                before = universe.of(False) if known is None else holder.known[cell]
                has = known is not None and self.choose(self._may_have(holder.node, known, path))
                found[path[1:]] = universe.of(True) if has else before
        return found

    def _may_have(self, node: Node, known: Known, path: Path) -> list[bool]:
        """Can the result of this instance have, and can it lack, what the path asks for?"""
        _, _, name, value = path
        variable, universe = node.element.properties.get("variable", ""), self.knowing.universe
        cell = self.knowing.cells.number.get((variable, name) if variable else (name,))
        given = self._given(node) if node.kind in CHOOSES else None
        if given is None:
            return [True, False]
        if cell is not None:
            self.knowing.seen |= 1 << cell
        mask = known[cell] if cell is not None else given[1].get((name,), given[2])
        equal = universe.equal(ast.literal_eval(value))
        return [has for has, part in ((True, mask & equal), (False, mask & ~equal)) if part]

    def _next_in_series(self, series: Token, known: Known) -> None:
        assert series.node is not None and series.main is not None
        self._taken_up(series, known)
        series.main.is_gone, series.main = True, None
        if self._goes_on(series.node, series.known, is_first=False):
            series.main = self._instance(series.node, series.known, series)
        else:
            self._all_done(series)

    def _crowd(self, node: Node, known: Known, up: Token) -> Token:
        crowd = Token(CROWD, node, known, up)
        count = self.choose([1, 0] if node.inner is None else [2, 1, 0])
        loop = node.element.loop
        assert loop is not None
        if loop.output:
            crowd.known = self._write(crowd.known, loop.output, self._results(crowd, None), ABSENT)
        if not count:
            crowd.state = READY
            self.ready.append(crowd)
        elif node.inner is not None:
            crowd.tokens = [self._instance(node, crowd.known, crowd) for _ in range(count)]
        elif self._is_busy(crowd):
            self.ready.append(crowd)
        return crowd

    def _is_busy(self, token: Token) -> bool:
        """Several at once of something that runs by itself."""
        node = token.node
        if token.state != CROWD or node is None or node.inner is not None:
            return False
        return not (node.kind in WAITS or (node.kind == "serviceTask" and self._is_outside(node)))

    def _one_of_many(self, crowd: Token, node: Node) -> None:
        """One of the instances of a crowd is done; are there others?"""
        loop = node.element.loop
        assert loop is not None
        known = self._put(crowd.known, loop.item) if loop.item else crowd.known
        if node.kind in CHOOSES:
            known = self._submission(node, known)
        elif node.kind == "serviceTask":
            code = self.choose([None, *self._codes(node)])
            if code is not None:
                self._throw_error(crowd, code)
                return
            if node.element.operator and node.element.operator.result:
                known = self._put(known, node.element.operator.result)
        elif node.kind in ("receiveTask", "intermediateCatchEvent"):
            known = self._payload(node, node.element.events[0], known, True)
        else:
            known = self._ran(node, known)
        known = self._performed(node, known)
        if node.kind in THROWS:
            for event in node.element.events:
                self._throw(crowd, event)
                if crowd.is_gone:
                    return
        self._taken_up(crowd, known)
        if not self.choose([False, True]):
            self._all_done(crowd)
        elif self._is_busy(crowd):
            self.ready.append(crowd)
            self.is_stopped = True

    def _ran(self, node: Node, known: Known) -> Known:
        if node.kind == "scriptTask":
            return self._script(node, "script", known)
        if node.kind == "businessRuleTask":
            return self._asked(node, known)
        return known

    def _one_less(self, crowd: Token, token: Token) -> None:
        assert crowd.node is not None and crowd.node.element.loop is not None
        self._taken_up(crowd, token.known)
        crowd.tokens.remove(token)
        token.is_gone = True
        options = ["done", "another"] if not crowd.tokens else ["others", "another"]
        if crowd.tokens and crowd.node.element.loop.completion:
            options.append("enough")
        choice = self.choose(options)
        if choice == "another":
            crowd.tokens.append(self._instance(crowd.node, crowd.known, crowd))
        elif choice != "others":
            for other in crowd.tokens:
                self._cancel(other)
            crowd.tokens = []
            self._all_done(crowd)

    def _all_done(self, holder: Token) -> None:
        """The last instance is done: the activity as a whole goes on."""
        node = holder.node
        assert node is not None
        holder.known = self._script(node, "postScript", holder.known)
        self._leave(holder)

    # -- running by itself

    def _settle(self) -> None:
        """Run what is ready; stop where somebody is waited for, or where it would go round."""
        while not self.ended and not self.is_stopped:
            self.ready = [token for token in self.ready if not token.is_gone]
            if not self.ready:
                if not self._recheck():
                    return
                continue
            token = self._next()
            node = token.node
            assert node is not None
            if node.number in self.visited:
                return
            self.visited.add(node.number)
            self.ready.remove(token)
            self._run(token, node)

    def _next(self) -> Token:
        """What commutes with everything else goes first; of the rest any."""
        for token in self.ready:
            if not self._matters(token):
                return token
        chosen: Token = self.choose(self.ready)
        return chosen

    def _matters(self, token: Token) -> bool:
        node = token.node
        assert node is not None
        return bool(node.act or node.element.events or node.kind in ("serviceTask", "sendTask") or token.state == CROWD)

    def _run(self, token: Token, node: Node) -> None:
        if token.state == CROWD:
            self._one_of_many(token, node)
        elif node.element.loop is not None and token.up is not None and token.up.state not in (SERIES, CROWD):
            self.steps.append(("completed", node.element.id, ""))
            token.known = self._script(node, "postScript", token.known)
            self._leave(token)
        elif node.kind in THROWS:
            self._thrown(token, node)
        else:
            step = _STEPS.get(node.kind)
            step(self, token, node) if step is not None else self._complete(token)

    def _run_script(self, token: Token, node: Node) -> None:
        thrown = thrown_by(node.element.scripts["script"][0])
        if thrown:
            codes = [*self.net.codes, "?"] if None in thrown else sorted(code for code in thrown if code)
            code = self.choose([None, *codes])
            if code is not None:
                self.steps.append(("failed", node.element.id, code))
                self._throw_error(token, code)
                return
        token.known = self._script(node, "script", token.known)
        self._complete(token)

    def _run_rule(self, token: Token, node: Node) -> None:
        token.known = self._asked(node, token.known)
        self._complete(token)

    def _asked(self, node: Node, known: Known) -> Known:
        self.moment += 1
        rows = self._remembered((node.number, known, self.moment), lambda: self._rows(node, known))
        after: Known = self.choose(rows)[0]
        return after

    def _remembered(self, key: Any, work: Callable[[], Any]) -> Any:
        """What came out before, with the cells that it looked at."""
        knowing = self.knowing
        if key not in self.net.memo:
            before = knowing.seen, knowing.written
            knowing.seen = knowing.written = 0
            self.net.memo[key] = work(), knowing.seen, knowing.written
            knowing.seen, knowing.written = before
        found, seen, written = self.net.memo[key]
        knowing.seen |= seen
        knowing.written |= written
        return found

    def _rows(self, node: Node, known: Known) -> list[tuple[Known, Any]]:
        """What a decision table may answer."""
        decision = self.net.program.decisions[node.element.decision]
        variable = node.element.properties.get("variable") or node.element.id
        if decision.is_list:
            return [(self._write(known, variable, {(): SOME | EMPTY}, ABSENT, same=True), None)]
        options = []
        for row, then in self.knowing.decide(decision, known):
            masks = {(name,): mask for name, mask in row.items()}
            after = self._write(then, variable, {**masks, (): SOME}, self.knowing.universe.of(None) | ABSENT, same=True)
            options.append((after, node.live_after, None))
        return self._distinct(options)

    def _distinct(self, options: list[tuple[Known, int, Any]]) -> list[tuple[Known, Any]]:
        """The options that still differ when what nobody reads any more is forgotten: (known, live cells, what)."""
        everything, cells = self.knowing.universe.all, range(len(self.knowing.cells.paths))
        found = []
        for known, live, what in options:
            masks = [known[cell] if live >> cell & 1 else everything for cell in cells]
            found.append(((*masks, *known[len(masks) :]), what))
        return list(dict.fromkeys(found))

    def _choose_one(self, token: Token, node: Node) -> None:
        """An exclusive gateway: the first way whose condition holds, else the default."""
        known = token.known
        options = self._remembered((node.number, known), lambda: self._one_way(node, known))
        token.known, way = self.choose(options)
        token.known = self._performed_plainly(token, node)
        self._go_on(token, node, [way])

    def _one_way(self, node: Node, known: Known) -> list[tuple[Known, Any]]:
        options, pending = [], [known]
        for way in node.ways:
            if way.is_default:
                continue
            later = []
            for before in pending:
                for truth, then in self.knowing.truths(way.condition, before):
                    if truth:
                        options.append((then, way.target.live, way))
                    else:
                        later.append(then)
            pending = later
        for way in node.ways:
            options += [(then, way.target.live, way) for then in pending if way.is_default]
        return self._distinct(options)

    def _choose_some(self, token: Token, node: Node) -> None:
        """An inclusive gateway: every way whose condition holds, else the default."""
        pending: list[tuple[list[Any], Known]] = [([], token.known)]
        otherwise = [way for way in node.ways if way.is_default]
        for way in node.ways:
            if way.is_default:
                continue
            pending = [
                ([*ways, way] if truth else ways, then)
                for ways, known in pending
                for truth, then in self.knowing.truths(way.condition, known)
            ]
        ways, token.known = self.choose([(ways or otherwise, known) for ways, known in pending if ways or otherwise])
        token.known = self._performed_plainly(token, node)
        self._go_on(token, node, [way for way in node.ways if way in ways])

    def _performed_plainly(self, token: Token, node: Node) -> Known:
        known = self._script(node, "postScript", token.known)
        return self._performed(node, known)

    # -- joins and ends

    def _recheck(self) -> bool:
        """Let one join or one end go on, innermost first."""
        scopes = [token for token in self.root.inside() if token.state == SCOPE]
        return any(self._recheck_scope(scope) for scope in sorted(scopes, key=_depth, reverse=True))

    def _recheck_scope(self, scope: Token) -> bool:
        if len(scope.tokens) == 1 and scope.tokens[0].state == ENDED:
            self._finish(scope, scope.tokens[0].known)
            return True
        waiting: dict[int, list[Token]] = {}
        for token in scope.tokens:
            if token.state == JOIN and token.node is not None:
                waiting.setdefault(token.node.number, []).append(token)
        return any(self._recheck_join(scope, self.net.nodes[number], here) for number, here in waiting.items())

    def _recheck_join(self, scope: Token, node: Node, here: list[Token]) -> bool:
        first: dict[int, Token] = {}
        for token in here:
            first.setdefault(token.source, token)
        if node.kind == "parallelGateway":
            if len(first) < len(node.sources):
                return False
            taken = list(first.values())
        else:
            if any(self._may_bring(token, node, set(first)) for token in scope.tokens):
                return False
            taken = here
        joined = taken[0]
        for other in taken[1:]:
            joined.known = self._merged(joined.known, other.known)
            other.is_gone = True
            scope.tokens.remove(other)
        joined.state = READY
        self.ready.append(joined)
        return True

    def _may_bring(self, token: Token, gateway: Node, arrived: set[int]) -> bool:
        """Could this token still come to the gateway by a flow that has brought none yet?"""
        node = token.node
        if node is None or node is gateway or node.element.by_event:
            return False
        places = [node.number, *token.armed] if token.state == HOST else [node.number]
        for place in places:
            reached = gateway.reach.get(place, frozenset())
            if reached - arrived and not reached & arrived:
                return True
        return False

    # -- events

    def _thrown(self, token: Token, node: Node) -> None:
        """A throw event: its events in order, then on, if it is still there."""
        for event in node.element.events:
            if event.kind != "link":
                self._throw(token, event)
            if token.is_gone or self.ended:
                if event.kind == "terminate":
                    self.steps.append(("completed", node.element.id, ""))
                return
        self._complete(token)

    def _throw(self, token: Token, event: Event) -> None:
        if event.kind == "terminate":
            self._terminate(token)
        elif event.kind == "error":
            self._throw_error(token, event.name)
        elif event.kind in DIRECT:
            self._climb(token, event.kind, event.name)
        else:
            self._send(token, event)

    def _terminate(self, token: Token) -> None:
        scope = token.up
        while scope is not None and scope.state != SCOPE:
            scope = scope.up
        assert scope is not None
        for each in scope.tokens:
            self._cancel(each)
        token.is_gone = True
        self._finish(scope, token.known)

    def _throw_error(self, token: Token, code: str) -> None:
        if not self._climb(token, "error", code):
            self.ended = "failed"

    def _climb(self, token: Token, kind: str, code: str) -> bool:
        """Find who catches it, from the token outwards."""
        here: Token | None = token
        while here is not None:
            up = here.up
            if up is None:
                return False
            if up.state == HOST and up.main is here:
                caught = self._catching(up.armed, kind, code)
                if caught is not None:
                    self._fire(up, caught, is_rearmed=True)
                    return True
            elif up.state == SCOPE:
                caught = self._catching(up.armed, kind, code)
                if caught is not None:
                    self._hear(up, caught, is_rearmed=True)
                    return True
            here = up
        return False

    def _catching(self, armed: list[int], kind: str, code: str) -> int | None:
        found = []
        for number in armed:
            node = self.net.nodes[number]
            event = _listened(node) if node.element.by_event else node.element.events[0]
            if event.kind == kind and event.name in ("", code):
                found.append((event.name == "", number))
        return min(found, key=lambda each: each[0])[1] if found else None

    def _send(self, token: Token, event: Event) -> None:
        """A message may reach one that waits for it inside the instance; a signal reaches all of them."""
        if event.kind == "message":
            options: list[Any] = [None, *self._hearing(self.root, event)]
            heard = self.choose(options)
            if heard is not None:
                heard()
            return
        for hear in list(self._hearing(self.root, event)):
            hear()

    def _hearing(self, token: Token, event: Event) -> Iterator[Callable[[], None]]:
        node = token.node
        if token.state == WAIT and node is not None:
            if node.kind == "eventBasedGateway":
                for way in node.ways:
                    if _same(way.target.element.events[0], event):
                        yield lambda way=way: None if token.is_gone else self._caught_first(token, way)  # type: ignore[misc]
            elif node.kind in ("receiveTask", "intermediateCatchEvent") and _same(node.element.events[0], event):
                yield lambda: None if token.is_gone else self._caught(token, node, event)
            return
        for number in list(token.armed) if token.state in (HOST, SCOPE) else ():
            other = self.net.nodes[number]
            waited = _listened(other) if other.element.by_event else other.element.events[0]
            if _same(waited, event):
                act = self._hear if token.state == SCOPE else self._fire
                yield lambda act=act, number=number: (  # type: ignore[misc]
                    None if token.is_gone or number not in token.armed else act(token, number, True)
                )
        for inner in [*([token.main] if token.main is not None else []), *token.tokens]:
            yield from self._hearing(inner, event)

    def _fire(self, host: Token, number: int, is_rearmed: bool) -> None:
        """A boundary event happens."""
        boundary = self.net.nodes[number]
        event = boundary.element.events[0]
        self.steps.append((_happening(event), boundary.element.id, event.name))
        known = self._payload(boundary, event, host.known, True)
        up = host.up
        assert up is not None
        scope = up
        token = Token(READY, boundary, known, scope)
        if boundary.element.interrupting:
            self._cancel(host)
            scope.tokens[scope.tokens.index(host)] = token
        else:
            if not is_rearmed:
                host.armed.remove(number)
            scope.tokens.append(token)
        self.ready.append(token)

    def _hear(self, scope: Token, number: int, is_rearmed: bool) -> None:
        """An event sub-process begins."""
        listener = self.net.nodes[number]
        event = _listened(listener)
        self.steps.append((_happening(event), _inner(listener).starts[0].element.id, event.name))
        known: Known | None = None
        for token in _at_this_level(scope):
            known = token.known if known is None else self._merged(known, token.known)
        assert known is not None
        known = self._payload(listener, event, known, True)
        if listener.element.interrupting:
            for token in scope.tokens:
                self._cancel(token)
            scope.tokens, scope.armed = [], []
        elif not is_rearmed:
            scope.armed.remove(number)
        inner = Token(SCOPE, listener, known, scope)
        scope.tokens.append(inner)
        self._open(inner, _inner(listener), known, _inner(listener).starts[0])


def _at_this_level(token: Token) -> Iterator[Token]:
    """The tokens of a scope, without those of the scopes inside it."""
    for each in [*([token.main] if token.main is not None else []), *token.tokens]:
        yield each
        if each.state != SCOPE:
            yield from _at_this_level(each)


def _inner(node: Node) -> Area:
    assert node.inner is not None
    return node.inner


def _listened(listener: Node) -> Event:
    return _inner(listener).starts[0].element.events[0]


def _same(waited: Event, event: Event) -> bool:
    return waited.kind == event.kind and waited.name == event.name


def _comes_again(event: Event) -> bool:
    """May what does not interrupt happen once more? Of timers only a cycle."""
    return event.timer is None or event.timer[0] == "cycle"


def _happening(event: Event) -> str:
    return "fired" if event.kind == "timer" else "caught"


def _depth(token: Token) -> int:
    depth, up = 0, token.up
    while up is not None:
        depth, up = depth + 1, up.up
    return depth


_STEPS: dict[str, Callable[[Play, Token, Node], None]] = {
    "scriptTask": Play._run_script,
    "businessRuleTask": Play._run_rule,
    "serviceTask": Play._answered,
    "exclusiveGateway": Play._choose_one,
    "inclusiveGateway": Play._choose_some,
}
