"""What an operator does to an instance that went wrong: each act changes it under a seal, like any other command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.bpmn import assignments
from engine.bpmn.events import Boundary, Listener, Waits
from engine.bpmn.execution import Execution
from engine.bpmn.outcome import Outcome, WaitingTimer
from engine.bpmn.repeat import Repeat
from engine.bpmn.seal import Seal, sealed
from engine.bpmn.specs import ServiceTask, UserTask
from engine.bpmn.tokens import Token
from engine.bpmn.values import clean
from engine.bpmn.withdrawal import difference
from engine.calendar import Deadline, can_stop, recounted, started, stopped
from engine.outcomes import Answerer, Done
from engine.refusals import NotFound, NotOpen, Refusal

Clock = Callable[[str, Mapping[str, Any]], Deadline | None]
"""(moment, arithmetic) → what they are from now on; None: they stay."""


class CannotSkip(Refusal):
    """ "{element}" cannot be left out: the way leads through it. Correct the data, or go back to an earlier step."""


class CallUnderWay(Refusal):
    """It cannot go back there: at that moment "{element}" was waiting for an outside service, which has answered."""


def note(execution: Execution, seal: Seal) -> Outcome:
    """Something is written down and nothing moves."""
    return execution.change(seal, lambda: None)


class MovesAtOnce(Refusal):
    """It cannot go back there: with the data of now it would not stay there."""


def correct(execution: Execution, name: str, value: Any, seal: Seal, answer: Answerer) -> Outcome:
    """Give a variable another value wherever it is held. NotFound where nothing holds it.

    A condition that comes to hold by it is acted on.
    """
    holders = [token for token in _tokens(execution) if name in token.data]
    if not holders:
        raise NotFound(what="variable", key=name)
    cleaned = clean(value)
    return execution.change(seal, lambda: _put(execution, holders, {name: cleaned}), answer)


def reassign(execution: Execution, task: str, to: dict[str, Any], seal: Seal) -> Outcome:
    """Give a waiting task to another post or person: `to` = {organisation, post, person}.

    NotOpen when it does not wait. The execution remembers it: a task that is gone back to is theirs again.
    """
    token = execution.waiting.get(task)
    if token is None or not isinstance(token.task_spec, UserTask):
        raise NotOpen(what=task)
    outcome = execution.change(seal, lambda: token.internal_data.update({assignments.ASSIGNED: clean(to)}))
    outcome.changed.append({"id": task, **to})
    return outcome


def skip(execution: Execution, key: str, result: Any, seal: Seal, answer: Answerer) -> Outcome:
    """Leave out a call of an outside service, as if it had answered `result`, or a boundary timer.

    NotOpen when it does not wait; CannotSkip for what the way leads through.
    """
    token = execution.waiting.get(key)
    if token is None:
        raise NotOpen(what=key)
    spec = token.task_spec
    if isinstance(spec, ServiceTask):
        return execution.change(seal, lambda: execution._take_answer(token, Done(result)), answer)
    if isinstance(spec, Boundary | Listener):
        return execution.change(seal, token.cancel, answer)
    raise CannotSkip(element=spec.key)


def recount(execution: Execution, tasks: Mapping[str, Mapping[str, Any]], seal: Seal) -> Outcome:
    """Count the working days of timers and tasks that wait again, by the calendar of the seal.

    `tasks`: id → {due_at, due_how} as they stand in the inbox. What comes to the same stays.
    """
    changed = [(token, fresh) for token in _timers(execution) if (fresh := _again(token, seal))]

    outcome = _wound(execution, changed, seal)
    for key, told in tasks.items():
        if key in execution.waiting and (fresh := recounted(told["due_at"], told["due_how"], seal.calendar)):
            outcome.changed.append({"id": key, "due_at": fresh.at.isoformat(), "due_how": fresh.how})
    return outcome


def stop(execution: Execution, task: str, told: Mapping[str, Any], why: Mapping[str, str], seal: Seal) -> Outcome:
    """The clock of a waiting task stands, and with it the timers on its border. `told` = {due_at, due_how} of the task.

    NotOpen when it does not wait. The timers of a repeated task go on: they watch its other instances too.
    """
    return _set_clock(
        execution,
        task,
        told,
        seal,
        lambda due, how: stopped(due, how, seal.now, why) if can_stop(how) else None,
    )


def go_on(execution: Execution, task: str, told: Mapping[str, Any], seal: Seal) -> Outcome:
    """The clock of a task that was stopped goes on, without the days of the pause. NotOpen when it does not wait."""
    return _set_clock(
        execution,
        task,
        told,
        seal,
        lambda due, how: started(how, seal.now, seal.calendar) if "stopped" in how else None,
    )


def _set_clock(execution: Execution, task: str, told: Mapping[str, Any], seal: Seal, anew: Clock) -> Outcome:
    token = execution.waiting.get(task)
    if token is None or not isinstance(token.task_spec, UserTask):
        raise NotOpen(what=task)
    watching = [each for each in _timers(execution) if each._parent == token._parent and _is_beside(each, token)]
    timers = [
        (each, fresh) for each in watching if (fresh := anew(each.internal_data["due"], each.internal_data["how"]))
    ]
    outcome = _wound(execution, timers, seal)
    if own := anew(told["due_at"], told["due_how"]):
        outcome.changed.append({"id": task, "due_at": own.at.isoformat(), "due_how": own.how})
    return outcome


def _wound(execution: Execution, changed: Sequence[tuple[Token, Deadline]], seal: Seal) -> Outcome:
    """Timers that are due at another moment from now on."""

    def set_anew() -> None:
        for token, fresh in changed:
            token.internal_data.update(due=fresh.at.isoformat(), how=fresh.how)

    outcome = execution.change(seal, set_anew)
    for token, fresh in changed:
        outcome.timers_gone.append(token.id)
        outcome.timers.append(WaitingTimer(token.id, token.task_spec.key, fresh.at.isoformat(), fresh.how))
    return outcome


def _is_beside(timer: Token, task: Token) -> bool:
    return timer.workflow is task.workflow and isinstance(timer.task_spec, Boundary)


def jump(later: Execution, earlier: Execution, seal: Seal) -> Outcome:
    """Put `earlier` in the place of `later`: the same instance as it stood then, with the variables of now.

    What waits again has its whole time again. CallUnderWay when an outside call would have to be made anew,
    MovesAtOnce when a condition would hold there.
    """
    back = [earlier.waiting[key] for key in earlier.waiting if key not in later.waiting]
    for token in back:
        if isinstance(token.task_spec, ServiceTask):
            raise CallUnderWay(element=token.task_spec.key)
    carried = _carried(later)
    if earlier.change(seal, lambda: _put(earlier, _tokens(earlier), carried)).trace:
        raise MovesAtOnce()
    with sealed(seal):
        for token in back:
            _wind_up(token)
        outcome = difference(later, earlier, seal)
        outcome.opened = [assignments.open_task(token, dict(token.data)) for token in back if _is_task(token)]
    outcome.state = earlier.digest
    return outcome


def renamed(execution: Execution, names: dict[str, str]) -> None:
    """Give tokens other ids (old → new, all at once), wherever the execution names them."""

    def of(key: str) -> str:
        return names.get(key, key)

    for scope in execution.scopes.values():
        scope.key = of(scope.key)
        scope.tasks = {of(key): token for key, token in scope.tasks.items()}
        scope.listeners = {of(key): token for key, token in scope.listeners.items()}
        for token in scope.tasks.values():
            token.id = of(token.id)
            token._parent = token._parent and of(token._parent)
            token._children = [of(key) for key in token._children]
    execution.scopes = {of(key): scope for key, scope in execution.scopes.items()}
    execution.waiting = {of(key): token for key, token in execution.waiting.items()}
    execution._joins = {of(key): token for key, token in execution._joins.items()}
    execution._watched = {of(key): token for key, token in execution._watched.items()}


def _tokens(execution: Execution) -> list[Token]:
    return [token for scope in execution.scopes.values() for token in scope.tasks.values()]


def _put(execution: Execution, tokens: list[Token], values: dict[str, Any]) -> None:
    """One tick for all: none of them is later than another."""
    tick = execution.next_tick()
    for token in tokens:
        for name, value in values.items():
            token.data[name], token.written[name] = value, tick


def _carried(execution: Execution) -> dict[str, Any]:
    """The variables of now, but for those that each instance of a repeated activity has for itself."""
    repeats = [token.task_spec for token in _tokens(execution) if isinstance(token.task_spec, Repeat)]
    own = {spec.loop.item for spec in repeats}
    return {name: value for name, value in execution.variables.items() if name not in own}


def _wind_up(token: Token) -> None:
    if _is_timer(token):
        due, how = token.task_spec.due(token)
        token.internal_data.update(due=due, how=how)


def _timers(execution: Execution) -> list[Token]:
    return [token for token in execution.waiting.values() if _is_timer(token)]


def _is_timer(token: Token) -> bool:
    return isinstance(token.task_spec, Waits) and token.task_spec.event.kind == "timer"


def _again(token: Token, seal: Seal) -> Deadline | None:
    return recounted(token.internal_data["due"], token.internal_data["how"], seal.calendar)


def _is_task(token: Token) -> bool:
    return isinstance(token.task_spec, UserTask)
