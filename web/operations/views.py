"""What is due, what ran, what failed and why: duties, incidents, calls that wait, timers, versions in force."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug import Response

from engine import Definition, DutyPause, DutyRun, Incident, Instance, OutboxCall, Timer, Version, duties, retry
from engine.refusals import Refusal
from processes.periodic.schedules import Schedule, SchedulePeriod
from web import names
from web.auth import current
from web.navigation import OPERATORS
from web.operations import calendar, moves, programs, repair, schedules
from web.operations.blueprint import bp
from web.wiring import parts

MOST = 100
OURS = OutboxCall.topic.is_(None)
"""What a scheduler sends; the rest waits for programs."""
PAGES = (calendar, moves, programs, repair, schedules)
"""The other pages of this area; importing them adds their addresses."""

DUTIES = {
    "timers": lazy_gettext("Fire timers"),
    "outbox": lazy_gettext("Empty the outbox"),
    "start_periods": lazy_gettext("Start the matters of a period"),
    "watch_periods": lazy_gettext("Watch the ends of periods"),
    "take_down_expired": lazy_gettext("Take down what has been shown long enough"),
    "act_on_versions": lazy_gettext("Move, suspend and resume versions"),
    "recount_deadlines": lazy_gettext("Count deadlines again after a change of the calendar"),
    "verify_asked": lazy_gettext("Verify what auditors asked for"),
    "demand_plans": lazy_gettext("Demand plans that are due"),
    "settle_demands": lazy_gettext("Close demands that were met"),
    "review_non_disclosures": lazy_gettext("Ask again for what was not disclosed"),
    "check_long_term": lazy_gettext("Begin the yearly checks of what is shown for good"),
    "review_catalogues": lazy_gettext("Begin the reviews of catalogues"),
    "report_years": lazy_gettext("Begin the yearly reports"),
    "inspect_in_turn": lazy_gettext("Begin the routine inspections"),
    "follow_up_overdue": lazy_gettext("Follow up overdue tasks"),
}
"""What the steps of a scheduler are called; another one goes by its own name."""


@dataclass(frozen=True, slots=True)
class Duty:
    """A step of the scheduler as the page shows it."""

    name: str
    last: DutyRun | None
    pause: DutyPause | None


@bp.get("")
def index() -> str:
    """Everything that may need a hand."""
    current.require_post(*OPERATORS)
    now = current.now()
    with parts().database.read() as session:
        versions = _versions(session)
        runs = duties.runs(session)
        steps = _duties(session, runs)
        names.meet(session, [version.deployed_by for _definition, version, _count in versions])
        names.meet(session, [*(run.by for run in runs), *(step.pause.by for step in steps if step.pause)])
        return render_template(
            "operations/index.html",
            page="operations",
            incidents=_incidents(session),
            resolved=_resolved(session),
            calls=list(session.scalars(select(OutboxCall).where(OURS).order_by(OutboxCall.at).limit(MOST))),
            call_count=session.scalar(select(func.count()).select_from(OutboxCall).where(OURS)) or 0,
            timers=list(session.scalars(select(Timer).where(Timer.due_at <= now).order_by(Timer.due_at).limit(MOST))),
            timer_count=session.scalar(select(func.count()).select_from(Timer)) or 0,
            next_timer=session.scalar(select(func.min(Timer.due_at)).where(Timer.due_at > now)),
            versions=versions,
            duties=steps,
            runs=runs[:20],
            failures=[run for run in runs if run.failure][:20],
            schedules=_next_schedules(session),
            missed=SchedulePeriod.missed(session, 10),
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


@bp.post("/duties/<name>/run")
def run_duty(name: str) -> Response:
    """Do it at once, paused or not."""
    person = current.require_post(*OPERATORS)
    try:
        done = duties.run_now(parts().engine, name, person.id)
    except Refusal:
        raise
    except Exception as error:
        flash(_("It failed: %(reason)s", reason=str(error) or type(error).__name__), "danger")
    else:
        flash(ngettext("Done: %(num)d.", "Done: %(num)d.", done) if done else _("Nothing was due."), "success")
    return redirect(url_for("operations.index"))


@bp.post("/duties/<name>/pause")
def pause_duty(name: str) -> Response:
    """No scheduler does it until it is resumed."""
    person = current.require_post(*OPERATORS)
    duties.pause(parts().engine, name, person.id, request.form.get("reason", ""))
    flash(_("Paused. Nothing of this kind happens until somebody resumes it."), "success")
    return redirect(url_for("operations.index"))


@bp.post("/duties/<name>/resume")
def resume_duty(name: str) -> Response:
    """Schedulers do it again."""
    person = current.require_post(*OPERATORS)
    duties.resume(parts().engine, name, person.id)
    flash(_("It goes on."), "success")
    return redirect(url_for("operations.index"))


@bp.app_template_filter("duty")
def duty_name(name: str) -> str:
    """What a step of the scheduler is called."""
    return str(DUTIES.get(name, name))


def _duties(session: Session, runs: list[DutyRun]) -> list[Duty]:
    pauses = duties.paused(session)
    last = {run.duty: run for run in reversed(runs)}
    return [Duty(name, last.get(name), pauses.get(name)) for name in duties.names(parts().engine)]


def _next_schedules(session: Session) -> list[Schedule]:
    """The schedules whose dates come first, those that are late before all."""
    return [schedule for schedule in Schedule.all(session) if schedule.next_at][:10]


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
