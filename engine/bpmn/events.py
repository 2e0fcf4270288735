"""Events: what waits, what is thrown, and who catches it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING, Any

from engine.bpmn import periods
from engine.bpmn.outcome import Subscription, Thrown, WaitingTimer
from engine.bpmn.sandbox import Expression
from engine.bpmn.specs import Lean, Plain, Split, SubProcess
from engine.bpmn.tokens import COMPLETED, READY, STARTED, WAITING, Scope, Token
from engine.bpmn.values import clean, text

if TYPE_CHECKING:
    from engine.bpmn.diagram import Event
    from engine.bpmn.execution import Execution

DIRECT = ("error", "escalation", "cancel")
"""Kinds that climb from scope to scope instead of being sent to whoever waits."""


class Waits(Lean):
    """Waits for its event: a timer, a message, a signal, or something that climbs up to it."""

    event: Event
    timer: Expression | None
    correlation: Expression | None
    condition: Expression | None

    def wait(self, my_task: Token, last: Token | None = None) -> None:
        """Say what is waited for; `last` is the token to which it happened before."""
        execution: Execution = my_task.workflow.execution
        if self.event.kind == "timer":
            due, how = self.due(my_task, last)
            my_task.internal_data.update(due=due, how=how)
            execution.set_timer(my_task, WaitingTimer(my_task.id, self.key, due, how))
        elif self.event.kind == "conditional":
            my_task.internal_data.update(held=last is not None)
            execution.watch(my_task)
        elif self.event.kind in ("message", "signal"):
            key = key_of(self.correlation, my_task, self.key)
            my_task.internal_data.update(key=key)
            execution.subscribe(my_task, Subscription(my_task.id, self.key, self.event.kind, self.event.name, key))
        my_task._set_state(WAITING)

    def due(self, my_task: Token, last: Token | None = None) -> tuple[str, dict[str, Any]]:
        """When the timer fires (ISO instant in UTC), and how that was computed."""
        assert self.timer is not None and self.event.timer is not None
        if last is not None:
            at, how = periods.again(last.internal_data["how"], self.key)
        else:
            at, how = periods.due(self.event.timer[0], self.timer.value(my_task.data, self.key), self.key)
        return at.astimezone(UTC).isoformat(), how

    def goes_on_waiting(self, my_task: Token) -> bool:
        """May what happened happen again? A timer only while its cycle has turns left."""
        return self.event.kind != "timer" or periods.has_turns_left(my_task.internal_data["how"])

    def see(self, my_task: Token) -> None:
        """Fire when the condition has come to hold."""
        assert self.condition is not None
        variables = my_task.workflow.execution.newest()
        holds = self.condition.names <= variables.keys() and bool(self.condition.value(variables, self.key))
        if holds and not my_task.internal_data["held"]:
            for scope in my_task.workflow.execution.scopes.values():
                for token in scope.tasks.values():
                    my_task.absorb(token)
            self.fire(my_task, {})
        else:
            my_task.internal_data["held"] = holds

    def catches(self, my_task: Token, kind: str, name: str, key: str = "") -> bool:
        if my_task._state != WAITING or self.event.kind != kind:
            return False
        if kind in DIRECT:
            return self.event.name in ("", name)
        return self.event.name == name and (kind == "signal" or my_task.internal_data.get("key", "") in ("", key))

    def fire(self, my_task: Token, payload: Any) -> None:
        """What was waited for happened."""
        keep_payload(self, my_task, payload)
        my_task._ready()


class Catch(Waits):
    """An intermediate catch event or a receive task; after an event-based gateway it is armed by the gateway."""

    def _update_hook(self, my_task: Token) -> Any:
        super()._update_hook(my_task)
        self.wait(my_task)

    def arrives(self, my_task: Token, state: int) -> bool:
        return state == READY or not isinstance(my_task.parent.task_spec, EventGateway)

    def fire(self, my_task: Token, payload: Any) -> None:
        holder = my_task.parent
        if isinstance(holder.task_spec, EventGateway):
            holder.task_spec.decide(holder, my_task)
        super().fire(my_task, payload)


class EventGateway(Lean):
    """Holds the catch events behind it until the first of them happens."""

    def _update_hook(self, my_task: Token) -> Any:
        super()._update_hook(my_task)
        my_task._set_state(STARTED)
        for child in self.children_of(my_task):
            child.task_spec._update(child)

    def decide(self, my_task: Token, happened: Token) -> None:
        for child in my_task.children:
            if child is not happened:
                child.cancel()
        my_task._set_state(COMPLETED)
        my_task.leave()


class Boundary(Waits):
    """Watches an activity. Once it has happened it may happen again unless it interrupts or its timer has run out."""

    arrives_at = READY

    def arm(self, holder: Token, last: Token | None = None) -> None:
        token = holder.child(self)
        token._inherit_data()
        self.wait(token, last)

    def fire(self, my_task: Token, payload: Any) -> None:
        assert self.element is not None
        holder = my_task.parent
        split: Split = holder.task_spec
        my_task._set_state(STARTED)
        if self.element.interrupting:
            split.interrupt(holder, my_task)
        elif self.goes_on_waiting(my_task):
            self.arm(holder, my_task)
        super().fire(my_task, payload)


class Listener(SubProcess, Waits):
    """An event sub-process: waits as long as its scope lives; interrupting ones end everything else in it."""

    arrives_at = READY | STARTED

    def arm(self, root: Token, last: Token | None = None) -> None:
        token = root.child(self)
        token._inherit_data()
        token.workflow.listeners[token.id] = token
        self.wait(token, last)

    def fire(self, my_task: Token, payload: Any) -> None:
        assert self.element is not None
        scope: Scope = my_task.workflow
        del scope.listeners[my_task.id]
        for token in scope.tasks.values():
            my_task.absorb(token)
        my_task._set_state(STARTED)
        if self.element.interrupting:
            scope.clear(but=my_task)
        elif self.goes_on_waiting(my_task):
            self.arm(scope.task_tree, my_task)
        keep_payload(self, my_task, payload)
        self.open(my_task)


class Throw(Plain):
    """Throws its events when it completes, then goes on if it is still there."""

    events: tuple[Event, ...]
    correlation: Expression | None
    payload: Expression | None

    def _on_complete(self, my_task: Token) -> None:
        for event in self.events:
            throw(my_task, event, self)
            if my_task.id not in my_task.workflow.tasks:
                return
        super()._on_complete(my_task)


def throw(my_task: Token, event: Event, spec: Throw) -> None:
    """Throw one event from here."""
    execution: Execution = my_task.workflow.execution
    payload = clean(spec.payload.value(my_task.data, spec.key)) if spec.payload is not None else {}
    if event.kind == "terminate":
        my_task.workflow.clear(but=my_task)
        my_task.workflow.finish(my_task)
        my_task.leave()
    elif event.kind == "error":
        execution.throw_error(my_task, event.name, payload or {"code": event.name, "reason": ""})
    elif event.kind in DIRECT:
        climb(my_task, event.kind, event.name, payload)
    else:
        send(my_task, event, key_of(spec.correlation, my_task, spec.key), payload)


def send(my_task: Token, event: Event, key: str, payload: Any) -> None:
    """A message goes to the first that waits for it, a signal to all; else outside."""
    execution: Execution = my_task.workflow.execution
    catching = [
        token for token in execution.subscribed() if token.task_spec.catches(token, event.kind, event.name, key)
    ]
    for token in catching[:1] if event.kind == "message" else catching:
        if token._state == WAITING:
            token.task_spec.fire(token, payload)
    if not catching:
        execution.thrown(Thrown(event.kind, my_task.task_spec.key, event.name, key, payload))


def climb(my_task: Token, kind: str, code: str, payload: Any) -> bool:
    """Look for a catcher from the throwing token outwards. An escalation that nobody catches goes outside."""
    here: Token | None = my_task
    while here is not None:
        catcher = _best(_watching(here), kind, code) or _best(here.workflow.listeners.values(), kind, code)
        if catcher is not None:
            catcher.task_spec.fire(catcher, payload)
            return True
        here = here.workflow.holder
    if kind == "escalation":
        my_task.workflow.execution.thrown(Thrown(kind, my_task.task_spec.key, code, payload=payload))
    return False


def _watching(token: Token) -> Iterable[Token]:
    holder = token.parent
    while holder is not None and holder is not token.workflow.task_tree:
        if isinstance(holder.task_spec, Split):
            return [child for child in holder.children if isinstance(child.task_spec, Boundary)]
        holder = holder.parent
    return ()


def _best(tokens: Iterable[Token], kind: str, code: str) -> Token | None:
    catching = [token for token in tokens if token.task_spec.catches(token, kind, code)]
    return min(catching, key=lambda token: token.task_spec.event.name == "", default=None)


def keep_payload(spec: Waits, my_task: Token, payload: Any) -> None:
    """Into the variables: under the property `variable`, else a mapping's entries at top level (never for errors)."""
    assert spec.element is not None
    variable = spec.element.properties.get("variable")
    if variable:
        my_task.put(variable, payload)
    elif isinstance(payload, dict) and spec.event.kind in ("message", "signal"):
        my_task.put_all(payload)


def key_of(correlation: Expression | None, my_task: Token, element: str) -> str:
    """The key that a message carries or is waited for with; "" is no key."""
    value = None if correlation is None else correlation.value(my_task.data, element)
    return "" if value is None else text(value)
