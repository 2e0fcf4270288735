"""The tree of Article 3, and who sits where."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from engine.refusals import NotFound
from processes.organisation import (
    POSTS,
    AdministratorsDisjoint,
    AlreadyAppointed,
    Appointment,
    CodeTaken,
    CodeUnfit,
    LoginTaken,
    NameMissing,
    Organisation,
    OwnAncestor,
    PeriodBackwards,
    Person,
    SecondRoot,
    ancestry,
    appoint,
    belongs,
    deciding,
    desk_officer,
    holders,
    members_of,
    people_of,
    seats,
    seats_of,
    subtree,
    superior,
    tree,
    without_desk_officer,
)

TODAY = date(2026, 3, 2)
SINCE = date(2025, 1, 1)


@pytest.fixture
def small(session: Session) -> Session:
    """A committee with an office, and a hospital with a branch."""
    Organisation.add(session, "party", "校党委", "PARTY_ORG")
    Organisation.add(session, "office", "党委办公室", "WORKING_DEPARTMENT", "party")
    Organisation.add(session, "hospital", "附属医院党委", "PARTY_ORG", "party")
    Organisation.add(session, "branch", "护理党支部", "PARTY_ORG", "hospital")
    return session


def somebody(session: Session, login: str, home: str = "office", is_member: bool = True) -> Person:
    return Person.add(session, login, login.title(), home, is_member=is_member)


def give(session: Session, login: str, *posts: str) -> Person:
    person = somebody(session, login)
    for post, _, organisation in (seat.partition("@") for seat in posts):
        appoint(session, person.id, organisation, post, SINCE)
    return person


def codes(organisations: list[Organisation]) -> list[str]:
    return [organisation.code for organisation in organisations]


# The tree


def test_ancestry_runs_from_the_unit_up_to_the_root(small: Session) -> None:
    assert codes(ancestry(small, "branch")) == ["branch", "hospital", "party"]


def test_a_subtree_holds_the_organisation_and_all_below(small: Session) -> None:
    assert subtree(small, "hospital") == {"hospital", "branch"}
    assert subtree(small, "nowhere") == set()


def test_the_tree_lists_each_organisation_after_the_one_above(small: Session) -> None:
    listed = [(depth, organisation.code) for depth, organisation in tree(small)]
    assert listed == [(0, "party"), (1, "hospital"), (2, "branch"), (1, "office")]


def test_a_department_decides_through_its_committee_and_reports_past_it(small: Session) -> None:
    assert deciding(small, "office") == "party"
    assert superior(small, "office") == superior(small, "party") == ""
    assert superior(small, "branch") == "hospital"


def test_an_organisation_cannot_be_placed_under_itself(small: Session) -> None:
    hospital = Organisation.of(small, "hospital")
    for place in ("hospital", "branch"):
        with pytest.raises(OwnAncestor, match="附属医院党委"):
            hospital.move(small, place)


def test_an_organisation_moves_with_everything_under_it(small: Session) -> None:
    Organisation.add(small, "group", "医疗集团党委", "PARTY_ORG", "party")
    Organisation.of(small, "hospital").move(small, "group")
    assert codes(ancestry(small, "branch")) == ["branch", "hospital", "group", "party"]


def test_only_one_organisation_has_no_superior(small: Session) -> None:
    with pytest.raises(SecondRoot):
        Organisation.add(small, "other", "另一党委", "PARTY_ORG")


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"code": "Big Code"}, CodeUnfit),
        ({"code": "office"}, CodeTaken),
        ({"name": "  "}, NameMissing),
        ({"kind": "CLUB"}, NotFound),
        ({"relation": "FRIEND"}, NotFound),
        ({"unit_kind": "SPACE"}, NotFound),
        ({"parent": "nowhere"}, NotFound),
    ],
)
def test_an_organisation_is_refused_for_what_is_wrong(small: Session, changed: dict[str, str], refusal: type) -> None:
    right = {"code": "new", "name": "研究生党总支", "kind": "PARTY_ORG", "parent": "party"}
    with pytest.raises(refusal):
        Organisation.add(small, **(right | changed))
    assert len(Organisation.all(small)) == 4


# Posts


def test_every_post_has_a_chinese_and_an_english_name() -> None:
    assert len(POSTS) == 21
    assert all(post.zh and post.en for post in POSTS.values())


def test_a_seat_is_held_from_its_first_to_its_last_day(small: Session) -> None:
    person = somebody(small, "lin")
    appoint(small, person.id, "office", "handler", date(2026, 1, 1), date(2026, 1, 31))
    seat = frozenset({("office", "handler")})
    assert seats(small, person.id, date(2026, 1, 1)) == seats(small, person.id, date(2026, 1, 31)) == seat
    assert not seats(small, person.id, date(2025, 12, 31)) and not seats(small, person.id, date(2026, 2, 1))


def test_somebody_who_left_holds_no_seat(small: Session) -> None:
    person = give(small, "lin", "handler@office")
    person.active = False
    small.flush()
    assert seats(small, person.id, TODAY) == frozenset()
    assert holders(small, "office", "handler", TODAY) == []


def test_several_people_may_hold_one_post(small: Session) -> None:
    give(small, "wu", "handler@office")
    give(small, "lin", "handler@office")
    assert [person.login for person in holders(small, "office", "handler", TODAY)] == ["lin", "wu"]


def test_a_seat_is_found_in_the_nearest_organisation_upwards(small: Session) -> None:
    give(small, "lin", "head_approver@party")
    give(small, "wu", "head_approver@hospital")
    assert seats_of(small, "branch", TODAY)["head_approver"] == "hospital"
    assert seats_of(small, "office", TODAY)["head_approver"] == "party"


def test_a_post_without_holder_falls_to_the_root(small: Session) -> None:
    found = seats_of(small, "branch", TODAY)
    assert set(found) == set(POSTS)
    assert found["collective_secretary"] == "party"


def test_a_serving_post_is_also_found_in_a_department(small: Session) -> None:
    give(small, "lin", "spokesperson@office", "handler@office")
    found = seats_of(small, "branch", TODAY)
    assert found["spokesperson"] == "office"
    assert found["handler"] == "party"


def test_a_lower_organisation_is_approved_by_the_one_above(small: Session) -> None:
    give(small, "lin", "superior_approver@party", "superior_approver@hospital")
    assert seats_of(small, "hospital", TODAY)["superior_approver"] == "party"
    assert seats_of(small, "branch", TODAY)["superior_approver"] == "hospital"


def test_the_reply_of_a_superior_outside_is_recorded_in_the_office(small: Session) -> None:
    give(small, "lin", "superior_approver@party")
    give(small, "wu", "superior_approver@office")
    assert seats_of(small, "party", TODAY)["superior_approver"] == "office"
    assert seats_of(small, "office", TODAY)["superior_approver"] == "office"
    assert seats_of(small, "hospital", TODAY)["superior_approver"] == "party"


def test_a_period_may_not_run_backwards(small: Session) -> None:
    person = somebody(small, "lin")
    with pytest.raises(PeriodBackwards, match="2026-01-01"):
        appoint(small, person.id, "office", "handler", date(2026, 2, 1), date(2026, 1, 1))
    appointment = appoint(small, person.id, "office", "handler", date(2026, 2, 1))
    with pytest.raises(PeriodBackwards):
        appointment.end(small, date(2026, 1, 31))


def test_the_same_post_is_not_given_twice_at_a_time(small: Session) -> None:
    person = somebody(small, "lin")
    appoint(small, person.id, "office", "handler", date(2026, 1, 1)).end(small, date(2026, 1, 31))
    with pytest.raises(AlreadyAppointed):
        appoint(small, person.id, "office", "handler", date(2026, 1, 31))
    appoint(small, person.id, "office", "handler", date(2026, 2, 1))
    assert len(Appointment.of_person(small, person.id)) == 2


def test_the_three_administrators_are_different_people(small: Session) -> None:
    person = give(small, "lin", "system_admin@party")
    for post in ("security_admin", "audit_admin"):
        with pytest.raises(AdministratorsDisjoint, match="系统管理员"):
            appoint(small, person.id, "party", post, TODAY)
    appoint(small, person.id, "office", "system_admin", TODAY)


def test_a_former_administrator_may_become_another_one(small: Session) -> None:
    person = somebody(small, "lin")
    appoint(small, person.id, "party", "system_admin", date(2025, 1, 1), date(2025, 12, 31))
    appoint(small, person.id, "party", "audit_admin", date(2026, 1, 1))
    assert seats(small, person.id, TODAY) == {("party", "audit_admin")}


def test_an_unknown_post_is_refused(small: Session) -> None:
    with pytest.raises(NotFound, match="emperor"):
        appoint(small, somebody(small, "lin").id, "office", "emperor", TODAY)


def test_an_organisation_without_a_desk_officer_shows(small: Session) -> None:
    person = give(small, "lin", "desk_officer@office")
    assert desk_officer(small, "office", TODAY) is person
    assert desk_officer(small, "branch", TODAY) is None
    assert codes(without_desk_officer(small, TODAY)) == ["branch", "hospital", "party"]


# People


def test_a_sign_in_name_is_unique_in_any_case_of_letters(small: Session) -> None:
    person = somebody(small, "lin")
    with pytest.raises(LoginTaken, match="lin"):
        somebody(small, "LIN")
    assert Person.by_login(small, " Lin ") is person


def test_a_person_needs_a_name_and_a_home(small: Session) -> None:
    with pytest.raises(NameMissing):
        Person.add(small, "lin", " ", "office")
    with pytest.raises(NotFound, match="nowhere"):
        Person.add(small, "lin", "林", "nowhere")


def test_people_of_an_organisation_are_those_below_too(small: Session) -> None:
    nurse, doctor = somebody(small, "nurse", "branch"), somebody(small, "doctor", "hospital", is_member=False)
    somebody(small, "clerk")
    assert people_of(small, "hospital") == [doctor, nurse]
    assert members_of(small, "hospital") == [nurse]
    assert belongs(small, nurse, "hospital") and belongs(small, nurse, "party")
    assert not belongs(small, doctor, "branch")
