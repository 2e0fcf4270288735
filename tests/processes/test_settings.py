"""Time limits climb the tree and keep who changed them, when and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine.refusals import NotFound
from processes.settings import (
    LIMITS,
    PERIOD,
    BeginsInThePast,
    NotAPeriod,
    OrganisationSetting,
    OtherUnit,
    ReasonMissing,
    TooLong,
    TooShort,
    change,
    check,
    effective,
    explained,
)
from tests.processes.conftest import AT


def set_review(session: Session, organisation: str, value: str | None) -> OrganisationSetting:
    return change(session, organisation, "t.review", value, by="lin", at=AT, reason="试行")


def test_every_limit_has_a_period_names_and_an_origin() -> None:
    for limit in LIMITS.values():
        assert PERIOD.fullmatch(limit.default), limit.key
        assert limit.zh and limit.en and limit.origin_zh and limit.origin_en


def test_every_default_lies_within_its_own_bounds() -> None:
    for limit in LIMITS.values():
        check(limit, limit.default)


def test_a_change_counts_from_its_day_on(school: Session) -> None:
    later = AT + timedelta(days=7)
    change(school, "ccmu", "t.review", "1wd", by="lin", at=AT, reason="试行", since=later)
    found = [effective(school, "pco", at)["t.review"] for at in (AT, later)]
    assert found == ["2wd", "1wd"]


def test_what_counted_then_is_still_known(school: Session) -> None:
    change(school, "ccmu", "t.review", "1wd", by="lin", at=AT + timedelta(days=7), reason="试行")
    assert effective(school, "pco", AT)["t.review"] == "2wd"


@pytest.mark.parametrize(
    ("key", "value", "refusal"),
    [
        ("t.minutes_release", "8d", TooLong),
        ("t.minutes_release", "3wd", OtherUnit),
        ("t.opinion_society", "14d", TooShort),
        ("t.opinion_society", "10wd", TooShort),
        ("t.notice_window", "4wd", TooShort),
        ("t.notice_window", "7d", OtherUnit),
        ("t.incident_first", "61m", TooLong),
    ],
)
def test_what_goes_beyond_the_bounds_is_refused(school: Session, key: str, value: str, refusal: type) -> None:
    with pytest.raises(refusal, match=key):
        change(school, "pco", key, value, by="lin", at=AT, reason="试行")


@pytest.mark.parametrize(
    ("key", "value"), [("t.opinion_society", "15wd"), ("t.review", "48h"), ("t.minutes_release", "24h")]
)
def test_what_stays_within_the_bounds_counts(school: Session, key: str, value: str) -> None:
    change(school, "pco", key, value, by="lin", at=AT, reason="试行")
    assert effective(school, "pco", AT)[key] == value


def test_a_change_that_begins_in_the_past_is_refused(school: Session) -> None:
    with pytest.raises(BeginsInThePast):
        change(school, "pco", "t.review", "1wd", by="lin", at=AT, reason="试行", since=AT - timedelta(days=1))


def test_without_a_change_the_defaults_count(school: Session) -> None:
    assert effective(school, "anatomy-branch", AT) == {key: limit.default for key, limit in LIMITS.items()}


def test_the_nearest_change_upwards_counts(school: Session) -> None:
    set_review(school, "ccmu", "3wd")
    set_review(school, "basic-medicine", "24h")
    found = {code: effective(school, code, AT)["t.review"] for code in ("pco", "basic-medicine", "anatomy-branch")}
    assert found == {"pco": "3wd", "basic-medicine": "24h", "anatomy-branch": "24h"}


def test_a_limit_can_be_given_back_to_the_superior(school: Session) -> None:
    set_review(school, "ccmu", "3wd")
    set_review(school, "pco", "1wd")
    set_review(school, "pco", None)
    assert effective(school, "pco", AT)["t.review"] == "3wd"


def test_every_change_is_kept_with_who_when_and_why(school: Session) -> None:
    set_review(school, "pco", "1wd")
    set_review(school, "pco", "4wd")
    rows = OrganisationSetting.history(school, "pco", "t.review")
    assert [(row.value, row.by, row.at, row.reason) for row in rows] == [
        ("1wd", "lin", AT, "试行"),
        ("4wd", "lin", AT, "试行"),
    ]


def test_an_explanation_names_the_row_that_counts(school: Session) -> None:
    row = set_review(school, "ccmu", "3wd")
    found = {each.limit.key: each for each in explained(school, "pco", AT)}
    assert found["t.review"].change is row
    assert found["t.sco"].change is None


@pytest.mark.parametrize("value", ["", "2", "wd", "2 wd", "-1d", "2wk", "1.5d", "2wd;"])
def test_what_is_no_period_is_refused(school: Session, value: str) -> None:
    with pytest.raises(NotAPeriod, match=r"t\.review"):
        set_review(school, "pco", value)
    assert not OrganisationSetting.history(school, "pco", "t.review")


def test_an_unknown_key_or_organisation_and_no_reason_are_refused(school: Session) -> None:
    for organisation, key in (("pco", "t.nothing"), ("nowhere", "t.review")):
        with pytest.raises(NotFound):
            change(school, organisation, key, "2d", by="lin", at=AT, reason="试行")
    with pytest.raises(ReasonMissing):
        change(school, "pco", "t.review", "2d", by="lin", at=AT, reason=" ")
