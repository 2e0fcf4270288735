"""A made-up instance: commands by number, a journal in memory, and the laws that must hold after each command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.advancing import Moved, Recorder, advance, body, recorded, seal
from engine.bpmn import Execution, Outcome, Program, compile_version
from engine.calendar import Calendar
from engine.outcomes import Call, Done, Failed
from engine.refusals import Refusal
from engine.rerun import Difference, Rerun
from tests.engine.search.diagrams import INSIDE, OUTSIDE

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CALENDAR = Calendar()
NOTES = ("", "a", "后", "é\n", "x" * 80)


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of the journal in memory."""

    position: int
    at: datetime
    body: str

    @property
    def said(self) -> Mapping[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]


@dataclass
class Ledger:
    """What the projections would hold: id → what waits."""

    waiting: dict[str, tuple[str, str]] = field(default_factory=dict)
    done: list[tuple[str, int]] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        gone = [key for key, _ in outcome.closed]
        for key in (*gone, *outcome.timers_gone, *outcome.subscriptions_gone, *outcome.calls_gone):
            del self.waiting[key]
        for kind, come in (
            ("complete", outcome.opened),
            ("fire", outcome.timers),
            ("deliver", outcome.subscriptions),
            ("answer", outcome.calls),
        ):
            for one in come:
                assert one.id not in self.waiting, f"{one.element} waits twice"
                self.waiting[one.id] = (kind, one.element)


