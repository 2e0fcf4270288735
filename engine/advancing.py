"""Advancing is a pure function: state after entry n depends on the version and entries 1…n, on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from engine.bpmn import Execution, Outcome, Program, Seal, clean, difference, repair
from engine.calendar import Calendar
from engine.canonical import dump
from engine.outcomes import Answerer, Call, Done, Failed
from engine.refusals import Broken, Diverged

Command = Mapping[str, Any]
"""What was asked, JSON-able: `kind` is start | complete | fire | deliver | answer | cancel | withdraw | recount |
stop | go_on, or an act of repair: correct | reassign | skip | retry | jump | suspend | resume | migrate."""


class Past(Protocol):
    """The journal behind a command, for those that go back to it."""

    def at(self, position: int) -> Execution:
        """The execution as it stood after an earlier position."""

    def on(self, version: str) -> Moved:
        """Everything so far carried out on another version."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An instance carried over to another version, and what the inbox learns of it."""

    execution: Execution
    outcome: Outcome


def seal(instance_id: str, position: int, at: datetime, calendar: Calendar) -> Seal:
    """Clock, ids and calendar of one command; a moment is sealed in UTC, as the journal keeps it."""
    return Seal(now=at.astimezone(UTC), seed=f"{instance_id}:{position}", calendar=calendar)


def advance(
    program: Program,
    execution: Execution | None,
    command: Command,
    sealed: Seal,
    answer: Answerer,
    outside: Sequence[str],
    past: Past,
) -> tuple[Execution, Outcome]:
    """Carry out one command. The given execution is changed, or replaced by the one that is answered."""
    kind = command["kind"]
    if kind == "start":
        event = str(command.get("event", ""))
        return Execution.start(program, dict(command["data"]), sealed, answer, outside, start=event)
    if execution is None:
        raise Broken(what="journal", key=sealed.seed, reason=f"{kind} before start")
    if kind == "withdraw":
        return _withdraw(execution, command, sealed, past)
    if kind == "jump":
        return _jump(execution, command, sealed, past)
    if kind == "migrate":
        moved = past.on(command["version"])
        return moved.execution, moved.outcome
    return execution, _STEPS[kind](execution, command, sealed, answer)


def body(command: Command, calendar: Calendar, answers: Sequence[Any], outcome: Outcome) -> str:
    """What an entry stores, in its one canonical spelling."""
    return dump(
        {
            "command": command,
            "calendar": calendar.digest,
            "answers": answers,
            "trace": outcome.trace,
            "effects": effects(outcome),
            "state": outcome.state,
        }
    )


def effects(outcome: Outcome) -> dict[str, Any]:
    """What a command did besides moving tokens; empty lists are left out."""
    said = {name: spelled(told) for name, spelled in _EFFECTS.items() if (told := getattr(outcome, name))}
    return said | {"completed": True} if outcome.completed else said


class Recorder:
    """Asks the services and keeps what they answered, for the journal."""

    def __init__(self, ask: Answerer) -> None:
        self.ask = ask
        self.answers: list[Any] = []

    def __call__(self, call: Call) -> Done | Failed:
        answer = self.ask(call)
        self.answers.append([call.id, spell(answer)])
        return answer


def recorded(instance_id: str, position: int, answers: Sequence[Any]) -> Answerer:
    """Answers as the journal says they were answered; Diverged for a call that was never made then."""
    known = {call_id: read(answer) for call_id, answer in answers}

    def answer(call: Call) -> Done | Failed:
        if call.id not in known:
            reason = f'It calls "{call.service}", which it did not call then.'
            raise Diverged(instance=instance_id, position=position, reason=reason)
        return known[call.id]

    return answer


def spell(answer: Done | Failed) -> dict[str, Any]:
    """An answer as JSON."""
    if isinstance(answer, Done):
        return {"done": clean(answer.result)}
    return {"failed": answer.code, "reason": answer.reason}


def read(answer: Mapping[str, Any]) -> Done | Failed:
    """An answer from its JSON."""
    return Done(answer["done"]) if "done" in answer else Failed(answer["failed"], answer.get("reason", ""))


def _fields(told: Any) -> dict[str, Any]:
    """A record of an outcome; what a task sees is not told again, it follows from the journal."""
    return {name: getattr(told, name) for name in _names(told.__class__)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name != "data")


def _withdraw(execution: Execution, command: Command, sealed: Seal, past: Past) -> tuple[Execution, Outcome]:
    """Go back behind the completion that is withdrawn: what it opened is cancelled, what it closed is open again."""
    earlier = past.at(command["position"] - 1)
    return earlier, difference(execution, earlier, sealed)


def _jump(execution: Execution, command: Command, sealed: Seal, past: Past) -> tuple[Execution, Outcome]:
    """Go back to how it stood after an earlier entry, with the variables of now."""
    earlier = past.at(command["to"])
    return earlier, repair.jump(execution, earlier, sealed)


def _complete(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return execution.complete(command["task"], dict(command["data"]), sealed, answer)


def _fire(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return execution.fire(command["timer"], sealed, answer)


def _deliver(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return execution.deliver(command["subscription"], dict(command["payload"]), sealed, answer)


def _answer(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return execution.answer_call(command["call"], read(command["answer"]), sealed, answer)


def _correct(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return repair.correct(execution, command["variable"], command["value"], sealed, answer)


def _reassign(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return repair.reassign(execution, command["task"], dict(command["assigned"]), sealed)


def _skip(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    """A message or signal that is on its way is called off; nothing in the instance waits for it."""
    call = command["call"]
    if call in execution.waiting:
        return repair.skip(execution, call, command["result"], sealed, answer)
    outcome = repair.note(execution, sealed)
    outcome.calls_gone.append(call)
    return outcome


def _recount(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return repair.recount(execution, command["tasks"], sealed)


def _stop(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    why = {"party": command["party"], "reason": command["reason"]}
    return repair.stop(execution, command["task"], command["due"], why, sealed)


def _go_on(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return repair.go_on(execution, command["task"], command["due"], sealed)


def _note(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return repair.note(execution, sealed)


def _cancel(execution: Execution, command: Command, sealed: Seal, answer: Answerer) -> Outcome:
    return execution.cancel(sealed)


def _call(call: Call) -> dict[str, Any]:
    return {"id": call.id, "element": call.element, "service": call.service, "arguments": dict(call.arguments)}


def _as_said(told: list[Any]) -> list[Any]:
    return told


def _each(told: list[Any]) -> list[Any]:
    return [_fields(one) for one in told]


_EFFECTS: Mapping[str, Callable[[list[Any]], list[Any]]] = {
    "opened": _each,
    "closed": _as_said,
    "changed": _as_said,
    "timers": _each,
    "timers_gone": _as_said,
    "subscriptions": _each,
    "subscriptions_gone": _as_said,
    "calls": lambda told: [_call(call) for call in told],
    "calls_gone": _as_said,
    "thrown": _each,
    "decided": _as_said,
}
"""Lists of an outcome → how an entry spells them."""

_STEPS: Mapping[str, Callable[[Execution, Command, Seal, Answerer], Outcome]] = {
    "complete": _complete,
    "fire": _fire,
    "deliver": _deliver,
    "answer": _answer,
    "cancel": _cancel,
    "correct": _correct,
    "reassign": _reassign,
    "skip": _skip,
    "recount": _recount,
    "stop": _stop,
    "go_on": _go_on,
    "retry": _note,
    "suspend": _note,
    "resume": _note,
}
