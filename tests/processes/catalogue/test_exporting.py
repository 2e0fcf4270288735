"""The printed table looks like the annex, reads back as it was, and runs no formula."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

from processes.catalogue import CatalogueVersion, export_docx, export_xlsx, read_table
from tests.processes.catalogue.tables import HEADINGS, MINUTES, PLAN, csv_file, row, unsaved_version

EXPORTS = {"xlsx": export_xlsx, "docx": export_docx}
DANGEROUS = ["=1+1", '=HYPERLINK("http://x")', "+86 10", "-5", "@SUM(A1)"]
AWKWARD = [
    MINUTES,
    PLAN,
    row(seq="3", content="名册\n（两份）", audience_scope="同上", remarks="<b>&amp;</b> “引号” 　全角"),
    row(content="注：不是附注", channel="会议、文件；简报"),
    *[row(seq=str(at), content=text, remarks=text) for at, text in enumerate(DANGEROUS, 5)],
]


@pytest.fixture
def version() -> CatalogueVersion:
    return unsaved_version(read_table("目录.csv", csv_file([HEADINGS, *AWKWARD])))


def sheet_of(version: CatalogueVersion) -> Any:
    return load_workbook(BytesIO(export_xlsx(version))).active


def document_of(version: CatalogueVersion) -> Any:
    return Document(BytesIO(export_docx(version)))


@pytest.mark.parametrize("ending", EXPORTS)
def test_what_is_exported_imports_as_equal_rows(version: CatalogueVersion, ending: str) -> None:
    rows = read_table(f"目录.{ending}", EXPORTS[ending](version))
    assert [dict(row.texts) for row in rows] == [item.written for item in version.items]


@pytest.mark.parametrize("ending", EXPORTS)
def test_a_second_round_changes_nothing(version: CatalogueVersion, ending: str) -> None:
    again = unsaved_version(read_table(f"目录.{ending}", EXPORTS[ending](version)))
    assert [item.written for item in again.items] == [item.written for item in version.items]
    assert [item.notes for item in again.items] == [item.notes for item in version.items]


def test_the_sheet_has_the_annex_layout(version: CatalogueVersion) -> None:
    sheet = sheet_of(version)
    last = sheet.max_row
    assert sheet["A1"].value == "首都医科大学党务公开目录表"
    assert "制表党组织（部门、单位）（盖章）：中共首都医科大学委员会" in sheet["A2"].value
    assert "负责人（签名）：" in sheet["A2"].value
    assert [cell.value for cell in sheet[3]] == HEADINGS
    assert sheet.cell(last, 1).value.startswith("注：此表动态更新，更新后请报党委办公室备案")
    assert sheet.cell(last, 1).value.endswith("制表日期：2026年3月2日")


def test_the_sheet_prints_on_landscape_a4_in_fangsong(version: CatalogueVersion) -> None:
    sheet = sheet_of(version)
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert {cell.font.name for line in sheet.iter_rows() for cell in line if cell.value} == {"仿宋"}
    assert sheet.print_title_rows == "$3:$3"


def test_no_cell_of_the_sheet_is_a_formula(version: CatalogueVersion) -> None:
    cells = [cell for line in sheet_of(version).iter_rows() for cell in line if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells if cell.quotePrefix} == set(DANGEROUS)


def test_the_document_has_the_annex_layout(version: CatalogueVersion) -> None:
    document = document_of(version)
    first, second, *_, last = [paragraph.text for paragraph in document.paragraphs]
    assert first == "首都医科大学党务公开目录表"
    assert "（盖章）：中共首都医科大学委员会" in second and "负责人（签名）：" in second
    assert last.startswith("注：此表动态更新") and last.endswith("制表日期：2026年3月2日")
    assert [cell.text for cell in document.tables[0].rows[0].cells] == HEADINGS


def test_the_document_prints_on_landscape_a4_in_fangsong(version: CatalogueVersion) -> None:
    document = document_of(version)
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    fonts = document.element.body.iter(qn("w:rFonts"))
    assert {font.get(qn("w:eastAsia")) for font in fonts} == {"仿宋"}


def test_the_heading_of_the_document_repeats_on_every_page(version: CatalogueVersion) -> None:
    heading = document_of(version).tables[0].rows[0]._tr
    assert heading.trPr.find(qn("w:tblHeader")) is not None
