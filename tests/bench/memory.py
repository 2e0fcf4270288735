"""How much memory a cached live instance of the disclosure diagram takes."""

from __future__ import annotations

from tests.bench.table import Row


def rows() -> list[Row]:
    return []
