"""From a file to rows: CSV, XLSX and DOCX tables in the annex layout, as people really make them.

Every format becomes a grid of texts first. In a grid a cell that another one covers from the left is `None`; a cell
covered from above repeats the text above.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from engine.refusals import Refusal
from processes.attachments import MEGABYTE, TYPES, HasMacros, agrees, extension, has_macros
from processes.catalogue.columns import COLUMN, KEYS, is_printed, recognise

FILE_LIMIT = 10 * MEGABYTE
UNPACKED_LIMIT = 100 * MEGABYTE
ROW_LIMIT = 5000
COLUMN_LIMIT = 60
CELL_LIMIT = 5000

Grid = list[list[str | None]]


class WrongFile(Refusal):
    """The file "{name}" cannot be read as a catalogue. Nothing was changed."""


class NotATableFile(WrongFile):
    """The file "{name}" is not a CSV, XLSX or DOCX file. Nothing was changed."""


class OldOfficeFile(WrongFile):
    """The file "{name}" is in an old Office format. Please save it as .xlsx or .docx. Nothing was changed."""


class OtherContent(WrongFile):
    """The file "{name}" is named as {extension}, but its content is not of that type. Nothing was changed."""


class CatalogueTooLarge(WrongFile):
    """The file "{name}" is larger than {limit} MB. Nothing was changed."""


class CatalogueEmpty(WrongFile):
    """The file "{name}" is empty. Nothing was changed."""


class Damaged(WrongFile):
    """The file "{name}" is damaged and cannot be opened. Nothing was changed."""


class NoTable(WrongFile):
    """The file "{name}" holds no table with the columns of the annex ({columns}). Nothing was changed."""


class ColumnsMissing(WrongFile):
    """The file "{name}" lacks columns: {place}, row {line}: {columns}. Nothing was changed."""


class ColumnTwice(WrongFile):
    """The file "{name}" has a column twice: {place}, row {line}: {columns}. Nothing was changed."""


class NoRows(WrongFile):
    """The table in the file "{name}" has no filled rows: {place}. Nothing was changed."""


class TooManyRows(WrongFile):
    """The file "{name}" has more than {limit} rows: {place}. Nothing was changed."""


class CellTooLong(WrongFile):
    """The file "{name}" has a cell of more than {limit} characters: {place}, row {line}, {column}. Nothing was
    changed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table as written: column key → text, and where it stood.

    `covered` names the columns that had no cell of their own because a cell to the left spanned them.
    """

    place: str
    line: int
    texts: Mapping[str, str]
    covered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Text in the file that is not part of any row: a strange column, a note, a heading between rows."""

    place: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """What was read: the rows in order, and what was left out."""

    rows: list[Row] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def read_table(name: str, data: bytes) -> list[Row]:
    """The rows of a catalogue file; a `WrongFile` says what is wrong and where."""
    return read(name, data).rows


def read(name: str, data: bytes) -> Table:
    """The rows and what was left out; a `WrongFile` says what is wrong and where."""
    parts = [(place, _trimmed(name, place, grid)) for place, grid in grids(name, data)]
    found = [(place, grid, header) for place, grid in parts if (header := _header(grid)) is not None]
    whole = [part for part in found if not part[2].missing]
    if not found:
        raise NoTable(name=name, columns="、".join(COLUMN[key].zh for key in KEYS))
    if not whole:
        place, _, header = max(found, key=lambda part: part[2].known)
        raise ColumnsMissing(name=name, place=place, line=header.line, columns="、".join(header.missing))
    return _joined(name, whole)


def _joined(name: str, parts: Sequence[tuple[str, Grid, _Header]]) -> Table:
    table = Table()
    for place, grid, header in parts:
        if header.twice:
            raise ColumnTwice(name=name, place=place, line=header.line, columns="、".join(header.twice))
        _rows(name, place, grid, header, table)
    if not table.rows:
        raise NoRows(name=name, place="、".join(place for place, _, _ in parts))
    return table


# The table in a grid


@dataclass(frozen=True, slots=True)
class _Header:
    line: int
    keys: dict[int, str]
    strange: dict[int, str]
    twice: list[str]

    @property
    def known(self) -> int:
        return len(set(self.keys.values()))

    @property
    def missing(self) -> list[str]:
        return [COLUMN[key].zh for key in KEYS if key not in self.keys.values()]


def _header(grid: Grid) -> _Header | None:
    """The row with the most headings of the annex; of equal neighbours the last, for headings on two levels."""
    headers = [_headings(line, cells) for line, cells in enumerate(grid, 1)]
    most = max((header.known for header in headers), default=0)
    if most < 2:
        return None
    at = next(at for at, header in enumerate(headers) if header.known == most)
    while at + 1 < len(headers) and headers[at + 1].known == most:
        at += 1
    return headers[at]


