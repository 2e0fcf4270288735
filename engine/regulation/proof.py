"""The proof that no way through a diagram breaks a rule, or a shortest way that does.

The markings of a net are explored once; every rule then walks them with its own small automaton. Breadth first, so a
counter-example is as short as can be. Where there are more markings than `most`, nothing is proved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import Program
from engine.regulation.automata import Occurred, automaton
from engine.regulation.game import OVER, Act, Frozen, Game, Move
from engine.regulation.knowledge import Known
from engine.regulation.net import Acting, Net, Node, Surroundings, Unjudgeable, build, mains
from engine.regulation.rules import Exactly, Precedes, Regulation, Responds, Rule, Separate, Within

MOST, MOST_MADE = 10_000, 40_000
"""Markings, and moves played out, after which the checker gives up and says so."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way through the diagrams: `what` is completed | fired | caught | failed | flow.

    `choice` is the outcome that was chosen or the error that was answered. `path` names the file.
    """

    what: str
    element: str
    choice: str
    process: str
    path: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker says of one rule on one version: holds | broken | too large | unknown.

    `steps` is a shortest way that breaks it, `element` where it breaks, `reason` in what manner:
    order | owed | locked | count | person | mechanism | deadline. `markings` is how many were looked at.
    """

    rule: Rule
    says: str
    markings: int = 0
    steps: tuple[Step, ...] = ()
    element: str = ""
    path: str = ""
    reason: str = ""
    detail: str = ""


@dataclass(slots=True)
class Graph:
    """The markings of a net and the moves between them; acts of a move are kept as a number."""

    net: Net
    markings: list[Frozen] = field(default_factory=list)
    moves: list[list[tuple[int, int]]] = field(default_factory=list)
    beginnings: list[tuple[int, int]] = field(default_factory=list)
    sequences: list[tuple[Act, ...]] = field(default_factory=list)
    is_whole: bool = True

    def ends(self) -> Iterator[int]:
        """The markings in which the instance is over."""
        return (number for number, marking in enumerate(self.markings) if marking[0] == OVER)


