"""One row for each figure; the same rows on the screen and in var/bench.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """A figure; `target` is the most it may be, `at_least` the least, both None where it is only told."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        if self.target is None and self.at_least is None:
            return None
        return self.value <= self.target if self.target is not None else self.value >= float(self.at_least or 0)


def show(rows: list[Row]) -> str:
    head = ("name", "value", "unit", "target", "met")
    lines = [(row.name, f"{row.value:,.3f}", row.unit, _target(row), _met(row)) for row in rows]
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    rule = tuple("-" * width for width in widths)
    return "\n".join("  ".join(_pad(line, widths)).rstrip() for line in [head, rule, *lines])


def write(rows: list[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) | {"met": row.met} for row in rows], indent=1) + "\n")


def _pad(line: tuple[str, ...], widths: list[int]) -> list[str]:
    return [line[0].ljust(widths[0]), line[1].rjust(widths[1]), *map(str.ljust, line[2:], widths[2:])]


def _target(row: Row) -> str:
    if row.at_least is not None:
        return f">= {row.at_least:g}"
    return "" if row.target is None else f"<= {row.target:g}"


def _met(row: Row) -> str:
    return {None: "", True: "yes", False: "NO"}[row.met]
