"""Incidents to retry, calls that wait, timers that are due, versions in force."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug import Response

from engine import Definition, Incident, Instance, OutboxCall, Timer, Version, retry
from web import names
from web.auth import current
from web.navigation import OPERATORS
from web.wiring import parts

bp = Blueprint("operations", __name__, template_folder="templates", url_prefix="/operations")
MOST = 100


@bp.get("")
def index() -> str:
    """Everything that may need a hand."""
    current.require_post(*OPERATORS)
    now = current.now()
    with parts().database.read() as session:
        versions = _versions(session)
        names.meet(session, [version.deployed_by for _definition, version, _count in versions])
        return render_template(
            "operations/index.html",
            page="operations",
            incidents=_incidents(session),
            resolved=_resolved(session),
            calls=list(session.scalars(select(OutboxCall).order_by(OutboxCall.at).limit(MOST))),
            call_count=session.scalar(select(func.count()).select_from(OutboxCall)) or 0,
            timers=list(session.scalars(select(Timer).where(Timer.due_at <= now).order_by(Timer.due_at).limit(MOST))),
            timer_count=session.scalar(select(func.count()).select_from(Timer)) or 0,
            next_timer=session.scalar(select(func.min(Timer.due_at)).where(Timer.due_at > now)),
            versions=versions,
            states=dict(session.execute(select(Instance.state, func.count()).group_by(Instance.state)).all()),
            now=now,
        )


@bp.post("/incidents/<incident_id>/retry")
def again(incident_id: str) -> Response:
    """Send an incident's call on its way again."""
    person = current.require_post(*OPERATORS)
    retry(parts().engine, incident_id, person.id)
    flash(_("It will be tried again at once."), "success")
    return redirect(url_for("operations.index"))


def _incidents(session: Session) -> list[tuple[Incident, Instance]]:
    query = select(Incident, Instance).join(Instance, Instance.id == Incident.instance_id)
    open_ones = query.where(Incident.resolved_at.is_(None)).order_by(Incident.opened_at).limit(MOST)
    return list(session.execute(open_ones).all())


def _resolved(session: Session) -> list[Incident]:
    settled = select(Incident).where(Incident.resolved_at.is_not(None)).order_by(Incident.resolved_at.desc())
    return list(session.scalars(settled.limit(10)))


def _versions(session: Session) -> list[tuple[Definition, Version, int]]:
    """Each definition with its version in force and how many instances run on it."""
    running = select(func.count()).where(Instance.version_id == Version.id, Instance.state == "open").scalar_subquery()
    query = select(Definition, Version, running).join(Version, Version.id == Definition.in_force)
    return list(session.execute(query.order_by(Definition.name)).all())
