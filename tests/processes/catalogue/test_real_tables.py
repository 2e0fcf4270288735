"""Every real table that was collected imports whole."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from processes.catalogue import KEYS, CatalogueVersion, export_docx, export_xlsx, import_catalogue, read_table, resolve
from processes.catalogue.taxonomy import classes_of, content_classes
from tests.processes.catalogue.tables import unsaved_version
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
def test_a_collected_table_is_read_as_written(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as table:
        written = [dict(zip(KEYS, row, strict=True)) for row in list(csv.reader(table))[1:]]
    rows = read_table(path.name, path.read_bytes())
    assert [dict(row.texts) for row in rows] == written
    for ending, export in (("docx", export_docx), ("xlsx", export_xlsx)):
        again = read_table(f"目录.{ending}", export(unsaved_version(rows)))
        assert [dict(row.texts) for row in again] == written


@needs_folder
def test_every_collected_table_imports_and_names_what_it_left(school: Session) -> None:
    for path in FILES:
        report = import_catalogue(school, "ccmu", path.name, path.read_bytes(), by="lin", at=AT)
        for each in report.unresolved:
            text = report.rows[each.line - 2].row.texts[each.column]
            assert each.text in text or "同上" in text, (path.name, each)
    assert len(CatalogueVersion.all(school, "ccmu")) == len(FILES) + 1


@needs_folder
def test_most_words_of_the_collected_tables_are_understood() -> None:
    """Owners apart: they are other people's units."""
    columns = [key for key in KEYS if key not in ("seq", "content", "responsible_unit", "remarks")]
    filled = left = 0
    for path in FILES:
        for row in resolve(read_table(path.name, path.read_bytes()), []):
            filled += sum(bool(row.row.texts[key]) for key in columns)
            left += sum(key in columns for key in row.unresolved)
    assert left < filled / 3, (left, filled)


def test_the_content_classes_are_those_of_articles_6_to_8() -> None:
    codes = [f"A{at}" for at in range(1, 10)] + [f"D{at}" for at in range(1, 8)] + [f"W{at}" for at in range(1, 6)]
    assert list(content_classes()) == codes
    assert [each.article for each in classes_of("WORKING_DEPARTMENT")][-1] == "第八条（五）"
