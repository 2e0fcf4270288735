"""A version as the token game sees it: its main process with calls opened in place, and what is live where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import Element, Program
from engine.bpmn.diagram import Flow, links
from engine.regulation.knowledge import (
    EMPTY,
    SOME,
    Cells,
    Knowing,
    Path,
    Universe,
    constants_in,
    paths_in,
    paths_in_script,
    read,
    read_script,
    surely_written_by,
)

DEEPEST = 12
Choices = Mapping[Path, tuple[Any, ...] | None]
"""Path of a form's field → the values it can have, None among them where it can be left out; None: any value."""

KNOWN_KINDS = frozenset(
    [
        "userTask", "manualTask", "task", "scriptTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask",
        "subProcess", "transaction", "callActivity", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
        "eventBasedGateway", "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent",
        "boundaryEvent",
    ]
)  # fmt: skip
KNOWN_EVENTS = frozenset(["message", "signal", "timer", "error", "escalation", "cancel", "terminate", "link"])
DIRECT = frozenset(["error", "escalation", "cancel"])


class Unjudgeable(Exception):
    """This version cannot be judged: `element` is of a kind, or in a place, that the checker does not know."""

    def __init__(self, element: str, path: str, reason: str) -> None:
        super().__init__(reason)
        self.element, self.path, self.reason = element, path, reason


