"""Tables and time limits: the overview of an organisation, one table with its versions, one limit with its changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

from engine import tables
from engine.clock import SHANGHAI
from engine.refusals import Refusal
from processes import organisation as organisations
from processes import settings
from processes.decisions import BOUNDS, DecisionEdition, approve, editions, may_decide, may_propose, propose, reject
from processes.decisions.refusals import NotDecider, NotKeeper, TableUnknown
from processes.organisation import Organisation
from web import names, refusals
from web.auth import current
from web.norms import words
from web.wiring import parts

bp = Blueprint("norms", __name__, template_folder="templates", url_prefix="/norms")
SPARE_ROWS = 2
"""How many empty rows the page of a change offers."""


class NotADay(Refusal):
    """ "{value}" is no day. Please write it as 2026-03-02."""


@bp.record
def install(state: object) -> None:
    """The words of tables are known on every page."""
    words.install(state.app)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Line:
    """A table of an organisation: what counts, and what waits for a decision."""

    table: tables.Table
    standing: editions.Standing
    waiting: DecisionEdition | None


@bp.get("")
def index() -> Response:
    """The way to the overview of one's own organisation."""
    return redirect(url_for("norms.show", code=request.args.get("organisation") or current.someone().organisation))


@bp.get("/<code>")
def show(code: str) -> str:
    """Every table and every time limit as it counts for an organisation, each with where it comes from."""
    current.someone()
    with parts().database.read() as session:
        organisation = Organisation.of(session, code)
        limits = settings.explained(session, code, current.now())
        names.meet(session, [found.change.by for found in limits if found.change])
        return render_template(
            "norms/index.html",
            page="norms",
            organisation=organisation,
            organisations=organisations.tree(session),
            lines=list(_lines(session, code)),
            limits=limits,
            coming=settings.OrganisationSetting.coming(session, code, current.now()),
            bounds=BOUNDS,
        )


@bp.get("/<code>/tables/<decision>")
def table(code: str, decision: str) -> str:
    """One table: its rows, which version counts, what may be changed, and every version ever made."""
    return _table_page(code, decision)


@bp.get("/<code>/tables/<decision>/change")
def change_table(code: str, decision: str) -> str:
    """The rows as fields."""
    return _change_page(code, decision)


@bp.post("/<code>/tables/<decision>/change")
def propose_table(code: str, decision: str) -> Response | tuple[str, int]:
    """Propose the rows; somebody else decides."""
    by = current.someone()
    try:
        with parts().database.write() as session:
            _must_propose(session, code)
            found = tables.read_table(_shipped(session, decision))
            rows = None if request.form.get("give_back") else _rows(found, request.form)
            propose(session, code, decision, rows, by=by.id, at=current.now(), reason=request.form.get("reason", ""))
    except Refusal as refusal:
        status = refusals.status(refusal)
        return _change_page(code, decision, error=refusals.said(refusal), form=request.form), status
    flash(_("The change is proposed. The principal officer or the head decides."), "success")
    return redirect(url_for("norms.table", code=code, decision=decision))


@bp.post("/editions/<edition_id>/approval")
def approve_table(edition_id: str) -> Response:
    """Put a proposal in force."""
    by = current.someone()
    with parts().database.write() as session:
        edition = _to_decide(session, edition_id)
        approve(session, edition, by=by.id, at=current.now(), opinion=request.form.get("opinion", "")[:1000])
    flash(_("The table is in force for whatever begins from now on."), "success")
    return redirect(url_for("norms.table", code=edition.organisation, decision=edition.decision))


@bp.post("/editions/<edition_id>/rejection")
def reject_table(edition_id: str) -> Response:
    """Turn a proposal down."""
    by = current.someone()
    with parts().database.write() as session:
        edition = _to_decide(session, edition_id)
        reject(session, edition, by=by.id, at=current.now(), opinion=request.form.get("opinion", "")[:1000])
    flash(_("The change is turned down."), "success")
    return redirect(url_for("norms.table", code=edition.organisation, decision=edition.decision))


@bp.get("/<code>/limits/<key>")
def limit(code: str, key: str) -> str:
    """One time limit: what counts, why, its bounds, and every change ever made on the way up."""
    return _limit_page(code, key)


@bp.post("/<code>/limits/<key>")
def change_limit(code: str, key: str) -> Response | tuple[str, int]:
    """Set the limit from a day on, or give it back."""
    by, form = current.someone(), request.form
    try:
        with parts().database.write() as session:
            _must_propose(session, code)
            value = None if form.get("give_back") else form.get("value", "").strip()
            since = _since(form.get("since", ""), current.now())
            reason = form.get("reason", "")[:1000]
            settings.change(session, code, key, value, by=by.id, at=current.now(), reason=reason, since=since)
    except Refusal as refusal:
        return _limit_page(code, key, error=refusals.said(refusal), form=form), refusals.status(refusal)
    flash(_("The time limit is changed for whatever begins from then on."), "success")
    return redirect(url_for("norms.limit", code=code, key=key))


# -- pages


