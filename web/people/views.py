"""Organisations with their posts and holders, one person, appointments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug import Response

from engine.clock import SHANGHAI
from engine.refusals import Refusal
from processes import organisation as organisations
from processes.notices import Notice
from processes.organisation import KINDS, POSTS, RELATIONS, UNIT_KINDS, Appointment, Organisation, Person
from web import names, refusals
from web.auth import current
from web.navigation import PEOPLE_KEEPERS
from web.people import appointing
from web.wiring import parts

bp = Blueprint("people", __name__, template_folder="templates")
TABS = ("organisations", "posts", "people")
MOST_PEOPLE = 200
NOTICES = 10


@bp.record
def install(state: object) -> None:
    """Templates know the posts and the kinds of organisations."""
    state.app.jinja_env.globals.update(  # type: ignore[attr-defined]
        POSTS=POSTS, ORGANISATION_KINDS=KINDS, RELATIONS=RELATIONS, UNIT_KINDS=UNIT_KINDS
    )


@bp.get("/people")
def index() -> str:
    """The tree with posts and holders, who holds which post, or everybody; and who lacks a desk officer (Art. 20)."""
    current.require_post(*PEOPLE_KEEPERS)
    tab = request.args.get("tab", TABS[0])
    with parts().database.read() as session:
        held = Appointment.current(session, today())
        names.meet(session, [each.person_id for each in held])
        return render_template(
            "people/index.html",
            page="people",
            tab=tab if tab in TABS else TABS[0],
            tree=organisations.tree(session),
            in_organisation=_grouped(held, "organisation"),
            in_post=_grouped(held, "post"),
            people=_found(session, request.args.get("text", "")) if tab == "people" else [],
            missing=organisations.without_desk_officer(session, today()),
            asked=request.args,
            most=MOST_PEOPLE,
        )


@bp.get("/people/organisations/<code>")
def organisation(code: str) -> str:
    """One organisation: its posts and holders with their periods, and who acts where it has nobody."""
    current.require_post(*PEOPLE_KEEPERS)
    return _organisation_page(code)


@bp.post("/people/organisations/<code>/appointments")
def appoint_here(code: str) -> Response | tuple[str, int]:
    """Give a person a post of this organisation."""
    current.require_post(*appointing.APPOINTERS)
    try:
        _appoint(request.form.get("person", ""), code)
    except Refusal as refusal:
        return _organisation_page(code, error=refusals.said(refusal), form=request.form), refusals.status(refusal)
    return redirect(url_for("people.organisation", code=code))


@bp.get("/people/me")
def me() -> Response:
    """The way to one's own page."""
    return redirect(url_for("people.show", person_id=current.someone().id))


@bp.get("/people/<person_id>")
def show(person_id: str) -> str:
    """One person: posts and periods; one's own page has the notices too."""
    if person_id != current.someone().id:
        current.require_post(*PEOPLE_KEEPERS)
    return _person_page(person_id)


@bp.post("/people/<person_id>/appointments")
def appoint(person_id: str) -> Response | tuple[str, int]:
    """Give this person a post."""
    current.require_post(*appointing.APPOINTERS)
    try:
        _appoint(person_id, request.form.get("organisation", ""))
    except Refusal as refusal:
        return _person_page(person_id, error=refusals.said(refusal), form=request.form), refusals.status(refusal)
    return redirect(url_for("people.show", person_id=person_id))


@bp.post("/people/appointments/<appointment_id>/end")
def end(appointment_id: str) -> Response:
    """Set the last day of an appointment."""
    by = current.require_post(*appointing.APPOINTERS).id
    until = appointing.day(request.form.get("until"))
    with parts().database.write() as session:
        ended = appointing.end(session, appointment_id, until, by=by, at=current.now())
    flash(_("The appointment has been ended."), "success")
    if request.form.get("from") == "organisation":
        return redirect(url_for("people.organisation", code=ended.organisation))
    return redirect(url_for("people.show", person_id=ended.person_id))


