"""Cases that the calendar begins: each once, whichever scheduler comes first (Art. 16, 23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from engine.clock import SHANGHAI
from engine.db import Base
from processes.cases.refusals import NotStartable
from processes.cases.starting import begin

if TYPE_CHECKING:
    from engine import Engine


class CaseKey(Base):
    """A case that the calendar began: `key` names the period and what it is about, such as `2026:ccmu`."""

    __tablename__ = "case_keys"
    definition: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    at: Mapped[datetime]


class DailyRound(Base):
    """A duty that looks once a day has looked on this day, in Shanghai."""

    __tablename__ = "daily_rounds"
    duty: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def begin_once(
    engine: Engine,
    definition: str,
    key: str,
    said: Mapping[str, Any],
    at: datetime,
    *,
    organisation: str,
    links: Mapping[str, str] | None = None,
    home: str = "",
    by: str | None = None,
) -> bool:
    """Begin the case of this key, unless it has begun; false then, and where the procedure is not in force.

    The key is written before anything else, so that of two schedulers the second one waits, and then does nothing.
    """
    try:
        with engine.database.write() as session:
            if session.get(CaseKey, (definition, key)):
                return False
            row = CaseKey(definition=definition, key=key, case_id="", at=at)
            session.add(row)
            session.flush()
            case = begin(session, engine, definition, said, by, at, organisation=organisation, links=links, home=home)
            row.case_id = case.id
    except (IntegrityError, NotStartable):
        return False
    return True


_LOOKED: WeakKeyDictionary[Engine, dict[str, str]] = WeakKeyDictionary()
"""Duty → the day on which somebody has looked: what is done once on a day stays done."""


def once_a_day(engine: Engine, duty: str, now: datetime, look: Callable[[], int]) -> int:
    """Look unless somebody has looked today; answers what `look` does. One that fails is repeated at the next beat."""
    day = now.astimezone(SHANGHAI).date().isoformat()
    known = _LOOKED.setdefault(engine, {})
    if known.get(duty) == day:
        return 0
    with engine.database.read() as session:
        if session.get(DailyRound, (duty, day)):
            known[duty] = day
            return 0
    done = look()
    try:
        with engine.database.write() as session:
            session.add(DailyRound(duty=duty, day=day, at=now))
    except IntegrityError:
        pass
    return done