class Play:
    """Runs one instance; every law is checked on the way, `finish` checks those of the whole journal."""

    def __init__(self, files: Mapping[str, bytes], data: Mapping[str, Any]) -> None:
        self.program = compile_version(files, [INSIDE, OUTSIDE])
        self.rows: list[Row] = []
        self.frozen: list[bytes] = []
        self.ledger = Ledger()
        self.live: Execution | None = None
        self.asked = 0
        self.moved_at = self.position = 0
        self.is_over = False
        self.is_refused = not self.command({"kind": "start", "data": dict(data)})

    def act(self, number: int) -> None:
        """Do the thing that this number stands for, among all that can be done now."""
        choices = list(self.choices())
        if not self.is_over and choices:
            self.command(choices[number % len(choices)](number // len(choices)))

    def choices(self) -> Iterator[Any]:
        """What can be done now, the ordinary first."""
        for key, (kind, element) in self.ledger.waiting.items():
            yield lambda number, key=key, kind=kind, element=element: _COMMANDS[kind](key, element, number)
        if self._withdrawable():
            yield lambda number: self._withdrawal()
        yield from self._repairs()
        if len(self.rows) > 6:
            yield lambda number: {"kind": "cancel", "reason": "r"}

    def _repairs(self) -> Iterator[Any]:
        """Acts of repair, of which each counts as one thing however often it could be done."""
        tasks = [(key, element) for key, (kind, element) in self.ledger.waiting.items() if kind == "complete"]
        calls = [(key, element) for key, (kind, element) in self.ledger.waiting.items() if kind in ("answer", "fire")]
        places = [place for place in range(self.moved_at + 1, len(self.rows)) if self._opened(place)]
        yield lambda number: {"kind": "correct", "variable": "n", "value": number % 4, "reason": "r"}
        yield lambda number: {"kind": ("suspend", "resume")[number % 2], "reason": "r"}
        if tasks:
            yield lambda number: _reassign(*tasks[number % len(tasks)])
        if calls:
            yield lambda number: _skip(*calls[number % len(calls)], number)
        if places:
            yield lambda number: {"kind": "jump", "to": places[number % len(places)], "element": "", "reason": "r"}
        if len(self.rows) > 3:
            yield lambda number: {"kind": "migrate", "version": "other", "from": "this", "reason": "r"}

    def _opened(self, place: int) -> bool:
        return "opened" in self.rows[place - 1].said["effects"]

    def command(self, command: Mapping[str, Any]) -> bool:
        """Carry it out on the live execution and on one thawed from its bytes; False where it is refused."""
        position, at = len(self.rows) + 1, MONDAY + timedelta(hours=len(self.rows))
        twin = thawed(self.program, self.frozen[-1]) if self.frozen else None
        assert twin is None or twin.freeze() == self.frozen[-1], "thaw(freeze(state)) is another state"
        asked = self.asked
        live, row, outcome, refusal = self._carry_out(self.live, command, position, at)
        self.asked = asked
        again, twin_row, _, twin_refusal = self._carry_out(twin, command, position, at)
        assert refusal == twin_refusal, f"{refusal} / {twin_refusal}"
        if row is None or live is None or outcome is None:
            assert command["kind"] != "migrate", f"a move to the same diagram is refused: {refusal}"
            self.live = None if not self.frozen else thawed(self.program, self.frozen[-1])
            return False
        assert twin_row is not None and again is not None and row.body == twin_row.body, difference(row, twin_row)
        frozen = live.freeze()
        assert again.freeze() == frozen, "the thawed one ends in another state"
        self._note(command, live, row, outcome, frozen)
        return True

    def finish(self) -> None:
        """Replay the whole journal, and catch up from every snapshot."""
        if self.frozen:
            replayed = list(self.replay(None, self.rows))
            assert replayed == self.frozen, "the replay ends in another state"
        for position, frozen in enumerate(self.frozen[:-1], 1):
            later = list(self.replay(thawed(self.program, frozen), self.rows[position:]))
            assert later == self.frozen[position:], f"catching up from entry {position} ends in another state"

    def replay(self, execution: Execution | None, rows: Sequence[Row]) -> Iterator[bytes]:
        """Carry out stored entries again and compare each; answers the frozen state after each."""
        for row in rows:
            recorder = Recorder(recorded("i", row.position, row.said["answers"]))
            execution, outcome = self._advanced(execution, row.said["command"], row.position, row.at, recorder)
            came_out = Row(row.position, row.at, body(row.said["command"], CALENDAR, recorder.answers, outcome))
            assert came_out.body == row.body, difference(row, came_out)
            yield execution.freeze()

    def _carry_out(
        self, execution: Execution | None, command: Mapping[str, Any], position: int, at: datetime
    ) -> tuple[Execution | None, Row | None, Outcome | None, str]:
        recorder = Recorder(self._ask)
        try:
            advanced, outcome = self._advanced(execution, command, position, at, recorder)
        except Refusal as refusal:
            return None, None, None, f"{type(refusal).__name__}: {refusal}"
        return advanced, Row(position, at, body(command, CALENDAR, recorder.answers, outcome)), outcome, ""

    @property
    def behind(self) -> Sequence[Row]:
        """The entries before the one that is carried out now."""
        return self.rows[: self.position - 1]

    def _advanced(
        self, execution: Execution | None, command: Mapping[str, Any], position: int, at: datetime, answer: Any
    ) -> tuple[Execution, Outcome]:
        self.position = position
        sealed = seal("i", position, at, CALENDAR)
        return advance(self.program, execution, command, sealed, answer, [OUTSIDE], self)

    def at(self, position: int) -> Execution:
        """The execution as it stood after an earlier entry."""
        return thawed(self.program, self.frozen[position - 1])

    def on(self, version: str) -> Moved:
        """Moved to a version that says the same: nothing may be otherwise afterwards."""
        return self._rerun(self.behind)[0]

    def _rerun(self, rows: Sequence[Row]) -> tuple[Moved, Difference]:
        run = Rerun("i", self.program, self.program, lambda _digest: CALENDAR, [OUTSIDE], f"@{len(rows) + 1}")
        return run.run(rows).moved()

    def _ask(self, call: Call) -> Done | Failed:
        self.asked += 1
        return Failed("Bad", "no") if self.asked % 4 == 3 else Done({"asked": self.asked, "n": call.arguments["n"]})

    def _note(self, command: Mapping[str, Any], live: Execution, row: Row, outcome: Outcome, frozen: bytes) -> None:
        self.live = live
        self.rows.append(row)
        self.frozen.append(frozen)
        self.ledger.take(outcome)
        assert set(self.ledger.waiting) == set(live.waiting), "what is told to wait is not what waits"
        assert outcome.state == live.digest, "the digest is not that of the state"
        self.is_over = live.is_completed
        if command["kind"] == "migrate":
            self.moved_at = len(self.rows)
            assert row.said["effects"] == {}, "the same diagram makes a difference"
        assert not self.is_over or not live.waiting, "something waits in an instance that has ended"
        assert self.is_over or live.waiting, "an open instance waits for nothing"

    def _withdrawable(self) -> bool:
        """As `Engine.withdraw` has it: the last entry is a completion that told nobody anything."""
        if self.is_over or not self.rows:
            return False
        said = self.rows[-1].said
        told = said["answers"] or said["effects"].keys() & {"calls", "calls_gone", "thrown"}
        return said["command"]["kind"] == "complete" and not told

    def _withdrawal(self) -> Mapping[str, Any]:
        command = self.rows[-1].said["command"]
        place = {"task": command["task"], "element": command["element"], "position": len(self.rows)}
        return {"kind": "withdraw", **place}


def thawed(program: Program, frozen: bytes) -> Execution:
    """A live execution from its bytes."""
    return Execution.thaw(program, frozen, [OUTSIDE])


def difference(one: Row, other: Row) -> str:
    """Which parts of two entries differ."""
    parts = [key for key in one.said if one.said[key] != other.said.get(key)]
    return f"entry {one.position} differs in {parts}: " + "; ".join(f"{one.said[p]} / {other.said[p]}" for p in parts)


def _complete(key: str, element: str, number: int) -> Mapping[str, Any]:
    data: dict[str, Any] = {"n": number % 4, "again": number % 3 == 0, "note": NOTES[number % len(NOTES)]}
    if number % 5 == 0:
        data["v"] = {"z": [number, 0.5, None], "a": {"note": NOTES[number % len(NOTES)]}}
    return {"kind": "complete", "task": key, "element": element, "data": data}


def _fire(key: str, element: str, _number: int) -> Mapping[str, Any]:
    return {"kind": "fire", "timer": key, "element": element}


def _deliver(key: str, element: str, number: int) -> Mapping[str, Any]:
    return {
        "kind": "deliver",
        "subscription": key,
        "element": element,
        "payload": {"n": number % 4} if number % 2 else {},
    }


def _answer(key: str, element: str, number: int) -> Mapping[str, Any]:
    answer = {"failed": "Bad", "reason": "no"} if number % 3 == 1 else {"done": {"n": number}}
    return {"kind": "answer", "call": key, "element": element, "answer": answer}


def _reassign(key: str, element: str) -> Mapping[str, Any]:
    to = {"organisation": "other", "post": "head", "person": None}
    return {"kind": "reassign", "task": key, "element": element, "assigned": to, "reason": "r"}


def _skip(key: str, element: str, number: int) -> Mapping[str, Any]:
    return {"kind": "skip", "call": key, "element": element, "result": {"n": number}, "reason": "r"}


_COMMANDS = {"complete": _complete, "fire": _fire, "deliver": _deliver, "answer": _answer}
