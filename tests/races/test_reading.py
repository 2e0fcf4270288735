"""A page is made from one state of the database, whatever others do meanwhile."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Database
from processes.organisation import Organisation


def test_a_reading_sees_one_state_until_it_ends(database: Database):
    with database.read() as reading:
        assert organisations(reading) == 0
        with database.write() as session:
            Organisation.add(session, "office", "办公室", "PARTY_ORG")
        assert organisations(reading) == 0
    with database.read() as reading:
        assert organisations(reading) == 1


def organisations(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(Organisation))
