"""An import makes a draft and a report, or changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.db import Database
from engine.refusals import NotFound, NotOpen
from processes import demo
from processes.catalogue import CatalogueItem, CatalogueVersion, Report, WrongFile, import_catalogue, put_in_force
from processes.catalogue.items import ContentMissing
from tests.processes.catalogue.tables import HEADINGS, MINUTES, PLAN, csv_file, row
from tests.processes.conftest import AT


def bring(session: Session, *lines: list[str], organisation: str = "ccmu") -> Report:
    return import_catalogue(session, organisation, "目录.csv", csv_file([HEADINGS, *lines]), by="lin", at=AT)


def test_an_import_makes_a_numbered_draft(school: Session) -> None:
    version = bring(school, MINUTES, PLAN).version
    assert (version.number, version.status, version.source, version.made_by) == (2, "DRAFT", "目录.csv", "lin")
    assert [item.content for item in version.items] == [MINUTES[1], PLAN[1]]
    assert version.owner.name == "中共首都医科大学委员会"


def test_a_row_keeps_its_words_and_their_meaning(school: Session) -> None:
    item = bring(school, MINUTES, PLAN).version.items[1]
    school.refresh(item)
    assert list(item.written.values()) == PLAN
    assert (item.scope, item.route, item.channels) == ("ORG_ALL", "COLLECTIVE", ["LAN"])
    assert (item.start, item.duration, item.time_mode) == (
        {"event": "PASSED", "offset": "P1D"},
        "PERMANENT",
        "LONG_TERM",
    )
    assert item.units == ["pco", "president-office"]


def test_the_report_lists_row_by_row_what_stayed_as_written(school: Session) -> None:
    report = bring(school, MINUTES, row(seq="2", content="名册", channel="口头、会议", responsible_unit="某处"))
    assert [(each.line, each.seq, each.heading, each.text) for each in report.unresolved] == [
        (3, "2", "公开方式", "口头"),
        (3, "2", "责任主体", "某处"),
    ]
    assert report.resolved_rows == 1
    assert report.version.items[1].unresolved == ["channel", "responsible_unit"]


def test_a_wrong_file_changes_nothing(school: Session) -> None:
    before = school.scalar(select(func.count()).select_from(CatalogueItem))
    with pytest.raises(WrongFile, match=r"目录\.csv"):
        import_catalogue(school, "ccmu", "目录.csv", b"not a table", by="lin", at=AT)
    assert school.scalar(select(func.count()).select_from(CatalogueItem)) == before
    assert not school.new and not school.dirty


def test_an_unknown_organisation_is_refused(school: Session) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        bring(school, MINUTES, organisation="nowhere")


def test_a_draft_put_in_force_takes_the_place_of_the_former(school: Session) -> None:
    former, version = CatalogueVersion.in_force(school, "ccmu"), bring(school, PLAN).version
    later = AT + timedelta(days=1)
    put_in_force(school, version, by="lin", at=later)
    assert former and (former.status, former.superseded_at) == ("SUPERSEDED", later)
    assert CatalogueVersion.in_force(school, "ccmu") is version
    assert (version.in_force_by, version.in_force_at) == ("lin", later)


def test_only_a_draft_can_be_put_in_force(school: Session) -> None:
    version = CatalogueVersion.in_force(school, "ccmu")
    assert version
    with pytest.raises(NotOpen):
        put_in_force(school, version, by="lin", at=AT)


def test_a_row_without_content_is_not_put_in_force(school: Session) -> None:
    version = bring(school, MINUTES, row(seq="7", channel="会议")).version
    with pytest.raises(ContentMissing, match="7"):
        put_in_force(school, version, by="lin", at=AT)
    assert version.status == "DRAFT"


def test_one_version_at_most_is_in_force_even_in_a_race(database: Database) -> None:
    from sqlalchemy.exc import IntegrityError

    with database.write() as session:
        demo.load(session, AT, lambda login: "")
        version = bring(session, PLAN).version.id
    with pytest.raises(IntegrityError), database.write() as session:
        CatalogueVersion.of(session, version).status = "IN_FORCE"


def test_a_unit_without_a_catalogue_falls_under_the_one_above(school: Session) -> None:
    own = bring(school, PLAN, organisation="basic-medicine").version
    put_in_force(school, own, by="lin", at=AT)
    assert CatalogueVersion.governing(school, "anatomy-branch") is own
    assert CatalogueVersion.governing(school, "nursing-branch") is CatalogueVersion.in_force(school, "ccmu")


def test_the_rows_of_a_unit_are_those_it_answers_for(school: Session) -> None:
    assert [item.seq for item in CatalogueItem.of_unit(school, "pco")] == ["1", "2"]
    assert [item.seq for item in CatalogueItem.of_unit(school, "president-office")] == ["2"]
    assert CatalogueItem.of_unit(school, "orgdept") == []


def test_a_row_for_a_matter_reads_without_ditto_marks(school: Session) -> None:
    items = bring(school, PLAN, row(seq="2", content="学期要点", audience_scope="同上", channel="同上")).version.items
    given = items[1].for_matter()
    assert (given["audience_scope"], given["scope"]) == ("全校", "ORG_ALL")
    assert given["written"]["audience_scope"] == "同上"
    assert (given["organisation"], given["version_number"]) == ("ccmu", 2)


def test_a_row_for_a_matter_is_plain_data(school: Session) -> None:
    import json

    given = bring(school, MINUTES).version.items[0].for_matter()
    assert json.loads(json.dumps(given)) == given
