"""Files from outside: single ones, a folder, a zip. All of them are taken, or none and why."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import commonpath, dirname, relpath
from typing import Any

from engine import authoring, drafting
from engine.refusals import Finding, NotDeployable, Refusal

MOST_BYTES = 30_000_000
BY_NAMESPACE = {"omg.org/spec/BPMN/": ".bpmn", "omg.org/spec/DMN/": ".dmn"}


class NothingToImport(Refusal):
    """No file was chosen."""


class NotAZip(Refusal):
    """ "{path}" cannot be opened as a zip file."""


class ArchiveTooLarge(Refusal):
    """The files are larger than {most} bytes together."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in: files by path, the diagrams that were laid out, and what other tools left in them."""

    files: Mapping[str, bytes]
    drawn: list[str] = field(default_factory=list)
    foreign: list[authoring.Foreign] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read(uploads: Iterable[Any]) -> Imported:
    """The uploads (name and bytes each; zips are opened). NotDeployable names every file that cannot be taken."""
    given = dict(_unpacked((upload.filename or "", upload.read(MOST_BYTES + 1)) for upload in uploads))
    if not given:
        raise NothingToImport
    if sum(map(len, given.values())) > MOST_BYTES:
        raise ArchiveTooLarge(most=MOST_BYTES)
    given = _from_their_folder(given)
    skipped = [path for path in given if _is_beside(path)]
    files = {_fitting(path, data): data for path, data in given.items() if path not in skipped}
    _refuse_unfit(files)
    undrawn = [path for path, data in files.items() if path.endswith(".bpmn") and not authoring.is_drawn(data)]
    files |= {path: authoring.lay_out(path, files[path]) for path in undrawn}
    return Imported(files, undrawn, authoring.foreign(files), skipped)


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip, byte for byte; the same files make the same zip."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _unpacked(uploads: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, bytes]]:
    for name, data in uploads:
        if name.lower().endswith(".zip"):
            yield from _members(name, data)
        elif name:
            yield name.replace("\\", "/").lstrip("/"), data


def _members(name: str, data: bytes) -> Iterable[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            if sum(each.file_size for each in files) > MOST_BYTES:
                raise ArchiveTooLarge(most=MOST_BYTES)
            if len(files) > drafting.MOST_FILES:
                raise drafting.TooMany(most=drafting.MOST_FILES)
            for each in files:
                with archive.open(each) as member:
                    yield _name(each), member.read(MOST_BYTES)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        raise NotAZip(path=name) from None


def _name(member: zipfile.ZipInfo) -> str:
    """The name of a member; old tools write Chinese names without saying so."""
    name = member.filename
    if not member.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/").lstrip("/")


def _from_their_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Without the folder that all of them lie in."""
    folders = {dirname(path) for path in files if not _is_beside(path)}
    top = commonpath(folders) if folders and all(folders) else ""
    return {relpath(path, top) if top and path.startswith(top) else path: data for path, data in files.items()}


def _is_beside(path: str) -> bool:
    """What tools and systems leave beside the files."""
    last = path.rpartition("/")[2]
    return path.startswith("__MACOSX/") or last.startswith(".") or last in ("Thumbs.db", "desktop.ini")


def _fitting(path: str, data: bytes) -> str:
    """The name with the ending that says what is in the file: other tools write .bpmn20.xml, .xml or .json."""
    if path.endswith(drafting.ENDINGS):
        return path
    low = path.lower()
    for ending in (".bpmn20.xml", ".bpmn2", ".xml", ".json"):
        if low.endswith(ending):
            return path[: -len(ending)] + (_kind(data) or path[-len(ending) :])
    return path


def _kind(data: bytes) -> str:
    head = data[:4000].decode("utf-8", "replace")
    found = next((ending for namespace, ending in BY_NAMESPACE.items() if namespace in head), "")
    return found or (".form.json" if _is_form(data) else "")


def _is_form(data: bytes) -> bool:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "components" in found


def _refuse_unfit(files: Mapping[str, bytes]) -> None:
    findings: list[Finding] = []
    for path, data in files.items():
        try:
            drafting.check_file(path, data)
        except NotDeployable as refusal:
            findings += refusal.findings
        except Refusal as refusal:
            findings.append(Finding(path, "file", refusal.template, parameters=refusal.parameters))
    if findings:
        raise NotImported(findings)


class NotImported(NotDeployable):
    """Nothing was imported: {count} files or parts of them cannot be taken."""
