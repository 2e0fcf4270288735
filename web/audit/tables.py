"""Tables to take away: CSV that a spreadsheet opens as text and never as formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from flask import Response

from web.attachments.views import download

FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_ROWS = 50_000


def csv_of(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """A CSV file in UTF-8 with a mark that spreadsheets know it by."""
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow([cell(title) for title in head])
    writer.writerows([cell(value) for value in row] for row in rows)
    return download(("\ufeff" + written.getvalue()).encode(), name, "text/csv; charset=utf-8")


def cell(value: Any) -> str:
    """A cell as text; what a spreadsheet would calculate gets an apostrophe before it."""
    said = "" if value is None else str(value)
    return f"'{said}" if said.lstrip(" ").startswith(FORMULA) else said
