"""Tables are found and read in every format that people send; wrong files are named."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook

from processes.attachments import HasMacros
from processes.catalogue import reading
from processes.catalogue.columns import COLUMN, recognise
from processes.catalogue.reading import (
    CatalogueEmpty,
    CatalogueTooLarge,
    CellTooLong,
    ColumnsMissing,
    ColumnTwice,
    Damaged,
    NoRows,
    NoTable,
    NotATableFile,
    OldOfficeFile,
    OtherContent,
    TooManyRows,
    read,
    read_table,
)
from tests.processes.catalogue.tables import (
    HEADINGS,
    MINUTES,
    NOTE,
    PLAN,
    add_table,
    csv_file,
    docx_file,
    row,
    saved,
    xlsx_file,
)

GRID = [HEADINGS, MINUTES, PLAN]
MAKERS = {"csv": csv_file, "xlsx": xlsx_file, "docx": docx_file}


def contents(name: str, data: bytes, column: str = "content") -> list[str]:
    return [row.texts[column] for row in read_table(name, data)]


def wide(text: str) -> list[str]:
    return [text, *[""] * (len(HEADINGS) - 1)]


# Headings


@pytest.mark.parametrize("text", ["公开\n起始时点", "公开\n\n起始时点", " 公开 起始时点 ", "起始时点："])
def test_a_heading_is_known_by_its_words(text: str) -> None:
    assert recognise(text) == "start_point"


@pytest.mark.parametrize("ending", MAKERS)
def test_a_table_in_the_annex_layout_is_read_as_written(ending: str) -> None:
    rows = read_table(f"目录.{ending}", MAKERS[ending](GRID))
    assert [list(row.texts.values()) for row in rows] == [MINUTES, PLAN]


@pytest.mark.parametrize("ending", MAKERS)
def test_titles_above_empty_rows_and_notes_below_are_no_rows(ending: str) -> None:
    lines = [
        wide("党务公开目录表"),
        wide("制表党组织（盖章）："),
        HEADINGS,
        wide(""),
        MINUTES,
        row(seq="2"),
        PLAN,
        wide(NOTE),
    ]
    table = read(f"目录.{ending}", MAKERS[ending](lines))
    assert [row.texts["content"] for row in table.rows] == [MINUTES[1], PLAN[1]]
    assert [(each.line, each.text) for each in table.left_out] == [(8, NOTE)]
    assert [row.line for row in table.rows] == [5, 7]


@pytest.mark.parametrize("ending", MAKERS)
def test_columns_may_stand_in_any_order_with_strange_ones_between(ending: str) -> None:
    lines = [[*reversed(HEADINGS), "电话"], [*reversed(PLAN), "010"]]
    table = read(f"目录.{ending}", MAKERS[ending](lines))
    assert list(table.rows[0].texts.values()) == PLAN
    assert [each.text for each in table.left_out] == ["电话：010"]


def test_a_look_alike_beside_the_annex_heading_is_strange() -> None:
    lines = [["公开事项", *HEADINGS], ["类别", *MINUTES]]
    table = read("目录.csv", csv_file(lines))
    assert table.rows[0].texts["content"] == MINUTES[1]
    assert [each.text for each in table.left_out] == ["公开事项：类别"]


def test_a_heading_row_repeated_on_a_new_page_is_no_row() -> None:
    assert len(read_table("目录.csv", csv_file([HEADINGS, MINUTES, HEADINGS, PLAN]))) == 2


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_usual_encoding(encoding: str) -> None:
    assert contents("目录.csv", csv_file(GRID, encoding)) == [MINUTES[1], PLAN[1]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_with_every_usual_delimiter(delimiter: str) -> None:
    assert contents("目录.csv", csv_file(GRID, delimiter=delimiter)) == [MINUTES[1], PLAN[1]]


# XLSX


def test_a_cell_merged_downwards_counts_for_every_row() -> None:
    lines = [HEADINGS, MINUTES, ["2", "名册", *[""] * 8], ["3", "名单", *[""] * 8]]
    rows = read_table("目录.xlsx", xlsx_file(lines, ["C2:C4", "H2:H3"]))
    assert [row.texts["audience_scope"] for row in rows] == [MINUTES[2]] * 3
    assert [row.texts["responsible_unit"] for row in rows] == ["党委办公室", "党委办公室", ""]


def test_a_cell_merged_across_belongs_to_its_first_column() -> None:
    [found] = read_table("目录.xlsx", xlsx_file([HEADINGS, MINUTES], ["E2:F2"]))
    assert found.texts["channel"] == "纸质印发"
    assert found.texts["start_point"] == ""
    assert found.covered == ("start_point",)


def test_headings_on_two_levels_are_read() -> None:
    above = [*HEADINGS[:5], "公开时间安排", "", *HEADINGS[7:]]
    ranges = [f"{letter}1:{letter}2" for letter in "ABCDEHIJ"] + ["F1:G1"]
    below = [*[""] * 5, "起始时点", "时长", "", "", ""]
    [found] = read_table("目录.xlsx", xlsx_file([above, below, MINUTES], ranges))
    assert list(found.texts.values()) == MINUTES


def test_numbers_in_a_sheet_are_read_as_they_look() -> None:
    line = [1, *MINUTES[1:9], 3.5]
    [found] = read_table("目录.xlsx", xlsx_file([HEADINGS, line]))
    assert (found.texts["seq"], found.texts["remarks"]) == ("1", "3.5")


def test_sheets_without_the_table_are_passed_over() -> None:
    book = Workbook()
    book.active.append(["填表说明", "序号", "备注"])
    for line in GRID:
        book.create_sheet("目录") if "目录" not in book.sheetnames else None
        book["目录"].append(line)
    rows = read_table("目录.xlsx", saved(book))
    assert {row.place for row in rows} == {"目录"}


# DOCX


def test_word_cells_merged_downwards_count_for_every_row() -> None:
    lines = [HEADINGS, MINUTES, ["2", "名册", *[""] * 8], ["3", "名单", *[""] * 8]]
    rows = read_table("目录.docx", docx_file(lines, [(1, 2, 3, 2), (1, 7, 2, 7)]))
    assert [row.texts["audience_scope"] for row in rows] == [MINUTES[2]] * 3
    assert [row.texts["responsible_unit"] for row in rows] == ["党委办公室", "党委办公室", ""]


def test_word_cells_merged_across_belong_to_the_first_column() -> None:
    lines = [HEADINGS, MINUTES[:5] + [""] + MINUTES[6:]]
    [found] = read_table("目录.docx", docx_file(lines, [(1, 4, 1, 5)]))
    assert found.texts["channel"] == "纸质印发"
    assert found.texts["display_duration"] == "永久"
    assert found.covered == ("start_point",)


def test_word_titles_and_notes_inside_the_table_are_no_rows() -> None:
    lines = [wide("党务公开目录表"), HEADINGS, MINUTES, wide(NOTE)]
    assert contents("目录.docx", docx_file(lines, [(0, 0, 0, 9), (3, 0, 3, 9)])) == [MINUTES[1]]


def test_a_table_continued_in_a_second_word_table_is_read_on() -> None:
    document = Document()
    add_table(document, [HEADINGS, MINUTES])
    document.add_paragraph("续表")
    add_table(document, [HEADINGS, PLAN])
    rows = read_table("目录.docx", saved(document))
    assert [(row.place, row.texts["content"]) for row in rows] == [("表1", MINUTES[1]), ("表2", PLAN[1])]


def test_deleted_words_are_not_read_and_inserted_ones_are() -> None:
    document = Document()
    paragraph = add_table(document, [HEADINGS, row(seq="1")]).cell(1, 1).paragraphs[0]._p
    for change, text in (("del", "<w:delText>旧</w:delText>"), ("ins", "<w:t>新事项</w:t>")):
        paragraph.append(parse_xml(f"<w:{change} {nsdecls('w')}><w:r>{text}</w:r></w:{change}>"))
    assert contents("目录.docx", saved(document)) == ["新事项"]


def test_word_symbols_for_ticked_boxes_are_read() -> None:
    document = Document()
    cell = add_table(document, [HEADINGS, row(content="事项")]).cell(1, 4)
    for code, text in (("F052", "会议"), ("F0A3", "文件")):
        symbol = f'<w:r {nsdecls("w")}><w:sym w:font="Wingdings 2" w:char="{code}"/><w:t>{text}</w:t></w:r>'
        cell.paragraphs[0]._p.append(parse_xml(symbol))
    assert contents("目录.docx", saved(document), "channel") == ["■会议□文件"]


# Wrong files


@pytest.mark.parametrize("ending", MAKERS)
def test_missing_columns_are_named_with_their_place(ending: str) -> None:
    lines = [wide("目录")[:8], HEADINGS[:8], MINUTES[:8]]
    with pytest.raises(ColumnsMissing, match=r"目录\..*row 2: 协同单位或人员、备注"):
        read(f"目录.{ending}", MAKERS[ending](lines))


@pytest.mark.parametrize("ending", MAKERS)
def test_a_column_that_stands_twice_is_named(ending: str) -> None:
    with pytest.raises(ColumnTwice, match="公开内容"):
        read(f"目录.{ending}", MAKERS[ending]([[*HEADINGS, "公开内容"], [*MINUTES, ""]]))


@pytest.mark.parametrize("ending", MAKERS)
def test_a_table_of_something_else_is_no_catalogue(ending: str) -> None:
    with pytest.raises(NoTable, match="公开起始时点"):
        read(f"课表.{ending}", MAKERS[ending]([["姓名", "学号"], ["林", "1"]]))


@pytest.mark.parametrize("ending", MAKERS)
def test_a_table_without_rows_is_named(ending: str) -> None:
    with pytest.raises(NoRows, match=r"目录\."):
        read(f"目录.{ending}", MAKERS[ending]([HEADINGS, row(seq="1")]))


WRONG = [
    ("目录.pdf", b"%PDF-1.7", NotATableFile),
    ("目录", b"x", NotATableFile),
    ("目录.xls", b"\xd0\xcf\x11\xe0", OldOfficeFile),
    ("目录.doc", b"\xd0\xcf\x11\xe0", OldOfficeFile),
    ("目录.xlsm", xlsx_file(GRID), HasMacros),
    ("目录.xlsx", b"", CatalogueEmpty),
    ("目录.csv", b"", CatalogueEmpty),
    ("目录.csv", b"\x00\x01\x02", OtherContent),
    ("目录.csv", b"%PDF-1.7 ...", OtherContent),
    ("目录.csv", "天地玄黄".encode(), NoTable),
    ("目录.xlsx", csv_file(GRID), OtherContent),
    ("目录.xlsx", docx_file(GRID), OtherContent),
    ("目录.docx", xlsx_file(GRID), OtherContent),
    ("目录.xlsx", xlsx_file(GRID)[:-200], Damaged),
    ("目录.docx", docx_file(GRID)[:3000], Damaged),
    ("目录.csv", b"x" * (10 * 1024 * 1024 + 1), CatalogueTooLarge),
]


@pytest.mark.parametrize(("name", "data", "refusal"), WRONG)
def test_a_wrong_file_is_refused_by_name(name: str, data: bytes, refusal: type) -> None:
    with pytest.raises(refusal, match=name):
        read(name, data)


def test_a_macro_in_the_file_is_refused() -> None:
    data = BytesIO(xlsx_file(GRID))
    with ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"")
    with pytest.raises(HasMacros, match=r"目录\.xlsx"):
        read("目录.xlsx", data.getvalue())


@pytest.mark.parametrize(("ending", "part"), [("xlsx", "xl/worksheets/sheet1.xml"), ("docx", "word/document.xml")])
def test_a_broken_part_of_an_archive_is_damage(ending: str, part: str) -> None:
    target = BytesIO()
    with ZipFile(BytesIO(MAKERS[ending](GRID))) as whole, ZipFile(target, "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, b"<broken" if name == part else whole.read(name))
    with pytest.raises(Damaged, match="目录"):
        read(f"目录.{ending}", target.getvalue())


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "UNPACKED_LIMIT", 1000)
    with pytest.raises(CatalogueTooLarge):
        read("目录.xlsx", xlsx_file(GRID))


def test_an_entity_in_a_word_file_is_not_expanded() -> None:
    target = BytesIO()
    with ZipFile(BytesIO(docx_file(GRID))) as whole, ZipFile(target, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, entity(whole.read(name)) if name == "word/document.xml" else whole.read(name))
    assert "boom" not in str(read("目录.docx", target.getvalue()))


def entity(xml: bytes) -> bytes:
    head, _, rest = xml.partition(b"?>")
    return head + b'?><!DOCTYPE x [<!ENTITY e "boom">]>' + rest.replace("党委常委会纪要".encode(), b"&e;")


def test_too_many_rows_and_too_long_cells_are_refused() -> None:
    with pytest.raises(TooManyRows, match="5000"):
        read("目录.csv", csv_file([HEADINGS, *[MINUTES] * 5000]))
    with pytest.raises(CellTooLong, match="row 2, 备注"):
        read("目录.csv", csv_file([HEADINGS, [*MINUTES[:9], "长" * 5001]]))


def test_every_column_of_the_annex_is_known() -> None:
    assert [recognise(column.heading) for column in COLUMN.values()] == list(COLUMN)
