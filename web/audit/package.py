"""The journal of an instance to take away: JSON Lines, version digests and a script that checks them by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from engine import Instance, Version, files, lines, ran_on, told
from engine.canonical import digest, dump
from processes.disclosure.archive import Part, zipped
from processes.disclosure.matters import Matter

README = """\
过程日志导出 / Exported journal

核验：在本文件夹运行 `python3 verify.py`（只需 Python 标准库，不依赖本系统）。
To verify: run `python3 verify.py` in this folder; it needs nothing but Python's standard library.

entries.jsonl  日志，一行一条，逐条以 SHA-256 衔接 / the journal, one entry a line, each chained to the one before
instance.json  实例：版本、条数、末条摘要 / the instance: version, number of entries, last hash
versions.json  依次运行的各流程版本及其文件摘要，文件在 versions/ / the versions that it ran on, one after the
               other, with the digests of their files, which lie in versions/
matter.json    所属公开事项的登记（如有） / the matter as registered, if there is one

末条摘要请与纸质台账或系统页面核对：删去最后几条后剩余部分仍然自洽，只有与外部留存的摘要比对才能发现。
Compare the last hash with the printed ledger or the page: a journal that was cut short still holds together by itself.
"""


def packed(session: Session, instance: Instance, matter: Matter | None, at: datetime) -> bytes:
    """The zip: its bytes depend on the instance and the moment only."""
    return zipped(list(_parts(session, instance, matter)), at)


def json_lines(session: Session, instance: Instance) -> str:
    """Every entry of the journal as it is hashed, one line each."""
    return _spelled(lines(session.connection(), instance.id))


def _parts(session: Session, instance: Instance, matter: Matter | None) -> Iterator[Part]:
    entries = lines(session.connection(), instance.id)
    named = ran_on(entries)
    versions = {key: files(session.connection(), key) for key in named}
    yield Part("README.txt", "说明", README.encode())
    yield Part("verify.py", "核验脚本", Path(__file__).with_name("check_export.py").read_bytes())
    yield Part("entries.jsonl", "过程日志", _spelled(entries).encode())
    yield _json("instance.json", "实例", _instance(instance))
    yield _json("versions.json", "流程版本", [_version(session, key, versions[key]) for key in named])
    if matter:
        yield _json("matter.json", "公开事项", _columns(matter))
    for key, given in versions.items():
        for path, data in sorted(given.items()):
            yield Part(f"versions/{key}/{path}", path, data)


def _spelled(entries: Sequence[Any]) -> str:
    return "".join(dump(told(row)) + "\n" for row in entries)


def _instance(instance: Instance) -> dict[str, Any]:
    return {**_columns(instance), "version": instance.version_id}


def _version(session: Session, key: str, given: Mapping[str, bytes]) -> dict[str, Any]:
    version = session.get_one(Version, key)
    return {**_columns(version), "files": {path: digest(data) for path, data in sorted(given.items())}}


def _columns(row: Any) -> dict[str, Any]:
    values = {column: getattr(row, column) for column in row.__mapper__.columns.keys()}  # noqa: SIM118
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _json(path: str, title: str, value: Any) -> Part:
    return Part(path, title, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())
