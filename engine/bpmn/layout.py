"""Gives a diagram its drawing (BPMN DI), so that any BPMN 2.0 tool opens it: pools, lanes, boxes, lines, labels.

Boxes stand on a grid: columns by the longest way from the start (flows that lead back left out), rows inside lanes.
An extension property `grid` = "column,row" on an element wins over the computed place. Boundary events sit on the
bottom edge of their task, and an end event that only serves one of them right under it. Lines are `routing`'s work;
labels take free ground last. The same file always gets the same drawing.

Data objects, annotations and message flows are left undrawn. `python -m engine.bpmn.layout FILE…` rewrites in place.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt
from pathlib import Path

from lxml import etree

from engine.bpmn.routing import (
    DOWN,
    LEFT,
    RIGHT,
    STEP,
    UP,
    Axis,
    Board,
    Box,
    Cell,
    Gap,
    Net,
    Patience,
    Point,
    Port,
    joined,
)
from engine.bpmn.xml import BPMN, BPMNDI, DC, DI, SPIFF

PREFIXES = {"bpmndi": BPMNDI, "dc": DC, "di": DI}

EVENTS = {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
NESTS = {"subProcess", "transaction", "adHocSubProcess"}
TASKS = {"task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask"}
NODES = EVENTS | GATEWAYS | NESTS | TASKS | {"callActivity", "boundaryEvent"}

EVENT, GATEWAY, SMALL = 36, 50, 28
TASK_WIDTH, TASK_HEIGHT = 100, 80
LETTER, LINE, LABEL_WIDTH = 11, 14, 90
HEADER = 30
BESIDE = 12
STUB = 18
"""From a boundary event to the little end event under it."""
ORIGIN = (160, 80)

OUT, IN = {RIGHT: 0, DOWN: 20, UP: 25, LEFT: 200}, {LEFT: 0, UP: 20, DOWN: 25, RIGHT: 200}
BACK_OUT, BACK_IN = {UP: 20, DOWN: 25, LEFT: 40, RIGHT: 100}, {UP: 0, DOWN: 10, LEFT: 20, RIGHT: 500}
"""What it costs to use a side of a box, for flows that lead on and for flows that lead back."""


@dataclass(eq=False)
class Node:
    """An element with its size, its place on the grid and, in the end, its box."""

    element: etree._Element
    kind: str
    lane: int = 0
    column: int = 0
    row: int = 0
    inner: Plane | None = None
    boundary: list[Node] = field(default_factory=list)
    little: Node | None = None
    lines: int = 0
    """How many flows meet it."""
    box: Box = Box(0, 0, 0, 0)

    @property
    def id(self) -> str:
        return self.element.get("id", "")

    @property
    def name(self) -> str:
        return self.element.get("name", "")

    @property
    def size(self) -> tuple[int, int]:
        if self.inner:
            return self.inner.size
        if self.kind in GATEWAYS:
            return GATEWAY, GATEWAY
        if self.kind in EVENTS or self.kind == "boundaryEvent":
            return EVENT, EVENT
        return TASK_WIDTH, TASK_HEIGHT

    @property
    def below(self) -> int:
        """How far what hangs under the box reaches beyond its bottom edge."""
        if self.kind in EVENTS:
            return 6 + LINE * _lines(self.name)
        if any(event.little for event in self.boundary):
            return EVENT // 2 + STUB + SMALL + 4 + LINE
        return EVENT // 2 + 4 + LINE if self.boundary else 0

    @property
    def is_small(self) -> bool:
        return self.kind in EVENTS or self.kind in GATEWAYS

    @property
    def is_crowded(self) -> bool:
        """A small shape with more lines than corners: lines meet it beside the corners too."""
        return self.is_small and self.lines > 4

    @property
    def is_wide(self) -> bool:
        """Drawn across several columns: an event sub-process, which no flow meets."""
        return self.element.get("triggeredByEvent") == "true"


@dataclass(eq=False)
class Flow:
    element: etree._Element
    source: Node
    target: Node
    points: list[Point] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.element.get("id", "")

    @property
    def name(self) -> str:
        return self.element.get("name", "")


@dataclass(eq=False)
class Plane:
    """A process or an expanded sub-process: what is drawn on one grid."""

    nodes: list[Node]
    flows: list[Flow]
    lanes: list[etree._Element]
    header: int = 0
    """Room on the left for the names of pool and lanes."""
    top: int = 0
    size: tuple[int, int] = (0, 0)
    lane_edges: list[tuple[int, int]] = field(default_factory=list)
    labels: dict[str, Box] = field(default_factory=dict)

    def move(self, x: int, y: int) -> None:
        """Shift everything drawn."""
        self.top += y
        for node in self.nodes:
            _move(node, x, y)
        for flow in self.flows:
            flow.points = [(px + x, py + y) for px, py in flow.points]
        self.labels = {key: Box(b.x + x, b.y + y, b.width, b.height) for key, b in self.labels.items()}
        self.lane_edges = [(top + y, bottom + y) for top, bottom in self.lane_edges]


def _move(node: Node, x: int, y: int) -> None:
    node.box = Box(node.box.x + x, node.box.y + y, node.box.width, node.box.height)
    for event in node.boundary:
        _move(event, x, y)
    if node.little:
        _move(node.little, x, y)
    if node.inner:
        node.inner.move(x, y)


def lay_out(xml: bytes, patience: Patience | None = None) -> bytes:
    """The same diagram with a new drawing; an old one is thrown away. `XMLSyntaxError` for what is not XML.

    With `patience` lines may be less beautiful, and TooMuch says that there are too many of them.
    """
    patience = patience or Patience()
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    for old in root.findall(f"{BPMNDI}BPMNDiagram"):
        root.remove(old)
    collaboration = _collaboration(root)
    drawn, top = [], ORIGIN[1]
    for process in root.findall(f"{BPMN}process"):
        pool = _pool(collaboration, process)
        plane = _draw(process, patience, 0 if pool is None else HEADER)
        plane.move(ORIGIN[0], top)
        top += plane.size[1] + 60
        drawn.append((process, plane))
    _write(root, collaboration, drawn)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"


def _collaboration(root: etree._Element) -> etree._Element | None:
    """The collaboration, made where a process has lanes but no pool yet."""
    found = root.find(f"{BPMN}collaboration")
    for process in root.findall(f"{BPMN}process"):
        if process.find(f"{BPMN}laneSet") is None:
            continue
        if found is None:
            found = etree.Element(f"{BPMN}collaboration", id=f"{process.get('id')}_collaboration")
            found.tail = "\n  "
            root.insert(list(root).index(process), found)
        if _pool(found, process) is None:
            pool = etree.SubElement(found, f"{BPMN}participant", id=f"{process.get('id')}_pool")
            pool.set("name", process.get("name") or process.get("id") or "")
            pool.set("processRef", process.get("id", ""))
    return found


def _pool(collaboration: etree._Element | None, process: etree._Element) -> etree._Element | None:
    pools = [] if collaboration is None else collaboration.findall(f"{BPMN}participant")
    return next((pool for pool in pools if pool.get("processRef") == process.get("id")), None)


# ------------------------------------------------------------------------------------------------ reading


def _draw(container: etree._Element, patience: Patience, header: int = 0) -> Plane:
    plane = _read(container, patience)
    plane.header = header + (HEADER if plane.lanes else 0)
    if not plane.nodes:
        plane.size = (300, 120)
        plane.lane_edges = [
            (k * 120 // len(plane.lanes), (k + 1) * 120 // len(plane.lanes)) for k in range(len(plane.lanes))
        ]
        return plane
    _place_columns(plane)
    _place_rows(plane)
    _arrange(plane, patience)
    return plane


def _read(container: etree._Element, patience: Patience) -> Plane:
    nodes = {e.get("id", ""): Node(e, _kind(e)) for e in container if _kind(e) in NODES}
    flows = [
        Flow(e, nodes[e.get("sourceRef", "")], nodes[e.get("targetRef", "")])
        for e in container.findall(f"{BPMN}sequenceFlow")
        if e.get("sourceRef") in nodes and e.get("targetRef") in nodes
    ]
    for flow in flows:
        flow.source.lines += 1
        flow.target.lines += 1
    lanes = [lane for lane in container.iterfind(f"{BPMN}laneSet//{BPMN}lane") if not lane.findall(f".//{BPMN}lane")]
    for number, lane in enumerate(lanes):
        for reference in lane.findall(f"{BPMN}flowNodeRef"):
            if node := nodes.get((reference.text or "").strip()):
                node.lane = number
    for node in nodes.values():
        if node.kind in NESTS:
            node.inner = _draw(node.element, patience)
    _attach(nodes, flows)
    hung = {hanging for node in nodes.values() for event in node.boundary for hanging in (event, event.little)}
    return Plane([node for node in nodes.values() if node not in hung], flows, lanes)


def _attach(nodes: dict[str, Node], flows: list[Flow]) -> None:
    """Hang boundary events on their hosts, and little end events on boundary events that lead nowhere else."""
    for node in nodes.values():
        host = nodes.get(node.element.get("attachedToRef", ""))
        if node.kind != "boundaryEvent" or not host:
            continue
        host.boundary.append(node)
        node.lane = host.lane
        out = [flow.target for flow in flows if flow.source is node]
        if len(out) == 1 and out[0].kind == "endEvent" and sum(flow.target is out[0] for flow in flows) == 1:
            node.little = out[0]


def _kind(element: etree._Element) -> str:
    return element.tag.removeprefix(BPMN) if isinstance(element.tag, str) else ""


def _hint(node: Node) -> tuple[int, int] | None:
    """The place a designer asked for: column, row in the lane."""
    for entry in node.element.iterfind(f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"):
        if entry.get("name") == "grid":
            column, _, row = (entry.get("value") or "").partition(",")
            return (int(column), int(row)) if column.strip().isdigit() and row.strip().isdigit() else None
    return None


# ------------------------------------------------------------------------------------------------ placing


def _hosts(plane: Plane) -> dict[Node, Node]:
    return {event: node for node in plane.nodes for event in node.boundary}


def _steps(plane: Plane) -> list[tuple[Node, Node]]:
    """Flows between the boxes of the grid: a boundary event counts as its host, little end events not at all."""
    host, known = _hosts(plane), set(plane.nodes)
    pairs = [(host.get(flow.source, flow.source), flow.target) for flow in plane.flows]
    return [(a, b) for a, b in pairs if a in known and b in known and a is not b]


def _place_columns(plane: Plane) -> None:
    """Longest path from the starts; a step that closes a circle does not count. Hints win."""
    forward = _forward(plane.nodes, _steps(plane))
    before: dict[Node, list[Node]] = {node: [] for node in plane.nodes}
    for a, b in forward:
        before[b].append(a)
    for node in _sorted(plane.nodes, forward):
        node.column = max((a.column + 1 for a in before[node]), default=0)
        if hint := _hint(node):
            node.column = hint[0]


def _forward(nodes: Sequence[Node], steps: Sequence[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
    """The steps without those that lead back, found by walking from the starts in the order of the file."""
    after: dict[Node, list[Node]] = {node: [] for node in nodes}
    for a, b in steps:
        after[a].append(b)
    targets = {b for _, b in steps}
    state: dict[Node, int] = {}
    back: set[tuple[Node, Node]] = set()
    for start in sorted(nodes, key=lambda node: (node in targets, node.kind != "startEvent")):
        if start not in state:
            _walk(start, after, state, back)
    return [step for step in steps if step not in back]


def _walk(start: Node, after: dict[Node, list[Node]], state: dict[Node, int], back: set[tuple[Node, Node]]) -> None:
    stack = [(start, iter(after[start]))]
    state[start] = 1
    while stack:
        node, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            state[node] = 2
            stack.pop()
        elif state.get(following) == 1:
            back.add((node, following))
        elif following not in state:
            state[following] = 1
            stack.append((following, iter(after[following])))


def _sorted(nodes: Sequence[Node], steps: Sequence[tuple[Node, Node]]) -> list[Node]:
    """Every node after those that lead to it."""
    waiting = {node: sum(b is node for _, b in steps) for node in nodes}
    ready, out = [node for node in nodes if not waiting[node]], []
    while ready:
        out.append(node := ready.pop(0))
        for a, b in steps:
            if a is node:
                waiting[b] -= 1
                if not waiting[b]:
                    ready.append(b)
    return out


def _place_rows(plane: Plane) -> None:
    """In each lane the row of the step before if it is free, else the next free one."""
    steps = _forward(plane.nodes, _steps(plane))
    taken: set[tuple[int, int, int]] = set()
    for node in plane.nodes:
        if hint := _hint(node):
            node.row = hint[1]
            taken.add((node.lane, node.column, node.row))
    for node in sorted(plane.nodes, key=lambda node: (node.is_wide, node.column)):
        if _hint(node):
            continue
        before = [a.row for a, b in steps if b is node and a.lane == node.lane]
        node.row = _free_row(plane, node, min(before, default=0), taken)
        taken.add((node.lane, node.column, node.row))


def _free_row(plane: Plane, node: Node, wanted: int, taken: set[tuple[int, int, int]]) -> int:
    if node.is_wide:
        return 1 + max((row for lane, _, row in taken if lane == node.lane), default=-1)
    while (node.lane, node.column, wanted) in taken:
        wanted += 1
    return wanted


# ------------------------------------------------------------------------------------------------ geometry


def _arrange(plane: Plane, patience: Patience) -> None:
    """Put the boxes on a grid with every track open, find the lines, close up, then place the labels."""
    rows = _rows(plane)
    across, down = Axis(_column_bands(plane), 0), Axis(_row_bands(plane, rows), 0)
    _put(plane, across, down, rows)
    board = Board(across, down, _walls(plane), patience)
    board.lay([_net(plane, flow) for flow in _routed(plane)])
    _room_for_labels(plane, board)
    board.settle()
    _put(plane, across, down, rows)
    _set_lines(plane, board)
    plane.lane_edges = _lane_edges(plane, down, rows)
    _place_labels(plane)
    plane.size = (across.edges[-1][1] + plane.header, down.edges[-1][1])
    plane.move(plane.header, 0)
    plane.top = 0


def _rows(plane: Plane) -> list[tuple[int, int]]:
    """Lane and row of each line of boxes, from top to bottom; a lane without boxes has one."""
    used = {(node.lane, node.row) for node in plane.nodes}
    return sorted(used | {(lane, 0) for lane in range(len(plane.lanes))})


def _column_bands(plane: Plane) -> list[Cell | Gap]:
    bands: list[Cell | Gap] = [Gap(36, 22, 26)]
    for column in range(max(node.column for node in plane.nodes) + 1):
        here = [node for node in plane.nodes if node.column == column and not node.is_wide]
        half = max((node.size[0] for node in here), default=TASK_WIDTH) // 2
        half = max(half, 36)
        offsets = {0, -25, 25} | {offset for node in here for offset in _boundary_offsets(node)} | _beside(here)
        bands += [Cell(half, half, tuple(offsets)), Gap(52, 26, 26)]
    bands[-1] = Gap(max(36, _overhang(plane, bands)), 26, 22)
    return bands


def _beside(nodes: Sequence[Node]) -> set[int]:
    """Lines for crowded shapes, on both sides of their middle."""
    return {-BESIDE, BESIDE} if any(node.is_crowded for node in nodes) else set()


def _overhang(plane: Plane, bands: Sequence[Cell | Gap]) -> int:
    """What a wide box needs to the right of the last column."""
    cells = [band.before + band.after for band in bands if isinstance(band, Cell)]
    return max(
        (n.size[0] - sum(cells[n.column :]) - 52 * (len(cells) - n.column - 1) + 36 for n in _wide(plane)), default=0
    )


def _wide(plane: Plane) -> list[Node]:
    return [node for node in plane.nodes if node.is_wide]


def _row_bands(plane: Plane, rows: Sequence[tuple[int, int]]) -> list[Cell | Gap]:
    bands: list[Cell | Gap] = []
    for place, (lane, row) in enumerate(rows):
        here = [node for node in plane.nodes if (node.lane, node.row) == (lane, row)]
        is_first = place == 0 or rows[place - 1][0] != lane
        is_last = place + 1 == len(rows) or rows[place + 1][0] != lane
        above = max((node.size[1] // 2 for node in here), default=40)
        following = [n for n in plane.nodes if (n.lane, n.row) == (lane, row + 1) and not n.is_wide]
        below = max((node.size[1] // 2 + _hang(node, following, is_last) for node in here), default=40)
        bands += [
            Gap(24, 16, 20) if is_first else Gap(30, 16, 20),
            Cell(max(above, 40), max(below, 40), (0, -20, 20, *_beside(here))),
        ]
        if is_last:
            bands.append(Gap(20, 14, 16))
    return bands


def _hang(node: Node, following: Sequence[Node], is_last: bool) -> int:
    """Room for what hangs under a box: it may reach into the next row where no neighbour stands in the way."""
    is_near = any(abs(other.column - node.column) < 2 for other in following)
    return node.below if is_last or is_near or not following else 0


def _row_band(rows: Sequence[tuple[int, int]], node: Node) -> int:
    """Which band of the vertical axis holds the node's row."""
    place = rows.index((node.lane, node.row))
    lanes_before = len({lane for lane, _ in rows[:place]} - {node.lane})
    return 2 * place + 1 + lanes_before


