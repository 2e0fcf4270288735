"""The words in a file that somebody handed in, as far as they can be read here without opening it in a program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

from defusedxml import ElementTree

PARTS = {
    "docx": re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"),
    "xlsx": re.compile(r"xl/(?:sharedStrings|worksheets/[^/]+|comments\d*)\.xml"),
    "pptx": re.compile(r"ppt/(?:slides|notesSlides)/[^/]+\.xml"),
}
"""Extension → the parts of an Office file that hold words."""

PARAGRAPHS = frozenset({"p", "si", "row", "comment"})
LARGEST = 20_000_000
"""Bytes of one part when unpacked; a larger one is not read."""


def paragraphs(name: str, data: bytes) -> list[str] | None:
    """The paragraphs of a file; None where its words cannot be read here: a picture, a scan, an older Office file."""
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if kind in ("txt", "csv"):
        return _decoded(data)
    if kind not in PARTS:
        return None
    try:
        with ZipFile(BytesIO(data)) as archive:
            return list(_office(archive, PARTS[kind]))
    except (BadZipFile, ElementTree.ParseError, ValueError, OSError):
        return None


def _decoded(data: bytes) -> list[str] | None:
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding).splitlines()
        except UnicodeDecodeError:
            continue
    return None


def _office(archive: ZipFile, wanted: re.Pattern[str]) -> Iterator[str]:
    for part in sorted(archive.infolist(), key=lambda part: part.filename):
        if wanted.fullmatch(part.filename):
            if part.file_size > LARGEST:
                raise ValueError(part.filename)
            yield from _words(archive.read(part))


def _words(xml: bytes) -> Iterator[str]:
    """The text of each paragraph, its runs joined: a number may be split over several."""
    root = ElementTree.fromstring(xml, forbid_dtd=True)
    inside: set[object] = set()
    for node in root.iter():
        if str(node.tag).rpartition("}")[2] in PARAGRAPHS and node not in inside:
            inside.update(node.iter())
            if text := "".join(node.itertext()).strip():
                yield text
