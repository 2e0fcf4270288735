"""What an organisation disclosed in a period, as figures: for inspections, reports and the assessment (Art. 22–24)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Task
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication, PublicationChannel
from processes.emergency import EmergencyIncident
from processes.feedback import Feedback
from processes.inspection.findings import Finding, Inspection
from processes.organisation import subtree
from processes.periodic.schedules import Schedule, SchedulePeriod


def of(session: Session, organisation: str, since: datetime, until: datetime) -> dict[str, Any]:
    """The figures of an organisation and all below it in [since, until).

    → {matters, released, by_scope, by_channel, feedback, answered, overdue, missed, incidents, findings, rectified}
    """
    below, window = subtree(session, organisation), (since, until)
    released = _released(below, window)
    return {
        "matters": _count(
            session, _within(select(Matter.id).where(Matter.organisation.in_(below)), Matter.started_at, window)
        ),
        "released": _count(session, released),
        "by_scope": _grouped(session, released.with_only_columns(Publication.scope, func.count()), Publication.scope),
        "by_channel": _channels(session, released),
        "feedback": _count(session, _feedback(released)),
        "answered": _count(session, _feedback(released).where(Feedback.replied_at.is_not(None))),
        "overdue": _count(session, _late_tasks(below, window)),
        "missed": _count(session, _missed(below, window)),
        "incidents": _count(
            session,
            _within(
                select(EmergencyIncident.id).where(EmergencyIncident.organisation.in_(below)),
                EmergencyIncident.reported_at,
                window,
            ),
        ),
        **_findings(session, below, window),
    }


Window = tuple[datetime, datetime]


def _within(query: Any, column: Any, window: Window) -> Any:
    return query.where(column >= window[0], column < window[1])


def _count(session: Session, query: Any) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _grouped(session: Session, query: Any, column: Any) -> dict[str, int]:
    return {str(key): count for key, count in session.execute(query.group_by(column).order_by(column))}


def _released(below: Collection[str], window: Window) -> Any:
    return _within(select(Publication.id).where(Publication.organisation.in_(below)), Publication.released_at, window)


def _channels(session: Session, released: Any) -> dict[str, int]:
    used = select(PublicationChannel.channel, func.count()).where(PublicationChannel.publication_id.in_(released))
    return _grouped(session, used, PublicationChannel.channel)


def _feedback(released: Any) -> Any:
    return select(Feedback.id).where(Feedback.publication_id.in_(released))


def _late_tasks(below: Collection[str], window: Window) -> Any:
    """Tasks that were done after their deadline."""
    late = select(Task.id).where(Task.organisation.in_(below), Task.closed_at > Task.due_at)
    return _within(late, Task.closed_at, window)


def _missed(below: Collection[str], window: Window) -> Any:
    """Periods of the catalogue that passed without a release."""
    missed = select(SchedulePeriod.key).join(Schedule, Schedule.id == SchedulePeriod.schedule_id)
    return _within(missed.where(Schedule.organisation.in_(below)), SchedulePeriod.missed_at, window)


def _findings(session: Session, below: Collection[str], window: Window) -> dict[str, int]:
    found = select(func.count(), func.count(Finding.rectified_at)).join(
        Inspection, Inspection.id == Finding.inspection_id
    )
    row = session.execute(
        _within(found.where(Inspection.organisation.in_(below)), Inspection.inspected_at, window)
    ).one()
    return {"findings": row[0], "rectified": row[1]}
