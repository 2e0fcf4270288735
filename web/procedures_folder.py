"""A procedure as a folder of files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import processes

ENDINGS = (".bpmn", ".dmn", ".form.json")


def files_in(folder: Path) -> dict[str, bytes]:
    """The diagrams, tables and forms of a folder by relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name.endswith(ENDINGS)
    }


def ours() -> Iterator[Path]:
    """The folders of the procedures that come with the product."""
    for package in processes.__path__:
        yield from sorted({path.parent for path in Path(package).glob("*/*.bpmn")})
