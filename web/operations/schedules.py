"""Schedules of periodic release: what comes when, made from a catalogue row, with a preview in words and dates."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug import Response

from engine.refusals import Refusal
from processes.catalogue import CatalogueItem, CatalogueVersion
from processes.disclosure.matters import Matter
from processes.organisation import Organisation
from processes.periodic import rules, schedules, starting
from processes.periodic.rules import Rule
from processes.periodic.schedules import Schedule, SchedulePeriod
from web import names, refusals
from web.auth import current
from web.navigation import OPERATORS
from web.operations.blueprint import bp
from web.wiring import parts

MOST_DAYS = 60


@bp.get("/schedules")
def schedule_list() -> str:
    """Every schedule, and the catalogue rows from which one can be made."""
    current.require_post(*OPERATORS)
    with parts().database.read() as session:
        found = Schedule.all(session)
        return render_template(
            "operations/schedules.html",
            page="operations",
            schedules=found,
            rows=_rows(session, found),
            missed=SchedulePeriod.missed(session),
            now=current.now(),
        )


@bp.get("/schedules/new")
def new_schedule() -> str:
    """A row, its unit and the period in words; the preview says what the words mean."""
    current.require_post(*OPERATORS)
    return _new_page()


@bp.post("/schedules")
def make_schedule() -> Response | tuple[str, int]:
    """Make it; what is wrong is said on the page."""
    person = current.require_post(*OPERATORS)
    try:
        with parts().database.write() as session:
            item = CatalogueItem.of(session, request.form.get("item", ""))
            unit, words = request.form.get("unit", ""), request.form.get("words", "")
            Organisation.of(session, unit)
            limits = {"remind_days": _days("remind", schedules.REMIND), "grace_days": _days("grace", schedules.GRACE)}
            made = schedules.make(session, item, unit, words, person.id, current.now(), **limits)
    except (rules.NotAPeriod, rules.NeverMatches, schedules.AlreadyScheduled, schedules.UnitMissing) as refusal:
        return _new_page(refusals.said(refusal)), refusals.status(refusal)
    flash(_("The schedule was made. Matters start by themselves from now on."), "success")
    return redirect(url_for("operations.schedule", schedule_id=made.id))


@bp.get("/schedules/<schedule_id>")
def schedule(schedule_id: str) -> str:
    """One schedule: what comes, what became of each period, who paused it."""
    current.require_post(*OPERATORS)
    with parts().database.read() as session:
        found = Schedule.of(session, schedule_id)
        periods, pauses = found.periods(session), found.pauses(session)
        names.meet(session, [found.made_by, *(each.started_by for each in periods), *(each.by for each in pauses)])
        return render_template(
            "operations/schedule.html",
            page="operations",
            schedule=found,
            paused=found.pause_in_force(session),
            said=in_words(found.rule),
            upcoming=rules.upcoming(found.rule, current.now()),
            periods=periods,
            states=_states(session, periods),
            pauses=pauses,
        )


@bp.post("/schedules/<schedule_id>/pause")
def pause_schedule(schedule_id: str) -> Response:
    """No matter starts until it is resumed."""
    person = current.require_post(*OPERATORS)
    with parts().database.write() as session:
        found = Schedule.of(session, schedule_id)
        schedules.pause(session, found, person.id, request.form.get("reason", ""), current.now())
    flash(_("Paused. No matter starts until somebody resumes it."), "success")
    return redirect(url_for("operations.schedule", schedule_id=schedule_id))


@bp.post("/schedules/<schedule_id>/resume")
def resume_schedule(schedule_id: str) -> Response:
    """Matters start again from the next date on."""
    person = current.require_post(*OPERATORS)
    with parts().database.write() as session:
        schedules.resume(session, Schedule.of(session, schedule_id), person.id, current.now())
    flash(_("It goes on with the next date."), "success")
    return redirect(url_for("operations.schedule", schedule_id=schedule_id))


@bp.post("/schedules/<schedule_id>/run")
def run_schedule(schedule_id: str) -> Response:
    """Start the running or next period at once; it does not start a second time."""
    person, engine = current.require_post(*OPERATORS), parts().engine
    with parts().database.write() as session:
        found = Schedule.of(session, schedule_id)
        period = starting.run_now(engine, session, found, person.id, current.now())
    flash(_("The matter of period %(key)s was started.", key=period.key), "success")
    return redirect(url_for("operations.schedule", schedule_id=schedule_id))


def in_words(rule: Rule) -> str:
    """What a rule means, in the reader's language: the months and the day on which a matter starts."""
    return str(_("; ").join(_cron(cron) for cron in rule.crons))


def _cron(cron: dict[str, str]) -> str:
    hour = f"{rules.HOUR:02}:00"
    if "day_of_week" in cron:
        weekday = {"mon": _("Monday"), "tue": _("Tuesday"), "wed": _("Wednesday"), "thu": _("Thursday"),
                   "fri": _("Friday"), "sat": _("Saturday"), "sun": _("Sunday")}[cron["day_of_week"]]  # fmt: skip
        return str(_("every %(weekday)s at %(hour)s", weekday=weekday, hour=hour))
    months = cron["month"].replace(",", "、" if _("; ") == "；" else ", ")
    if cron["day"] == rules.LAST:
        return str(_("months %(months)s, last day, at %(hour)s", months=months, hour=hour))
    return str(_("months %(months)s, day %(day)s, at %(hour)s", months=months, day=cron["day"], hour=hour))


def _new_page(error: str = "") -> str:
    with parts().database.read() as session:
        item = CatalogueItem.of(session, request.values.get("item", ""))
        units = item.units or [each.code for each in Organisation.all(session)]
        words = request.values.get("words", item.text_of("start_point"))
        unit = request.values.get("unit", units[0])
        version = item.version
        rule, why = (None, error) if error else _read(words)
    return render_template(
        "operations/schedule_new.html",
        page="operations",
        item=item,
        version=version,
        units=units,
        unit=unit,
        words=words,
        remind=_days("remind", schedules.REMIND),
        grace=_days("grace", schedules.GRACE),
        rule=rule,
        said=in_words(rule) if rule else "",
        upcoming=rules.upcoming(rule, current.now()) if rule else [],
        error=why,
    )


def _read(words: str) -> tuple[Rule | None, str]:
    if not words.strip():
        return None, ""
    try:
        return rules.parse(words), ""
    except Refusal as refusal:
        return None, refusals.said(refusal)


def _days(name: str, default: int) -> int:
    return min(max(request.values.get(name, default, int), 0), MOST_DAYS)


def _rows(session: Session, made: list[Schedule]) -> list[CatalogueItem]:
    """The rows in force without a schedule, those that name a period first."""
    scheduled = {schedule.content for schedule in made}
    versions = session.scalars(select(CatalogueVersion).where(CatalogueVersion.status == "IN_FORCE"))
    rows = [item for version in versions for item in version.items if item.text_of("content") not in scheduled]
    return sorted(rows, key=lambda item: (item.time_mode != "PERIODIC", item.version_id, item.position))


def _states(session: Session, periods: list[SchedulePeriod]) -> dict[str, Matter]:
    ids = [period.matter_id for period in periods if period.matter_id]
    return {matter.id: matter for matter in session.scalars(select(Matter).where(Matter.id.in_(ids)))}
