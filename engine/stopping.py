"""The clock of a task stands while somebody outside is asked, and goes on afterwards: two commands of the journal.

Whoever may do the task may stop its clock, with the party that is asked and the reason; the arithmetic of the deadline
shows the days that did not count.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from engine import tasks
from engine.calendar import can_stop
from engine.core import Engine
from engine.db import Transaction
from engine.journal import Line
from engine.refusals import ReasonMissing, Refusal
from engine.schema import Task
from engine.tasks import Actor


class NoClock(Refusal):
    """ "{task}" has no deadline in days or hours that could stop."""


class ClockStands(Refusal):
    """The clock of "{task}" stands already, since {at}. Nothing was changed."""


class ClockRuns(Refusal):
    """The clock of "{task}" is running. Nothing was changed."""


class PartyMissing(Refusal):
    """Please say who is being asked."""


LONGEST = 500
"""Letters that the party and the reason may have."""


def stop(engine: Engine, task_id: str, actor: Actor, party: str, reason: str) -> Line:
    """Stop the clock while `party` is asked. NotOpen, NoClock, ClockStands, PartyMissing, ReasonMissing, NotAllowed."""
    if not party.strip():
        raise PartyMissing
    if not reason.strip():
        raise ReasonMissing
    with engine.database.write() as session:
        row, how = _task(session, engine, task_id, actor)
        if "stopped" in how:
            raise ClockStands(task=row.name, at=datetime.fromisoformat(how["stopped"]["at"]))
        if not can_stop(how):
            raise NoClock(task=row.name)
        said = {"party": party.strip()[:LONGEST], "reason": reason.strip()[:LONGEST]}
        return _carry_out(session, engine, row, how, actor, {"kind": "stop", **said})


def go_on(engine: Engine, task_id: str, actor: Actor) -> Line:
    """Let the clock go on. NotOpen, ClockRuns, NotAllowed."""
    with engine.database.write() as session:
        row, how = _task(session, engine, task_id, actor)
        if "stopped" not in how:
            raise ClockRuns(task=row.name)
        return _carry_out(session, engine, row, how, actor, {"kind": "go_on"})


def _task(session: Transaction, engine: Engine, task_id: str, actor: Actor) -> tuple[Task, dict[str, Any]]:
    row = engine._locked_task(session, task_id)
    tasks.require(session, row, actor)
    if row.due_at is None or not row.due_how:
        raise NoClock(task=row.name)
    return row, dict(json.loads(row.due_how))


def _carry_out(
    session: Transaction, engine: Engine, row: Task, how: dict[str, Any], actor: Actor, said: dict[str, Any]
) -> Line:
    assert row.due_at is not None
    due = {"due_at": row.due_at.isoformat(), "due_how": how}
    command = {**said, "task": row.id, "element": row.element, "due": due}
    return engine.repair(session, engine.lock(session, row.instance_id), command, actor.person)