def _lines(session: Session, code: str) -> Iterator[Line]:
    waiting = {(each.organisation, each.decision): each for each in DecisionEdition.open_ones(session)}
    found = editions.shipped(session)
    for key in sorted(found, key=lambda key: (BOUNDS[key].number if key in BOUNDS else "~", key)):
        standing = editions.standing(session, code, found[key])
        yield Line(tables.read_table(standing.data), standing, waiting.get((code, key)))


def _table_page(code: str, decision: str) -> str:
    current.someone()
    with parts().database.read() as session:
        organisation, standing = _standing(session, code, decision)
        history = DecisionEdition.history(session, code, decision)
        people = {person for each in history for person in (each.proposed_by, each.decided_by)}
        names.meet(session, [*people, *([standing.edition.proposed_by] if standing.edition else [])])
        return render_template(
            "norms/table.html",
            page="norms",
            organisation=organisation,
            table=tables.read_table(standing.data),
            standing=standing,
            bounds=BOUNDS.get(decision),
            history=[(each, tables.read_table(each.data) if each.data else None) for each in history],
            may_propose=may_propose(session, code, current.seats()) and _is_changeable(decision),
            may_decide=may_decide(session, code, current.seats()),
        )


def _change_page(code: str, decision: str, error: str = "", form: Mapping[str, str] | None = None) -> str:
    current.someone()
    with parts().database.read() as session:
        _must_propose(session, code)
        organisation, standing = _standing(session, code, decision)
        found = tables.read_table(standing.data)
        return render_template(
            "norms/change.html",
            page="norms",
            organisation=organisation,
            table=found,
            bounds=BOUNDS.get(decision),
            rows=_shown(found, form),
            own=standing.edition is not None and standing.edition.organisation == code,
            error=error,
            form=form or {},
        )


def _limit_page(code: str, key: str, error: str = "", form: Mapping[str, str] | None = None) -> str:
    current.someone()
    with parts().database.read() as session:
        organisation, found = Organisation.of(session, code), settings.find(key)
        line = organisations.ancestry(session, code)
        history = [(above, settings.OrganisationSetting.history(session, above.code, key)) for above in line]
        names.meet(session, [row.by for _above, rows in history for row in rows])
        return render_template(
            "norms/limit.html",
            page="norms",
            organisation=organisation,
            limit=found,
            now=current.now(),
            effective=next(each for each in settings.explained(session, code, current.now()) if each.limit.key == key),
            history=[(above, row) for above, rows in history for row in reversed(rows)],
            may_change=may_propose(session, code, current.seats()),
            error=error,
            form=form or {},
        )


def _standing(session: Session, code: str, decision: str) -> tuple[Organisation, editions.Standing]:
    organisation = Organisation.of(session, code)
    return organisation, editions.standing(session, code, _shipped(session, decision))


def _shipped(session: Session, decision: str) -> bytes:
    found = editions.shipped(session).get(decision)
    if found is None:
        raise TableUnknown(what="decision table", key=decision)
    return found


def _is_changeable(decision: str) -> bool:
    bounds = BOUNDS.get(decision)
    return bounds is not None and bounds.is_within is not None


def _must_propose(session: Session, code: str) -> None:
    if not may_propose(session, code, current.seats()):
        raise NotKeeper(reason="", organisation=Organisation.of(session, code).name)


def _to_decide(session: Session, edition_id: str) -> DecisionEdition:
    edition = DecisionEdition.of(session, edition_id)
    if not may_decide(session, edition.organisation, current.seats()):
        raise NotDecider(reason="", organisation=Organisation.of(session, edition.organisation).name)
    return edition


# -- reading what a page sent


def _rows(table: tables.Table, form: Mapping[str, str]) -> list[tables.Row]:
    """The rows of the form; those marked to be removed and the untouched spare ones are left out."""
    count = min(int(form.get("rows", "0")), 100) if form.get("rows", "0").isdigit() else 0
    read = [_row(table, form, number) for number in range(count) if not form.get(f"remove-{number}")]
    return [row for row in read if row.note.strip() or any(text not in ("", tables.ANY) for text in row.inputs)]


def _row(table: tables.Table, form: Mapping[str, str], number: int) -> tables.Row:
    inputs, outputs = (
        tuple(form.get(f"{side}-{number}-{place}", "")[:200] for place in range(len(columns)))
        for side, columns in (("in", table.inputs), ("out", table.outputs))
    )
    return tables.Row(inputs, outputs, form.get(f"note-{number}", "")[:500])


def _shown(table: tables.Table, form: Mapping[str, str] | None) -> list[tables.Row]:
    if form:
        count = int(form["rows"]) if form.get("rows", "").isdigit() else 0
        return [_row(table, form, number) for number in range(min(count, 100))]
    empty = tables.Row((tables.ANY,) * len(table.inputs), ("",) * len(table.outputs), "")
    return [*table.rows, *[empty] * SPARE_ROWS]


def _since(text: str, now: datetime) -> datetime | None:
    """The day from which a change counts; today and nothing are from now on."""
    try:
        day = date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise NotADay(value=text.strip()) from None
    if day is None or day == now.astimezone(SHANGHAI).date():
        return None
    return datetime.combine(day, time(), SHANGHAI)