def _headings(line: int, cells: Sequence[str | None]) -> _Header:
    keys: dict[int, str] = {}
    strange: dict[int, str] = {}
    twice: list[str] = []
    for at, text in _by_rank(cells):
        key = recognise(text)
        if key is None or (key in keys.values() and not is_printed(text)):
            strange[at] = text
        elif key in keys.values():
            twice.append(COLUMN[key].zh)
        else:
            keys[at] = key
    for at, cell in enumerate(cells):
        if cell is None and at - 1 in keys:
            keys[at] = keys[at - 1]
    return _Header(line, keys, strange, twice)


def _by_rank(cells: Sequence[str | None]) -> list[tuple[int, str]]:
    """The annex's own headings first, so that a look-alike beside them counts as strange."""
    filled = [(at, cell) for at, cell in enumerate(cells) if cell]
    return sorted(filled, key=lambda item: not is_printed(item[1]))


def _rows(name: str, place: str, grid: Grid, header: _Header, table: Table) -> None:
    headings = grid[header.line - 1]
    for line, cells in enumerate(grid[header.line :], header.line + 1):
        if cells == headings:
            continue
        row = _row(place, line, cells, header)
        if _says_nothing(row):
            table.left_out.extend(LeftOut(place, line, text) for text in _words(cells))
            continue
        _check_lengths(name, row)
        table.rows.append(row)
        table.left_out.extend(_strange_cells(place, line, cells, header))


def _row(place: str, line: int, cells: Sequence[str | None], header: _Header) -> Row:
    texts: dict[str, list[str]] = {key: [] for key in KEYS}
    covered = dict.fromkeys(header.keys.values())
    for at, key in header.keys.items():
        cell = cells[at] if at < len(cells) else ""
        if cell is not None:
            covered.pop(key, None)
        if cell and cell not in texts[key]:
            texts[key].append(cell)
    return Row(place, line, {key: "\n".join(found) for key, found in texts.items()}, tuple(covered))


def _says_nothing(row: Row) -> bool:
    """An empty row, a row with a number only, or a note under the table."""
    others = [text for key, text in row.texts.items() if text and key != "seq"]
    return not others or bool(not row.texts["content"] and _NOTE.match(row.texts["seq"]))


_NOTE = re.compile(r"\s*(注|说明|填表说明|制表|负责人|填表人)\s*[:：（(日期]")


def _words(cells: Sequence[str | None]) -> list[str]:
    return [cell for cell in dict.fromkeys(cells) if cell and not cell.strip(" .、()（）").isdigit()]


def _strange_cells(place: str, line: int, cells: Sequence[str | None], header: _Header) -> Iterator[LeftOut]:
    for at, cell in enumerate(cells):
        if cell and at not in header.keys:
            yield LeftOut(place, line, f"{header.strange.get(at, '')}：{cell}".lstrip("："))


def _check_lengths(name: str, row: Row) -> None:
    for key, text in row.texts.items():
        if len(text) > CELL_LIMIT:
            raise CellTooLong(name=name, place=row.place, line=row.line, column=COLUMN[key].zh, limit=CELL_LIMIT)


def _trimmed(name: str, place: str, grid: Grid) -> Grid:
    while grid and not any(grid[-1]):
        grid.pop()
    if len(grid) > ROW_LIMIT:
        raise TooManyRows(name=name, place=place, limit=ROW_LIMIT)
    return [[_clean(cell) for cell in cells] for cells in grid]


def _clean(cell: str | None) -> str | None:
    if cell is None:
        return None
    text = cell.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").replace("\xa0", " ")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ufeff]", "", text).strip()


# From a file to grids


