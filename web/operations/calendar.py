"""The working days: a month at a time, the office's own days over the published ones, import of a year."""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from engine import Calendar
from engine.clock import SHANGHAI
from engine.refusals import Refusal
from processes import calendar as days
from processes.calendar import CalendarEdit, Entry
from web import names, refusals
from web.auth import current
from web.navigation import OPERATORS
from web.operations.blueprint import bp
from web.wiring import parts

LIMIT = 1024 * 1024
SAID = {"working": True, "off": False, "published": None}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the month view. `is_unusual`: a make-up day or a holiday, not just a weekday or a weekend."""

    day: date
    in_month: bool
    is_working: bool
    is_unusual: bool
    edit: CalendarEdit | None


@bp.get("/calendar")
def working_days() -> str:
    """The month asked for, or this one."""
    current.require_post(*OPERATORS)
    return _page()


@bp.post("/calendar/days")
def enter_day() -> Response | tuple[str, int]:
    """Say what one day is."""
    person = current.require_post(*OPERATORS)
    said, text = request.form.get("said", ""), request.form.get("day", "")
    try:
        day = date.fromisoformat(text)
        entry = Entry(day, SAID[said], request.form.get("note", "")[:200])
    except (ValueError, KeyError):
        return _page(error=_("Please choose a day, and say what it is.")), 422
    with parts().database.write() as session:
        count = days.enter(session, [entry], person.id, current.now())
    _tell(count)
    return redirect(url_for("operations.working_days", month=text[:7]))


@bp.post("/calendar/import")
def import_days() -> Response | tuple[str, int]:
    """Enter the days of a file; a wrong file is refused by row and changes nothing."""
    person, file = current.require_post(*OPERATORS), request.files.get("file")
    if file is None or not file.filename:
        return _page(error=_("Please choose a file first.")), 422
    try:
        entries = days.read(file.filename, file.stream.read(LIMIT + 1))
        with parts().database.write() as session:
            count = days.enter(session, entries, person.id, current.now())
    except Refusal as refusal:
        return _page(error=refusals.said(refusal)), refusals.status(refusal)
    _tell(count)
    return redirect(url_for("operations.working_days", month=f"{entries[0].day:%Y-%m}"))


def _tell(count: int) -> None:
    said = ngettext("%(num)d day was entered.", "%(num)d days were entered.", count)
    flash(said if count else _("Nothing was new."), "success")


def _page(error: str = "") -> str:
    month = _month(request.values.get("month", ""))
    with parts().database.read() as session:
        edits, lately = CalendarEdit.in_force(session), CalendarEdit.lately(session)
        counted = days.calendar(session)
        names.meet(session, [edit.by for edit in (*edits.values(), *lately)])
    return render_template(
        "operations/calendar.html",
        page="operations",
        month=month,
        before=_shifted(month, -1),
        after=_shifted(month, 1),
        today=_today(),
        weeks=_weeks(month, counted, edits),
        lately=lately,
        published_until=days.published_until(),
        error=error,
    )


def _weeks(month: date, counted: Calendar, edits: dict[str, CalendarEdit]) -> list[list[Day]]:
    weeks = Weeks().monthdatescalendar(month.year, month.month)
    return [[_day(day, month, counted, edits.get(day.isoformat())) for day in week] for week in weeks]


def _day(day: date, month: date, counted: Calendar, edit: CalendarEdit | None) -> Day:
    is_working = counted.is_working(day)
    return Day(day, day.month == month.month, is_working, is_working != (day.weekday() < 5), edit)


def _month(text: str) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return _today().replace(day=1)
    return min(max(found, days.EARLIEST), days.LATEST.replace(day=1))


def _shifted(month: date, by: int) -> str:
    year, number = divmod(month.year * 12 + month.month - 1 + by, 12)
    return f"{year:04}-{number + 1:02}"


def _today() -> date:
    return current.now().astimezone(SHANGHAI).date()