def today() -> date:
    """The day of this request in Shanghai."""
    return current.now().astimezone(SHANGHAI).date()


def _appoint(person_id: str, code: str) -> None:
    form = request.form
    since = appointing.day(form.get("since"))
    until = appointing.day(form["until"]) if form.get("until") else None
    with parts().database.write() as session:
        person, by = Person.of(session, person_id), current.someone().id
        appointing.give(session, person, code, form.get("post", ""), since, until, by=by, at=current.now())
    flash(_("The appointment has been made."), "success")


def _organisation_page(code: str, **more: Any) -> str:
    on = today()
    with parts().database.read() as session:
        found = Organisation.of(session, code)
        query = select(Appointment).where(Appointment.organisation == code)
        held = list(session.scalars(query.order_by(Appointment.post, Appointment.since)))
        names.meet(session, [each.person_id for each in held])
        return render_template(
            "people/organisation.html",
            page="people",
            organisation=found,
            above=_above(session, code),
            below=list(session.scalars(select(Organisation).where(Organisation.parent == code))),
            current_ones=[each for each in held if each.until is None or each.until >= on],
            past=[each for each in held if each.until is not None and each.until < on],
            elsewhere=_elsewhere(session, code, on),
            home=_people_at(session, code),
            people=Person.all(session) if may_appoint() else [],
            desk_officer=organisations.desk_officer(session, code, on),
            may_appoint=may_appoint(),
            today=on,
            **more,
        )


def _person_page(person_id: str, **more: Any) -> str:
    own = person_id == current.someone().id
    with parts().database.read() as session:
        person = Person.of(session, person_id)
        held = Appointment.of_person(session, person_id)
        names.meet(session, [by for each in held for by in (each.made_by, each.ended_by)])
        return render_template(
            "people/show.html",
            page="me" if own else "people",
            person=person,
            own=own,
            appointments=held,
            notices=Notice.recent(session, person_id, NOTICES) if own else [],
            organisations=Organisation.all(session) if may_appoint() else [],
            may_look_around=current.holds(*PEOPLE_KEEPERS),
            may_appoint=may_appoint() and not own,
            today=today(),
            **more,
        )


def may_appoint() -> bool:
    """May the person give and end posts?"""
    return current.holds(*appointing.APPOINTERS)


def _above(session: Session, code: str) -> list[tuple[str, str]]:
    """Name and address of the organisations above, the highest first."""
    line = reversed(organisations.ancestry(session, code)[1:])
    return [(each.name, url_for("people.organisation", code=each.code)) for each in line]


def _elsewhere(session: Session, code: str, on: date) -> list[tuple[str, str, list[Person]]]:
    """(post, organisation, holders) for each post in which another organisation acts for this one."""
    seats = organisations.seats_of(session, code, on)
    elsewhere = ((post, place) for post, place in seats.items() if place != code)
    found = [(post, place, organisations.holders(session, place, post, on)) for post, place in elsewhere]
    return [row for row in found if row[2]]


def _people_at(session: Session, code: str) -> list[Person]:
    query = select(Person).where(Person.organisation == code, Person.active).order_by(Person.login)
    return list(session.scalars(query.limit(MOST_PEOPLE)))


def _found(session: Session, text: str) -> list[Person]:
    query = select(Person).where(Person.active).order_by(Person.organisation, Person.login)
    for word in text[:100].split():
        like = (Person.name.icontains(word, autoescape=True), Person.login.icontains(word, autoescape=True))
        query = query.where(or_(*like))
    return list(session.scalars(query.limit(MOST_PEOPLE)))


def _grouped(held: Iterable[Appointment], key: str) -> dict[str, list[Appointment]]:
    found: dict[str, list[Appointment]] = defaultdict(list)
    for each in held:
        found[getattr(each, key)].append(each)
    return found
