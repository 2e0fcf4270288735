from __future__ import annotations

from datetime import timedelta

import pytest

from engine.refusals import NotFound
from processes.disclosure.publications import Publication, page_of, read_by, take_down

from .conftest import NOW

EVERYBODY = ("han", "ma", "nurse")


def readers(session, who, *logins):
    """Who of them sees a publication on the portal."""
    return {login for login in logins if Publication.page(session, Publication.visible(session, who(login), NOW))[1]}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("PUBLIC", {"han", "ma", "nurse"}),
        ("ORG_ALL", {"han", "ma", "nurse"}),
        ("INTRA_PARTY", {"han", "ma"}),
        ("UNIT", {"han"}),
        ("TARGETED", {"nurse"}),
    ],
)
def test_exactly_the_people_of_the_scope_see_it(session, released, who, scope, expected):
    released(scope=scope, recipients=[who("nurse").id])
    assert readers(session, who, *EVERYBODY) == expected


@pytest.mark.parametrize(("scope", "seen"), [("PUBLIC", 1), ("ORG_ALL", 0), ("TARGETED", 0)])
def test_who_has_not_signed_in_sees_what_is_public(session, released, who, scope, seen):
    released(scope=scope, recipients=[who("nurse").id])
    assert Publication.page(session, Publication.visible(session, None, NOW))[1] == seen


def test_a_unit_includes_what_lies_under_it(session, released, who, matter):
    matter.organisation = "hospital"
    released(scope="UNIT")
    assert readers(session, who, *EVERYBODY) == {"ma", "nurse"}


def test_all_of_the_organisation_means_the_one_of_its_level(session, released, who, matter):
    matter.organisation = "hospital"
    released(scope="ORG_ALL")
    assert readers(session, who, *EVERYBODY) == {"ma", "nurse"}


def test_who_has_left_sees_only_what_is_public(session, released, who):
    released(scope="ORG_ALL")
    who("han").active = False
    assert readers(session, who, "han") == set()


def test_what_is_not_released_by_a_channel_of_the_portal_is_not_shown_there(session, released, who):
    released(channels=["MEETING", "DOCUMENT"])
    assert readers(session, who, *EVERYBODY) == set()


def test_what_was_taken_down_is_not_shown(session, released, who):
    publication = session.get(Publication, released(scope="PUBLIC")["id"])
    take_down(publication, NOW)
    session.flush()
    assert readers(session, who, *EVERYBODY) == set()


def test_the_display_ends_with_its_period(session, released, who):
    released(display_duration="P5D")
    later = Publication.visible(session, who("han"), NOW + timedelta(days=7))
    assert Publication.page(session, later) == ([], 0)


def test_the_page_of_somebody_out_of_scope_is_not_found(session, released, who):
    key = released(scope="INTRA_PARTY")["id"]
    with pytest.raises(NotFound):
        Publication.read(session, key, who("nurse"), NOW)
    assert Publication.read(session, key, who("ma"), NOW).id == key


def test_the_first_reading_by_a_named_person_is_the_receipt(session, released, who):
    publication = session.get(Publication, released(scope="TARGETED", recipients=[who("nurse").id])["id"])
    read_by(session, publication, who("nurse"), NOW)
    read_by(session, publication, who("nurse"), NOW + timedelta(hours=1))
    session.expire_all()
    assert [one.read_at for one in publication.recipients(session)] == [NOW]


@pytest.mark.parametrize(
    ("filters", "found"), [({"text": "三项 纪要"}, 1), ({"text": "p>"}, 0), ({"organisation": "hospital"}, 0)]
)
def test_the_portal_is_searched_by_words_and_unit(session, released, who, filters, found):
    released()
    query = Publication.matching(Publication.visible(session, who("han"), NOW), **filters)
    assert Publication.page(session, query)[1] == found


def test_a_page_says_whether_feedback_is_open_and_until_when(session, released):
    publication = session.get(Publication, released()["id"])
    page = page_of(session, publication, NOW)
    assert page.feedback_open and publication.feedback_open_until == NOW + timedelta(days=15)
    assert not page_of(session, publication, NOW + timedelta(days=16)).feedback_open
