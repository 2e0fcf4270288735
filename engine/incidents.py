"""Incidents: what will not go on without an operator. A call or timer that fails again and again, or an instance in
which a join waits for a way that no longer comes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.bpmn import Execution
from engine.journal import Line
from engine.refusals import NotFound, NotOpen, Saying
from engine.schema import Incident, OutboxCall, Timer

STANDS_STILL = Saying("Nothing moves here any more: it waits for another way to arrive, and no other is under way.")
SETS_RIGHT = frozenset({"cancel", "correct", "jump", "migrate", "skip", "withdraw"})
"""Commands after which what had failed may be gone."""


def open_incident(
    session: Session, instance_id: str, call_id: str, element: str, name: str, reason: str, at: datetime
) -> None:
    """Ask an operator for help, once for each call."""
    known = select(Incident.id).where(Incident.call_id == call_id, Incident.resolved_at.is_(None))
    if session.scalar(known) is None:
        session.add(
            Incident(
                id=clock.new_id(),
                instance_id=instance_id,
                call_id=call_id,
                element=element,
                name=name,
                reason=reason[:2000],
                opened_at=at,
                resolved_at=None,
                resolved_by=None,
            )
        )


def settle(session: Session, incident_id: str, by: str, at: datetime) -> Incident:
    """The incident of a call or timer, resolved by this person. NotFound, or NotOpen where somebody was faster and
    where the whole instance stands still: no call could be sent again.
    """
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise NotFound(what="incident", key=incident_id)
    if incident.resolved_at is not None or incident.stands_still:
        raise NotOpen(what=incident.name)
    incident.resolved_at, incident.resolved_by = at, by
    return incident


def review(session: Session, line: Line, execution: Execution) -> None:
    """After a command: an instance that stands still asks for help, and what was set right is resolved."""
    instance, held = line.instance_id, execution.held
    if held is not None:
        element = held.task_spec.element
        open_incident(session, instance, instance, element.id, element.name or element.id, STANDS_STILL, line.at)
    if line.kind in SETS_RIGHT:
        _resolve(session, line, held is not None)


def _resolve(session: Session, line: Line, stands_still: bool) -> None:
    """Whatever failed and is gone: neither a call on its way nor a timer, nor an instance that still stands."""
    gone = Incident.call_id.not_in(select(OutboxCall.id)) & Incident.call_id.not_in(select(Timer.id))
    if stands_still:
        gone &= Incident.call_id != line.instance_id
    mine = update(Incident).where(Incident.instance_id == line.instance_id, Incident.resolved_at.is_(None), gone)
    session.execute(mine.values(resolved_at=line.at, resolved_by=line.by))
