"""A large body lies with the blobs by its digest; whoever reads gets the body itself."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select, update

from engine import Database, Engine, archive, lines, replay, says, verify
from engine.bodies import LARGE
from engine.schema import LAID_AWAY, Blob, Entry, Instance
from tests.engine.conftest import CLERK, open_tasks, run
from tests.engine.diagrams import end, flows, process, start, user, version

LONG = "同意公开" * LARGE
TWO = version(process("two", start(), user("a"), user("b"), end(), flows("start", "a", "b", "end")))


@pytest.fixture
def instance(engine: Engine) -> str:
    """A long text in the first of two tasks."""
    instance = run(engine, TWO, "two")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {"note": LONG})
    return instance


def blobs(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Blob)) or 0


def test_the_row_of_a_large_entry_names_where_its_body_lies(engine: Engine, instance: str) -> None:
    with engine.database.read() as session:
        small, large = session.scalars(select(Entry).where(Entry.instance_id == instance).order_by(Entry.position))
        assert small.kept == small.body and len(small.body) <= LARGE
        assert large.kept == LAID_AWAY + session.get_one(Blob, large.kept[1:]).digest
        assert LONG in large.body and len(large.kept) == 65


def test_who_reads_the_journal_gets_the_body(engine: Engine, instance: str) -> None:
    with engine.database.read() as session:
        assert LONG in lines(session.connection(), instance)[1].body


def test_it_replays_verifies_and_goes_on_from_the_journal(engine: Engine, instance: str) -> None:
    engine.executions.cache.clear()
    engine.complete(open_tasks(engine, instance)["b"].id, CLERK, {})
    with engine.database.read() as session:
        assert replay(engine, session, instance).state == "completed"
        assert [broken for broken in verify(session) if broken] == []


def test_it_is_taken_back_like_any_other(engine: Engine) -> None:
    instance = run(engine, TWO, "two")
    task = open_tasks(engine, instance)["a"].id
    engine.complete(task, CLERK, {"note": LONG})
    engine.withdraw(task, CLERK)
    assert list(open_tasks(engine, instance)) == ["a"]


@pytest.mark.parametrize("body", [b"{}", None])
def test_a_body_that_was_changed_or_lost_is_named_by_its_entry(
    engine: Engine, instance: str, body: bytes | None
) -> None:
    with engine.database.write() as session:
        key = session.get_one(Entry, (instance, 2)).kept[1:]
        if body is None:
            session.delete(session.get_one(Blob, key))
        else:
            session.execute(update(Blob).where(Blob.digest == key).values(body=body))
    with engine.database.read() as session:
        assert [broken.parameters["key"] for broken in verify(session) if broken] == [f"{instance}/2"]


def test_a_search_finds_what_lies_apart(engine: Engine, instance: str) -> None:
    with engine.database.read() as session:
        found = select(Entry.position).where(Entry.instance_id == instance)
        assert list(session.scalars(found.where(says("公开同意公开同意")))) == [2]
        assert list(session.scalars(found.where(says("不予公开")))) == []


def test_it_goes_into_an_archive_and_back_with_its_body(engine: Engine, instance: str) -> None:
    engine.complete(open_tasks(engine, instance)["b"].id, CLERK, {})
    before, target = blobs(engine.database), io.BytesIO()
    archive.write(engine, [instance], target)
    target.seek(0)
    archive.move_out(engine, target, "a.mtj", "ma")
    assert blobs(engine.database) == before - 1
    target.seek(0)
    archive.take_in(engine, target, "a.mtj")
    assert blobs(engine.database) == before
    with engine.database.read() as session:
        assert session.get_one(Instance, instance).position == replay(engine, session, instance).entries
