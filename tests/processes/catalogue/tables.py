"""Makes catalogue files the way people do: with titles, merged cells, ditto marks and notes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from io import BytesIO, StringIO
from typing import Any

from docx import Document
from openpyxl import Workbook

from processes.catalogue import COLUMNS, CatalogueItem, CatalogueVersion, Row, resolve
from processes.organisation import Organisation

HEADINGS = [column.heading for column in COLUMNS]
MINUTES = [
    "1",
    "党委常委会纪要",
    "常委、校领导及相关部门",
    "书记签发",
    "纸质印发",
    "会后一周内",
    "永久",
    "党委办公室",
    "",
    "",
]
PLAN = [
    "2",
    "年度党政工作要点",
    "全校",
    "全委会审议，常委会决定，书记校长签发",
    "办公网发布",
    "常委会通过之日后",
    "永久",
    "党委办公室\n\n校长办公室",
    "",
    "",
]
NOTE = "注：此表动态更新，更新后请报党委办公室备案    制表日期：  年  月  日"

Grid = Sequence[Sequence[str]]


def row(**texts: str) -> list[str]:
    """A row with these columns filled."""
    return [texts.get(column.key, "") for column in COLUMNS]


def unsaved_version(rows: Sequence[Row]) -> CatalogueVersion:
    """A version with these rows that no database knows."""
    items = [CatalogueItem.from_row(each, at) for at, each in enumerate(resolve(rows, []), 1)]
    owner = Organisation(code="ccmu", name="中共首都医科大学委员会")
    return CatalogueVersion(owner=owner, made_on=date(2026, 3, 2), items=items)


def csv_file(grid: Grid, encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    target = StringIO(newline="")
    csv.writer(target, delimiter=delimiter).writerows(grid)
    return target.getvalue().encode(encoding)


def xlsx_file(grid: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> bytes:
    """`merged` are ranges such as `A1:J1`."""
    book = Workbook()
    for line in grid:
        book.active.append(list(line))
    for cells in merged:
        book.active.merge_cells(cells)
    return saved(book)


def docx_file(grid: Grid, merged: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """`merged` are (top, left, bottom, right), counted from 0, ends included."""
    document = Document()
    document.add_paragraph("首都医科大学党务公开目录表")
    add_table(document, grid, merged)
    document.add_paragraph(NOTE)
    return saved(document)


def add_table(document: Any, grid: Grid, merged: Sequence[tuple[int, int, int, int]] = ()) -> Any:
    table = document.add_table(rows=len(grid), cols=len(grid[0]))
    for cells, texts in zip(table.rows, grid, strict=True):
        for cell, text in zip(cells.cells, texts, strict=True):
            cell.text = text
    for top, left, bottom, right in merged:
        text = table.cell(top, left).text
        table.cell(top, left).merge(table.cell(bottom, right)).text = text
    return table


def saved(document: Any) -> bytes:
    target = BytesIO()
    document.save(target)
    return target.getvalue()
