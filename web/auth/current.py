"""The person behind the request, and what this person may do."""

from __future__ import annotations

from datetime import datetime

from flask import abort, g, has_request_context, request, session

from engine import Actor
from engine.clock import SHANGHAI
from engine.refusals import NotAllowed
from processes.organisation import Person
from processes.organisation import seats as seats_on
from web.auth import accounts
from web.wiring import parts

KEY = "sign_in"
Seat = tuple[str, str]


class OtherPost(NotAllowed):
    """Your posts do not cover this."""


def keep_session() -> None:
    """Every click starts the time-out anew; programs have no session."""
    if request.blueprint != "api":
        session.permanent = True


def person() -> Person | None:
    """Who is signed in; asked of the database once in a request."""
    if not has_request_context():
        return None
    if "person" not in g:
        _look_up()
    found: Person | None = g.person
    return found


def someone() -> Person:
    """Who is signed in; everybody else is led to the sign-in page."""
    return person() or abort(401)


def actor() -> Actor:
    """The signed-in person with the seats held today."""
    return Actor(someone().id, seats())


def seats() -> frozenset[Seat]:
    """(organisation, post) pairs held today; none for a stranger."""
    return g.seats if person() else frozenset()


def posts() -> frozenset[str]:
    """The posts held today, with `*` for anyone and `+` for whoever is signed in."""
    held = frozenset(post for _, post in seats())
    return held | ({"*", "+"} if person() else {"*"})


def holds(*wanted: str) -> bool:
    """Does the person hold one of these posts anywhere?"""
    return bool(posts() & set(wanted))


def require_post(*wanted: str) -> Person:
    """The signed-in person, refused without one of these posts."""
    found = someone()
    if not holds(*wanted):
        raise OtherPost(reason="")
    return found


def now() -> datetime:
    """The moment of this request, the same throughout, in UTC."""
    if "now" not in g:
        g.now = parts().clock()
    moment: datetime = g.now
    return moment


def begin(sign_in_id: str) -> None:
    """Start a session of its own for this sign-in: nothing of an earlier one stays."""
    session.clear()
    session[KEY] = sign_in_id
    _forget()


def end() -> str | None:
    """Leave the session; answers the sign-in that it was for."""
    sign_in_id = session.get(KEY)
    session.clear()
    _forget()
    return sign_in_id


def _look_up() -> None:
    g.person, g.seats = None, frozenset()
    if not (sign_in_id := session.get(KEY)):
        return
    with parts().database.read() as reading:
        g.person = accounts.who(reading, sign_in_id)
        if g.person:
            g.seats = seats_on(reading, g.person.id, now().astimezone(SHANGHAI).date())


def _forget() -> None:
    g.pop("person", None)
    g.pop("seats", None)
