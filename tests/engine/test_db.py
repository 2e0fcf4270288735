"""Connections: whole or nothing, and alive."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from engine import Database, db
from engine.schema import Definition


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Definition)) or 0


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.add(Definition(key="a", name="a", in_force=None))
        session.flush()
        raise ZeroDivisionError
    assert count(database) == 0


def test_what_waits_for_the_commit_happens_after_it_and_only_then(database: Database) -> None:
    seen: list[int] = []
    with database.write() as session:
        session.add(Definition(key="a", name="a", in_force=None))
        session.after_commit(lambda: seen.append(count(database)))
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.after_commit(lambda: seen.append(-1))
        raise ZeroDivisionError
    assert seen == [1]


def test_a_connection_that_died_while_idle_is_replaced(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.is_sqlite:
        return
    monkeypatch.setattr(db, "TRUSTED", -1.0)
    assert count(database) == 0
    other = Database(database.url)
    with other.write() as session:
        mine = "pid <> pg_backend_pid() AND datname = current_database()"
        session.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
    other.close()
    assert count(database) == 0


def test_who_looks_sees_one_view_until_something_is_written(database: Database) -> None:
    other = Database(database.url)
    with database.looking():
        assert count(database) == 0
        with other.write() as session:
            session.add(Definition(key="elsewhere", name="a", in_force=None))
        assert count(database) == 0
        with database.write() as session:
            session.add(Definition(key="here", name="a", in_force=None))
            assert count(database) == 1
        assert count(database) == 2
    other.close()


def test_a_view_that_failed_is_not_looked_through_again(database: Database) -> None:
    with database.looking():
        with pytest.raises(DBAPIError), database.read() as session:
            session.execute(text("SELECT nonsense FROM nowhere"))
        assert count(database) == 0
