"""The rows of a draft change, and those of no other version."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.refusals import Overtaken
from processes.catalogue import CatalogueItem, CatalogueVersion, append, draft_after, remove, rewrite
from processes.catalogue.editing import CellTooLong, ContentEmpty, RowsFixed

from ..conftest import AT

ROW = {"content": "党费收缴使用情况", "channel": "公开栏", "responsible_unit": "组织部"}


@pytest.fixture
def draft(school):
    return draft_after(school, "ccmu", by="keeper", at=AT, source="目录外事项")


def test_a_new_draft_begins_with_the_rows_in_force(school, draft):
    in_force = CatalogueVersion.in_force(school, "ccmu")
    assert [item.written for item in draft.items] == [item.written for item in in_force.items]
    assert [item.units for item in draft.items] == [item.units for item in in_force.items]
    assert (draft.status, draft.number) == ("DRAFT", in_force.number + 1)


def test_an_open_draft_is_taken_up_again(school, draft):
    assert draft_after(school, "ccmu", by="keeper", at=AT) is draft


def test_a_draft_older_than_the_catalogue_in_force_is_left_alone(school, draft):
    newer = CatalogueVersion.draft(school, "ccmu", [], by="keeper", at=AT)
    append(school, newer, ROW)
    newer.put_in_force(school, by="keeper", at=AT)
    assert draft_after(school, "ccmu", by="keeper", at=AT) not in (draft, newer)


def test_a_unit_without_a_catalogue_gets_an_empty_draft(school):
    assert draft_after(school, "basic-medicine", by="keeper", at=AT).items == []


def test_a_new_row_is_the_last_and_is_understood(school, draft):
    item = append(school, draft, ROW)
    assert (item.position, item.seq, item.units, item.channels) == (3, "3", ["orgdept"], ["NOTICE_BOARD"])


def test_other_words_have_another_meaning(school, draft):
    item = append(school, draft, ROW)
    rewrite(school, item, {**item.written, "responsible_unit": "宣传部"}, before=item.written)
    assert item.units == ["propaganda"]


def test_a_ditto_mark_below_follows_the_changed_row(school, draft):
    item = append(school, draft, ROW)
    below = append(school, draft, {"content": "党建经费", "responsible_unit": "同上"})
    rewrite(school, item, {**item.written, "responsible_unit": "宣传部"})
    assert below.units == ["propaganda"]


def test_two_keepers_never_overwrite_each_other(school, draft):
    item = append(school, draft, ROW)
    seen = item.written
    rewrite(school, item, {**seen, "remarks": "一"}, before=seen)
    with pytest.raises(Overtaken):
        rewrite(school, item, {**seen, "remarks": "二"}, before=seen)
    assert item.remarks == "一"


def test_a_row_needs_its_content_and_has_an_end(school, draft):
    item = append(school, draft, ROW)
    for texts, refusal in (({"content": " "}, ContentEmpty), ({**ROW, "remarks": "长" * 5001}, CellTooLong)):
        with pytest.raises(refusal):
            rewrite(school, item, texts)
    assert item.content == ROW["content"]


def test_a_row_is_taken_out_of_a_draft(school, draft):
    item = append(school, draft, ROW)
    remove(school, item)
    assert school.scalar(select(CatalogueItem).where(CatalogueItem.id == item.id)) is None
    assert len(draft.items) == 2


def test_what_is_in_force_does_not_change(school):
    version = CatalogueVersion.in_force(school, "ccmu")
    item = version.items[0]
    for change in (
        lambda: append(school, version, ROW),
        lambda: rewrite(school, item, ROW),
        lambda: remove(school, item),
    ):
        with pytest.raises(RowsFixed):
            change()
    assert len(version.items) == 2
