"""Going back behind the last completion: what differs between an instance and the one it was before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.bpmn import assignments
from engine.bpmn.execution import Execution
from engine.bpmn.outcome import OpenTask, Outcome, Subscription, WaitingTimer
from engine.bpmn.seal import Seal, sealed
from engine.bpmn.specs import ServiceTask, UserTask
from engine.bpmn.tokens import Token


def difference(later: Execution, earlier: Execution, seal: Seal) -> Outcome:
    """The outcome of putting `earlier` in the place of `later`: new waits are cancelled, old ones are there again."""
    gone = [later.waiting[key] for key in later.waiting if key not in earlier.waiting]
    back = [earlier.waiting[key] for key in earlier.waiting if key not in later.waiting]
    outcome = Outcome(state=earlier.digest)
    outcome.trace = [_line("cancelled", token) for token in gone] + [_line("entered", token) for token in back]
    for token in gone:
        _end(outcome, token)
    with sealed(seal):
        for token in back:
            _resume(outcome, token)
    return outcome


def _end(outcome: Outcome, token: Token) -> None:
    spec = token.task_spec
    if isinstance(spec, UserTask):
        outcome.closed.append((token.id, "cancelled"))
    elif isinstance(spec, ServiceTask):
        outcome.calls_gone.append(token.id)
    elif spec.event.kind == "timer":
        outcome.timers_gone.append(token.id)
    else:
        outcome.subscriptions_gone.append(token.id)


def _resume(outcome: Outcome, token: Token) -> None:
    spec, kept = token.task_spec, token.internal_data
    if isinstance(spec, UserTask):
        outcome.opened.append(_again(token))
    elif spec.event.kind == "timer":
        outcome.timers.append(WaitingTimer(token.id, spec.key, kept["due"], kept["how"]))
    else:
        outcome.subscriptions.append(Subscription(token.id, spec.key, spec.event.kind, spec.event.name, kept["key"]))


def _again(token: Token) -> OpenTask:
    """The task as it was; its deadline still runs from when it was first opened."""
    task = assignments.open_task(token, dict(token.data))
    return replace(task, due_at=None, due_how=None)


def _line(kind: str, token: Token) -> list[Any]:
    spec = token.task_spec
    process = token.workflow.execution.program.elements[spec.key].process
    return [kind, spec.key, process, token.workflow.key, token.id]
