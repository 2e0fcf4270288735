"""An instance carried over to another version: its journal carried out again there, element by element.

A command names what it was about by an id; on the other version the same element waits under another id. So the run
keeps which id of the journal is which id here, and what waits in both keeps its old id in the end: an open task keeps
its claim and its draft.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from engine.advancing import Moved, Recorder, advance, read, seal
from engine.bpmn import Execution, OpenTask, Outcome, Program, repair
from engine.calendar import Calendar
from engine.canonical import read as parsed
from engine.outcomes import Call, Done, Failed
from engine.refusals import Refusal

KINDS = {"opened": "task", "timers": "timer", "subscriptions": "subscription", "calls": "call"}
"""What an entry says waits → how a command names it."""
GONE = ("timers_gone", "subscriptions_gone", "calls_gone")
GOES_BACK = ("withdraw", "jump", "retry")
"""Commands that name a place in the journal, or nothing that waits."""
TASK_COLUMNS = {"form", "name", "organisation", "post", "person", "due_at", "due_how", "separate_from", "state"}
"""What may be otherwise about a task that stays."""


class CannotMove(Refusal):
    """It cannot move to this version."""


class DoesNotWait(CannotMove):
    """Entry {position}: at "{element}" nothing waits in the new version, but this is where something was done."""


class NotAskedThen(CannotMove):
    """Entry {position}: at "{element}" the new version calls the service {service}, which was not called then."""


class GoesWrong(CannotMove):
    """Entry {position}: after "{element}" the new version cannot go on: {reason}"""


class EndsEarlier(CannotMove):
    """Entry {position}: after "{element}" the new version would have come to its end, but the matter went on."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a move changes: elements by where they wait. `unasked` services acted then and are not called now."""

    stays: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    timers: list[str] = field(default_factory=list)
    timers_gone: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)


