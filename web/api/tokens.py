"""Tokens for programs: which messages one may deliver and which topics it may work on. Only a hash is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_urlsafe

from sqlalchemy import Index, String, Text, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.canonical import digest
from engine.clock import new_id
from engine.db import Base
from engine.refusals import NotAllowed, NotFound, NotOpen, Refusal

PREFIX = "mt"
NAME = re.compile(r"[\w.-]{1,64}")
WORD = re.compile(r"[^\s,*]{1,64}")
EVERY = "*"
SEEN = timedelta(minutes=1)
"""The last use is written at most so often."""


class NoToken(NotAllowed):
    """A token is needed: send it as Authorization: Bearer …"""


class WrongToken(NotAllowed):
    """This token is not known, or it was revoked."""


class OutsideScope(NotAllowed):
    """The token "{token}" is not for {what} "{name}"."""


class TokenNameWrong(Refusal):
    """A token needs a name of letters, digits, points and hyphens."""


class TokenNameTaken(Refusal):
    """There is a token "{name}" already. Revoke it first, or choose another name."""


class ScopeMissing(Refusal):
    """Say which messages the token may deliver or which topics it may work on."""


class ScopeWrong(Refusal):
    """“{word}” is not the name of a message or topic."""


class ApiToken(Base):
    """A program's right to ask. `messages` and `topics` are names, one a line; `*` is every one.

    The token itself is `mt_<id>_<secret>`; the secret is random enough for a plain hash.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index(
            "uq_api_tokens_open",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    secret_hash: Mapped[str] = mapped_column(String(64))
    messages: Mapped[str] = mapped_column(Text)
    topics: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]

    @property
    def by(self) -> str:
        """Who the journal names for what was asked with it."""
        return f"api:{self.name}"

    def delivers(self, message: str) -> bool:
        """May it deliver this message?"""
        return _covers(self.messages, message)

    def works_on(self, topic: str) -> bool:
        """May it work on this topic?"""
        return _covers(self.topics, topic)

    @classmethod
    def all(cls, session: Session) -> list[ApiToken]:
        """Every token there ever was, those in use first."""
        return list(session.scalars(select(cls).order_by(cls.revoked_at.is_not(None), cls.made_at.desc(), cls.id)))


@dataclass(frozen=True, slots=True)
class Made:
    """A new token and its spelling, which is shown once and kept nowhere."""

    token: ApiToken
    spelling: str


def make(session: Session, name: str, messages: Sequence[str], topics: Sequence[str], *, by: str, at: datetime) -> Made:
    """A new token. Refused: a wrong or taken name, no scope, a scope that is no name."""
    if not NAME.fullmatch(name):
        raise TokenNameWrong
    if _open(session, name) is not None:
        raise TokenNameTaken(name=name)
    if not messages and not topics:
        raise ScopeMissing
    secret, key = token_urlsafe(32), new_id()[:12]
    row = ApiToken(
        id=key,
        name=name,
        secret_hash=digest(secret),
        messages=_lines(messages),
        topics=_lines(topics),
        made_at=at,
        made_by=by,
    )
    session.add(row)
    session.flush()
    return Made(row, f"{PREFIX}_{key}_{secret}")


def revoke(session: Session, name: str, *, by: str, at: datetime) -> None:
    """From now on it opens nothing. NotFound where there is none of the name, NotOpen where it is revoked already."""
    if (row := _open(session, name)) is not None:
        row.revoked_at, row.revoked_by = at, by
    elif session.scalar(select(ApiToken.id).where(ApiToken.name == name).limit(1)):
        raise NotOpen(what=name)
    else:
        raise NotFound(what="token", key=name)


def read(session: Session, spelling: str) -> ApiToken:
    """The token that is spelt so, if it is in use; WrongToken for everything else."""
    _prefix, _, rest = spelling.partition("_")
    key, _, secret = rest.partition("_")
    row = session.get(ApiToken, key[:32])
    is_right = compare_digest(digest(secret), row.secret_hash if row else digest(""))
    if row is None or not is_right or row.revoked_at is not None:
        raise WrongToken(reason="")
    return row


def is_used_lately(row: ApiToken, at: datetime) -> bool:
    """Is its last use known to the minute?"""
    return row.used_at is not None and at - row.used_at < SEEN


def used(session: Session, row: ApiToken, at: datetime) -> None:
    """Note the last use."""
    session.execute(update(ApiToken).where(ApiToken.id == row.id).values(used_at=at))


def words(given: str) -> list[str]:
    """Names from a text field: one a line, or between commas."""
    return [word for word in re.split(r"[\s,，、]+", given) if word]


def _open(session: Session, name: str) -> ApiToken | None:
    return session.scalar(select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None)))


def _lines(given: Sequence[str]) -> str:
    for word in given:
        if word != EVERY and not WORD.fullmatch(word):
            raise ScopeWrong(word=word)
    return "\n".join(sorted(set(given)))


def _covers(lines: str, name: str) -> bool:
    return bool({EVERY, name} & set(lines.split("\n")))
