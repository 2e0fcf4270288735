"""Local accounts: passwords, failed attempts, and a record of every sign-in."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base, Database
from engine.refusals import NotAllowed, Refusal
from processes.organisation import Person

HASHER = PasswordHasher()
FREE_ATTEMPTS = 5
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
SHORTEST = 10
LONGEST = 256


class WrongPassword(NotAllowed):
    """The login or the password is wrong."""


class LockedOut(NotAllowed):
    """Too many failed attempts. Please try again after {until}."""


class WeakPassword(Refusal):
    """The new password needs at least {shortest} characters and must differ from the login and from the old one."""


class SignIn(Base):
    """A person signed in; the open one has no `ended_at`. Signing out and a new password end it on the server."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_person", "person_id", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    address: Mapped[str]
    ended_at: Mapped[datetime | None]


class Failure(Base):
    """Failed attempts at one login since the last success, whether such an account exists or not."""

    __tablename__ = "sign_in_failures"
    login: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


def hashed(password: str) -> str:
    """The argon2id hash of a password."""
    return HASHER.hash(password)


@cache
def nobody() -> str:
    """Checked where there is no such account, so that an answer takes as long as where there is one."""
    return hashed(new_id())


def sign_in(database: Database, login: str, password: str, at: datetime, address: str = "") -> SignIn:
    """A new record of sign-in. WrongPassword says not what was wrong; LockedOut says until when to wait."""
    login = login.strip().lower()[:64]
    with database.read() as session:
        _refuse_locked(session, login, at)
        person = Person.by_login(session, login)
    if not is_right(person, password) or person is None or not person.active:
        with database.write() as session:
            _count_failure(session, login, at)
        raise WrongPassword
    with database.write() as session:
        return _record(session, person, password, at, address)


def sign_out(session: Session, sign_in_id: str, at: datetime) -> None:
    """End a record of sign-in."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(ended_at=at))


def change_password(session: Session, person_id: str, old: str, new: str, kept: str, at: datetime) -> None:
    """Set a new password and end every other sign-in of the person; `kept` is the one that goes on."""
    person = session.get_one(Person, person_id)
    if not is_right(person, old):
        raise WrongPassword
    if not SHORTEST <= len(new) <= LONGEST or new in (old, person.login):
        raise WeakPassword(shortest=SHORTEST)
    person.password_hash = hashed(new)
    others = (SignIn.person_id == person_id, SignIn.id != kept, SignIn.ended_at.is_(None))
    session.execute(update(SignIn).where(*others).values(ended_at=at))


def who(session: Session, sign_in_id: str | None) -> Person | None:
    """The active person of an open sign-in."""
    if not sign_in_id:
        return None
    query = select(Person).join(SignIn, SignIn.person_id == Person.id)
    return session.scalar(query.where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None), Person.active))


def is_right(person: Any, password: str) -> bool:
    """Is this the person's password? Takes its time for nobody as well."""
    try:
        return HASHER.verify((person and person.password_hash) or nobody(), password[:LONGEST])
    except (VerifyMismatchError, InvalidHashError):
        return False


def delay(count: int) -> timedelta:
    """How long one waits after `count` failures in a row: nothing at first, then doubling up to an hour."""
    if count < FREE_ATTEMPTS:
        return timedelta()
    doublings: int = 2 ** min(count - FREE_ATTEMPTS, 10)
    return min(FIRST_DELAY * doublings, LONGEST_DELAY)


def _refuse_locked(session: Session, login: str, at: datetime) -> None:
    failure = session.get(Failure, login)
    if failure and failure.locked_until and failure.locked_until > at:
        raise LockedOut(until=failure.locked_until)


def _count_failure(session: Session, login: str, at: datetime) -> None:
    failure = session.get(Failure, login) or Failure(login=login, count=0)
    session.add(failure)
    failure.count += 1
    failure.last_at = at
    failure.locked_until = at + delay(failure.count) if delay(failure.count) else None


def _record(session: Session, person: Person, password: str, at: datetime, address: str) -> SignIn:
    if failure := session.get(Failure, person.login):
        session.delete(failure)
    if HASHER.check_needs_rehash(person.password_hash or ""):
        session.get_one(Person, person.id).password_hash = hashed(password)
    record = SignIn(id=new_id(), person_id=person.id, at=at, address=address[:64], ended_at=None)
    session.add(record)
    return record