@dataclass(frozen=True, slots=True)
class Acting:
    """Which acts count, the field that holds the outcome of each, and which outcomes must be told apart."""

    fields: Mapping[str, str]
    outcomes: Mapping[str, Mapping[str, tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a version runs in: the values its forms can give, its outside services, the errors that services answer.

    `raises`: service → codes; a service that is not named may answer any.
    """

    choices: Mapping[str, Choices] = field(default_factory=dict)
    outside: Collection[str] = ()
    raises: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Way:
    """A sequence flow out of a node."""

    target: Node
    flow: str
    condition: Any = None
    is_default: bool = False


@dataclass(slots=True, eq=False)
class Node:
    """An element at its place: `number` counts over the whole net, `area` is the scope it stands in."""

    number: int
    element: Element
    area: Area
    act: str = ""
    ways: list[Way] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    boundaries: list[Node] = field(default_factory=list)
    inner: Area | None = None
    cells: tuple[Path, ...] = ()
    outcome: int = -1
    live: int = 0
    live_after: int = 0
    reach: dict[int, frozenset[int]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.element.kind


@dataclass(slots=True, eq=False)
class Area:
    """A scope: the process, a called process at the place of its call, a sub-process, an event sub-process."""

    process: str
    holder: Node | None
    nodes: dict[str, Node] = field(default_factory=dict)
    starts: list[Node] = field(default_factory=list)
    listeners: list[Node] = field(default_factory=list)
    live_at_end: int = 0
    live_of_listeners: int = 0

    def around(self) -> Iterator[Area]:
        """This scope and those around it, outwards."""
        area: Area | None = self
        while area is not None:
            yield area
            area = area.holder.area if area.holder is not None else None


@dataclass(slots=True, eq=False)
class Net:
    """All nodes of one main process, with the cells that tell its ways apart."""

    root: Area
    nodes: list[Node]
    knowing: Knowing
    surroundings: Surroundings
    program: Program
    acting: Acting
    codes: tuple[str, ...]
    """Every error code that something catches."""
    nothing: tuple[int, ...] = ()
    """What is known of cells that nobody reads."""
    memo: dict[Any, Any] = field(default_factory=dict)
    """What choices came out to be before: (node, what is known …) → options."""


def build(program: Program, process: str, acting: Acting, surroundings: Surroundings) -> Net:
    """The net of one process of a program. Unjudgeable where it holds what the checker does not know."""
    return _Builder(program, acting, surroundings).net(process)


def mains(program: Program) -> list[str]:
    """The executable processes that no other one calls."""
    called = {element.called for element in program.elements.values()}
    return [key for key in program.processes if key in program.specs and key not in called]


class _Builder:
    def __init__(self, program: Program, acting: Acting, surroundings: Surroundings) -> None:
        self.program, self.acting, self.surroundings = program, acting, surroundings
        self.nodes: list[Node] = []
        self.links = links(program.elements.values())
        self.out: dict[str, list[Flow]] = {}
        for flow in program.drawn:
            self.out.setdefault(flow.source, []).append(flow)

    def net(self, process: str) -> Net:
        root = self._area(process, None, "", 0)
        for node in self.nodes:
            self._fold(node)
        cells = Cells(path for node in self.nodes for path in (*self._reads(node), *self._outcome(node)))
        knowing = Knowing(Universe(self._constants()), cells)
        for node in self.nodes:
            paths = self._outcome(node)
            node.outcome = cells.number[paths[0]] if paths else -1
        for node in self.nodes:
            if node.kind == "inclusiveGateway":
                node.reach = _reach(node)
        codes = {e.name for node in self.nodes for e in node.element.events if e.kind == "error"}
        told = tuple(sorted(codes - {""}))
        net = Net(root, self.nodes, knowing, self.surroundings, self.program, self.acting, told, knowing.nothing())
        _Liveness(net, self._reads).settle()
        return net

    # the graph

    def _area(self, process: str, holder: Node | None, within: str, depth: int) -> Area:
        area = Area(process, holder)
        inside = [e for e in self.program.elements.values() if e.process == process and e.within == within]
        if depth > DEEPEST:
            raise Unjudgeable(inside[0].id, inside[0].path, "calls go too deep")
        for element in inside:
            area.nodes[element.id] = self._node(element, area)
        for node in list(area.nodes.values()):
            self._connect(node, area, depth)
        area.starts = [node for node in area.nodes.values() if node.kind == "startEvent"]
        area.listeners = [node for node in area.nodes.values() if node.element.by_event]
        return area

    def _node(self, element: Element, area: Area) -> Node:
        strange = [event.kind for event in element.events if event.kind not in KNOWN_EVENTS]
        if element.kind not in KNOWN_KINDS or strange:
            raise Unjudgeable(element.id, element.path, strange[0] if strange else element.kind)
        node = Node(len(self.nodes), element, area)
        if element.properties.get("act") in self.acting.fields:
            node.act = element.properties["act"]
        self.nodes.append(node)
        return node

    def _connect(self, node: Node, area: Area, depth: int) -> None:
        element = node.element
        for flow in self.out.get(element.id, ()):
            target = area.nodes[flow.target]
            is_default = flow.id == element.default or not flow.condition
            node.ways.append(Way(target, flow.id, read(flow.condition) if flow.condition else None, is_default))
            target.sources.append(node.number)
        if element.id in self.links:
            target = area.nodes[self.links[element.id]]
            node.ways.append(Way(target, ""))
            target.sources.append(node.number)
        if element.attached_to:
            area.nodes[element.attached_to].boundaries.append(node)
        if element.kind == "callActivity":
            node.inner = self._area(element.called, node, "", depth + 1)
        elif element.kind in ("subProcess", "transaction"):
            node.inner = self._area(element.process, node, element.id, depth + 1)

    def _fold(self, node: Node) -> None:
        """Leave out boundary events that change nothing: what follows them runs to its end by itself, without acts."""
        node.boundaries = [each for each in node.boundaries if each.element.interrupting or not self._is_idle(each)]

    def _is_idle(self, boundary: Node) -> bool:
        todo, seen = [boundary], set[int]()
        while todo:
            node = todo.pop()
            if node.number in seen:
                continue
            seen.add(node.number)
            if node is not boundary and not self._passes_by(node):
                return False
            if node.act or node.element.scripts or node.element.properties.get("variable"):
                return False
            todo += [way.target for way in node.ways]
        return boundary.element.events[0].kind == "timer"

    def _passes_by(self, node: Node) -> bool:
        if node.kind not in ("task", "endEvent", "intermediateThrowEvent") or node.boundaries or node.element.loop:
            return False
        if len(node.sources) != 1:
            return False
        return all(e.kind == "escalation" and not self._is_caught(node, e.name) for e in node.element.events)

    def _is_caught(self, node: Node, code: str) -> bool:
        catchers = [
            event
            for area in node.area.around()
            for other in [*area.listeners, *(area.holder.boundaries if area.holder else ())]
            for event in _waited(other)
        ]
        return any(event.kind == "escalation" and event.name in ("", code) for event in catchers)

    # what is read

    def _reads(self, node: Node) -> list[Path]:
        element = node.element
        paths = [path for way in node.ways if way.condition is not None for path in paths_in(way.condition)]
        for source, _ in element.scripts.values():
            paths += paths_in_script(source)
        decision = self.program.decisions.get(element.decision)
        if decision is not None and not decision.is_list:
            sources = [*decision.inputs, *(output for rule in decision.rules for output in rule.outputs)]
            paths += [path for source in sources for path in paths_in(read(source.source))]
        if element.loop is not None:
            paths += [path for source in _loop_conditions(element) for path in paths_in(read(source))]
        return paths

    def _outcome(self, node: Node) -> list[Path]:
        if not node.act or node.act not in self.acting.outcomes or node.kind not in ("userTask", "manualTask"):
            return []
        variable, field_name = node.element.properties.get("variable"), self.acting.fields[node.act]
        return [(variable, field_name) if variable else (field_name,)]

    def _constants(self) -> Iterator[Any]:
        for node in self.nodes:
            element = node.element
            for way in node.ways:
                if way.condition is not None:
                    yield from constants_in(way.condition)
            for source, _ in element.scripts.values():
                for statement in read_script(source):
                    yield from constants_in(statement)
            for source in _loop_conditions(element):
                yield from constants_in(read(source))
        yield from self._table_constants()
        for choices in self.surroundings.choices.values():
            for values in choices.values():
                yield from (value for value in values or () if isinstance(value, str | int | float | bool))
        for classes in self.acting.outcomes.values():
            yield from (value for values in classes.values() for value in values)

    def _table_constants(self) -> Iterator[Any]:
        for decision in self.program.decisions.values():
            for source in [*decision.inputs, *(output for rule in decision.rules for output in rule.outputs)]:
                yield from constants_in(read(source.source))
            for rule in decision.rules:
                for test in rule.tests:
                    yield from (getattr(part, "value", None) for part in test.parts)


def _loop_conditions(element: Element) -> list[str]:
    loop = element.loop
    return [source for source in (loop.condition, loop.completion) if source] if loop is not None else []


def _waited(node: Node) -> tuple[Any, ...]:
    """The events that a boundary event or an event sub-process waits for."""
    if node.inner is not None and node.element.by_event:
        return node.inner.starts[0].element.events
    return node.element.events


def _reach(gateway: Node) -> dict[int, frozenset[int]]:
    """Node → the sources of the gateway by which a token there can still come, without passing the gateway."""
    area, found = gateway.area, dict[int, set[int]]()
    into: dict[int, list[int]] = {}
    for node in area.nodes.values():
        for way in node.ways:
            into.setdefault(way.target.number, []).append(node.number)
        for boundary in node.boundaries:
            into.setdefault(boundary.number, []).append(node.number)
    for source in gateway.sources:
        todo, seen = [source], {gateway.number}
        while todo:
            here = todo.pop()
            if here not in seen:
                seen.add(here)
                found.setdefault(here, set()).add(source)
                todo += into.get(here, [])
    return {number: frozenset(sources) for number, sources in found.items()}


class _Liveness:
    """Which cells somebody may still read, at every node: what nobody reads any more need not be told apart."""

    def __init__(self, net: Net, reads: Callable[[Node], list[Path]]) -> None:
        self.net, self.cells = net, net.knowing.cells
        self.use = [self.cells.mask(reads(node)) for node in net.nodes]
        self.kill = [self._killed(node) for node in net.nodes]
        self.areas = [net.root, *(node.inner for node in net.nodes if node.inner is not None)]

    def settle(self) -> None:
        while self._once():
            pass

    def _once(self) -> bool:
        changed = False
        for area in self.areas:
            changed |= self._area(area)
        for node in reversed(self.net.nodes):
            after = self._after(node)
            before = self._before(node, after)
            changed |= (before, after) != (node.live, node.live_after)
            node.live, node.live_after = before, after
        return changed

    def _area(self, area: Area) -> bool:
        listening = 0
        for listener in area.listeners:
            listening |= listener.live
        at_end = listening | (area.holder.live_after | self.use[area.holder.number] if area.holder else 0)
        changed = (listening, at_end) != (area.live_of_listeners, area.live_at_end)
        area.live_of_listeners, area.live_at_end = listening, at_end
        return changed

    def _after(self, node: Node) -> int:
        after = 0 if node.ways else node.area.live_at_end
        for way in node.ways:
            after |= way.target.live
        return after | node.area.live_of_listeners

    def _before(self, node: Node, after: int) -> int:
        before = self.use[node.number] | (after & ~self.kill[node.number]) | node.area.live_of_listeners
        if node.inner is not None:
            for start in node.inner.starts:
                before |= start.live
        for boundary in node.boundaries:
            before |= boundary.live
        return before

    def _killed(self, node: Node) -> int:
        """The cells that the node writes whatever happens, before anybody reads them."""
        element, roots = node.element, set[str]()
        if element.by_event:
            return 0
        if element.loop is not None:
            output = element.loop.output
            return self.cells.mask(path for path in self.cells.paths if path[0] == output) & ~self.use[node.number]
        if element.kind in ("userTask", "manualTask") and element.properties.get("variable"):
            roots.add(element.properties["variable"])
        elif element.kind == "serviceTask" and element.operator and element.operator.result:
            roots.add(element.operator.result)
        elif element.kind == "businessRuleTask":
            roots.add(element.properties.get("variable") or element.id)
        elif element.kind == "scriptTask":
            roots |= surely_written_by(element.scripts["script"][0])
        killed = self.cells.mask(path for path in self.cells.paths if path[0] in roots)
        if node.inner is not None:
            return self.cells.mask(self.cells.paths)
        return killed & ~self.use[node.number]


def submitted(net: Net, element: Element) -> tuple[str, Mapping[Path, int], int] | None:
    """What a form's submission makes of the cells below its variable: (variable, path → values, otherwise).

    None where nothing is known of the form.
    """
    universe, form = net.knowing.universe, element.properties.get("formJsonSchemaFilename")
    variable = element.properties.get("variable", "")
    choices: Choices | None = {} if not form else net.surroundings.choices.get(form)
    if choices is None:
        return None
    masks = {path: _mask(universe, values) for path, values in choices.items()}
    return variable, {**masks, (): SOME | (EMPTY if not choices else 0)}, universe.of(None)


def _mask(universe: Universe, values: tuple[Any, ...] | None) -> int:
    if values is None:
        return universe.present
    mask = 0
    for value in values:
        mask |= (SOME if value else EMPTY) if isinstance(value, list | dict) else universe.of(value)
    return mask
