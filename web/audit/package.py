"""The journal of an instance to take away: JSON Lines, version digests and a script that checks them by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from engine import Instance, Version, files, lines
from engine.canonical import digest, dump
from processes.disclosure.archive import Part, zipped
from processes.disclosure.matters import Matter

README = """\
过程日志导出 / Exported journal

核验：在本文件夹运行 `python3 verify.py`（只需 Python 标准库，不依赖本系统）。
To verify: run `python3 verify.py` in this folder; it needs nothing but Python's standard library.

entries.jsonl  日志，一行一条，逐条以 SHA-256 衔接 / the journal, one entry a line, each chained to the one before
instance.json  实例：版本、条数、末条摘要 / the instance: version, number of entries, last hash
version.json   所运行流程版本各文件的摘要，文件在 version/ / digests of the version's files, which lie in version/
matter.json    所属公开事项的登记（如有） / the matter as registered, if there is one

末条摘要请与纸质台账或系统页面核对：删去最后几条后剩余部分仍然自洽，只有与外部留存的摘要比对才能发现。
Compare the last hash with the printed ledger or the page: a journal that was cut short still holds together by itself.
"""


def packed(session: Session, instance: Instance, matter: Matter | None, at: datetime) -> bytes:
    """The zip: its bytes depend on the instance and the moment only."""
    return zipped(list(_parts(session, instance, matter)), at)


def json_lines(session: Session, instance: Instance) -> str:
    """Every entry of the journal as it is hashed, one line each."""
    return "".join(_line(row) for row in lines(session.connection(), instance.id))


def _parts(session: Session, instance: Instance, matter: Matter | None) -> Iterator[Part]:
    given = files(session.connection(), instance.version_id)
    yield Part("README.txt", "说明", README.encode())
    yield Part("verify.py", "核验脚本", Path(__file__).with_name("check_export.py").read_bytes())
    yield Part("entries.jsonl", "过程日志", json_lines(session, instance).encode())
    yield _json("instance.json", "实例", _instance(instance))
    yield _json("version.json", "流程版本", _version(session, instance, given))
    if matter:
        yield _json("matter.json", "公开事项", _columns(matter))
    for path, data in sorted(given.items()):
        yield Part(f"version/{path}", path, data)


def _line(row: Any) -> str:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return dump({**row._mapping, "at": at}) + "\n"


def _instance(instance: Instance) -> dict[str, Any]:
    return {**_columns(instance), "version": instance.version_id}


def _version(session: Session, instance: Instance, given: Mapping[str, bytes]) -> dict[str, Any]:
    version = session.get_one(Version, instance.version_id)
    return {**_columns(version), "files": {path: digest(data) for path, data in sorted(given.items())}}


def _columns(row: Any) -> dict[str, Any]:
    values = {column: getattr(row, column) for column in row.__mapper__.columns.keys()}  # noqa: SIM118
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _json(path: str, title: str, value: Any) -> Part:
    return Part(path, title, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())
