"""The auditor's questions are asked alike of every database."""

from __future__ import annotations

import pytest

from processes import audit, demo
from processes.audit import Wanted
from processes.disclosure.demo import load_matters
from web import config, procedures_folder, wiring
from web.audit import findings

from .conftest import START, Clock


@pytest.fixture
def parts(database_url, tmp_path):
    """The demo school with its three matters on this store."""
    settings = config.read({"MINGTANG_VAR": str(tmp_path), "MINGTANG_DATABASE_URL": database_url})
    parts = wiring.build(settings, clock=Clock())
    with parts.database.write() as session:
        demo.load(session, START, lambda _login: "")
    for procedure in procedures_folder.ours():
        parts.engine.deploy(procedures_folder.files_in(procedure), "test")
    load_matters(parts.engine)
    yield parts
    parts.database.close()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(), 4),
        (Wanted(person="许志航"), 2),
        (Wanted(text="党费", state="ARCHIVED", organisation="ccmu"), 1),
        (Wanted(since=START.isoformat(), state="open"), 2),
        (Wanted(until=START.isoformat()), 0),
    ],
)
def test_a_search_finds_the_same(parts, wanted, count):
    with parts.database.read() as session:
        assert len(session.execute(wanted.query(session, None)).all()) == count
        assert len(session.execute(wanted.query(session, frozenset({"nowhere"}))).all()) == 0


def test_the_lists_are_asked(parts):
    with parts.database.read() as session:
        asked = findings.Asked(None, START)
        assert {name: len(listed.page(session, asked, 1)[0]) for name, listed in findings.LISTS.items()} == {
            "own-approval": 0,
            "other-text": 0,
            "unanswered": 0,
            "overdue": 0,
            "quiet": 0,
        }


@pytest.mark.parametrize("kind", ["CHAINS", "REPLAY"])
def test_a_verification_goes_on_in_parts_until_it_ends(parts, monkeypatch, kind):
    monkeypatch.setattr(audit, "SLICE", {kind: 2})
    with parts.database.write() as session:
        asked = audit.ask(session, kind, Wanted(), None, "somebody", START)
    done = [audit.verify_asked(parts.engine, START) for _ in range(3)]
    with parts.database.read() as session:
        record = session.get_one(audit.Verification, asked.id)
    assert (done, record.done, record.broken, record.ended_at) == ([2, 2, 0], 4, 0, START)
