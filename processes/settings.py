"""Time limits: never a constant in a diagram, always a setting with its origin, overridden per organisation."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from engine.refusals import NotFound, Refusal
from processes.organisation import Organisation, ancestry


class LimitUnknown(NotFound):
    """There is no time limit "{key}"."""


class NotAPeriod(Refusal):
    """Not a period for {key}: "{value}". Write a number and wd (working days), d (days), h (hours), m (minutes) or s
    (seconds), such as 2wd."""


class TooShort(Refusal):
    """{key} may not be shorter than {least}: {origin}."""


class TooLong(Refusal):
    """{key} may not be longer than {most}: {origin}."""


class OtherUnit(Refusal):
    """{key} has the limit {bound}. Please use the same kind of days: "{value}" cannot be compared with it."""


class ReasonMissing(Refusal):
    """Please give a reason for the change of {key}."""


class BeginsInThePast(Refusal):
    """A change of {key} cannot begin in the past: matters under way have been counted already."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: its key, its default such as `2wd`, its names, and where that figure comes from.

    An organisation may go neither below `least` nor above `most`; "" is no bound. `address` is that of the source.
    """

    key: str
    default: str
    least: str
    most: str
    zh: str
    en: str
    origin_zh: str
    origin_en: str
    address: str


def _limits() -> Mapping[str, Limit]:
    text = (files("processes") / "data" / "time_limits.csv").read_text(encoding="utf-8")
    return {row["key"]: Limit(**row) for row in csv.DictReader(text.splitlines())}


LIMITS: Mapping[str, Limit] = _limits()
"""Key → limit."""

PERIOD = re.compile(r"(\d{1,5})(wd|d|h|m|s)")
SPANS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


class OrganisationSetting(Base):
    """One change of a time limit by an organisation: what, who, when, from when, why. Rows are only added.

    A `value` of `None` gives the limit back to the superior. Of what has begun, the last to begin counts.
    """

    __tablename__ = "organisation_settings"
    __table_args__ = (Index("ix_organisations_setting_organisation_key", "organisation", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.code"))
    key: Mapped[str] = mapped_column(String(32))
    value: Mapped[str | None] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    since: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)

    @classmethod
    def history(cls, session: Session, organisation: str, key: str) -> list[OrganisationSetting]:
        """The changes of one limit by one organisation, oldest first."""
        query = select(cls).where(cls.organisation == organisation, cls.key == key)
        return list(session.scalars(query.order_by(cls.id)))

    @classmethod
    def latest(
        cls, session: Session, organisations: list[str], at: datetime
    ) -> dict[tuple[str, str], OrganisationSetting]:
        """(organisation, key) → the row that counts at that moment."""
        begun = select(cls).where(cls.organisation.in_(organisations), cls.since <= at, cls.at <= at)
        rows = session.scalars(begun.order_by(cls.since, cls.id))
        return {(row.organisation, row.key): row for row in rows}

    @classmethod
    def coming(cls, session: Session, organisation: str, at: datetime) -> dict[str, OrganisationSetting]:
        """Key → the organisation's next change that has not begun at that moment."""
        later = select(cls).where(cls.organisation == organisation, cls.since > at)
        rows = session.scalars(later.order_by(cls.since.desc(), cls.id.desc()))
        return {row.key: row for row in rows}


def change(
    session: Session,
    organisation: str,
    key: str,
    value: str | None,
    *,
    by: str,
    at: datetime,
    reason: str,
    since: datetime | None = None,
) -> OrganisationSetting:
    """An organisation sets a limit from `since` on (now), or gives it back with `None`.

    LimitUnknown, NotAPeriod, TooShort, TooLong, OtherUnit, ReasonMissing, BeginsInThePast.
    """
    limit = find(key)
    if value is not None:
        check(limit, value)
    if not reason.strip():
        raise ReasonMissing(key=key)
    if since is not None and since < at:
        raise BeginsInThePast(key=key)
    code = Organisation.of(session, organisation).code
    row = OrganisationSetting(
        organisation=code, key=key, value=value, by=by, at=at, since=since or at, reason=reason.strip()
    )
    session.add(row)
    session.flush()
    return row


def find(key: str) -> Limit:
    """The limit of that key, or LimitUnknown."""
    if key not in LIMITS:
        raise LimitUnknown(what="time limit", key=key)
    return LIMITS[key]


def check(limit: Limit, value: str) -> None:
    """Refuse what is no period, and what goes beyond the bounds of the limit."""
    if not PERIOD.fullmatch(value):
        raise NotAPeriod(value=value, key=limit.key)
    if limit.least and _is_beyond(limit, limit.least, value) and _span(value) < _span(limit.least):
        raise TooShort(key=limit.key, least=limit.least, origin=limit.origin_zh)
    if limit.most and _is_beyond(limit, value, limit.most) and _span(value) > _span(limit.most):
        raise TooLong(key=limit.key, most=limit.most, origin=limit.origin_zh)


def _is_beyond(limit: Limit, shorter: str, longer: str) -> bool:
    """Can they be compared? Two working days last at least two days, but nobody knows how much longer."""
    if shorter.endswith("wd") and not longer.endswith("wd"):
        bound, value = (shorter, longer) if shorter == limit.least else (longer, shorter)
        raise OtherUnit(key=limit.key, bound=bound, value=value)
    return True


def _span(period: str) -> timedelta:
    """The least that a period can last."""
    found = PERIOD.fullmatch(period)
    assert found, period
    return int(found[1]) * SPANS[found[2][-1]]


@dataclass(frozen=True, slots=True)
class Effective:
    """What counts for an organisation, and why: `change` is the row that set it, `None` for the default."""

    limit: Limit
    value: str
    change: OrganisationSetting | None


def explained(session: Session, organisation: str, at: datetime) -> list[Effective]:
    """Every limit as it counts for an organisation then: its own, else the nearest one upwards, else the default."""
    line = [above.code for above in ancestry(session, organisation)]
    rows = OrganisationSetting.latest(session, line, at)
    return [_effective(limit, [rows.get((code, limit.key)) for code in line]) for limit in LIMITS.values()]


def effective(session: Session, organisation: str, at: datetime) -> dict[str, str]:
    """Key → period such as `2wd`, as it counts for an organisation; what a matter is started with."""
    return {found.limit.key: found.value for found in explained(session, organisation, at)}


def _effective(limit: Limit, rows: list[OrganisationSetting | None]) -> Effective:
    for row in rows:
        if row and row.value is not None:
            return Effective(limit, row.value, row)
    return Effective(limit, limit.default, None)
