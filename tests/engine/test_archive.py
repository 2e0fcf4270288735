"""Finished journals leave for a file and come back, whole or not at all."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import Database, Engine, archive, replay, verify
from engine.archive import ArchiveBroken, NotAnArchive
from engine.live import EVERY
from engine.schema import Entry, Snapshot
from tests.engine.conftest import CLERK, HEAD, open_tasks, run
from tests.engine.diagrams import TWO_TASKS
from tests.engine.test_replay import LOOP


@pytest.fixture
def instance(engine: Engine) -> str:
    """An instance that has ended, beside one that has not."""
    run(engine, TWO_TASKS, "two")
    ended = run(engine, TWO_TASKS, "two")
    engine.complete(open_tasks(engine, ended)["draft"].id, CLERK, {"note": "明堂"})
    engine.complete(open_tasks(engine, ended)["review"].id, HEAD, {})
    return ended


def written(engine: Engine) -> bytes:
    with engine.database.read() as session:
        ids = archive.finished(session, engine.clock() + timedelta(days=1))
    file = BytesIO()
    archive.write(engine, ids, file)
    return file.getvalue()


def entries(engine: Engine, instance: str) -> int:
    with engine.database.read() as session:
        return session.scalar(select(func.count()).select_from(Entry).where(Entry.instance_id == instance)) or 0


def broken(engine: Engine) -> list[str]:
    with engine.database.read() as session:
        return [str(found) for found in verify(session) if found]


def test_what_is_finished_moves_out_and_back(engine: Engine, instance: str) -> None:
    file = written(engine)
    told = archive.move_out(engine, BytesIO(file), "a.jsonl", "ops")
    assert (told.instances, told.entries, entries(engine, instance)) == (1, 3, 0)
    assert broken(engine) == []
    archive.take_in(engine, BytesIO(file), "a.jsonl")
    assert entries(engine, instance) == 3 and broken(engine) == []
    with engine.database.read() as session:
        assert replay(engine, session, instance).entries == 3


def test_what_goes_on_stays(engine: Engine, instance: str) -> None:
    assert [json.loads(line)["instance"]["id"] for line in written(engine).splitlines() if b'"instance":' in line] == [
        instance
    ]


def test_moving_in_twice_is_moving_in_once(engine: Engine, instance: str) -> None:
    file = written(engine)
    archive.take_in(engine, BytesIO(file), "a.jsonl")
    assert entries(engine, instance) == 3


def test_another_database_takes_it_whole(engine: Engine, instance: str, sqlite_copies, tmp_path: Path) -> None:
    (url,) = sqlite_copies(tmp_path)
    other = Engine(Database(url))
    archive.take_in(other, BytesIO(written(engine)), "a.jsonl")
    assert broken(other) == []
    with other.database.read() as session:
        assert replay(other, session, instance).entries == 3
    other.database.close()


@pytest.mark.parametrize("what", [b"\xe6\x98\x8e\xe5\xa0\x82", b'"position":2'])
def test_a_changed_byte_is_noticed_and_nothing_taken_in(engine: Engine, instance: str, what: bytes) -> None:
    file = written(engine)
    archive.move_out(engine, BytesIO(file), "a.jsonl", "ops")
    with pytest.raises(ArchiveBroken, match="digest"):
        archive.take_in(
            engine, BytesIO(file.replace(what, what.swapcase().replace(b"2", b"3").replace(b"\xa0", b"\xa1"))), "a"
        )
    assert entries(engine, instance) == 0


def test_a_chain_that_is_not_that_of_the_instance_is_refused(engine: Engine, instance: str) -> None:
    """Somebody who can write digests cuts the journal: the last hash, which stayed here, tells."""
    from hashlib import sha256

    file = written(engine)
    archive.move_out(engine, BytesIO(file), "a.jsonl", "ops")
    *lines, end = [json.loads(line) for line in file.splitlines()]
    lines[-1]["entries"].pop()
    cut = b"".join(
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n" for line in lines
    )
    forged = cut + json.dumps(end | {"digest": sha256(cut).hexdigest()}).encode() + b"\n"
    with pytest.raises(ArchiveBroken, match="ends at entry 2"):
        archive.take_in(engine, BytesIO(forged), "a")
    assert entries(engine, instance) == 0


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nonsense\n", b'{"some":"json"}\n{"other":1}\n'])
def test_something_else_is_no_archive(engine: Engine, data: bytes) -> None:
    with pytest.raises(NotAnArchive):
        archive.take_in(engine, BytesIO(data), "x")


def test_a_finished_instance_keeps_no_snapshot(engine: Engine) -> None:
    instance = run(engine, LOOP, "loop")
    for _ in range(EVERY + 2):
        engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {"note": "again"})
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {"note": "done"})
    with engine.database.read() as session:
        assert session.scalars(select(Snapshot)).all() == []
        assert replay(engine, session, instance).entries == EVERY + 4
