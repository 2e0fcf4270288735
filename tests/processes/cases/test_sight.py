"""Who sees a case: its starter, who acts in it, who leads or oversees; and nobody else of what is kept apart."""

from __future__ import annotations

from processes.audit import Wanted, reach
from tests.processes.cases.procedures import asking
from tests.processes.kit import Kit

SAID = {"title": "When is the meeting?", "unit": ""}
EVERYBODY = (
    "yubin",
    "renshuhua",
    "zhongkaiwen",
    "wanlihua",
    "fangwenjing",
    "yanweidong",
    "sikongyi",
    "tianye",
    "panlili",
)


def seeing(kit: Kit, **said: str) -> set[str]:
    kit.engine.deploy(asking(**said), "test")
    run = kit.begin("asking", "yubin", SAID)
    return {login for login in EVERYBODY if run.as_(login).sees}


def test_leaders_and_overseers_see_it_and_others_do_not(kit: Kit) -> None:
    assert seeing(kit) == set(EVERYBODY) - {"tianye", "panlili"}


def test_what_is_kept_apart_is_seen_by_its_posts_and_who_acts_in_it(kit: Kit) -> None:
    assert seeing(kit, seen_by="discipline_officer") == {"yubin", "yanweidong", "renshuhua"}


def test_the_auditors_search_leaves_out_what_is_kept_apart(kit: Kit) -> None:
    seeing(kit, seen_by="discipline_officer")
    with kit.database.read() as session:
        everything = reach(session, kit.actor("sikongyi").seats)
        assert session.execute(Wanted(definition="asking").query(session, everything)).all() == []
        assert len(session.scalars(Wanted(definition="asking").ids(session, everything)).all()) == 1
