"""A text whose display period is over is taken down, once, by whichever scheduler comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from engine import Engine, tick
from processes import demo as school
from processes.disclosure.publications import Publication
from processes.expiry import EXPIRED, TakeDown, take_down_expired
from processes.notices import Notice

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=40)


@pytest.fixture
def engine(database):
    with database.write() as session:
        school.load(session, NOW, lambda login: "")
    return Engine(database, duties=[take_down_expired], clock=lambda: LATER)


def show(engine, key, until, proofs="{}"):
    """A release of the organisation department that is shown until then."""
    with engine.database.write() as session:
        session.add(
            Publication(
                id=key,
                matter_id=f"m-{key}",
                call_id=f"c-{key}",
                title="任前公示",
                content="",
                html="<p>公示</p>",
                plain="公示",
                text_hash="h",
                scope="PUBLIC",
                scope_note="",
                organisation="orgdept",
                deciding="party",
                units_json="[]",
                attachments_json="[]",
                proofs_json=proofs,
                on_portal=True,
                display_duration="P5D",
                display_until=until,
                released_at=NOW,
            )
        )


def taken(engine):
    with engine.database.read() as session:
        return {row.publication_id: row for row in session.scalars(select(TakeDown))}


def notices(engine, kind):
    with engine.database.read() as session:
        return session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == kind))


def test_what_was_shown_long_enough_is_taken_down_and_the_desk_officer_is_told(engine):
    show(engine, "old", NOW + timedelta(days=6))
    assert take_down_expired(engine, LATER) == 1
    row = taken(engine)["old"]
    assert (row.reason, row.at) == (EXPIRED, LATER)
    assert notices(engine, "taken_down") == 1
    with engine.database.read() as session:
        assert session.get_one(Publication, "old").taken_down_at == LATER


def test_what_is_still_to_be_shown_and_what_is_shown_for_ever_stays(engine):
    show(engine, "young", LATER + timedelta(days=1))
    show(engine, "forever", None)
    assert (take_down_expired(engine, LATER), taken(engine)) == (0, {})


def test_a_second_beat_does_nothing_again(engine):
    show(engine, "old", NOW)
    tick(engine, now=LATER)
    tick(engine, now=LATER + timedelta(minutes=1))
    assert notices(engine, "taken_down") == 1


def test_many_schedulers_take_each_text_down_once(engine):
    for number in range(30):
        show(engine, f"p{number:02}", NOW)
    with ThreadPoolExecutor(4) as workers:
        counts = list(workers.map(lambda _: take_down_expired(engine, LATER), range(4)))
    assert sum(counts) == len(taken(engine)) == notices(engine, "taken_down") == 30


def test_paper_is_taken_down_by_hand_and_its_proof_is_asked_for(engine):
    show(engine, "board", NOW, '{"NOTICE_BOARD":"BOARD","LAN":"URL"}')
    take_down_expired(engine, LATER)
    assert taken(engine)["board"].boards == ["NOTICE_BOARD"]
    assert notices(engine, "take_down_proof") == 1
