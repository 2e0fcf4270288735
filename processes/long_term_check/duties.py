"""Which releases are to be checked: those shown for good, a year after their release or their last check (Art. 16)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import SHANGHAI
from processes import settings
from processes.cases.clockwork import CaseKey, begin_once, once_a_day
from processes.disclosure.publications import Publication
from processes.long_term_check.checks import DEFINITION, ValidityCheck

if TYPE_CHECKING:
    from engine import Engine

SOONEST = timedelta(days=30)
"""No setting makes a check come sooner than this."""


def check_long_term(engine: Engine, now: datetime) -> int:
    """Begin the checks that are due; answers how many. Each once for a release and a day."""
    return once_a_day(engine, "check_long_term", now, lambda: _begin_due(engine, now))


def _begin_due(engine: Engine, now: datetime) -> int:
    with engine.database.read() as session:
        due = [(one, key) for one, key in _due(session, now) if not session.get(CaseKey, (DEFINITION, key))]
    return sum(_begin(engine, publication, key, now) for publication, key in due)


def _due(session: Session, now: datetime) -> list[tuple[Publication, str]]:
    """(publication, key); the key names the release or the check from which the year was counted."""
    last = select(ValidityCheck.publication_id, func.max(ValidityCheck.at).label("at"))
    checked = last.group_by(ValidityCheck.publication_id).subquery()
    query = select(Publication, checked.c.at).outerjoin(checked, checked.c.publication_id == Publication.id)
    shown = query.where(
        Publication.taken_down_at.is_(None),
        Publication.display_until.is_(None),
        func.coalesce(checked.c.at, Publication.released_at) <= now - SOONEST,
    )
    found = []
    for publication, checked_at in session.execute(shown.order_by(Publication.released_at, Publication.id)):
        since = checked_at or publication.released_at
        if since + _allowed(session, publication.organisation, now) <= now:
            found.append((publication, f"{publication.id}:{since.astimezone(SHANGHAI):%Y-%m-%d}"))
    return found


def _allowed(session: Session, organisation: str, now: datetime) -> timedelta:
    """How long a release may stand unchecked, as the setting t.long_term_check counts for its organisation, in days."""
    return timedelta(days=int(settings.effective(session, organisation, now)["t.long_term_check"].rstrip("wd")))


def _begin(engine: Engine, publication: Publication, key: str, now: datetime) -> int:
    said = {"title": publication.title[:120], "reason": "长期公开已满规定时间，请复核是否仍然有效。"}
    links = {"publication": publication.id}
    return int(begin_once(engine, DEFINITION, key, said, now, organisation=publication.organisation, links=links))
