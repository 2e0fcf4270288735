"""Which catalogues are to be reviewed: those in force for longer than their organisation allows (Art. 10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.clock import SHANGHAI
from processes import settings
from processes.cases.clockwork import begin_once, once_a_day
from processes.catalogue import CatalogueVersion

if TYPE_CHECKING:
    from engine import Engine

DEFINITION = "catalogue_maintenance"


def review_catalogues(engine: Engine, now: datetime) -> int:
    """Begin the reviews that are due; answers how many. Each once for a version."""
    return once_a_day(engine, "review_catalogues", now, lambda: _begin_due(engine, now))


def _begin_due(engine: Engine, now: datetime) -> int:
    return sum(_begin(engine, organisation, key, now) for organisation, key in _due(engine, now))


def _due(engine: Engine, now: datetime) -> list[tuple[str, str]]:
    """(organisation, key): the key names the version and the day from which the time was counted."""
    with engine.database.read() as session:
        in_force = select(CatalogueVersion).where(CatalogueVersion.status == "IN_FORCE")
        found = []
        for version in session.scalars(in_force.order_by(CatalogueVersion.organisation)):
            value = settings.effective(session, version.organisation, now)["t.catalogue_review"]
            since = version.in_force_at
            if since and since + timedelta(days=int(value.rstrip("wd"))) <= now:
                found.append((version.organisation, f"{version.id}:{since.astimezone(SHANGHAI):%Y-%m-%d}"))
        return found


def _begin(engine: Engine, organisation: str, key: str, now: datetime) -> int:
    said = {"title": "目录年度复核", "reason": "REVIEW", "note": "目录施行已满规定时间，请复核并调整。"}
    return int(begin_once(engine, DEFINITION, key, said, now, organisation=organisation))