def _boundary_offsets(node: Node) -> list[int]:
    """Where boundary events sit on the bottom edge, measured from the middle."""
    many = len(node.boundary)
    if many <= 2:
        return [0] if many == 1 else [-25, 25][:many]
    return [(2 * k - many + 1) * node.size[0] // (2 * many) for k in range(many)]


def _put(plane: Plane, across: Axis, down: Axis, rows: Sequence[tuple[int, int]]) -> None:
    for node in plane.nodes:
        (width, height), band = node.size, 2 * node.column + 1
        x = across.edges[band][0] if node.is_wide else across.middle(band) - width // 2
        y = down.middle(_row_band(rows, node)) - height // 2
        dx, dy = x - node.box.x, y - node.box.y
        node.box = Box(x, y, width, height)
        if node.inner:
            node.inner.move(dx, dy)
        for event, offset in zip(node.boundary, _boundary_offsets(node), strict=True):
            middle = x + width // 2 + offset
            event.box = Box(middle - EVENT // 2, y + height - EVENT // 2, EVENT, EVENT)
            if event.little:
                event.little.box = Box(middle - SMALL // 2, event.box.bottom + STUB, SMALL, SMALL)


def _walls(plane: Plane) -> list[Box]:
    """What lines must go round: boxes, and everything that hangs under them."""
    return [node.box for node in plane.nodes] + [_hanging(node) for node in plane.nodes if node.boundary]


def _hanging(node: Node) -> Box:
    left = min(event.box.x for event in node.boundary)
    right = max(event.box.right for event in node.boundary)
    if not any(event.little for event in node.boundary):
        return Box(left, node.box.bottom, right - left, EVENT // 2)
    return Box(left - 20, node.box.bottom, right - left + 40, node.below)


def _routed(plane: Plane) -> list[Flow]:
    """Flows that need a way, the plainest first: neighbours in a row, then by distance, those that lead back last."""
    host = _hosts(plane)
    flows = [flow for flow in plane.flows if flow.source.little is None]

    def rank(flow: Flow) -> tuple[bool, bool, int, int]:
        source = host.get(flow.source, flow.source)
        apart = flow.target.column - source.column
        straight = (source.lane, source.row) == (flow.target.lane, flow.target.row) and apart > 0
        return apart <= 0, not straight, abs(apart), plane.flows.index(flow)

    return sorted(flows, key=rank)


def _net(plane: Plane, flow: Flow) -> Net:
    is_back = flow.target.column <= _hosts(plane).get(flow.source, flow.source).column
    leaving, arriving = (BACK_OUT, BACK_IN) if is_back else (OUT, IN)
    return Net(flow.id, tuple(_ports(flow.source, leaving)), tuple(_ports(flow.target, arriving)))


def _ports(node: Node, costs: Mapping[int, int]) -> Iterable[Port]:
    """Where lines may meet a box, the middle of each side first."""
    if node.kind == "boundaryEvent":
        return [_port(node, DOWN, 0, 0)]
    sides = [side for side in (RIGHT, DOWN, LEFT, UP) if not (side == DOWN and node.boundary)]
    steps = {side: BESIDE if node.is_small else 20 if side in (RIGHT, LEFT) else 25 for side in sides}
    places = (0, 1, -1) if node.is_crowded or not node.is_small else (0,)
    dear = 120 if node.is_small else 30
    return [
        _port(node, side, place * steps[side], costs[side] + dear * abs(place)) for side in sides for place in places
    ]


def _port(node: Node, side: int, offset: int, cost: int) -> Port:
    x, y = _edge(node.box, side, offset)
    return Port(x, y, side, cost, (node.id, side, offset))


def _edge(box: Box, side: int, offset: int) -> Point:
    middle_x, middle_y = box.x + box.width // 2, box.y + box.height // 2
    if side in (RIGHT, LEFT):
        return (box.right if side == RIGHT else box.x), middle_y + offset
    return middle_x + offset, (box.bottom if side == DOWN else box.y)


def _anchor(node: Node, side: int, offset: int) -> Point:
    """Where a line meets the outline: diamonds and circles give way beside their corners."""
    (x, y), inset = _edge(node.box, side, offset), _inset(node, offset)
    return x - inset * STEP[side][0], y - inset * STEP[side][1]


def _inset(node: Node, offset: int) -> int:
    if node.kind in GATEWAYS:
        return abs(offset)
    return EVENT // 2 - isqrt((EVENT // 2) ** 2 - offset**2) if node.kind in EVENTS else 0


def _room_for_labels(plane: Plane, board: Board) -> None:
    """Widen a gap where a named flow leaves a gateway sideways and would have no room for its name."""
    for flow in plane.flows:
        route = board.routes.get(flow.id)
        if not route or not flow.name or route.source.side != RIGHT or flow.source.kind == "boundaryEvent":
            continue
        band = 2 * flow.source.column + 1
        cell, gap = board.across.bands[band], board.across.bands[band + 1]
        assert isinstance(cell, Cell) and isinstance(gap, Gap)
        missing = _width(flow.name) + 26 - (cell.after - flow.source.size[0] // 2)
        gap.pad_before, gap.least = max(gap.pad_before, missing), max(gap.least, missing + 12)


def _set_lines(plane: Plane, board: Board) -> None:
    nodes = {node.id: node for node in _everything(plane)}
    for flow in plane.flows:
        if flow.source.little:
            middle = flow.source.box.x + EVENT // 2
            flow.points = [(middle, flow.source.box.bottom), (middle, flow.source.little.box.y)]
        elif route := board.routes.get(flow.id):
            ends = [_anchor(nodes[p.tag[0]], *p.tag[1:]) for p in (route.source, route.target)]
            flow.points = joined([ends[0], *board.places(route), ends[1]])
        else:
            flow.points = [_anchor(flow.source, DOWN, 0), _anchor(flow.target, UP, 0)]


def _everything(plane: Plane) -> list[Node]:
    """All nodes of this grid with what hangs on them."""
    events = [event for node in plane.nodes for event in node.boundary]
    return plane.nodes + events + [event.little for event in events if event.little]


def _lane_edges(plane: Plane, down: Axis, rows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    edges = []
    for lane in range(len(plane.lanes)):
        places = [place for place, (owner, _) in enumerate(rows) if owner == lane]
        first, last = (2 * place + 1 + lane for place in (places[0], places[-1]))
        edges.append((down.edges[first - 1][0], down.edges[last + 1][1]))
    return edges


# ------------------------------------------------------------------------------------------------ labels


def _letters(text: str) -> int:
    return sum(LETTER if ord(letter) > 0x2E80 else 6 for letter in text)


def _width(text: str) -> int:
    return min(LABEL_WIDTH, _letters(text) + 2)


def _lines(text: str) -> int:
    return max(1, -(-_letters(text) // (LABEL_WIDTH - 2)))


def _place_labels(plane: Plane) -> None:
    """Each name on the nearest free ground: no box, no line, no other label under it."""
    walls = {node.id: node.box for node in _everything(plane)}
    lines = [segment for flow in plane.flows for segment in zip(flow.points, flow.points[1:], strict=False)]
    lines += [((-900, edge), (9000, edge)) for edges in plane.lane_edges for edge in edges]
    for owner, candidates in _label_wishes(plane):
        others = [*(box for key, box in walls.items() if key != owner), *plane.labels.values()]
        plane.labels[owner] = min(candidates, key=lambda box: _conflicts(box, others, lines))


def _label_wishes(plane: Plane) -> Iterable[tuple[str, list[Box]]]:
    for node in _everything(plane):
        if node.name and (node.kind in EVENTS or node.kind in GATEWAYS or node.kind == "boundaryEvent"):
            yield node.id, _around(node)
    for flow in plane.flows:
        if flow.name and len(flow.points) > 1:
            yield flow.id, _along(flow)


def _around(node: Node) -> list[Box]:
    width, height = _width(node.name), LINE * _lines(node.name)
    box, middle = node.box, node.box.x + node.box.width // 2
    above, below = box.y - height - 4, box.bottom + 4
    corner = 6 if node.kind in GATEWAYS else 0
    places = {
        "below": (middle - width // 2, below),
        "above": (middle - width // 2, above),
        "above left": (middle - width - 5, above + corner),
        "above right": (middle + 6, above + corner),
        "below left": (middle - width - 5, below - corner),
        "below right": (middle + 6, below - corner),
        "left": (box.x - width - 3, box.bottom - 12),
        "right": (box.right + 3, box.bottom - 12),
    }
    return [Box(*places[word], width, height) for word in _preferred(node)]


def _preferred(node: Node) -> tuple[str, ...]:
    if node.kind in GATEWAYS:
        return ("above", "below", "above left", "above right", "below left", "below right")
    if node.kind == "boundaryEvent":
        return ("left", "right", "below left", "below right")
    return ("below", "above", "below right", "below left", "above right", "above left")


def _along(flow: Flow) -> list[Box]:
    """Beside the line: near its beginning first, then further on, above or right of it before below or left."""
    width, height = _width(flow.name), LINE * _lines(flow.name)
    out, start = [], 16 if flow.source.element.get("default") == flow.id else 5
    for (ax, ay), (bx, by) in zip(flow.points, flow.points[1:], strict=False):
        for share in (0, 1, 2):
            if ay == by:
                spare = max(0, abs(bx - ax) - width - start) * share // 2
                left = ax + start + spare if bx > ax else ax - start - width - spare
                out += [Box(left, ay - height - 3, width, height), Box(left, ay + 3, width, height)]
            else:
                spare = max(0, abs(by - ay) - height - start) * share // 2
                top = ay + start + spare if by > ay else ay - start - height - spare
                out += [Box(ax + 5, top, width, height), Box(ax - 5 - width, top, width, height)]
    return out


def _conflicts(box: Box, others: Iterable[Box], lines: Iterable[tuple[Point, Point]]) -> int:
    """How much ground the label would share: boxes and labels weigh more than lines."""
    runs = [Box(min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in lines]
    return 3 * sum(box.meets(other, 1) for other in others) + sum(box.meets(run, 1) for run in runs)


# ------------------------------------------------------------------------------------------------ writing


def _write(
    root: etree._Element, collaboration: etree._Element | None, drawn: Sequence[tuple[etree._Element, Plane]]
) -> None:
    if not drawn:
        return
    subject = collaboration if collaboration is not None else drawn[0][0]
    diagram = _child(root, BPMNDI, "BPMNDiagram", id=f"{subject.get('id')}_diagram")
    surface = _child(diagram, BPMNDI, "BPMNPlane", id=f"{subject.get('id')}_plane")
    surface.set("bpmnElement", subject.get("id", ""))
    for process, plane in drawn:
        _write_pool(surface, _pool(collaboration, process), plane)
        _write_plane(surface, plane)
    _write_closed_pools(surface, collaboration, drawn)
    etree.indent(diagram, space="  ", level=1)
    previous = diagram.getprevious()
    if previous is not None:
        previous.tail = "\n  "
    diagram.tail = "\n"


def _write_pool(surface: etree._Element, pool: etree._Element | None, plane: Plane) -> None:
    if pool is not None:
        _shape(surface, pool.get("id", ""), Box(ORIGIN[0], plane.top, *plane.size), isHorizontal="true")
    indent = plane.header - HEADER
    for lane, (upper, lower) in zip(plane.lanes, plane.lane_edges, strict=True):
        box = Box(ORIGIN[0] + indent, upper, plane.size[0] - indent, lower - upper)
        _shape(surface, lane.get("id", ""), box, isHorizontal="true")


def _write_closed_pools(
    surface: etree._Element, collaboration: etree._Element | None, drawn: Sequence[tuple[etree._Element, Plane]]
) -> None:
    """Participants without a process here are empty bands under the others."""
    shown = {process.get("id") for process, _ in drawn}
    pools = [] if collaboration is None else collaboration.findall(f"{BPMN}participant")
    top = max(plane.top + plane.size[1] for _, plane in drawn) + 60
    width = max(plane.size[0] for _, plane in drawn)
    for place, pool in enumerate(pool for pool in pools if pool.get("processRef") not in shown):
        _shape(surface, pool.get("id", ""), Box(ORIGIN[0], top + 90 * place, width, 60), isHorizontal="true")


def _write_plane(surface: etree._Element, plane: Plane) -> None:
    for node in _everything(plane):
        more = {"isMarkerVisible": "true"} if node.kind == "exclusiveGateway" else {}
        more |= {"isExpanded": "true"} if node.inner else {}
        _shape(surface, node.id, node.box, plane.labels.get(node.id), **more)
        if node.inner:
            _write_plane(surface, node.inner)
    for flow in plane.flows:
        edge = _child(surface, BPMNDI, "BPMNEdge", id=f"{flow.id}_di", bpmnElement=flow.id)
        for x, y in flow.points:
            _child(edge, DI, "waypoint", x=str(x), y=str(y))
        _label(edge, plane.labels.get(flow.id))


def _shape(surface: etree._Element, element: str, box: Box, label: Box | None = None, **more: str) -> None:
    shape = _child(surface, BPMNDI, "BPMNShape", id=f"{element}_di", bpmnElement=element, **more)
    _bounds(shape, box)
    _label(shape, label)


def _label(owner: etree._Element, box: Box | None) -> None:
    if box:
        _bounds(_child(owner, BPMNDI, "BPMNLabel"), box)


def _bounds(owner: etree._Element, box: Box) -> None:
    numbers = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    _child(owner, DC, "Bounds", **{key: str(value) for key, value in numbers.items()})


def _child(parent: etree._Element, space: str, name: str, **attributes: str) -> etree._Element:
    prefixes = {prefix: uri.strip("{}") for prefix, uri in PREFIXES.items()}
    return etree.SubElement(parent, f"{space}{name}", attributes, nsmap=prefixes)


def main(files: Sequence[str]) -> None:
    """Rewrite each file with its drawing."""
    for name in files:
        path = Path(name)
        path.write_bytes(lay_out(path.read_bytes()))


if __name__ == "__main__":
    main(sys.argv[1:])
