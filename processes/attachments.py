"""Files that belong to matters: kept once under the digest of their content, checked whenever they are read.

Who may fetch a file is decided where its matter is known, not here.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import new_id
from engine.db import Base
from engine.refusals import Broken, NotFound, Refusal
from processes.documents import paragraphs
from processes.secrecy_review.scanning import MARK

MEGABYTE = 1024 * 1024
LIMIT = 25 * MEGABYTE
_CHUNK = 256 * 1024


class AttachmentUnknown(NotFound):
    """There is no attachment "{key}"."""


class Tampered(Broken):
    """The attachment {key} is broken: its content is not what was kept."""


class FileTooLarge(Refusal):
    """The file "{name}" is larger than the limit of {limit} MB and was not kept."""


class FileEmpty(Refusal):
    """The file "{name}" is empty and was not kept."""


class TypeUnknown(Refusal):
    """The file "{name}" was not kept: the type {type} is not accepted. Accepted are {accepted}."""


class TypeDisguised(Refusal):
    """The file "{name}" was not kept: it is named as {extension}, but its content is not of that type."""


class FileSecret(Refusal):
    """The file "{name}" carries the secrecy mark {mark} and was not kept. Secret content is never entered here
    (Art. 21(1)): please report it to the secrecy committee office."""


class HasMacros(Refusal):
    """The file "{name}" contains macros. Please save it without macros."""


OPEN_XML = "application/vnd.openxmlformats-officedocument."

TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": OPEN_XML + "wordprocessingml.document",
    "xlsx": OPEN_XML + "spreadsheetml.sheet",
    "pptx": OPEN_XML + "presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "ofd": "application/ofd",
    "txt": "text/plain",
    "csv": "text/csv",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "zip": "application/zip",
}
"""Extension → media type of what is accepted."""

_STARTS: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_OFFICE = frozenset({TYPES["doc"], TYPES["xls"], TYPES["ppt"]})
_MAIN_PART: Mapping[str, str] = {
    "word/document.xml": TYPES["docx"],
    "xl/workbook.xml": TYPES["xlsx"],
    "ppt/presentation.xml": TYPES["pptx"],
    "OFD.xml": TYPES["ofd"],
}


def extension(name: str) -> str:
    """The last part of the name in small letters, without the dot; `""` if there is none."""
    return PurePath(name).suffix.lower().removeprefix(".")


def plain_name(name: str) -> str:
    """A name to show and to download under: no folders, no control characters, at most 150 characters."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{(stem or ending)[:140]}{dot and stem and '.' + ending[:9]}" if name else "file"


def agrees(content: IO[bytes], type: str) -> bool:
    """Whether the content can be of the media type that its extension claims."""
    content.seek(0)
    head = content.read(512)
    if type in _STARTS:
        return head.startswith(_STARTS[type])
    if type == TYPES["webp"]:
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if type in _OLD_OFFICE:
        return head.startswith(_OLE)
    if type.startswith("text/"):
        return not head.startswith(b"%PDF-") and _is_text(content)
    return _archived_type(content) == type


def has_macros(content: IO[bytes]) -> bool:
    """Whether an Office file of the newer kind carries a macro project."""
    return any(part.lower().endswith("vbaproject.bin") for part in _parts(content))


def _archived_type(content: IO[bytes]) -> str | None:
    parts = _parts(content)
    main = next((type for part, type in _MAIN_PART.items() if part in parts), TYPES["zip"])
    return main if parts else None


