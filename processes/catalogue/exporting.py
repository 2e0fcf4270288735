"""The catalogue as a table to print, sign and seal: the annex's layout in XLSX and DOCX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from processes.catalogue.columns import COLUMNS
from processes.catalogue.items import CatalogueItem, CatalogueVersion

FONT = "仿宋"
NOTE = "注：此表动态更新，更新后请报党委办公室备案"
A4 = (Mm(297), Mm(210))
MARGIN = Mm(18)
_WIDTH = sum(column.width for column in COLUMNS)
_FORMULA = tuple("=+-@\t\r")


def title(version: CatalogueVersion) -> str:
    """首都医科大学党务公开目录表 for 中共首都医科大学委员会."""
    return re.sub(r"^中共(.+?)委员会$", r"\1", version.owner.name) + "党务公开目录表"


def signature_line(version: CatalogueVersion) -> str:
    """Who made the table, with room for the seal and the signature."""
    return f"制表党组织（部门、单位）（盖章）：{version.owner.name}{' ' * 12}负责人（签名）：{' ' * 12}"


def note_line(version: CatalogueVersion) -> str:
    """The annex's note and the day on which the table was made."""
    return f"{NOTE}{' ' * 8}制表日期：{_day(version.made_on)}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# XLSX


def export_xlsx(version: CatalogueVersion) -> bytes:
    """The table as a workbook of one sheet, landscape A4, the heading repeated on every page."""
    book = Workbook()
    sheet: Worksheet = book.active  # type: ignore[assignment]
    sheet.title = "党务公开目录表"
    _across(sheet, 1, title(version), Font(name=FONT, size=18, bold=True), "center")
    _across(sheet, 2, signature_line(version), Font(name=FONT, size=12), "left")
    _fill(sheet, 3, [column.heading for column in COLUMNS], Font(name=FONT, size=11, bold=True))
    for line, item in enumerate(version.items, 4):
        _fill(sheet, line, item.written.values(), Font(name=FONT, size=11))
    _across(sheet, len(version.items) + 4, note_line(version), Font(name=FONT, size=11), "left")
    _set_page(sheet)
    return _saved(book)


def _across(sheet: Worksheet, line: int, text: str, font: Font, align: str) -> None:
    sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(COLUMNS))
    cell: Any = sheet.cell(line, 1)
    _put(cell, text, font)
    cell.alignment = Alignment(horizontal=align, vertical="center")
    sheet.row_dimensions[line].height = 32


def _fill(sheet: Worksheet, line: int, texts: Iterable[str], font: Font) -> None:
    for at, text in enumerate(texts, 1):
        cell: Any = sheet.cell(line, at)
        _put(cell, text, font)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = _BORDER


def _put(cell: Cell, text: str, font: Font) -> None:
    """As text always: what looks like a formula is quoted, so that no spreadsheet runs it."""
    cell.value = text
    cell.data_type = "s"
    cell.font = font
    if text.startswith(_FORMULA):
        cell.quotePrefix = True


def _set_page(sheet: Worksheet) -> None:
    for at, column in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = column.width * 1.15
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.print_title_rows = "3:3"


def _saved(document: Any) -> bytes:
    target = BytesIO()
    document.save(target)
    return target.getvalue()


_LINE = Side(style="thin")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


# DOCX


def export_docx(version: CatalogueVersion) -> bytes:
    """The table as a document, landscape A4, the heading repeated on every page."""
    document = Document()
    _set_paper(document)
    _paragraph(document.add_paragraph(), title(version), 18, WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    _paragraph(document.add_paragraph(), signature_line(version), 12, WD_ALIGN_PARAGRAPH.LEFT)
    _docx_table(document, version.items)
    _paragraph(document.add_paragraph(), note_line(version), 11, WD_ALIGN_PARAGRAPH.LEFT)
    return _saved(document)


def _set_paper(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = A4
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    _use_font(document.styles["Normal"], 11)


def _docx_table(document: Any, items: list[CatalogueItem]) -> None:
    table = document.add_table(rows=1 + len(items), cols=len(COLUMNS), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    rows = list(table.rows)
    _docx_row(rows[0], [column.heading for column in COLUMNS], bold=True)
    _repeat(rows[0])
    for row, item in zip(rows[1:], items, strict=True):
        _docx_row(row, item.written.values())


def _docx_row(row: Any, texts: Iterable[str], bold: bool = False) -> None:
    for cell, text, column in zip(row.cells, texts, COLUMNS, strict=True):
        cell.width = (A4[0] - 2 * MARGIN) * column.width // _WIDTH
        first, *others = text.split("\n")
        _paragraph(cell.paragraphs[0], first, 11, WD_ALIGN_PARAGRAPH.CENTER, bold)
        for line in others:
            _paragraph(cell.add_paragraph(), line, 11, WD_ALIGN_PARAGRAPH.CENTER, bold)


def _paragraph(paragraph: Any, text: str, size: int, align: WD_ALIGN_PARAGRAPH, bold: bool = False) -> None:
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.bold = bold
    _use_font(run, size)


def _use_font(styled: Any, size: int) -> None:
    """Word takes the font of Chinese characters from `eastAsia` only."""
    styled.font.name, styled.font.size = FONT, Pt(size)
    styled.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)


def _repeat(row: Any) -> None:
    heading = OxmlElement("w:tblHeader")
    heading.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(heading)


def table_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    """Any table as a workbook: the first row is its head."""
    book, written = Workbook(), BytesIO()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    sheet.freeze_panes = "A2"
    book.save(written)
    return written.getvalue()
