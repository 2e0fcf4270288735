"""Every table of the product has its bounds, lies within them, cites articles in all rows and is used by a diagram."""

from __future__ import annotations

from pathlib import Path

import pytest

import processes
from engine import tables
from processes.decisions import BOUNDS
from processes.decisions.bounds import check
from processes.decisions.editions import ARTICLE

FOLDER = Path(processes.__file__ or "").parent
TABLES = {tables.read_table(path.read_bytes()).id: path for path in sorted(FOLDER.glob("*/*.dmn"))}
each_table = pytest.mark.parametrize("key", sorted(TABLES))


def test_the_tables_of_the_domain_are_all_there() -> None:
    assert {bounds.number for bounds in BOUNDS.values()} == {f"D{number}" for number in range(1, 9)}
    assert set(BOUNDS) == set(TABLES)


@each_table
def test_every_row_cites_its_article(key: str) -> None:
    assert all(ARTICLE.search(row.note) for row in tables.read_table(TABLES[key].read_bytes()).rows)


@each_table
def test_a_table_is_as_strict_as_itself_in_every_case(key: str) -> None:
    data, bounds = TABLES[key].read_bytes(), BOUNDS[key]
    table = tables.compiled(data)
    if bounds.is_within is not None:
        assert list(bounds.cases())
        check(bounds, table, table, [row.note for row in tables.read_table(data).rows])


@each_table
def test_a_diagram_asks_it(key: str) -> None:
    asked = f"<spiffworkflow:calledDecisionId>{key}</spiffworkflow:calledDecisionId>"
    assert any(asked in path.read_text() for path in FOLDER.glob("*/*.bpmn"))
