"""The files of deployed versions. A version's id is the digest of its files, so what was read once stays right."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from engine import files
from web.wiring import parts

REMEMBERED = 50
_read: OrderedDict[str, Mapping[str, bytes]] = OrderedDict()
_lock = Lock()


def files_of(session: Session, version_id: str) -> Mapping[str, bytes]:
    """Relative name → bytes of a version's diagrams, tables and forms."""
    with _lock:
        if found := _read.get(version_id):
            _read.move_to_end(version_id)
            return found
    found = files(session.connection(), version_id)
    with _lock:
        _read[version_id] = found
        while len(_read) > REMEMBERED:
            _read.popitem(last=False)
    return found


def program_of(session: Session, version_id: str) -> Any:
    """The compiled version."""
    return parts().engine.definitions.program(session.connection(), version_id)
