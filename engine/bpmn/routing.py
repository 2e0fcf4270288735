"""Orthogonal lines between boxes: a grid of possible lines, a cheapest way for each connection, tracks never shared.

The grid is made of *bands*: cells (a column or row of boxes) and gaps (the channels between them). Lines are first
searched with every track of every gap open; then `settle` keeps the tracks that are used and closes up the rest, so
the order of things stays and only distances change. Knows nothing of BPMN; all lengths are pixels.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from math import inf

RIGHT, DOWN, LEFT, UP = range(4)
STEP = ((1, 0), (0, 1), (-1, 0), (0, -1))
MARGIN = 8
PITCH = 14
TRACKS = 5
ROUNDS = 4
BEND, CROSSING, SHARING = 70, 1500, 6000

Point = tuple[int, int]
State = tuple[int, int, int]
"""A grid point and the heading there; 4 and more: arrived, at the port on side heading − 4."""


class TooMuch(ValueError):
    """There are too many lines to lay."""


@dataclass(slots=True)
class Patience:
    """How many points may be looked at: when none is `left` lines stay as they are; below `least` it is given up."""

    left: float = inf
    least: float = -inf

    def look(self) -> None:
        self.left -= 1
        if self.left < self.least:
            raise TooMuch


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def meets(self, other: Box, slack: int = 0) -> bool:
        """Do the two share ground, `slack` pixels around them included?"""
        return (
            self.x < other.right + slack
            and other.x < self.right + slack
            and self.y < other.bottom + slack
            and other.y < self.bottom + slack
        )


@dataclass(slots=True)
class Cell:
    """A column or row of boxes: how far they reach before and after its middle, and where lines may meet them."""

    before: int
    after: int
    offsets: tuple[int, ...]


@dataclass(slots=True)
class Gap:
    """A channel between cells: at least `least` wide, its tracks `pad_before` and `pad_after` away from the cells."""

    least: int
    pad_before: int
    pad_after: int


@dataclass(slots=True)
class Axis:
    """One direction of the grid. `bands` from left to right or from top to bottom."""

    bands: list[Cell | Gap]
    start: int
    lines: list[tuple[int, int]] = field(default_factory=list)
    """Band and offset (in a cell) or track (in a gap) of each line, in order."""
    at: list[int] = field(default_factory=list)
    """Coordinate of each line."""
    edges: list[tuple[int, int]] = field(default_factory=list)
    """Where each band begins and ends."""

    def __post_init__(self) -> None:
        for band, kind in enumerate(self.bands):
            self.lines += [(band, n) for n in (sorted(kind.offsets) if isinstance(kind, Cell) else range(TRACKS))]
        self.settle(set(range(len(self.lines))))

    def settle(self, used: set[int]) -> None:
        """Give every line its coordinate; tracks that no connection uses take no room."""
        position, self.at, self.edges = self.start, [0] * len(self.lines), []
        for band, kind in enumerate(self.bands):
            mine = [n for n, (b, _) in enumerate(self.lines) if b == band]
            size = self._cell(kind, mine, position) if isinstance(kind, Cell) else self._gap(kind, mine, position, used)
            self.edges.append((position, position + size))
            position += size

    def _cell(self, cell: Cell, lines: list[int], position: int) -> int:
        for n in lines:
            self.at[n] = position + cell.before + self.lines[n][1]
        return cell.before + cell.after

    def _gap(self, gap: Gap, lines: list[int], position: int, used: set[int]) -> int:
        tracks = [n for n in lines if n in used]
        run = PITCH * (len(tracks) - 1)
        size = max(gap.least, gap.pad_before + run + gap.pad_after) if tracks else gap.least
        spare = size - gap.pad_before - gap.pad_after - run
        here = position
        for n in lines:
            if n in used:
                here = position + gap.pad_before + spare // 2 + tracks.index(n) * PITCH
            self.at[n] = here
        return size

    def middle(self, band: int) -> int:
        """The middle line of a cell."""
        kind = self.bands[band]
        assert isinstance(kind, Cell)
        return self.edges[band][0] + kind.before

    def dislike(self, line: int) -> int:
        """How much a run along this line is disliked: outer tracks, and lines off the middle of a cell."""
        band, offset = self.lines[line]
        return abs(2 * offset - TRACKS + 1) if isinstance(self.bands[band], Gap) else (12 if offset else 0)


@dataclass(frozen=True, slots=True)
class Port:
    """A place on the border of a box where a line may begin or end, heading away from the box by `side`."""

    x: int
    y: int
    side: int
    cost: int = 0
    tag: tuple[str, int, int] = ("", 0, 0)
    """Owner, side and offset: what stays when the coordinates change. One connection per tag."""


@dataclass(frozen=True, slots=True)
class Net:
    """A connection that looks for its way."""

    id: str
    source: tuple[Port, ...]
    target: tuple[Port, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """A way found: grid points (line numbers on both axes), the ports at its ends, what it costs by itself."""

    points: tuple[Point, ...]
    source: Port
    target: Port
    cost: int = 0


class Board:
    """The grid with its walls and the connections laid so far."""

    def __init__(self, across: Axis, down: Axis, walls: Iterable[Box], patience: Patience) -> None:
        self.across, self.down, self.patience = across, down, patience
        self.width, self.height = len(across.at), len(down.at)
        self.blocked: tuple[set[int], set[int]] = (set(), set())
        for wall in walls:
            self._block(wall)
        self.edges: dict[tuple[int, int], str] = {}
        self.points: dict[int, list[tuple[str, str]]] = {}
        self.taken: dict[tuple[str, int, int], str] = {}
        self.routes: dict[str, Route] = {}
        self._changes = 0
        self._in_vain: dict[tuple[str, ...], int] = {}

    def _block(self, wall: Box) -> None:
        xs, ys = self.across.at, self.down.at
        columns = range(bisect_right(xs, wall.x - MARGIN), bisect_left(xs, wall.right + MARGIN))
        rows = range(bisect_right(ys, wall.y - MARGIN), bisect_left(ys, wall.bottom + MARGIN))
        for iy in rows:
            self.blocked[0].update(self._index(ix, iy) for ix in self._touching(columns, self.width))
        for ix in columns:
            self.blocked[1].update(self._index(ix, iy) for iy in self._touching(rows, self.height))

    @staticmethod
    def _touching(inside: range, size: int) -> range:
        return range(max(0, inside.start - 1), min(size - 1, inside.stop))

    def _index(self, ix: int, iy: int) -> int:
        return iy * self.width + ix

    def lay(self, nets: Sequence[Net]) -> dict[str, Route]:
        """Find a way for every net; then take up one, later two, and lay them again while the whole gets better."""
        alone = {net.id: self._search(net) for net in nets}
        for net in nets:
            self._keep(net, self._search(net) or self._search(net, sharing=True))
        for _ in range(ROUNDS):
            groups: list[tuple[Net, ...]] = [(net,) for net in nets]
            for net in nets:
                rivals = self._rivals(net, alone[net.id])
                groups += [(net, other) for other in nets if other.id in rivals]
            better = [self._again(group) for group in groups if self.patience.left > 0]
            if not any(better):
                break
        return self.routes

    def _rivals(self, net: Net, alone: Route | None) -> set[str]:
        """Who stands where this net would go if it had the board to itself; all others while it crosses one."""
        route = self.routes.get(net.id)
        if alone is None:
            return set()
        there = {other for point, _ in self._ways(alone) for other, _ in self.points.get(point, ())}
        there |= {other for port in (alone.source, alone.target) if (other := self.taken.get(port.tag))}
        if route and any(len(self.points[point]) > 1 for point, _ in self._ways(route)):
            there |= set(self.routes)
        return there - {net.id}

    def _again(self, nets: tuple[Net, ...]) -> bool:
        """Lay these nets once more in this order; back to what was if that is not better."""
        tried = tuple(net.id for net in nets)
        if self._in_vain.get(tried) == self._changes:
            return False
        before, old = self.worth(), {net.id: self.routes.get(net.id) for net in nets}
        for net in nets:
            self._lift(net)
        for net in nets:
            self._keep(net, self._search(net))
        if all(net.id in self.routes for net in nets) and self.worth() < before:
            self._changes += 1
            return True
        self._in_vain[tried] = self._changes
        for net in nets:
            self._lift(net)
        for net in nets:
            self._keep(net, old[net.id])
        return False

    def worth(self) -> int:
        """What all lines cost together: length, bends, ports, crossings, shared ground."""
        crossings = sum(len(ways) - 1 for ways in self.points.values() if len(ways) > 1)
        shared = sum(len(route.points) - 1 for route in self.routes.values()) - len(self.edges)
        return sum(route.cost for route in self.routes.values()) + CROSSING * crossings + SHARING * shared

    def _keep(self, net: Net, route: Route | None) -> None:
        if route is None:
            return
        self.routes[net.id] = route
        for edge in self._edges(route.points):
            self.edges.setdefault(edge, net.id)
        for point, way in self._ways(route):
            self.points.setdefault(point, []).append((net.id, way))
        for port in (route.source, route.target):
            self.taken.setdefault(port.tag, net.id)

    def _lift(self, net: Net) -> None:
        route = self.routes.pop(net.id, None)
        if route is None:
            return
        for edge in self._edges(route.points):
            if self.edges.get(edge) == net.id:
                del self.edges[edge]
        for point, way in self._ways(route):
            self.points[point].remove((net.id, way))
        for port in (route.source, route.target):
            if self.taken.get(port.tag) == net.id:
                del self.taken[port.tag]

    def _edges(self, points: Sequence[Point]) -> list[tuple[int, int]]:
        out = []
        for (ax, ay), (bx, by) in zip(points, points[1:], strict=False):
            out.append((self._index(min(ax, bx), min(ay, by)), 0 if ay == by else 1))
        return out

    def _ways(self, route: Route) -> list[tuple[int, str]]:
        """Each point with how it is passed: h, v or b(end)."""
        out, heading = [], route.source.side
        for point, following in zip(route.points, self._headings(route), strict=True):
            out.append((self._index(*point), "b" if following != heading else "hv"[heading % 2]))
            heading = following
        return out

    @staticmethod
    def _headings(route: Route) -> list[int]:
        """The heading in which each point is left."""
        inside = [_heading(a, b) for a, b in zip(route.points, route.points[1:], strict=False)]
        return [*inside, (route.target.side + 2) % 4]

    def _search(self, net: Net, sharing: bool = False) -> Route | None:
        """The cheapest way among the lines already laid (A* over points with headings); None if there is none."""
        goals = self._goals(net.target, sharing)
        if not goals:
            return None
        area, near = self._area(goals), {(ix, iy) for ix, iy, _ in goals}
        queue: list[tuple[int, int, int, int, int, int]] = []
        ticket = count()
        best: dict[State, int] = {}
        came: dict[State, State | Port] = {}
        for port, (ix, iy) in self._starts(net.source, sharing):
            state, cost = (ix, iy, port.side), port.cost + self._distance(port, (ix, iy))
            if cost < best.get(state, 1 << 60):
                best[state], came[state] = cost, port
                heappush(queue, (cost + self._guess(ix, iy, area), next(ticket), cost, *state))
        while queue:
            _, _, cost, ix, iy, heading = heappop(queue)
            self.patience.look()
            if heading >= 4:
                return self._route(came, (ix, iy, heading), goals[ix, iy, heading - 4])
            if cost > best[ix, iy, heading]:
                continue
            moves = self._moves(ix, iy, heading, sharing)
            if (ix, iy) in near:
                moves += self._arrivals(ix, iy, heading, goals, sharing)
            for state, price in moves:
                if cost + price < best.get(state, 1 << 60):
                    best[state], came[state] = cost + price, (ix, iy, heading)
                    guess = 0 if state[2] >= 4 else self._guess(state[0], state[1], area)
                    heappush(queue, (cost + price + guess, next(ticket), cost + price, *state))
        return None

    def _route(self, came: Mapping[State, State | Port], last: State, target: Port) -> Route:
        points: list[Point] = []
        before = came[last]
        while not isinstance(before, Port):
            points.append(before[:2])
            before = came[before]
        found = Route(tuple(reversed(points)), before, target)
        return replace(found, cost=self._own_cost(found))

    def _own_cost(self, route: Route) -> int:
        places = [(route.source.x, route.source.y), *map(self._place, route.points), (route.target.x, route.target.y)]
        length = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in zip(places, places[1:], strict=False))
        headings = [route.source.side, *self._headings(route)]
        bends = sum(self._turning(*p, a, b) for p, a, b in zip(route.points, headings[:-1], headings[1:], strict=True))
        return length + bends + route.source.cost + route.target.cost

    def _arrivals(
        self, ix: int, iy: int, heading: int, goals: Mapping[State, Port], sharing: bool
    ) -> list[tuple[State, int]]:
        """The ports that can be entered from here."""
        out = []
        for side in range(4):
            port, inward = goals.get((ix, iy, side)), (side + 2) % 4
            passing = self._passing(ix, iy, heading, inward, sharing) if port and side != heading else None
            if port and passing is not None:
                out.append(((ix, iy, 4 + side), passing + port.cost + self._distance(port, (ix, iy))))
        return out

    def _moves(self, ix: int, iy: int, heading: int, sharing: bool) -> list[tuple[State, int]]:
        """The next points straight on and to both sides."""
        out = []
        for following in (heading, (heading + 1) % 4, (heading + 3) % 4):
            price = self._step(ix, iy, following, sharing)
            passing = None if price is None else self._passing(ix, iy, heading, following, sharing)
            if price is not None and passing is not None:
                dx, dy = STEP[following]
                out.append(((ix + dx, iy + dy, following), price + passing))
        return out

    def _step(self, ix: int, iy: int, heading: int, sharing: bool) -> int | None:
        nx, ny = ix + STEP[heading][0], iy + STEP[heading][1]
        if not (0 <= nx < self.width and 0 <= ny < self.height):
            return None
        edge = (self._index(min(ix, nx), min(iy, ny)), heading % 2)
        if edge[0] in self.blocked[heading % 2]:
            return None
        if edge in self.edges and not sharing:
            return None
        length = abs(self.across.at[nx] - self.across.at[ix]) + abs(self.down.at[ny] - self.down.at[iy])
        return length + (SHARING if edge in self.edges else 0)

    def _passing(self, ix: int, iy: int, heading: int, following: int, sharing: bool) -> int | None:
        """What it costs to leave this point: bends, crossings; None where other lines bend or run the same way."""
        others = self.points.get(self._index(ix, iy))
        way = "b" if following != heading else "hv"[heading % 2]
        if others:
            if not sharing and (way == "b" or any(other in ("b", way) for _, other in others)):
                return None
            return CROSSING * len(others) + self._turning(ix, iy, heading, following)
        return self._turning(ix, iy, heading, following)

    def _turning(self, ix: int, iy: int, heading: int, following: int) -> int:
        """A bend costs, and more where the run that begins with it lies on a disliked line."""
        if heading == following:
            return 0
        return BEND + (self.down.dislike(iy) if following % 2 == 0 else self.across.dislike(ix))

    def _starts(self, ports: Sequence[Port], sharing: bool) -> list[tuple[Port, Point]]:
        return [(port, self._outside(port)) for port in ports if sharing or port.tag not in self.taken]

    def _goals(self, ports: Sequence[Port], sharing: bool) -> dict[State, Port]:
        out: dict[State, Port] = {}
        for port, (ix, iy) in self._starts(ports, sharing):
            out.setdefault((ix, iy, port.side), port)
        return out

    def _outside(self, port: Port) -> Point:
        """The first grid point a line reaches when it leaves the port."""
        xs, ys = self.across.at, self.down.at
        if port.side == RIGHT:
            return bisect_left(xs, port.x + MARGIN), bisect_left(ys, port.y)
        if port.side == LEFT:
            return bisect_right(xs, port.x - MARGIN) - 1, bisect_left(ys, port.y)
        if port.side == DOWN:
            return bisect_left(xs, port.x), bisect_left(ys, port.y + MARGIN)
        return bisect_left(xs, port.x), bisect_right(ys, port.y - MARGIN) - 1

    def _distance(self, port: Port, point: Point) -> int:
        return abs(self.across.at[point[0]] - port.x) + abs(self.down.at[point[1]] - port.y)

    def _area(self, goals: Iterable[State]) -> tuple[int, int, int, int]:
        """The rectangle around the goals: left, right, top, bottom."""
        xs, ys = zip(*(self._place((ix, iy)) for ix, iy, _ in goals), strict=True)
        return min(xs), max(xs), min(ys), max(ys)

    def _guess(self, ix: int, iy: int, area: tuple[int, int, int, int]) -> int:
        """At least this far to the goals."""
        x, y = self.across.at[ix], self.down.at[iy]
        left, right, top, bottom = area
        return max(left - x, x - right, 0) + max(top - y, y - bottom, 0)

    def settle(self) -> None:
        """Close up the tracks that no connection runs along."""
        used: tuple[set[int], set[int]] = (set(), set())
        for route in self.routes.values():
            for index, way in self._ways(route):
                iy, ix = divmod(index, self.width)
                if way in "bv":
                    used[0].add(ix)
                if way in "bh":
                    used[1].add(iy)
        self.across.settle(used[0])
        self.down.settle(used[1])

    def places(self, route: Route) -> list[Point]:
        """The coordinates of the grid points of a route."""
        return [self._place(point) for point in route.points]

    def _place(self, point: Point) -> Point:
        return self.across.at[point[0]], self.down.at[point[1]]


def _heading(here: Point, there: Point) -> int:
    return STEP.index((_sign(there[0] - here[0]), _sign(there[1] - here[1])))


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def joined(points: Sequence[Point]) -> list[Point]:
    """A polyline without repeated points and without points in the middle of a straight run."""
    out: list[Point] = []
    for point in points:
        if out and out[-1] == point:
            continue
        if len(out) > 1 and _heading(out[-2], out[-1]) == _heading(out[-1], point):
            out[-1] = point
        else:
            out.append(point)
    return out
