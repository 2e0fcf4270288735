"""Every real table that was collected imports whole."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from processes.catalogue import KEYS, export_docx, import_catalogue, read_table
from processes.catalogue.taxonomy import classes_of, content_classes
from tests.processes.conftest import AT

FOLDER = Path(__file__).parents[4] / "shared" / "catalogues"
FILES = sorted(path for path in FOLDER.glob("*.csv") if path.name != "MANIFEST.csv") if FOLDER.is_dir() else []
needs_folder = pytest.mark.skipif(not FILES, reason=f"the collected tables are not at {FOLDER}")


@needs_folder
def test_the_collected_tables_are_all_there() -> None:
    with (FOLDER / "MANIFEST.csv").open(encoding="utf-8-sig") as manifest:
        rows = {row["file"]: int(row["rows"]) for row in csv.DictReader(manifest)}
    assert {path.name: len(read_table(path.name, path.read_bytes())) for path in FILES} == rows


@needs_folder
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_collected_table_imports_as_written(school: Session, path: Path) -> None:
    report = import_catalogue(school, "ccmu", path.name, path.read_bytes(), by="lin", at=AT)
    with path.open(encoding="utf-8-sig", newline="") as table:
        written = [dict(zip(KEYS, row, strict=True)) for row in list(csv.reader(table))[1:]]
    assert [item.written for item in report.version.items] == written
    assert [dict(row.texts) for row in read_table("x.docx", export_docx(report.version))] == written
    for each in report.unresolved:
        assert each.text in written[each.line - 2][each.column] or "同上" in written[each.line - 2][each.column]


@needs_folder
def test_most_words_of_the_collected_tables_are_understood(school: Session) -> None:
    """Owners apart: they are other people's units."""
    columns = [key for key in KEYS if key not in ("seq", "content", "responsible_unit", "remarks")]
    filled = left = 0
    for path in FILES:
        for row in import_catalogue(school, "ccmu", path.name, path.read_bytes(), by="lin", at=AT).rows:
            filled += sum(bool(row.row.texts[key]) for key in columns)
            left += sum(key in columns for key in row.unresolved)
    assert left < filled / 3, (left, filled)


def test_the_content_classes_are_those_of_articles_6_to_8() -> None:
    codes = [f"A{at}" for at in range(1, 10)] + [f"D{at}" for at in range(1, 8)] + [f"W{at}" for at in range(1, 6)]
    assert list(content_classes()) == codes
    assert [each.article for each in classes_of("WORKING_DEPARTMENT")][-1] == "第八条（五）"