class Rerun:
    """One journal on another version. `seed` keeps its ids apart from those of the journal."""

    def __init__(
        self,
        instance_id: str,
        before: Program,
        after: Program,
        calendar: Callable[[str], Calendar],
        outside: Sequence[str],
        seed: str,
    ) -> None:
        self.instance_id, self.before, self.after = instance_id, before, after
        self.calendar, self.outside, self.seed = calendar, outside, seed
        self.rows: list[Any] = []
        self.execution: Execution | None = None
        self.waits: dict[str, tuple[str, Mapping[str, Any]]] = {}
        """Id in the journal → how a command names it, and what the journal says of it, while it waits there."""
        self.known: dict[str, str] = {}
        """Id in the journal → id here."""
        self.told: dict[str, Any] = {}
        """Id here → the task, timer, subscription or call as it began to wait."""
        self.trace: list[list[str]] = []
        self.unasked: list[str] = []

    def run(self, rows: Sequence[Any]) -> Rerun:
        """Carry out these entries. A CannotMove names the first that goes another way."""
        for row in rows:
            self._take(row)
        return self

    def moved(self) -> tuple[Moved, Difference]:
        """The execution with the old ids on what waits in both, and what the inbox learns."""
        execution = self._reached()
        pairs = {old: new for old, new in self._pairs() if self._is_same(old, new)}
        names = {new: old for old, new in pairs.items()}
        repair.renamed(execution, names)
        outcome = Outcome(state=execution.digest, trace=[self._named(line, names) for line in self.trace])
        for old, (kind, said) in self.waits.items():
            self._let_go(outcome, old, kind, said, pairs)
        for key in execution.waiting:
            self._take_up(outcome, key, pairs)
        return Moved(execution, outcome), self._difference(outcome, pairs)

    # one entry

    def _take(self, row: Any) -> None:
        said = parsed(row.body)
        command = said["command"]
        if command["kind"] != "migrate":
            self._carry_out(row, said, command)
        self.rows.append(row)
        self._note_waits(said["effects"])
        if self.waits and self._reached().is_completed:
            raise EndsEarlier(position=row.position, element=self._name(command))

    def _carry_out(self, row: Any, said: Mapping[str, Any], command: Mapping[str, Any]) -> None:
        sealed = seal(self.instance_id, row.position, row.at, self.calendar(said["calendar"]))
        sealed = replace(sealed, seed=sealed.seed + self.seed)
        left = self._answers(said)
        recorder = Recorder(lambda call: self._answer(row.position, left, call))
        there = self._translated(row.position, command)
        try:
            self.execution, outcome = advance(
                self.after, self.execution, there, sealed, recorder, self.outside, _Past(self)
            )
        except CannotMove:
            raise
        except (Refusal, ValueError, KeyError, TypeError) as error:
            raise GoesWrong(position=row.position, element=self._name(command), reason=str(error)) from error
        self.trace += outcome.trace
        self.unasked += [element for element, _ in left]
        for kind in KINDS:
            self.told |= {each.id: each for each in getattr(outcome, kind)}
        self.told |= {changed["id"]: _with(self.told[changed["id"]], changed) for changed in outcome.changed}

    def _translated(self, position: int, command: Mapping[str, Any]) -> dict[str, Any]:
        """The command in the ids of this run."""
        there = dict(command)
        for key in KINDS.values():
            if key in command and command["kind"] not in GOES_BACK and not self._is_on_its_way(command):
                there[key] = self._waiting(position, str(command[key]), self._name(command))
        if command["kind"] == "recount":
            there["tasks"] = {self.known[old]: told for old, told in command["tasks"].items() if old in self.known}
        return there

    def _waiting(self, position: int, old: str, name: str) -> str:
        here = self.known.get(old)
        if here is None or here not in self._reached().waiting:
            raise DoesNotWait(position=position, element=name)
        return here

    def _is_on_its_way(self, command: Mapping[str, Any]) -> bool:
        """A message that was called off waits in the outbox, not in the instance."""
        return command["kind"] == "skip" and command["call"] not in self.waits

    @staticmethod
    def _answers(said: Mapping[str, Any]) -> list[tuple[str, Done | Failed]]:
        """What the services answered then, by element, in order."""
        element_of = {task: element for _, element, _, _, task in said["trace"]}
        return [(element_of.get(call, ""), read(answer)) for call, answer in said["answers"]]

    def _answer(self, position: int, left: list[tuple[str, Done | Failed]], call: Call) -> Done | Failed:
        """The answer that was given at the same element, which is then used up."""
        for place, (element, given) in enumerate(left):
            if element == call.element and self._service(self.before, element) in ("", call.service):
                del left[place]
                return given
        raise NotAskedThen(position=position, element=_called(self.after, call.element), service=call.service)

    @staticmethod
    def _service(program: Program, element: str) -> str:
        found = program.elements.get(element)
        return found.operator.service if found and found.operator else ""

    def _note_waits(self, said: Mapping[str, Any]) -> None:
        for key in [key for key, _ in said.get("closed", ())] + [key for kind in GONE for key in said.get(kind, ())]:
            self.waits.pop(key, None)
        for kind, name in KINDS.items():
            self.waits |= {each["id"]: (name, each) for each in said.get(kind, ())}
        for changed in said.get("changed", ()):
            name, before = self.waits[changed["id"]]
            self.waits[changed["id"]] = name, {**before, **changed}
        self._meet()

    def _meet(self) -> None:
        """What began to wait there and waits at the same element here is the same."""
        taken = set(self.known.values())
        free = [key for key in self._reached().waiting if key not in taken]
        for old, (kind, said) in self.waits.items():
            if old not in self.known:
                same = (key for key in free if self._is_at(key, kind, said["element"]))
                if (found := next(same, None)) is not None:
                    self.known[old] = found
                    free.remove(found)

    def _is_at(self, key: str, kind: str, element: str) -> bool:
        told = self.told.get(key)
        return told is not None and told.element == element and _kind(told) == kind

    # the end

    def _pairs(self) -> Iterator[tuple[str, str]]:
        waiting = self._reached().waiting
        yield from ((old, self.known[old]) for old in self.waits if self.known.get(old) in waiting)

    def _is_same(self, old: str, new: str) -> bool:
        """A call that is already on its way stays only if it says the same."""
        kind, said = self.waits[old]
        told = self.told[new]
        return kind != "call" or (said["service"], said["arguments"]) == (told.service, dict(told.arguments))

    def _let_go(self, outcome: Outcome, old: str, kind: str, said: Mapping[str, Any], pairs: Mapping[str, str]) -> None:
        """What waited there: gone, or otherwise now."""
        here = self.told[pairs[old]] if old in pairs else None
        if kind == "task":
            if here is None:
                outcome.closed.append((old, "cancelled"))
            elif changes := _changes(said, here):
                outcome.changed.append({"id": old, **changes})
        elif here is None or (kind != "call" and _spelled(here, old) != dict(said)):
            getattr(
                outcome, {"timer": "timers_gone", "subscription": "subscriptions_gone"}.get(kind, "calls_gone")
            ).append(old)

    def _take_up(self, outcome: Outcome, key: str, pairs: Mapping[str, str]) -> None:
        """What waits here: new, or otherwise than it was."""
        here = replace(self.told[pairs.get(key, key)], id=key)
        kind = _kind(here)
        if kind in ("task", "call"):
            if key not in pairs:
                (outcome.opened if kind == "task" else outcome.calls).append(here)
        elif key not in pairs or key in outcome.timers_gone or key in outcome.subscriptions_gone:
            (outcome.timers if kind == "timer" else outcome.subscriptions).append(here)

    def _difference(self, outcome: Outcome, pairs: Mapping[str, str]) -> Difference:
        kept = [said["element"] for old, (kind, said) in self.waits.items() if kind == "task" and old in pairs]
        closed = {key for key, _ in outcome.closed}
        gone = {key: said["element"] for key, (_, said) in self.waits.items()}
        return Difference(
            stays=kept,
            opened=[task.element for task in outcome.opened],
            closed=[element for key, element in gone.items() if key in closed],
            timers=[timer.element for timer in outcome.timers],
            timers_gone=[element for key, element in gone.items() if key in outcome.timers_gone],
            unasked=sorted(set(self.unasked)),
        )

    def _reached(self) -> Execution:
        assert self.execution is not None, "a journal begins with its start"
        return self.execution

    def _name(self, command: Mapping[str, Any]) -> str:
        return _called(self.before, str(command.get("element", "")))

    @staticmethod
    def _named(line: list[str], names: Mapping[str, str]) -> list[str]:
        *what, scope, task = line
        return [*what, names.get(scope, scope), names.get(task, task)]


