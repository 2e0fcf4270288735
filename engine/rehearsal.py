"""A rehearsal: files run on the real engine in memory, under a clock that is moved by hand. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine import calendar as calendars
from engine.bpmn import Execution, OpenTask, Outcome, Program, ScriptFailed, Seal, Subscription, Thrown, WaitingTimer
from engine.calendar import Calendar
from engine.canonical import dump
from engine.outcomes import Call, Done, Failed
from engine.refusals import NotFound, Refusal

MOST_STEPS = 300


class TooManySteps(Refusal):
    """More than {most} steps happened by themselves. Does the process go round?"""


class NothingWaits(Refusal):
    """No timer waits."""


class NothingToUndo(Refusal):
    """Nothing can be taken back."""


class Backwards(Refusal):
    """A rehearsal's clock goes forward only."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: what = start | complete | fire | answer | deliver. `trace` as in an outcome."""

    number: int
    at: datetime
    what: str
    element: str
    trace: list[list[str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a rehearsal stands: enough to go back to it."""

    now: datetime
    frozen: bytes = b""
    state: str = "open"
    tasks: Mapping[str, OpenTask] = field(default_factory=dict)
    timers: Mapping[str, WaitingTimer] = field(default_factory=dict)
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    calls: Mapping[str, Call] = field(default_factory=dict)
    thrown: tuple[tuple[datetime, Thrown], ...] = ()
    steps: tuple[Step, ...] = ()


class Rehearsal:
    """One dry run. Services are answered by the person, or when `is_automatic` by `answers` (service → result), else by
    what `suggest` makes of the call.
    """

    def __init__(
        self,
        key: str,
        program: Program,
        calendar: Calendar,
        now: datetime,
        answers: Mapping[str, Any] | None = None,
        is_automatic: bool = False,
        suggest: Callable[[Call], Any] = lambda call: {},
    ) -> None:
        self.key, self.program, self.calendar = key, program, calendar
        self.answers, self.is_automatic = dict(answers or {}), is_automatic
        self.suggest, self.process = suggest, program.process_id
        self.standing = Standing(now)
        self.earlier: list[Standing] = []
        services = {element.operator.service for element in program.elements.values() if element.operator}
        self._outside = sorted(services)

    # what one does

    def start(self, data: Mapping[str, Any], process: str | None = None) -> None:
        """Begin with these variables (JSON-able)."""
        self.process = process = process or self.program.process_id
        self.program.spec(process)
        given, event = json.loads(dump(data)), _start_of(self.program, process)
        begun = Execution.start(self.program, given, self._seal(), _nobody, self._outside, process, event)
        self._take(*begun, "start", event or process)
        self._answer_by_itself()

    def complete(self, task_id: str, data: Mapping[str, Any]) -> None:
        """Complete a task with what its form accepted."""
        task = self.task(task_id)
        self._command("complete", task.element, lambda run, seal: run.complete(task_id, dict(data), seal, _nobody))

    def answer(self, call_id: str, answer: Done | Failed) -> None:
        """Answer for a service."""
        call = self.standing.calls.get(call_id) or _missing("call", call_id)
        self._command("answer", call.element, lambda run, seal: run.answer_call(call_id, answer, seal, _nobody))

    def deliver(self, subscription_id: str, payload: Mapping[str, Any]) -> None:
        """Let a message or signal arrive."""
        waiting = self.standing.subscriptions.get(subscription_id) or _missing("message", subscription_id)
        given = dict(payload)
        self._command("deliver", waiting.element, lambda run, seal: run.deliver(waiting.id, given, seal, _nobody))

    def wait(self, spec: str) -> None:
        """Let a period such as 2wd pass."""
        self.wait_until(calendars.deadline(spec, self.standing.now, self.calendar).at)

    def wait_for_next(self) -> None:
        """Let time pass until the next timer is due."""
        if not self.standing.timers:
            raise NothingWaits
        self.wait_until(max(self.standing.now, _due(self._next())))

    def wait_until(self, moment: datetime) -> None:
        """Move the clock; what is due on the way fires in its order, each at its own moment."""
        if moment < self.standing.now:
            raise Backwards
        before = self._mark()
        try:
            self._fire_until(moment)
        except Refusal:
            self.standing = before
            raise
        self.standing = replace(self.standing, now=moment)
        self.earlier.append(before)

    def undo(self) -> None:
        """Go back to where it stood before the last thing one did."""
        if not self.earlier:
            raise NothingToUndo
        self.standing = self.earlier.pop()

    # what one sees

    def task(self, task_id: str) -> OpenTask:
        """An open task; NotFound where there is none."""
        return self.standing.tasks.get(task_id) or _missing("task", task_id)

    def suggestion(self, call: Call) -> Any:
        """What the service would plausibly answer."""
        return self.answers[call.service] if call.service in self.answers else self.suggest(call)

    @property
    def variables(self) -> dict[str, Any]:
        """The variables as they stand."""
        return self._thawed().variables if self.standing.frozen else {}

    def marks(self) -> dict[str, dict[str, list[str]]]:
        """File → {active, done, cancelled, flows}: element and flow ids."""
        inside: dict[str, str] = {}
        seen: dict[str, dict[str, set[str]]] = {path: {} for path in self.program.processes.values()}
        for step in self.standing.steps:
            for kind, element, process, _scope, task in step.trace:
                seen[self.program.processes[process]].setdefault(kind, set()).add(element)
                if kind == "entered":
                    inside[task] = element
                elif kind != "flow":
                    inside.pop(task, None)
        active = set(inside.values()) if self.standing.state == "open" else set()
        return {path: _sorted(kinds, active) for path, kinds in seen.items()}

    # how

    def _command(self, what: str, element: str, act: Any) -> None:
        before = self._mark()
        try:
            self._step(what, element, act)
            self._answer_by_itself()
        except Refusal:
            self.standing = before
            raise
        self.earlier.append(before)

    def _step(self, what: str, element: str, act: Any) -> None:
        execution = self._thawed()
        self._take(execution, act(execution, self._seal()), what, element)

    def _fire_until(self, moment: datetime) -> None:
        first = len(self.standing.steps)
        while self.standing.timers and _due(timer := self._next()) <= moment:
            self.standing = replace(self.standing, now=max(self.standing.now, _due(timer)))
            self._fire(timer)
            self._answer_by_itself()
            self._go_no_further(first)

    def _fire(self, timer: WaitingTimer) -> None:
        self._step("fire", timer.element, lambda run, seal: run.fire(timer.id, seal, _nobody))

    def _answer_by_itself(self) -> None:
        first = len(self.standing.steps)
        while self.is_automatic and self.standing.calls:
            call = next(iter(self.standing.calls.values()))
            self._step("answer", call.element, self._default(call))
            self._go_no_further(first)

    def _default(self, call: Call) -> Any:
        answer = Done(self.suggestion(call))
        return lambda run, seal: run.answer_call(call.id, answer, seal, _nobody)

    def _go_no_further(self, first: int) -> None:
        if len(self.standing.steps) - first > MOST_STEPS:
            raise TooManySteps(most=MOST_STEPS)

    def _take(self, execution: Execution, outcome: Outcome, what: str, element: str) -> None:
        old = self.standing
        step = Step(len(old.steps) + 1, old.now, what, element, outcome.trace)
        self.standing = Standing(
            old.now,
            execution.freeze(),
            "failed" if outcome.failed else "completed" if outcome.completed else "open",
            _changed(old.tasks, outcome.opened, [key for key, _ in outcome.closed]),
            _changed(old.timers, outcome.timers, outcome.timers_gone),
            _changed(old.subscriptions, outcome.subscriptions, outcome.subscriptions_gone),
            _changed(old.calls, outcome.calls, outcome.calls_gone),
            (*old.thrown, *((old.now, each) for each in outcome.thrown)),
            (*old.steps, step),
        )

    def _seal(self) -> Seal:
        return Seal(self.standing.now, f"{self.key}:{len(self.standing.steps) + 1}", self.calendar)

    def _thawed(self) -> Execution:
        return Execution.thaw(self.program, self.standing.frozen, self._outside)

    def _mark(self) -> Standing:
        return self.standing

    def _next(self) -> WaitingTimer:
        return min(self.standing.timers.values(), key=lambda timer: (_due(timer), timer.id))


def _changed(before: Mapping[str, Any], come: list[Any], gone: list[str]) -> dict[str, Any]:
    left = {key: value for key, value in before.items() if key not in gone}
    return left | {each.id: each for each in come}


def _due(timer: WaitingTimer) -> datetime:
    return datetime.fromisoformat(timer.due_at)


def _sorted(kinds: Mapping[str, set[str]], active: set[str]) -> dict[str, list[str]]:
    here = kinds.get("entered", set()) & active
    done = kinds.get("completed", set()) - here
    gone = kinds.get("cancelled", set()) - done - here
    return {
        "active": sorted(here),
        "done": sorted(done),
        "cancelled": sorted(gone),
        "flows": sorted(kinds.get("flow", set())),
    }


def _start_of(program: Program, process: str) -> str:
    """ "" for the plain start event, else the one that a message starts."""
    starts = [e for e in program.elements.values() if (e.process, e.kind, e.within) == (process, "startEvent", "")]
    return "" if any(not start.events for start in starts) else starts[0].id


def _missing(what: str, key: str) -> Any:
    raise NotFound(what=what, key=key)


def _nobody(call: Call) -> Done | Failed:
    raise NotFound(what="service", key=call.service)


__all__ = ["Rehearsal", "ScriptFailed", "Standing", "Step"]
