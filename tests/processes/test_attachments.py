"""Files are kept by content, checked at the door and whenever they are read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy.orm import Session

from engine.canonical import digest
from engine.refusals import Broken, NotFound
from processes.attachments import (
    LIMIT,
    Attachment,
    FileEmpty,
    FileTooLarge,
    HasMacros,
    Store,
    TypeDisguised,
    TypeUnknown,
    plain_name,
)
from tests.processes.conftest import AT

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def packed(*parts: str) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return target.getvalue()


CONTENT: dict[str, bytes] = {
    "纪要.pdf": PDF,
    "图.PNG": PNG,
    "照片.jpeg": b"\xff\xd8\xff\xe0" + b"\0" * 20,
    "动图.gif": b"GIF89a" + b"\0" * 20,
    "图.webp": b"RIFF\0\0\0\0WEBPVP8 ",
    "方案.docx": packed("[Content_Types].xml", "word/document.xml"),
    "名册.xlsx": packed("[Content_Types].xml", "xl/workbook.xml"),
    "汇报.pptx": packed("[Content_Types].xml", "ppt/presentation.xml"),
    "公文.ofd": packed("OFD.xml"),
    "材料.zip": packed("a.txt"),
    "旧稿.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 20,
    "说明.txt": "说明".encode("gb18030"),
    "名单.csv": "姓名\n".encode(),
}


@pytest.fixture
def files(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "files"))


def only_file(folder: Path) -> Path:
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    return path


@pytest.mark.parametrize("name", CONTENT)
def test_what_is_put_comes_back(files: Store, name: str) -> None:
    kept = files.put(CONTENT[name], name)
    assert (kept["digest"], kept["name"], kept["size"]) == (digest(CONTENT[name]), name, len(CONTENT[name]))
    assert files.get(kept["digest"]) == CONTENT[name]


def test_a_stream_is_kept_like_bytes(files: Store) -> None:
    assert files.put(BytesIO(PDF), "a.pdf") == files.put(PDF, "a.pdf")


def test_the_same_content_is_kept_once(files: Store, tmp_path: Path) -> None:
    files.put(PDF, "a.pdf")
    files.put(PDF, "b.pdf")
    assert only_file(tmp_path).read_bytes() == PDF


def test_the_store_works_wherever_fsspec_reaches() -> None:
    files = Store("memory://attachments-of-a-test")
    assert files.get(files.put(PDF, "a.pdf")["digest"]) == PDF


def test_a_file_of_30_mb_is_refused_by_name(files: Store, tmp_path: Path) -> None:
    big = PDF + b"\0" * (30 * 1024 * 1024)
    with pytest.raises(FileTooLarge, match=r"大文件\.pdf.*25 MB"):
        files.put(big, "大文件.pdf")
    assert not (tmp_path / "files").exists()


def test_a_file_of_exactly_the_limit_is_kept(files: Store) -> None:
    assert files.put(PDF.ljust(LIMIT, b"\0"), "a.pdf")["size"] == LIMIT


@pytest.mark.parametrize("name", ["工具.exe", "页.html", "图.svg", "宏.docm", "无类型"])
def test_an_unknown_type_is_refused_naming_it(files: Store, name: str) -> None:
    with pytest.raises(TypeUnknown) as refused:
        files.put(PDF, name)
    assert name in str(refused.value)
    assert (Path(name).suffix or "?") in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PNG),
        ("a.png", PDF),
        ("a.docx", CONTENT["名册.xlsx"]),
        ("a.zip", CONTENT["方案.docx"]),
        ("a.zip", b"PK\x03\x04 but broken"),
        ("a.txt", b"MZ\x90\0\x03\0\0\0"),
        ("a.doc", PDF),
        ("a.webp", b"RIFF\0\0\0\0WAVE"),
    ],
)
def test_content_of_another_type_is_refused(files: Store, name: str, content: bytes) -> None:
    with pytest.raises(TypeDisguised, match=Path(name).suffix):
        files.put(content, name)


def test_macros_and_empty_files_are_refused(files: Store) -> None:
    with pytest.raises(HasMacros, match=r"a\.docx"):
        files.put(packed("word/document.xml", "word/vbaProject.bin"), "a.docx")
    with pytest.raises(FileEmpty, match=r"a\.txt"):
        files.put(b"", "a.txt")


def test_tampered_content_is_never_handed_out(files: Store, tmp_path: Path) -> None:
    kept = files.put(PDF, "a.pdf")
    only_file(tmp_path).write_bytes(PDF + b"!")
    with pytest.raises(Broken, match=kept["digest"]):
        files.get(kept["digest"])
    assert files.broken([kept["digest"]]) == [kept["digest"]]


def test_putting_the_content_again_heals_it(files: Store, tmp_path: Path) -> None:
    kept = files.put(PDF, "a.pdf")
    only_file(tmp_path).write_bytes(b"")
    files.put(PDF, "a.pdf")
    assert files.get(kept["digest"]) == PDF
    assert files.broken([kept["digest"]]) == []


@pytest.mark.parametrize("key", ["0" * 64, "../../secret", "", "A" * 64])
def test_what_was_never_kept_is_not_found(files: Store, key: str) -> None:
    with pytest.raises(NotFound):
        files.get(key)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("../../etc/纪要.pdf", "纪要.pdf"),
        ("C:\\桌面\\纪要.pdf", "纪要.pdf"),
        ("a\r\nb\u202efdp.pdf", "abfdp.pdf"),
        ("...", "file"),
        ("长" * 300 + ".pdf", "长" * 140 + ".pdf"),
    ],
)
def test_a_name_loses_folders_and_tricks(given: str, plain: str) -> None:
    assert plain_name(given) == plain


def test_an_attachment_is_noted_once_per_name(session: Session, files: Store) -> None:
    def note(name: str) -> Attachment:
        return Attachment.record(session, files.put(PDF, name), at=AT, by="lin")

    assert note("a.pdf") is note("a.pdf")
    assert note("b.pdf") is not note("a.pdf")
    assert Attachment.digests(session) == [digest(PDF)]
    assert Attachment.of(session, digest(PDF)).size == len(PDF)


def test_an_unknown_attachment_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        Attachment.of(session, "0" * 64)