class _Past:
    """The past of the run itself: its own entries, on its own version."""

    def __init__(self, run: Rerun) -> None:
        self.run = run

    def at(self, position: int) -> Execution:
        run = self.run
        again = Rerun(run.instance_id, run.before, run.after, run.calendar, run.outside, run.seed)
        return again.run(run.rows[:position])._reached()

    def on(self, version: str) -> Moved:
        raise AssertionError("a move is passed over")


def _called(program: Program, element: str) -> str:
    found = program.elements.get(element)
    return (found.name if found else "") or element


def _kind(told: Any) -> str:
    if isinstance(told, OpenTask):
        return "task"
    if isinstance(told, Call):
        return "call"
    return "timer" if hasattr(told, "due_at") else "subscription"


def _with(task: OpenTask, changed: Mapping[str, Any]) -> OpenTask:
    return replace(task, **{name: value for name, value in changed.items() if name != "id"})


def _spelled(told: Any, key: str) -> dict[str, Any]:
    return {each.name: getattr(told, each.name) for each in fields(told)} | {"id": key}


def _changes(said: Mapping[str, Any], here: OpenTask) -> dict[str, Any]:
    return {name: getattr(here, name) for name in sorted(TASK_COLUMNS) if getattr(here, name) != said[name]}


__all__ = ["CannotMove", "Difference", "Rerun"]
