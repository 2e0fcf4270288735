"""A school to try the product on: the seed's organisations, invented people on every post, the annex as catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files

from sqlalchemy.orm import Session

from processes.catalogue.importing import import_catalogue
from processes.catalogue.items import CatalogueVersion
from processes.organisation import Appointment, Organisation, Person, appoint

ROOT = "ccmu"
SINCE = date(2024, 1, 1)
"""All demo appointments begin here."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the demo: sign-in name, name, home, posts as `post@organisation`, what they do."""

    login: str
    name: str
    organisation: str
    is_member: bool
    posts: tuple[str, ...]
    zh: str
    en: str


_DATA = files("processes") / "data"
_DEMO = json.loads((_DATA / "demo.json").read_text(encoding="utf-8"))

ACCOUNTS = [
    Account(login, name, organisation, is_member, tuple(posts), zh, en)
    for login, name, organisation, is_member, posts, zh, en in _DEMO["people"]
]
"""Everybody who can sign in to the demo, for printing."""


def load(session: Session, at: datetime, password_hash: Callable[[str], str]) -> None:
    """Add what is missing; a second time adds nothing. `password_hash` is given a login and answers the stored hash."""
    for organisation in _DEMO["organisations"]:
        _organisation(session, *organisation)
    for account in ACCOUNTS:
        _person(session, account, password_hash)
    _catalogue(session, at)


def person(session: Session, login: str) -> Person:
    """A person of the demo by sign-in name."""
    found = Person.by_login(session, login)
    assert found, login
    return found


def _organisation(
    session: Session, code: str, name: str, kind: str, parent: str | None, relation: str, unit_kind: str | None
) -> None:
    if not session.get(Organisation, code):
        Organisation.add(session, code, name, kind, parent, relation, unit_kind)


def _person(session: Session, account: Account, password_hash: Callable[[str], str]) -> None:
    somebody = Person.by_login(session, account.login) or Person.add(
        session,
        account.login,
        account.name,
        account.organisation,
        is_member=account.is_member,
        password_hash=password_hash(account.login),
    )
    held = {(appointment.post, appointment.organisation) for appointment in Appointment.of_person(session, somebody.id)}
    for post, _, organisation in (seat.partition("@") for seat in account.posts):
        if (post, organisation) not in held:
            appoint(session, somebody.id, organisation, post, SINCE)


def _catalogue(session: Session, at: datetime) -> None:
    """The annex's two example rows, in force."""
    if CatalogueVersion.all(session, ROOT):
        return
    by = person(session, "qiaoxinyu").id
    report = import_catalogue(session, ROOT, "catalogue.csv", (_DATA / "catalogue.csv").read_bytes(), by=by, at=at)
    report.version.put_in_force(session, by=by, at=at)
