"""A school with its people, in an open transaction on every store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from engine.db import Database
from processes import demo

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """An empty database, in a transaction that is kept until the test ends."""
    with database.write() as session:
        yield session


@pytest.fixture
def school(session: Session) -> Session:
    """The demo's organisations, people, posts and catalogue."""
    demo.load(session, AT, lambda login: "")
    return session
