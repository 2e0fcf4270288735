"""Giving and ending posts: by the system and security administrators, never for oneself."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from engine.refusals import NotAllowed, NotFound, Refusal
from processes.notices import notify
from processes.organisation import ADMINISTRATORS, POSTS, Appointment, Organisation, Person, appoint

APPOINTERS = frozenset({"system_admin", "security_admin"})


class OwnAppointment(NotAllowed):
    """Nobody gives posts to themselves or ends their own. Another administrator has to do it."""


class LastAdministrator(Refusal):
    """{name} would be the last holder of this administrator's post. Please appoint a successor first."""


class EndsLater(Refusal):
    """This appointment already ends on {until}. It can be ended earlier, not later."""


class DayMissing(Refusal):
    """Please give a day, such as 2025-03-01."""


def day(value: str | None) -> date:
    """A day as a form sends it, or `DayMissing`."""
    try:
        return date.fromisoformat((value or "").strip())
    except ValueError:
        raise DayMissing() from None


def give(
    session: Session,
    person: Person,
    organisation: str,
    post: str,
    since: date,
    until: date | None,
    *,
    by: str,
    at: datetime,
) -> Appointment:
    """Appoint a person and tell them. Conflicts are refused by name."""
    _not_oneself(person.id, by)
    appointment = appoint(session, person.id, organisation, post, since, until, by=by, at=at)
    where, called = Organisation.of(session, organisation).name, POSTS[post]
    _tell(
        session,
        person.id,
        "appointed",
        zh=f"您自{since.isoformat()}起担任{where}的{called.zh}。",
        en=f"From {since.isoformat()} you hold the post {called.en} at {where}.",
        at=at,
    )
    return appointment


def end(session: Session, appointment_id: str, until: date, *, by: str, at: datetime) -> Appointment:
    """The last day of an appointment, and a notice to the person. Refused for the last administrator of a kind."""
    appointment = session.get(Appointment, appointment_id)
    if appointment is None:
        raise NotFound(what="appointment", key=appointment_id)
    _not_oneself(appointment.person_id, by)
    if appointment.until is not None and until > appointment.until:
        raise EndsLater(until=appointment.until.isoformat())
    _keep_an_administrator(session, appointment, until)
    appointment.end(session, until, by, at)
    where, called = Organisation.of(session, appointment.organisation).name, POSTS[appointment.post]
    _tell(
        session,
        appointment.person_id,
        "appointment_ended",
        zh=f"您在{where}的{called.zh}岗位至{until.isoformat()}止。",
        en=f"Your post {called.en} at {where} ends on {until.isoformat()}.",
        at=at,
    )
    return appointment


def _not_oneself(person: str, by: str) -> None:
    if person == by:
        raise OwnAppointment(reason="")


def _keep_an_administrator(session: Session, appointment: Appointment, until: date) -> None:
    if appointment.post not in ADMINISTRATORS:
        return
    after = Appointment.current(session, until + timedelta(days=1))
    others = [each for each in after if each.post == appointment.post and each.id != appointment.id]
    if not any(Person.of(session, each.person_id).active for each in others):
        raise LastAdministrator(name=Person.of(session, appointment.person_id).name)


def _tell(session: Session, person: str, kind: str, *, zh: str, en: str, at: datetime) -> None:
    notify(session, [person], kind, person, zh=zh, en=en, at=at, link=f"/people/{person}")