def grids(name: str, data: bytes) -> list[tuple[str, Grid]]:
    """(place in words, grid) for each sheet or table of the file."""
    ending = extension(name)
    if not data:
        raise CatalogueEmpty(name=name)
    if len(data) > FILE_LIMIT:
        raise CatalogueTooLarge(name=name, limit=FILE_LIMIT // MEGABYTE)
    if ending in ("xls", "doc", "wps", "et"):
        raise OldOfficeFile(name=name)
    if ending in ("xlsm", "docm", "xltm", "dotm"):
        raise HasMacros(name=name)
    if ending not in _READERS:
        raise NotATableFile(name=name)
    return _READERS[ending](name, data)


def _text_grids(name: str, data: bytes) -> list[tuple[str, Grid]]:
    if not agrees(BytesIO(data), "text/csv"):
        raise OtherContent(name=name, extension=f".{extension(name)}")
    text = _decoded(data)
    try:
        lines = list(csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error:
        raise Damaged(name=name) from None
    return [(f".{extension(name)}", [list(line[:COLUMN_LIMIT]) for line in lines])]


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _delimiter(text: str) -> str:
    """The one that splits some early line into the most headings of the annex."""
    lines = text.splitlines()[:30]

    def headings(delimiter: str) -> int:
        counts = (sum(recognise(cell.strip('"')) is not None for cell in line.split(delimiter)) for line in lines)
        return max(counts, default=0)

    return max(",\t;", key=headings)


def _xlsx_grids(name: str, data: bytes) -> list[tuple[str, Grid]]:
    _check_archive(name, data, TYPES["xlsx"])
    book = _opened(name, lambda: load_workbook(BytesIO(data), data_only=True))
    return [(sheet.title, _sheet_grid(sheet)) for sheet in book.worksheets]


def _sheet_grid(sheet: Worksheet) -> Grid:
    rows, columns = min(sheet.max_row, ROW_LIMIT + 1), min(sheet.max_column, COLUMN_LIMIT)
    grid: Grid = [
        [_value(value) for value in line] for line in sheet.iter_rows(max_row=rows, max_col=columns, values_only=True)
    ]
    for merged in sheet.merged_cells.ranges:
        _spread(grid, merged.min_row - 1, merged.min_col - 1, min(merged.max_row, rows), min(merged.max_col, columns))
    return grid


def _spread(grid: Grid, top: int, left: int, bottom: int, right: int) -> None:
    if top >= len(grid) or left >= right:
        return
    text = grid[top][left]
    for line in range(top, bottom):
        grid[line][left:right] = [text, *[None] * (right - left - 1)]


def _value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _docx_grids(name: str, data: bytes) -> list[tuple[str, Grid]]:
    _check_archive(name, data, TYPES["docx"])
    body = _opened(name, lambda: Document(BytesIO(data)).element.body)
    return [(f"表{number}", _table_grid(table)) for number, table in enumerate(body.iter(qn("w:tbl")), 1)]


def _opened(name: str, reader: Callable[[], Any]) -> Any:
    """openpyxl and python-docx raise whatever the libraries under them raise; here it all means damage."""
    try:
        return reader()
    except Exception as broken:
        raise Damaged(name=name) from broken


def _table_grid(table: Any) -> Grid:
    grid: Grid = []
    for row in _children(table, "w:tr"):
        grid.append(_docx_row(row, grid[-1] if grid else []))
    return grid


def _docx_row(row: Any, above: list[str | None]) -> list[str | None]:
    cells: list[str | None] = [""] * _number(row, "w:trPr/w:gridBefore")
    for cell in _children(row, "w:tc"):
        at = len(cells)
        if _continues(cell, "w:hMerge"):
            cells.append(None)
            continue
        continued = _continues(cell, "w:vMerge") and at < len(above)
        cells.append(above[at] if continued else _text(cell))
        cells.extend([None] * (_number(cell, "w:tcPr/w:gridSpan", 1) - 1))
    return cells[:COLUMN_LIMIT]


def _children(element: Any, tag: str) -> Iterator[Any]:
    """Direct children, also those that lie in a content control."""
    for child in element:
        if child.tag == qn(tag):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _children(child, tag)


def _number(element: Any, path: str, default: int = 0) -> int:
    found = _find(element, path)
    value = found.get(qn("w:val"), "") if found is not None else ""
    return min(int(value), COLUMN_LIMIT) if value.isdigit() else default


def _continues(cell: Any, tag: str) -> bool:
    merge = _find(cell, f"w:tcPr/{tag}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"


def _find(element: Any, path: str) -> Any:
    for tag in path.split("/"):
        element = element.find(qn(tag)) if element is not None else None
    return element


def _text(cell: Any) -> str:
    """The text that a reader sees: paragraphs as lines, insertions in, deletions out."""
    return "\n".join("".join(_runs(paragraph)) for paragraph in cell.iter(qn("w:p")))


def _runs(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in (qn("w:del"), qn("w:moveFrom"), qn("w:p")):
            continue
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in (qn("w:br"), qn("w:cr")):
            yield "\n"
        elif child.tag == qn("w:sym"):
            yield _TICKS.get(child.get(qn("w:char"), "").upper(), "")
        else:
            yield from _runs(child)


_TICKS = {"F052": "■", "F0FE": "■", "F0FD": "■", "F0A3": "□", "F0A8": "□", "F06F": "□"}
"""Wingdings characters that Word uses for ticked and empty boxes."""


def _check_archive(name: str, data: bytes, type: str) -> None:
    """Refuse what is no archive, would unpack to too much, is another kind of archive or carries macros."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (BadZipFile, ValueError, OSError):
        raise (Damaged if data[:2] == b"PK" else OtherContent)(name=name, extension=f".{extension(name)}") from None
    if unpacked > UNPACKED_LIMIT:
        raise CatalogueTooLarge(name=name, limit=UNPACKED_LIMIT // MEGABYTE)
    if not agrees(BytesIO(data), type):
        raise OtherContent(name=name, extension=f".{extension(name)}")
    if has_macros(BytesIO(data)):
        raise HasMacros(name=name)


_READERS = {"csv": _text_grids, "txt": _text_grids, "tsv": _text_grids, "xlsx": _xlsx_grids, "docx": _docx_grids}
