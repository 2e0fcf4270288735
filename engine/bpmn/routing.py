"""Orthogonal lines between boxes: a grid of possible lines, a cheapest way for each connection, tracks never shared.

The grid is made of *bands*: cells (a column or row of boxes) and gaps (the channels between them). Lines are first
searched with every track of every gap open; then `settle` keeps the tracks that are used and closes up the rest, so
the order of things stays and only distances change. Knows nothing of BPMN; all lengths are pixels.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

RIGHT, DOWN, LEFT, UP = range(4)
STEP = ((1, 0), (0, 1), (-1, 0), (0, -1))
MARGIN = 8
PITCH = 14
TRACKS = 5
BEND, CROSSING, SHARING = 70, 1500, 6000

Point = tuple[int, int]
State = tuple[int, int, int]
"""A grid point and the heading there; 4 and more: arrived, at the port on side heading − 4."""


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
        for k, n in enumerate(tracks):
            self.at[n] = position + gap.pad_before + spare // 2 + k * PITCH
        for n in set(lines) - set(tracks):
            self.at[n] = position
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
    """A way found: grid points (line numbers on both axes), the ports at its ends, what it costs."""

    points: tuple[Point, ...]
    source: Port
    target: Port
    cost: int


class Board:
    """The grid with its walls and the connections laid so far."""

    def __init__(self, across: Axis, down: Axis, walls: Iterable[Box]) -> None:
        self.across, self.down = across, down
        self.width, self.height = len(across.at), len(down.at)
        self.blocked: tuple[set[int], set[int]] = (set(), set())
        for wall in walls:
            self._block(wall)
        self.edges: dict[tuple[int, int], str] = {}
        self.points: dict[int, list[tuple[str, str]]] = {}
        self.taken: dict[tuple[str, int, int], str] = {}
        self.routes: dict[str, Route] = {}

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

    def lay(self, nets: Sequence[Net], passes: int = 3) -> dict[str, Route]:
        """Find a way for every net, then take each up again while the whole gets better."""
        for net in nets:
            self._keep(net, self._search(net) or self._search(net, sharing=True))
        for _ in range(passes):
            if not any([self._improve(net) for net in nets]):
                break
        return self.routes

    def _improve(self, net: Net) -> bool:
        old = self.routes.get(net.id)
        self._lift(net)
        before = self._price(net, old)
        new = self._search(net)
        better = new is not None and (before is None or new.cost < before)
        self._keep(net, new if better else old)
        return better

    def _price(self, net: Net, route: Route | None) -> int | None:
        """What the old way would cost today; None if it needs shared ground."""
        if route is None or self._shares(route):
            return None
        again = self._search(Net(net.id, (route.source,), (route.target,)), along=route)
        return again.cost if again else None

    def _shares(self, route: Route) -> bool:
        return any(edge in self.edges for edge in self._edges(route.points)) or bool(
            {route.source.tag, route.target.tag} & self.taken.keys()
        )

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
        for n, point in enumerate(route.points):
            following = (
                _heading(point, route.points[n + 1]) if n + 1 < len(route.points) else (route.target.side + 2) % 4
            )
            out.append((self._index(*point), "b" if following != heading else "hv"[heading % 2]))
            heading = following
        return out

    def _search(self, net: Net, sharing: bool = False, along: Route | None = None) -> Route | None:
        """Dijkstra with a distance estimate over (point, heading). `along` prices one given way."""
        goals = self._goals(net.target, sharing)
        if not goals:
            return None
        corridor = set(along.points) if along else None
        goal_points = [(ix, iy) for ix, iy, _ in goals]
        queue: list[tuple[int, int, int, int, int, int]] = []
        ticket, best = count(), {}
        came: dict[State, State | Port] = {}
        for port, (ix, iy) in self._starts(net.source, sharing):
            state, cost = (ix, iy, port.side), port.cost + self._distance(port, (ix, iy))
            if cost < best.get(state, 1 << 60):
                best[state], came[state] = cost, port
                heappush(queue, (cost + self._guess((ix, iy), goal_points), next(ticket), cost, *state))
        while queue:
            _, _, cost, ix, iy, heading = heappop(queue)
            if heading >= 4:
                return self._route(came, (ix, iy, heading), goals[ix, iy, heading - 4], cost)
            if cost > best[ix, iy, heading]:
                continue
            for state, price in self._moves(ix, iy, heading, goals, sharing, corridor):
                if cost + price < best.get(state, 1 << 60):
                    best[state], came[state] = cost + price, (ix, iy, heading)
                    guess = 0 if state[2] >= 4 else self._guess(state[:2], goal_points)
                    heappush(queue, (cost + price + guess, next(ticket), cost + price, *state))
        return None

    @staticmethod
    def _route(came: Mapping[State, State | Port], last: State, target: Port, cost: int) -> Route:
        points: list[Point] = []
        before = came[last]
        while not isinstance(before, Port):
            points.append(before[:2])
            before = came[before]
        return Route(tuple(reversed(points)), before, target, cost)

    def _moves(
        self,
        ix: int,
        iy: int,
        heading: int,
        goals: Mapping[State, Port],
        sharing: bool,
        corridor: set[Point] | None,
    ) -> Iterable[tuple[State, int]]:
        for side in range(4):
            port = goals.get((ix, iy, side))
            inward = (side + 2) % 4
            if port and inward != (heading + 2) % 4:
                passing = self._passing(ix, iy, heading, inward, sharing)
                if passing is not None:
                    yield (ix, iy, 4 + side), passing + port.cost + self._distance(port, (ix, iy))
        for following in (heading, (heading + 1) % 4, (heading + 3) % 4):
            nx, ny = ix + STEP[following][0], iy + STEP[following][1]
            if corridor is not None and (nx, ny) not in corridor:
                continue
            price = self._step(ix, iy, following, sharing)
            passing = self._passing(ix, iy, heading, following, sharing)
            if price is not None and passing is not None:
                yield (nx, ny, following), price + passing

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
            return self._turn_cost(heading, following) + CROSSING * len(others) + self._dislike(ix, iy, heading, way)
        return self._turn_cost(heading, following) + self._dislike(ix, iy, following, way)

    @staticmethod
    def _turn_cost(heading: int, following: int) -> int:
        return BEND if heading != following else 0

    def _dislike(self, ix: int, iy: int, heading: int, way: str) -> int:
        if way != "b":
            return 0
        return self.down.dislike(iy) if heading % 2 == 0 else self.across.dislike(ix)

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

    def _guess(self, point: Point, goals: Sequence[Point]) -> int:
        x, y = self.across.at[point[0]], self.down.at[point[1]]
        return min(abs(self.across.at[gx] - x) + abs(self.down.at[gy] - y) for gx, gy in goals)

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
        return [(self.across.at[ix], self.down.at[iy]) for ix, iy in route.points]


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
