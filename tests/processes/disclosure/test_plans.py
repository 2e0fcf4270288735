from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.canonical import digest, dump
from processes.disclosure import plans

RELEASED = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)


def test_the_hash_covers_title_text_and_attachments_in_their_order():
    plan = {"title": "题", "text": "<p>文</p>", "attachments": [{"digest": "b"}, {"digest": "a"}], "remarks": "不计入"}
    assert plans.plan_hash(plan) == digest(dump({"title": "题", "text": "<p>文</p>", "attachments": ["b", "a"]}))


@pytest.mark.parametrize("change", [{"title": "题 "}, {"text": "<p>文。</p>"}, {"attachments": [{"digest": "b"}]}])
def test_any_change_of_what_is_released_changes_the_hash(change):
    plan = {"title": "题", "text": "<p>文</p>", "attachments": [{"digest": "a"}]}
    assert plans.plan_hash({**plan, **change}) != plans.plan_hash(plan)


@pytest.mark.parametrize(
    ("duration", "until"),
    [
        ("P5D", datetime(2026, 2, 5, 16, tzinfo=UTC)),
        ("5个日", datetime(2026, 2, 5, 16, tzinfo=UTC)),
        ("1个月", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("P1Y", datetime(2027, 1, 31, 16, tzinfo=UTC)),
        ("永久", None),
        ("PERMANENT", None),
        ("至下次会议", None),
        ("", None),
    ],
)
def test_the_display_ends_with_the_last_day_in_shanghai(duration, until):
    assert plans.display_until(duration, RELEASED) == until


@pytest.mark.parametrize("words", ["机密★10年", "<p>绝密 ★</p>"])
def test_a_secrecy_mark_is_found(words):
    assert plans.secrecy_mark({"title": "题", "text": words})


def test_words_about_secrecy_are_no_mark():
    assert plans.secrecy_mark({"title": "保密审查", "text": "不涉及国家秘密"}) is None


def test_only_a_release_to_members_stays_inside_the_party():
    assert [plans.direction(scope) for scope in ("INTRA_PARTY", "ORG_ALL", "PUBLIC", None)] == [
        "INTRA",
        "EXTRA",
        "EXTRA",
        None,
    ]


def test_files_are_found_wherever_a_form_put_them():
    file = {"digest": "a", "name": "证.pdf", "type": "application/pdf", "size": 3}
    assert list(plans.files_in({"proofs": [{"attachments": [file]}], "digest": "x"})) == [file]