def applicable(program: Program, regulation: Regulation, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that have anything to say about a version."""
    performed = {element.properties.get("act", "") for element in program.elements.values()}
    return [rule for rule in rules if rule.triggers() & performed]


def prove(
    program: Program,
    regulation: Regulation,
    rules: Sequence[Rule],
    surroundings: Surroundings,
    most: int | None = None,
) -> list[Verdict]:
    """The verdict on every rule that has anything to say about this version; `most` markings, without it `MOST`."""
    wanted = applicable(program, regulation, rules)
    by_order = [rule for rule in wanted if automaton(rule, regulation) is not None]
    guards = [rule for rule in by_order if rule.is_guarded]
    found = [verdict for rule in wanted for verdict in _looks_at_elements(program, rule)]
    try:
        graphs = _graphs(program, regulation, by_order, surroundings, MOST if most is None else most)
    except Unjudgeable as unknown:
        return [*found, *(_unknown(rule, unknown) for rule in by_order)]
    refused = {verdict.rule.id for verdict in found}
    for rule in by_order:
        if rule.id not in refused and not rule.is_guarded:
            found.append(_judge(rule, guards, regulation, graphs))
    kept = [rule for rule in wanted if isinstance(rule.body, Within) and rule.id not in refused]
    return found + [Verdict(rule, "holds") for rule in kept]


def _unknown(rule: Rule, unknown: Unjudgeable) -> Verdict:
    return Verdict(rule, "unknown", element=unknown.element, path=unknown.path, detail=unknown.reason)


def _graphs(
    program: Program, regulation: Regulation, rules: Sequence[Rule], surroundings: Surroundings, most: int
) -> list[Graph]:
    acting = told_apart(regulation, rules)
    performed = {element.properties.get("act", "") for element in program.elements.values()}
    if not rules or not performed & acting.fields.keys():
        return []
    return [explore(build(program, process, acting, surroundings), acting, most) for process in mains(program)]


def told_apart(regulation: Regulation, rules: Sequence[Rule]) -> Acting:
    """The acts that these rules name or whose objects they speak of, with the outcomes that they tell apart."""
    names = {name for rule in rules for name in rule.acts()}
    for rule in rules:
        body = rule.body
        same = body.same if isinstance(body, Precedes) else getattr(body, "same", None) or getattr(body, "per", None)
        names |= regulation.changing(same or frozenset())
    known = {name: regulation.acts[name] for name in sorted(names) if name in regulation.acts}
    outcomes = {name: word.outcomes for name, word in known.items() if word.outcomes}
    return Acting({name: word.holds for name, word in known.items()}, outcomes)


# -- exploring


def explore(net: Net, acting: Acting, most: int = MOST) -> Graph:
    """Every marking that can be reached, breadth first."""
    graph, game = Graph(net), Game(net, _Outcomes(net, acting))
    numbers: dict[Frozen, int] = {}
    sequences: dict[tuple[Act, ...], int] = {}

    def number(marking: Frozen) -> int:
        if marking not in numbers:
            numbers[marking] = len(graph.markings)
            graph.markings.append(marking)
            graph.moves.append([])
        return numbers[marking]

    def edge(move: Move) -> tuple[int, int]:
        if move.acts not in sequences:
            sequences[move.acts] = len(graph.sequences)
            graph.sequences.append(move.acts)
        return number(move.target), sequences[move.acts]

    graph.beginnings = list(dict.fromkeys(edge(move) for move in game.beginnings()))
    place = 0
    while place < len(graph.markings):
        if len(graph.markings) > most or game.made > MOST_MADE:
            graph.is_whole = False
            break
        graph.moves[place] = list(dict.fromkeys(edge(move) for move in game.moves(graph.markings[place])))
        place += 1
    return graph


class _Outcomes:
    """Tells the outcomes of an act apart, by what is known of the field that holds it."""

    def __init__(self, net: Net, acting: Acting) -> None:
        self.net, self.acting = net, acting

    def __call__(self, node: Node, known: Known) -> list[tuple[str, Known]]:
        classes = self.acting.outcomes.get(node.act)
        if classes is None:
            return [("", known)]
        if node.outcome < 0:
            return [(name, known) for name in (*classes, "")]
        universe, rest = self.net.knowing.universe, known[node.outcome]
        found = []
        for name, values in classes.items():
            mask = sum({universe.of(value) for value in values})
            rest &= ~mask
            then = self.net.knowing.narrow(known, node.outcome, mask)
            if then is not None:
                found.append((name, then))
        then = self.net.knowing.narrow(known, node.outcome, rest)
        return [*found, *([("", then)] if then is not None else [])]


# -- one rule


Place = tuple[int, Any]
"""A marking and the states there of the rule's automaton and those of its guards."""

REFUSED = -2


def _judge(rule: Rule, guards: Sequence[Rule], regulation: Regulation, graphs: Sequence[Graph]) -> Verdict:
    verdicts = [_Walk(rule, guards, regulation, graph).verdict() for graph in graphs]
    markings = sum(verdict.markings for verdict in verdicts)
    for says in ("broken", "too large"):
        for verdict in verdicts:
            if verdict.says == says:
                return verdict
    return Verdict(rule, "holds", markings)


class _Walk:
    """One rule on one net. What a guard refuses does not happen."""

    def __init__(self, rule: Rule, guards: Sequence[Rule], regulation: Regulation, graph: Graph) -> None:
        self.rule, self.graph = rule, graph
        made = [automaton(each, regulation, on_diagram=True) for each in (rule, *guards)]
        self.automaton, *self.guards = [each for each in made if each is not None]
        self.first = (self.automaton.first, *(guard.first for guard in self.guards))
        self.before: dict[Place, Place | None] = {}
        self._after: dict[tuple[Any, int], tuple[Any, int]] = {}

    def verdict(self) -> Verdict:
        """Walk until the rule is broken or every place was seen."""
        todo: deque[Place] = deque()
        for target, acts in self.graph.beginnings:
            state, broken = self._take(self.first, acts)
            if broken >= 0:
                return self._broken(None, (target, acts), broken)
            if broken != REFUSED:
                self._arrive((target, state), None, todo)
        while todo:
            place = todo.popleft()
            marking, state = place
            if self.graph.markings[marking][0] == OVER and not self.automaton.may_end(state[0]):
                return self._owed(place)
            for target, acts in self.graph.moves[marking]:
                after, broken = self._take(state, acts)
                if broken >= 0:
                    return self._broken(place, (target, acts), broken)
                if broken != REFUSED:
                    self._arrive((target, after), place, todo)
        if not self.graph.is_whole:
            return Verdict(self.rule, "too large", len(self.graph.markings))
        return self._locked() or Verdict(self.rule, "holds", len(self.graph.markings))

    def _arrive(self, place: Place, before: Place | None, todo: deque[Place]) -> None:
        if place not in self.before:
            self.before[place] = before
            todo.append(place)

    def _take(self, state: Any, acts: int) -> tuple[Any, int]:
        """The state after these acts, and which of them broke the rule (-1: none; REFUSED: a guard did not let it)."""
        key = (state, acts)
        if key not in self._after:
            self._after[key] = self._taken(state, self.graph.sequences[acts])
        return self._after[key]

    def _taken(self, state: Any, acts: tuple[Act, ...]) -> tuple[Any, int]:
        own, *others = state
        broken = -1
        for place, act in enumerate(acts):
            occurred = self._occurred(act)
            own, holds = self.automaton.step(own, occurred)
            broken = place if not holds and broken < 0 else broken
            for number, guard in enumerate(self.guards):
                others[number], holds = guard.step(others[number], occurred)
                if not holds:
                    return state, REFUSED
        return (own, *others), broken

    def _occurred(self, act: Act) -> Occurred:
        element = self.graph.net.nodes[act.node].element
        excluded = frozenset(part.strip() for part in element.says("separate_from").split(",") if part.strip())
        posts = frozenset({element.says("post")} - {""})
        return Occurred(act.act, act.outcome, element.id, separate_from=excluded, posts=posts)

    def _locked(self) -> Verdict | None:
        """Is there a place from which something owed can never be given, for no end can be reached?"""
        if not isinstance(self.rule.body, Responds | Exactly):
            return None
        back: dict[int, list[int]] = {}
        for marking, moves in enumerate(self.graph.moves):
            for target, _ in moves:
                back.setdefault(target, []).append(marking)
        todo = list(self.graph.ends())
        reach = set(todo)
        while todo:
            for earlier in back.get(todo.pop(), ()):
                if earlier not in reach:
                    reach.add(earlier)
                    todo.append(earlier)
        for place in self.before:
            if place[0] not in reach and not self.automaton.may_end(place[1][0]):
                return self._told("locked", self._way(place), self._last_element(place))
        return None

    # the way that breaks it

    def _owed(self, place: Place) -> Verdict:
        steps = self._way(place)
        return self._told("owed", steps, steps[-1].element if steps else "")

    def _broken(self, place: Place | None, edge: tuple[int, int], broken: int) -> Verdict:
        acts = self.graph.sequences[edge[1]]
        node = self.graph.net.nodes[acts[broken].node]
        steps = [*(self._way(place) if place else ()), *self._edge(place, edge)]
        ends = [n for n, step in enumerate(steps) if step.what == "completed" and step.element == node.element.id]
        reason = {Separate: "person", Exactly: "count"}.get(type(self.rule.body), "order")
        return self._told(reason, steps[: ends[-1] + 1] if ends else steps, node.element.id)

    def _told(self, reason: str, steps: Sequence[Step], element: str) -> Verdict:
        found = self.graph.net.program.elements.get(element)
        path = found.path if found else ""
        return Verdict(self.rule, "broken", len(self.graph.markings), tuple(steps), element, path, reason)

    def _last_element(self, place: Place) -> str:
        steps = [step for step in self._way(place) if step.what != "flow"]
        return steps[-1].element if steps else ""

    def _way(self, place: Place) -> list[Step]:
        places: list[Place] = []
        here: Place | None = place
        while here is not None:
            places.append(here)
            here = self.before[here]
        places.reverse()
        steps: list[Step] = []
        for before, after in zip([None, *places], places, strict=False):
            steps += self._edge(before, self._edge_between(before, after))
        return steps

    def _edge_between(self, before: Place | None, after: Place) -> tuple[int, int]:
        edges = self.graph.beginnings if before is None else self.graph.moves[before[0]]
        state = self.first if before is None else before[1]
        return next(edge for edge in edges if (edge[0], self._take(state, edge[1])[0]) == after)

    def _edge(self, before: Place | None, edge: tuple[int, int]) -> list[Step]:
        """The steps of a move: it is made once more to see them."""
        game = Game(self.graph.net, self._outcomes())
        moves = game.beginnings() if before is None else game.moves(self.graph.markings[before[0]])
        wanted = self.graph.markings[edge[0]], self.graph.sequences[edge[1]]
        fitting = [move.steps for move in moves if (move.target, move.acts) == wanted]
        return [self._step(*step) for step in min(fitting, key=len)]

    def _outcomes(self) -> _Outcomes:
        acting = self.graph.net.acting
        return _Outcomes(self.graph.net, acting)

    def _step(self, what: str, name: str, choice: str) -> Step:
        program = self.graph.net.program
        element = program.elements.get(name)
        if element is not None:
            return Step(what, name, choice, element.process, element.path)
        flow = next(flow for flow in program.drawn if flow.id == name)
        return Step(what, name, choice, flow.process, flow.path)


# -- what can be seen on the elements


def _looks_at_elements(program: Program, rule: Rule) -> Iterator[Verdict]:
    for element in program.elements.values():
        if element.by_event:
            continue
        act, body = element.properties.get("act", ""), rule.body
        if isinstance(body, Within) and act in body.acts and element.kind == "userTask":
            for missing in _lacking(program, element.id):
                yield Verdict(rule, "broken", element=element.id, path=element.path, reason="deadline", detail=missing)
        if isinstance(body, Precedes) and body.by and act in body.act:
            service = element.operator.service if element.operator else ""
            if service not in body.by:
                yield _mechanism(rule, element, ", ".join(body.by))
        if isinstance(body, Separate) and act in body.others | body.act and element.kind != "userTask":
            yield _mechanism(rule, element, "userTask")


def _mechanism(rule: Rule, element: Any, wanted: str) -> Verdict:
    return Verdict(rule, "broken", element=element.id, path=element.path, reason="mechanism", detail=wanted)


def _lacking(program: Program, task: str) -> Iterator[str]:
    """What a user task lacks of: a deadline, a reminder before it, an escalation when it is over."""
    element = program.elements[task]
    if not element.says("due"):
        yield "due"
    targets, timers = {flow.source: flow.target for flow in program.drawn}, dict[str, str]()
    for boundary in program.elements.values():
        event = boundary.event
        if boundary.attached_to == task and not boundary.interrupting and event is not None and event.timer:
            ending = program.elements.get(targets.get(boundary.id, ""))
            codes = [each.name for each in ending.events if each.kind == "escalation"] if ending else []
            timers.update(dict.fromkeys(codes, event.timer[1]))
    if not timers.get("remind", "").startswith("reminder("):
        yield "remind"
    if not timers.get("overdue", "").startswith("deadline("):
        yield "overdue"
