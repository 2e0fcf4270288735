"""The demo school: everybody on a post, nothing twice."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.db import Base
from processes import demo
from processes.catalogue import CatalogueVersion
from processes.organisation import (
    POSTS,
    Appointment,
    Organisation,
    Person,
    holders,
    seats_of,
    superior,
    without_desk_officer,
)
from tests.processes.conftest import AT, TODAY


def counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_loading_twice_adds_nothing(school: Session) -> None:
    before = counts(school)
    demo.load(school, AT, lambda login: "other")
    assert counts(school) == before


def test_loading_again_keeps_what_people_changed(school: Session) -> None:
    demo.person(school, "zhulin").name = "祝霖霖"
    archivist = demo.person(school, "luozhengping")
    for appointment in Appointment.of_person(school, archivist.id):
        appointment.end(school, TODAY)
    demo.load(school, AT, lambda login: "")
    assert demo.person(school, "zhulin").name == "祝霖霖"
    assert not [
        each for each in Appointment.of_person(school, demo.person(school, "luozhengping").id) if not each.until
    ]


def test_every_post_is_held_by_somebody(school: Session) -> None:
    assert {appointment.post for appointment in Appointment.current(school, TODAY)} == set(POSTS)
    assert without_desk_officer(school, TODAY) == []


def test_every_seat_that_a_unit_needs_has_a_holder(school: Session) -> None:
    for organisation in Organisation.all(school):
        for post, place in seats_of(school, organisation.code, TODAY).items():
            needed = post not in ("handler", "principal_officer") or organisation.code == place
            assert not needed or holders(school, place, post, TODAY), (organisation.code, post)


def test_every_organisation_can_propose_review_and_confirm(school: Session) -> None:
    for organisation in Organisation.all(school):
        for post in ("handler", "principal_officer", "co_unit_confirmer"):
            assert holders(school, organisation.code, post, TODAY), (organisation.code, post)


def test_who_proposes_never_reviews_in_the_same_organisation(school: Session) -> None:
    for organisation in Organisation.all(school):
        proposers = holders(school, organisation.code, "handler", TODAY)
        reviewers = holders(school, organisation.code, "principal_officer", TODAY)
        assert not set(proposers) & set(reviewers)


def test_the_tree_has_three_branches_and_one_organisation_by_reference(school: Session) -> None:
    organisations = Organisation.all(school)
    assert [each.code for each in organisations if each.relation == "APPLIES_BY_REFERENCE"] == ["clinical-students"]
    assert len([each for each in organisations if superior(school, each.code) not in ("", "ccmu")]) == 3
    assert Organisation.root(school).name == "中共首都医科大学委员会"


def test_there_are_readers_outside_the_party(school: Session) -> None:
    assert {person.login for person in Person.all(school) if not person.is_member} >= {"maoxiaolu", "tianye"}


def test_each_account_says_what_it_is_for() -> None:
    assert len({account.login for account in demo.ACCOUNTS}) == len(demo.ACCOUNTS)
    assert all(account.zh and account.en and account.login.isascii() for account in demo.ACCOUNTS)


def test_the_password_hash_is_asked_for_and_kept(session: Session) -> None:
    demo.load(session, AT, lambda login: f"hash of {login}")
    assert demo.person(session, "tianye").password_hash == "hash of tianye"


def test_the_annex_is_the_catalogue_in_force(school: Session) -> None:
    version = CatalogueVersion.in_force(school, "ccmu")
    assert version
    minutes, plan = version.items
    assert (minutes.content, minutes.units, minutes.route) == ("党委常委会纪要", ["pco"], "HEAD")
    assert (plan.content, plan.units, plan.route) == ("年度党政工作要点", ["pco", "president-office"], "COLLECTIVE")
    assert not minutes.unresolved and not plan.unresolved