def _parts(content: IO[bytes]) -> frozenset[str]:
    content.seek(0)
    try:
        with ZipFile(content) as archive:
            return frozenset(archive.namelist())
    except (BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return frozenset()


def _is_text(content: IO[bytes]) -> bool:
    content.seek(0)
    data = content.read()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(data, "utf-16")
    return b"\0" not in data and (_decodes(data, "utf-8") or _decodes(data, "gb18030"))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


class Store:
    """Keeps file contents under their digest, in a folder or wherever fsspec reaches. Opens nothing until used."""

    def __init__(self, url: str, *, limit: int = LIMIT, types: Mapping[str, str] = TYPES) -> None:
        self.url = url
        self.limit = limit
        self.types = types

    def put(self, content: bytes | IO[bytes], name: str) -> dict[str, Any]:
        """Keep a file: {"digest", "name", "type", "size" in bytes}. Refused by name: too large, empty, wrong type."""
        name = plain_name(name)
        type = self._claimed_type(name)
        with SpooledTemporaryFile(max_size=MEGABYTE) as copy:
            digest, size = self._take(content, copy, name)
            self._inspect(copy, name, type)
            self._write(copy, digest)
        return {"digest": digest, "name": name, "type": type, "size": size}

    def get(self, digest: str) -> bytes:
        """The content. `AttachmentUnknown` if it was never kept, `Tampered` if it is no longer what was kept."""
        try:
            content = bytes(self._files.cat_file(self._path(digest)))
        except FileNotFoundError:
            raise AttachmentUnknown(what="attachment", key=digest) from None
        if sha256(content).hexdigest() != digest:
            raise Tampered(what="attachment", key=digest)
        return content

    def broken(self, digests: Iterable[str]) -> list[str]:
        """Those that are missing or changed."""
        return [digest for digest in digests if not self._holds(digest)]

    @cached_property
    def _files(self) -> Any:
        return self._reach[0]

    @cached_property
    def _reach(self) -> tuple[Any, str]:
        files, root = url_to_fs(self.url)
        return files, str(root).rstrip("/")

    def _claimed_type(self, name: str) -> str:
        ending = extension(name)
        if ending not in self.types:
            raise TypeUnknown(name=name, type=f".{ending}" if ending else "?", accepted=", ".join(self.types))
        return self.types[ending]

    def _take(self, content: bytes | IO[bytes], copy: IO[bytes], name: str) -> tuple[str, int]:
        source = BytesIO(content) if isinstance(content, bytes) else content
        digest, size = sha256(), 0
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > self.limit:
                raise FileTooLarge(name=name, limit=f"{self.limit / MEGABYTE:g}")
            digest.update(chunk)
            copy.write(chunk)
        if not size:
            raise FileEmpty(name=name)
        return digest.hexdigest(), size

    def _inspect(self, copy: IO[bytes], name: str, type: str) -> None:
        if not agrees(copy, type):
            raise TypeDisguised(name=name, extension=f".{extension(name)}")
        if type.startswith(OPEN_XML) and has_macros(copy):
            raise HasMacros(name=name)
        copy.seek(0)
        if mark := _secrecy_mark(name, copy.read()):
            raise FileSecret(name=name, mark=mark)

    def _write(self, copy: IO[bytes], digest: str) -> None:
        if self._holds(digest):
            return
        path = self._path(digest)
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        arriving = f"{path}.{new_id()}"
        copy.seek(0)
        with self._files.open(arriving, "wb") as target:
            _copy(copy, target.write)
            if isinstance(self._files, LocalFileSystem):
                target.flush()
                os.fsync(target.fileno())
        self._files.mv(arriving, path)

    def _holds(self, digest: str) -> bool:
        try:
            self.get(digest)
        except (AttachmentUnknown, Tampered):
            return False
        return True

    def _path(self, digest: str) -> str:
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise AttachmentUnknown(what="attachment", key=digest)
        return f"{self._reach[1]}/{digest[:2]}/{digest}"


def _secrecy_mark(name: str, content: bytes) -> str:
    """The first secrecy mark in a file whose words can be read; "" where there is none."""
    marks = (MARK.search(line) for line in paragraphs(name, content) or [])
    return next((found[0] for found in marks if found), "")


def _copy(source: IO[bytes], write: Callable[[bytes], Any]) -> None:
    while chunk := source.read(_CHUNK):
        write(chunk)


class Attachment(Base):
    """A file that somebody handed in under a name. The content lies in the store, once per digest."""

    __tablename__ = "attachments"
    __table_args__ = (UniqueConstraint("digest", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(160))
    type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(32))

    @classmethod
    def record(cls, session: Session, kept: Mapping[str, Any], *, at: datetime, by: str) -> Attachment:
        """Note what `Store.put` kept; the same content under the same name is noted once."""
        query = select(cls).where(cls.digest == kept["digest"], cls.name == kept["name"])
        if known := session.scalar(query):
            return known
        attachment = cls(**{key: kept[key] for key in ("digest", "name", "type", "size")}, at=at, by=by)
        session.add(attachment)
        session.flush()
        return attachment

    @classmethod
    def of(cls, session: Session, digest: str) -> Attachment:
        """The first attachment with this content, or `AttachmentUnknown`."""
        query = select(cls).where(cls.digest == digest).order_by(cls.at, cls.id).limit(1)
        if attachment := session.scalar(query):
            return attachment
        raise AttachmentUnknown(what="attachment", key=digest)

    @classmethod
    def digests(cls, session: Session) -> list[str]:
        """Every content that is referred to, for a check of the store."""
        return list(session.scalars(select(cls.digest).distinct().order_by(cls.digest)))
