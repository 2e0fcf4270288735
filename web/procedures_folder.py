"""A procedure as a folder of files.

A folder may hold `uses.txt`: one relative path per line to a file that it shares with another procedure, such as
`../disclosure/propose_review.bpmn`; lines that begin with # say why. A shared file belongs to the version under its
base name, so the version's digest covers it, and a matter keeps the file it was started with.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import processes
from engine.refusals import NotFound, Refusal

ENDINGS = (".bpmn", ".dmn", ".form.json")
USES = "uses.txt"
LINE_LIMIT = 200


class UsedFileMissing(NotFound):
    """{folder}/uses.txt names "{path}", and there is no such file. Nothing was changed."""


class UsedFileOutside(Refusal):
    """{folder}/uses.txt names "{path}", which is no diagram, table or form beside it. Nothing was changed."""


class UsedFileTwice(Refusal):
    """{folder} has two files called "{path}"; one of them comes by uses.txt. Nothing was changed."""


def files_in(folder: Path) -> dict[str, bytes]:
    """The diagrams, tables and forms of a folder by relative name, with those that its uses.txt names.

    UsedFileMissing, UsedFileOutside, UsedFileTwice.
    """
    own = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if _is_ours(path)}
    for path in _used(folder):
        if path.name in own:
            raise UsedFileTwice(folder=folder.name, path=path.name)
        own[path.name] = path
    return {name: path.read_bytes() for name, path in own.items()}


def ours() -> Iterator[Path]:
    """The folders of the procedures that come with the product."""
    for package in processes.__path__:
        yield from sorted({path.parent for path in Path(package).glob("*/*.bpmn")})


def _used(folder: Path) -> Iterator[Path]:
    listed = folder / USES
    if not listed.is_file():
        return
    for line in listed.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        if (path := line.strip()) and not path.startswith("#"):
            yield _shared(folder, path)


def _shared(folder: Path, path: str) -> Path:
    """The file that a line names: in a folder beside this one, whatever links say."""
    said = {"folder": folder.resolve().name, "path": path[:LINE_LIMIT]}
    if "\0" in path or len(path) > LINE_LIMIT:
        raise UsedFileOutside(**said)
    found = (folder / path).resolve()
    if not found.is_relative_to(folder.resolve().parent) or not found.name.endswith(ENDINGS):
        raise UsedFileOutside(**said)
    if not found.is_file():
        raise UsedFileMissing(what="used file", key=said["path"], **said)
    return found


def _is_ours(path: Path) -> bool:
    return path.is_file() and path.name.endswith(ENDINGS)
