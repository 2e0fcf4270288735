"""One live instance: it changes only by a command, under a seal, and says what the command did."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from engine.bpmn import assignments, frozen
from engine.bpmn.events import Waits, climb
from engine.bpmn.outcome import Outcome, Subscription, Thrown, WaitingTimer
from engine.bpmn.program import Program
from engine.bpmn.seal import Ids, Seal, sealed
from engine.bpmn.specs import Lean, ServiceTask, UserTask
from engine.bpmn.tokens import COMPLETED, READY, STARTED, WAITING, Scope, Token, since
from engine.bpmn.values import clean, copied
from engine.outcomes import Answerer, Call, Done, Failed
from engine.refusals import NotOpen, Refusal

MOST_STEPS = 20_000
DEEPEST = 50


class RunsAway(Refusal):
    """The process goes round without waiting for anybody: more than {most} steps or calls, last at "{element}"."""


class Spoiled(Refusal):
    """This live instance stopped in the middle of a command and must be loaded again."""


class Execution:
    """A live instance of a program. Mutable, for one thread at a time.

    When a command raises, the execution is spoiled: throw it away and thaw the last snapshot.
    """

    def __init__(self, program: Program, outside: Collection[str]) -> None:
        self.program = program
        self.outside = frozenset(outside)
        self.scopes: dict[str, Scope] = {}
        self.tick = 0
        self.is_completed = False
        self.has_failed = False
        self.waiting: dict[str, Token] = {}
        """Task, timer, subscription or call id → the token that waits."""
        self._ready: deque[Token] = deque()
        self._joins: dict[str, Token] = {}
        self._watched: dict[str, Token] = {}
        """Token id → the token that waits for a condition to hold."""
        self._outcome = Outcome()
        self._opened: dict[str, Token] = {}
        self._digests = frozen.Digests()
        self._ids = Ids("")
        self._answer: Answerer = _nobody
        self._is_spoiled = False

    # -- commands

    @classmethod
    def start(
        cls,
        program: Program,
        data: dict[str, Any],
        seal: Seal,
        answer: Answerer,
        outside: Collection[str] = (),
        process_id: str | None = None,
        start: str = "",
    ) -> tuple[Execution, Outcome]:
        """A new instance of a process of the program (`start`: which start event) with these variables."""
        execution, given = cls(program, outside), clean(data)
        spec = program.spec(process_id or program.process_id)
        return execution, execution._command(seal, answer, lambda: execution._begin(spec, given, start))

    def complete(self, task: str, data: dict[str, Any], seal: Seal, answer: Answerer) -> Outcome:
        """Somebody did a user task. NotOpen when it does not wait."""
        token, submission = self._waiting_at(task, UserTask), clean(data)
        return self._command(seal, answer, lambda: self._complete(token, submission))

    def fire(self, timer: str, seal: Seal, answer: Answerer) -> Outcome:
        """A timer is due. NotOpen when it does not wait."""
        token = self._waiting_at(timer, Waits)
        return self._command(seal, answer, lambda: token.task_spec.fire(token, {}))

    def deliver(self, subscription: str, payload: dict[str, Any], seal: Seal, answer: Answerer) -> Outcome:
        """A message or a signal reaches the element that waits for it. NotOpen when it does not wait."""
        token, given = self._waiting_at(subscription, Waits), clean(payload)
        return self._command(seal, answer, lambda: token.task_spec.fire(token, given))

    def answer_call(self, call: str, answer: Done | Failed, seal: Seal, answerer: Answerer) -> Outcome:
        """An outside service answered. NotOpen when the call does not wait."""
        token = self._waiting_at(call, ServiceTask)
        return self._command(seal, answerer, lambda: self._take_answer(token, answer))

    def cancel(self, seal: Seal) -> Outcome:
        """End the instance here and now."""
        return self._command(seal, _nobody, self._end)

    def change(self, seal: Seal, act: Callable[[], None], answer: Answerer | None = None) -> Outcome:
        """An act of repair (`repair.py`): what it does, and what then goes on by itself."""
        return self._command(seal, answer or _nobody, act)

    def data(self, task: str) -> dict[str, Any]:
        """What a waiting element sees: a copy. NotOpen when it does not wait."""
        return self._seen(self._waiting_at(task, Lean))

    @property
    def variables(self) -> dict[str, Any]:
        """The variables the instance ended with, or those written last of all that is under way: a copy."""
        found = self.newest()
        return {name: copied(found[name]) for name in sorted(found)}

    def newest(self) -> dict[str, Any]:
        """Each variable as it was written last; the values are shared."""
        newest: dict[str, int] = {}
        found: dict[str, Any] = {}
        for scope in self.scopes.values():
            for token in scope.tasks.values():
                for name, tick in token.written.items():
                    if tick >= newest.get(name, 0):
                        newest[name], found[name] = tick, token.data[name]
        return found

    @property
    def is_under_way(self) -> bool:
        """Does any token live?"""
        return any(token.is_live for scope in self.scopes.values() for token in scope.tasks.values())

    @property
    def held(self) -> Token | None:
        """What waits for a way that can no longer come, for nothing waits for anybody; None while something does."""
        if self.is_completed or self.waiting:
            return None
        return min((*self._joins.values(), *self._watched.values()), key=since, default=None)

    @property
    def digest(self) -> str:
        """The digest of every live element with its variables."""
        return self._digests.of(self)

    def freeze(self) -> bytes:
        """The whole state as canonical JSON: equal states have equal bytes."""
        return frozen.freeze(self)

    @classmethod
    def thaw(cls, program: Program, state: bytes, outside: Collection[str] = ()) -> Execution:
        """The instance that was frozen."""
        return frozen.thaw(cls(program, outside), state)

    # -- a command

    def _command(self, seal: Seal, answer: Answerer, act: Callable[[], None]) -> Outcome:
        if self._is_spoiled:
            raise Spoiled()
        self._is_spoiled = True
        self._outcome, self._opened = Outcome(), {}
        self._ids, self._answer = Ids(seal.seed), answer
        with sealed(seal):
            act()
            self._settle()
            outcome = self._told()
        self._is_spoiled = False
        return outcome

    def _begin(self, spec: Any, data: dict[str, Any], start: str) -> None:
        scope = self.scopes[""] = Scope(self, spec)
        scope.begin(data, {name: self.next_tick() for name in sorted(data)}, start)

    def _complete(self, token: Token, submission: dict[str, Any]) -> None:
        token.task_spec.take(token, submission)
        token.run()

    def _take_answer(self, token: Token, answer: Done | Failed) -> None:
        if isinstance(answer, Done):
            answer = Done(clean(answer.result))
        if token.task_spec.answered(token, answer):
            token.complete()

    def _end(self) -> None:
        for scope in list(self.scopes.values()):
            scope.cancel()
        self.is_completed = True

    def _settle(self) -> None:
        """Run what is ready until everything waits for somebody."""
        steps = 0
        while True:
            self._see()
            while self._ready:
                token = self._ready.popleft()
                if token._state == READY:
                    steps += 1
                    if steps > MOST_STEPS:
                        raise RunsAway(most=MOST_STEPS, element=token.task_spec.key)
                    token.run()
                    if self._watched:
                        self._see()
            if not self._recheck_joins():
                return

    def _see(self) -> None:
        """Conditions that have come to hold take effect before anything else goes on."""
        for token in sorted(self._watched.values(), key=since):
            if token.id in self._watched:
                token.task_spec.see(token)

    def _recheck_joins(self) -> bool:
        """Did a join go on, or anything change while they were looked at?"""
        before = self.tick
        for token in sorted(self._joins.values(), key=lambda token: (-token.workflow.depth, token.last_state_change)):
            if token._state == WAITING and token.task_spec.recheck(token):
                token._ready()
                return True
        return self.tick != before

    def _told(self) -> Outcome:
        outcome = self._outcome
        outcome.opened = [assignments.open_task(token, self._seen(token)) for token in self._opened.values()]
        outcome.completed, outcome.failed = self.is_completed, self.has_failed
        outcome.state = self._digests.of(self)
        return outcome

    def _waiting_at(self, key: str, kind: type) -> Token:
        token = self.waiting.get(key)
        if token is None or not isinstance(token.task_spec, kind):
            raise NotOpen(what=key)
        return token

    def _seen(self, token: Token) -> dict[str, Any]:
        return {name: copied(value) for name, value in token.data.items()}

    # -- what tokens and specs ask of it

    def next_tick(self) -> int:
        self.tick += 1
        return self.tick

    def new_id(self) -> str:
        return self._ids.next()

    def new_scope(self, spec: Any, holder: Token) -> Scope:
        if holder.workflow.depth >= DEEPEST:
            raise RunsAway(most=DEEPEST, element=holder.task_spec.key)
        scope = self.scopes[holder.id] = Scope(self, spec, holder)
        return scope

    def ended(self, scope: Scope, last: Token) -> None:
        """A scope has ended by itself."""
        if scope.holder is None:
            scope.data.update(last.data)
            self._finish(last)
            return
        self.forget(scope)
        scope.holder.task_spec.ended(scope.holder, last)

    def _finish(self, last: Token) -> None:
        self.is_completed = True
        root = self.scopes[""].task_tree
        root.data, root.written = last.data, last.written
        last.leave()

    def forget(self, scope: Scope) -> None:
        if scope.key:
            self.scopes.pop(scope.key, None)

    def changed(self, token: Token, state: int) -> None:
        """A token changed its state: write the trace and note what waits."""
        spec: Lean = token.task_spec
        if spec.element is not None and state & (WAITING | READY | STARTED):
            self._arrive(token, spec, state)
        if state == READY:
            self._joins.pop(token.id, None)
            if spec.is_task:
                self._opened[token.id] = self.waiting[token.id] = token
            else:
                self._stop_waiting(token)
                self._ready.append(token)
        elif state == WAITING:
            if spec.is_join:
                self._joins[token.id] = token
        elif state == STARTED:
            self._stop_waiting(token)
        else:
            self._leave(token, spec, state)

    def _arrive(self, token: Token, spec: Lean, state: int) -> None:
        if not token.flowed and (spec.is_join or spec.arrives(token, state)):
            token.flowed = True
            flow = self.program.flows.get((token.source, spec.key))
            if flow is not None:
                self._trace("flow", flow, token)
        if not token.arrived and spec.shows and spec.arrives(token, state):
            token.arrived = True
            self._trace("entered", spec.key, token)

    def _leave(self, token: Token, spec: Lean, state: int) -> None:
        self._joins.pop(token.id, None)
        how = "completed" if state == COMPLETED else "cancelled"
        if spec.is_task and self.waiting.pop(token.id, None) is not None:
            self._close(token, how)
        self._stop_waiting(token)
        if token.id in token.workflow.listeners:
            del token.workflow.listeners[token.id]
        if token.arrived:
            self._trace(how, spec.key, token)

    def _close(self, token: Token, how: str) -> None:
        if token.id in self._opened:
            del self._opened[token.id]
        else:
            self._outcome.closed.append((token.id, how))

    def _stop_waiting(self, token: Token) -> None:
        self._watched.pop(token.id, None)
        if self.waiting.pop(token.id, None) is None:
            return
        outcome, spec = self._outcome, token.task_spec
        if isinstance(spec, ServiceTask):
            _gone(outcome.calls, outcome.calls_gone, token.id)
        elif spec.event.kind == "timer":
            _gone(outcome.timers, outcome.timers_gone, token.id)
        else:
            _gone(outcome.subscriptions, outcome.subscriptions_gone, token.id)

    def passed(self, token: Token) -> None:
        """An element was passed without doing anything."""
        self._trace("entered", token.task_spec.key, token)
        self._trace("completed", token.task_spec.key, token)

    def _trace(self, kind: str, element: str, token: Token) -> None:
        process = self.program.elements[token.task_spec.key].process
        self._outcome.trace.append([kind, element, process, token.workflow.key, token.id])

    def set_timer(self, token: Token, timer: WaitingTimer) -> None:
        self.waiting[token.id] = token
        self._outcome.timers.append(timer)

    def watch(self, token: Token) -> None:
        """The token waits for a condition; it is looked at whenever something has been done."""
        self._watched[token.id] = token

    def subscribe(self, token: Token, subscription: Subscription) -> None:
        self.waiting[token.id] = token
        self._outcome.subscriptions.append(subscription)

    def subscribed(self) -> list[Token]:
        """The tokens that wait for a message or signal, in the order they began to."""
        found = [token for token in self.waiting.values() if isinstance(token.task_spec, Waits)]
        return sorted(found, key=since)

    def decided(self, element: str, decision: str, rules: list[int]) -> None:
        """A decision table was asked, and these of its rules fitted."""
        self._outcome.decided.append([element, decision, rules])

    def call_inside(self, call: Call) -> Done | Failed:
        """Ask a service now; its answer is kept for replay."""
        answer = self._answer(call)
        if isinstance(answer, Done):
            answer = Done(clean(answer.result))
            self._outcome.answers.append([call.id, "done", answer.result])
        else:
            self._outcome.answers.append([call.id, "failed", answer.code, answer.reason])
        return answer

    def call_outside(self, token: Token, call: Call) -> None:
        token._set_state(STARTED)
        self.waiting[token.id] = token
        self._outcome.calls.append(call)

    def throw_error(self, token: Token, code: str, payload: Any) -> None:
        """A BPMN error climbs; when nobody catches it the instance has failed."""
        if not climb(token, "error", code, payload):
            self._outcome.thrown.append(Thrown("error", token.task_spec.key, code, payload=payload))
            self.has_failed = True
            self._end()

    def thrown(self, thrown: Thrown) -> None:
        self._outcome.thrown.append(thrown)


def _gone(here: list[Any], gone: list[str], key: str) -> None:
    for item in here:
        if item.id == key:
            here.remove(item)
            return
    gone.append(key)


def _nobody(call: Call) -> Done | Failed:
    raise NotOpen(what=f"{call.service} for {call.element}")
