"""A school with its people, in an open transaction on every store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from engine.db import Database
from processes import demo
from tests.processes.kit import Kit

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


@pytest.fixture
def kit(database_url: str, tmp_path: Path) -> Iterator[Kit]:
    """The demo school on every store, with every service and observer of the product; see tests/processes/kit.py."""
    kit = Kit(database_url, tmp_path)
    yield kit
    kit.database.close()
