"""Where the diagrams of other people lie: `CORPUS`, else ../shared/corpus. They are read there and never copied."""

from __future__ import annotations

import os
from pathlib import Path

BESIDE = Path(__file__).parents[3] / "shared" / "corpus"
SUFFIXES = (".bpmn", ".bpmn2", ".bpmn20.xml", ".xml", ".dmn")


def folder() -> Path:
    """The folder of the corpus; it may not be there."""
    return Path(os.environ.get("CORPUS") or BESIDE)


def is_there() -> bool:
    """Is there a corpus to run?"""
    return (folder() / "MANIFEST.tsv").is_file()


def absent() -> str:
    """Why nothing can be run."""
    return f"The corpus of other people's diagrams is not in {folder()}; set CORPUS to its folder."


def collections() -> list[str]:
    """The names of the folders: one for each project that the files come from."""
    return sorted(path.name for path in folder().iterdir() if path.is_dir())


def files(collection: str) -> list[Path]:
    """The diagrams and tables of a collection."""
    return sorted(path for path in (folder() / collection).rglob("*") if path.name.endswith(SUFFIXES))


def name_of(path: Path, data: bytes) -> str:
    """The name under which a file is deployed: what it holds decides, whatever its ending."""
    is_table = path.suffix == ".dmn" or (b"/DMN/" in data and b"decision" in data)
    return f"{path.name.partition('.')[0]}.{'dmn' if is_table else 'bpmn'}"
