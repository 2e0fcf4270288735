"""Proof: an instance re-executes to the same bytes, and a changed byte is named."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from engine import Engine, replay, verify
from engine.clock import SHANGHAI
from engine.live import EVERY
from engine.refusals import Broken, Diverged
from engine.schema import Blob, Entry, Instance, Snapshot, VersionFile
from tests.engine.conftest import CLERK, HEAD, open_tasks, run
from tests.engine.diagrams import TWO_TASKS, end, flow, flows, process, start, user, version

LOOP = version(
    process(
        "loop",
        start(),
        user("a"),
        '<bpmn:exclusiveGateway id="gw" default="f_gw_a"/>',
        end(),
        flows("start", "a", "gw"),
        flow("gw", "a"),
        flow("gw", "end", "note == &quot;done&quot;"),
    )
)


def finished(engine: Engine) -> str:
    instance = run(engine, TWO_TASKS, "two")
    engine.complete(open_tasks(engine, instance)["draft"].id, CLERK, {"note": "x"})
    engine.complete(open_tasks(engine, instance)["review"].id, HEAD, {})
    return instance


def broken(engine: Engine) -> list[str]:
    with engine.database.read() as session:
        return [str(found) for found in verify(session) if found]


def test_a_finished_instance_replays(engine: Engine) -> None:
    instance = finished(engine)
    with engine.database.read() as session:
        assert replay(engine, session, instance).entries == 3


def test_an_instance_whose_clock_told_another_zone_replays(engine: Engine, clock) -> None:
    clock.now = clock.now.astimezone(SHANGHAI)
    parts = (start(), user("a", due='"2wd"'), end(), flows("start", "a", "end"))
    instance = run(engine, version(process("p", *parts)), "p")
    with engine.database.read() as session:
        assert replay(engine, session, instance).entries == 1


def test_all_is_well_at_first(engine: Engine) -> None:
    finished(engine)
    assert broken(engine) == []


def test_one_changed_byte_in_an_entry_is_named(engine: Engine) -> None:
    instance = finished(engine)
    with engine.database.write() as session:
        entry = session.get_one(Entry, (instance, 2))
        entry.kept = entry.kept.replace('"note":"x"', '"note":"y"')
    assert broken(engine) == [f"entry {instance}/2 is broken: its content does not match its hash"]


def test_a_rewritten_hash_breaks_the_next_link(engine: Engine) -> None:
    instance = finished(engine)
    with engine.database.write() as session:
        session.execute(update(Entry).where(Entry.instance_id == instance, Entry.position == 2).values(hash="0" * 64))
    assert f"entry {instance}/2" in broken(engine)[0]


def test_a_missing_entry_is_named(engine: Engine) -> None:
    instance = finished(engine)
    with engine.database.write() as session:
        session.delete(session.get_one(Entry, (instance, 2)))
    assert "entry 2 is missing" in broken(engine)[0]


def test_a_cut_off_end_is_noticed(engine: Engine) -> None:
    instance = finished(engine)
    with engine.database.write() as session:
        session.delete(session.get_one(Entry, (instance, 3)))
    assert f"instance {instance}" in broken(engine)[0]


def test_a_changed_diagram_is_named(engine: Engine) -> None:
    finished(engine)
    with engine.database.write() as session:
        key = session.query(VersionFile).filter_by(path="0.bpmn").one().digest
        session.execute(update(Blob).where(Blob.digest == key).values(body=b"<changed/>"))
    assert any(found.startswith("version") for found in broken(engine))


def test_an_entry_that_comes_out_differently_diverges(engine: Engine) -> None:
    instance = finished(engine)
    with engine.database.write() as session:
        _forge(session, instance)
    with engine.database.read() as session, pytest.raises(Diverged) as refusal:
        replay(engine, session, instance)
    assert refusal.value.parameters["position"] == 2


def test_a_broken_chain_is_not_even_replayed(engine: Engine) -> None:
    instance = finished(engine)
    with engine.database.write() as session:
        session.execute(update(Entry).where(Entry.position == 2).values(by="somebody"))
    with engine.database.read() as session, pytest.raises(Broken):
        replay(engine, session, instance)


def test_snapshots_are_compared_as_well(engine: Engine, build) -> None:
    instance = run(engine, LOOP, "loop")
    for _ in range(EVERY + 3):
        engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {"note": "again"})
    with engine.database.read() as session:
        assert session.get(Snapshot, (instance, EVERY)) is not None
        assert replay(engine, session, instance).entries == EVERY + 4
    build().complete(open_tasks(engine, instance)["a"].id, CLERK, {"note": "done"})
    with engine.database.read() as session:
        assert session.get_one(Instance, instance).state == "completed"


def _forge(session, instance: str) -> None:
    """Somebody who can compute hashes rewrites the past consistently: only replay notices."""
    from engine import journal

    previous = ""
    for entry in session.query(Entry).filter_by(instance_id=instance).order_by(Entry.position):
        if entry.position == 2:
            entry.kept = entry.kept.replace('"entered","review"', '"entered","nowhere"')
            assert "nowhere" in entry.body
        entry.previous = previous or entry.previous
        line = journal.Line(instance, entry.position, entry.at, entry.kind, entry.by, entry.body, entry.previous)
        previous = entry.hash = line.hash
    session.get_one(Instance, instance).head = previous
