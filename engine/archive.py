"""Journals of finished instances, moved out into a file and back: JSON Lines that check themselves.

The first line says what it is; then come versions with their files, calendars, and instances with their entries and
tasks, one a line; the last line holds the digest of all before it. What was moved out leaves the instance, its tasks
and its last hash here, so it is still found, and the file can be held against the hash.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import IO, Any

from sqlalchemy import ForeignKey, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import bodies, journal
from engine.canonical import digest, dump
from engine.core import GOES_ON, Engine
from engine.db import Base, Instant, table
from engine.definitions import version_digest
from engine.refusals import Broken, Refusal
from engine.schema import Blob, Definition, Entry, Instance, Snapshot, Task, Version, VersionFile

FORMAT = 1
AT_ONCE = 200


class NotAnArchive(Refusal):
    """{name} is no archive of journals, or of a release that is not known here."""


class ArchiveBroken(Refusal):
    """{name} is broken at line {line}: {reason} Nothing was taken in."""


class NothingFinished(Refusal):
    """No matter ended before {before}. Nothing was written."""


class InAnArchive(Refusal):
    """This journal was moved out into an archive with the digest {archive}. Bring it back to have it again."""


class Archived(Base):
    """The journal of an instance lies in a file: `archive` is the digest that the file's last line names."""

    __tablename__ = "archived"
    instance_id: Mapped[str] = mapped_column(ForeignKey("instances.id"), primary_key=True)
    archive: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What an archive holds, or what was done with it."""

    instances: int
    entries: int
    digest: str


def finished(session: Session, before: datetime, definition: str | None = None) -> list[str]:
    """The ids of instances that ended before this moment and whose journals are here."""
    query = select(Instance.id).where(Instance.state.not_in(GOES_ON), Instance.ended_at < before)
    query = query.where(Instance.id.not_in(select(Archived.instance_id)))
    if definition:
        query = query.where(Instance.definition == definition)
    return list(session.scalars(query.order_by(Instance.id)))


def write(engine: Engine, ids: Sequence[str], target: IO[bytes]) -> Told:
    """Write the journals of these instances, with the versions and calendars that they need."""
    hashed, entries = sha256(), 0
    with engine.database.read() as session:
        for said in _lines(session, ids, engine.clock()):
            data = dump(said).encode() + b"\n"
            hashed.update(data)
            target.write(data)
            entries += len(said.get("entries", ()))
    told = Told(len(ids), entries, hashed.hexdigest())
    end = {"digest": told.digest, "instances": told.instances, "entries": told.entries}
    target.write(dump(end).encode() + b"\n")
    return told


def move_out(engine: Engine, source: IO[bytes], name: str, by: str) -> Told:
    """Take out of the database what an archive that was written, and is read back here, holds."""
    told, lines = _read(source, name)
    ids = [line["instance"]["id"] for line in lines if "instance" in line]
    at = engine.clock()
    for place in range(0, len(ids), AT_ONCE):
        with engine.database.write() as session:
            for instance_id in ids[place : place + AT_ONCE]:
                _move_out(session, instance_id, told.digest, at, by)
    engine.executions.cache.clear()
    return told


def take_in(engine: Engine, source: IO[bytes], name: str) -> Told:
    """Bring the journals of an archive back, here or into another database. ArchiveBroken before anything is written.

    What is here already stays as it is; a journal that does not end at the hash that its instance has here is refused.
    """
    told, lines = _read(source, name)
    with engine.database.write() as session:
        for number, line in enumerate(lines, 1):
            try:
                _take_in(session, line)
            except Broken as error:
                raise ArchiveBroken(name=name, line=number, reason=str(error)) from error
    return told


def whereabouts(session: Session, instance_id: str) -> Archived | None:
    """Where the journal lies, if it was moved out."""
    return session.get(Archived, instance_id)


def require_here(session: Session, instance_id: str) -> None:
    """InAnArchive where the journal was moved out."""
    if (found := whereabouts(session, instance_id)) is not None:
        raise InAnArchive(archive=found.archive)


def away(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of these instances whose journals lie in an archive."""
    return set(session.scalars(select(Archived.instance_id).where(Archived.instance_id.in_(ids))))


# -- out


def _lines(session: Session, ids: Sequence[str], at: datetime) -> Iterator[dict[str, Any]]:
    yield {"archive": FORMAT, "at": _spelled(at)}
    told: set[str] = set()
    for instance_id in ids:
        rows = journal.lines(session.connection(), instance_id)
        for version in journal.ran_on(rows):
            if version not in told:
                told.add(version)
                yield _version(session, version)
        for key in sorted({json.loads(row.body)["calendar"] for row in rows} - told):
            told.add(key)
            yield {"calendar": key, "body": _body(session, key)}
        yield _instance(session, instance_id, rows)


def _version(session: Session, version_id: str) -> dict[str, Any]:
    version = session.get_one(Version, version_id)
    named = dict(
        session.execute(select(VersionFile.path, VersionFile.digest).where(VersionFile.version_id == version_id)).all()
    )
    base = _version(session, version.base) if version.base else None
    files = {path: _body(session, key) for path, key in sorted(named.items())}
    return {"version": _columns(version), "files": files, "base": base}


def _body(session: Session, key: str) -> str:
    return b64encode(session.get_one(Blob, key).body).decode()


def _instance(session: Session, instance_id: str, rows: Sequence[Any]) -> dict[str, Any]:
    tasks = session.scalars(select(Task).where(Task.instance_id == instance_id).order_by(Task.id))
    return {
        "instance": _columns(session.get_one(Instance, instance_id)),
        "entries": [{name: _spelled(value) for name, value in journal.columns(row).items()} for row in rows],
        "tasks": [_columns(task) for task in tasks],
    }


def _move_out(session: Session, instance_id: str, archive: str, at: datetime, by: str) -> None:
    if whereabouts(session, instance_id) is not None:
        return
    session.add(Archived(instance_id=instance_id, archive=archive, at=at, by=by))
    session.execute(delete(Snapshot).where(Snapshot.instance_id == instance_id))
    for forget in bodies.forgotten(instance_id):
        session.execute(forget)
    session.flush()


# -- in


def _read(source: IO[bytes], name: str) -> tuple[Told, list[dict[str, Any]]]:
    """Every line but the last, after the whole has been checked against it."""
    hashed, lines, last = sha256(), list[dict[str, Any]](), b""
    for number, data in enumerate(source, 1):
        if last:
            hashed.update(last)
            lines.append(_parsed(last, name, number - 1))
        last = data
    if not lines or lines[0].get("archive") != FORMAT:
        raise NotAnArchive(name=name)
    end = _parsed(last, name, len(lines) + 1)
    if end.get("digest") != hashed.hexdigest():
        raise ArchiveBroken(name=name, line=len(lines) + 1, reason="its lines do not match its digest.")
    return Told(end["instances"], end["entries"], end["digest"]), lines


def _parsed(data: bytes, name: str, number: int) -> dict[str, Any]:
    try:
        said = json.loads(data)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        if number == 1:
            raise NotAnArchive(name=name)
        raise ArchiveBroken(name=name, line=number, reason="it is no JSON.")
    return said


def _take_in(session: Session, line: Mapping[str, Any]) -> None:
    if "version" in line:
        _take_in_version(session, line)
    elif "calendar" in line:
        _keep(session, line["calendar"], b64decode(line["body"]))
    elif "instance" in line:
        _take_in_instance(session, line)


def _take_in_version(session: Session, line: Mapping[str, Any]) -> None:
    if line["base"]:
        _take_in_version(session, line["base"])
    version, files = line["version"], {path: b64decode(body) for path, body in line["files"].items()}
    if version_digest(files) != version["id"]:
        raise Broken(what="version", key=version["id"], reason="its files do not match its digest")
    if session.get(Version, version["id"]) is not None:
        return
    if session.get(Definition, version["definition"]) is None:
        session.add(Definition(key=version["definition"], name=version["definition"], in_force=None))
        session.flush()
    for data in files.values():
        _keep(session, digest(data), data)
    _insert(session, Version, version)
    for path, data in files.items():
        _insert(session, VersionFile, {"version_id": version["id"], "path": path, "digest": digest(data)})


def _take_in_instance(session: Session, line: Mapping[str, Any]) -> None:
    given = line["instance"]
    here = session.get(Instance, given["id"])
    if here is not None and whereabouts(session, given["id"]) is None:
        return
    if here is None:
        _insert(session, Instance, given)
        here = session.get_one(Instance, given["id"])
        for task in line["tasks"]:
            _insert(session, Task, task)
    for entry in line["entries"]:
        kept, besides = bodies.laid_away(entry["body"])
        for statement, values, _ in besides:
            session.execute(statement, values)
        _insert(session, Entry, {**entry, "body": kept})
    session.execute(delete(Archived).where(Archived.instance_id == given["id"]))
    for broken in journal.broken_links(here, journal.lines(session.connection(), given["id"])):
        raise broken


def _keep(session: Session, key: str, data: bytes) -> None:
    if digest(data) != key:
        raise Broken(what="file", key=key, reason="its bytes do not match its digest")
    if session.get(Blob, key) is None:
        session.add(Blob(digest=key, body=data))
        session.flush()


# -- rows as JSON


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: _spelled(getattr(row, column.key)) for column in table(type(row)).columns}


def _spelled(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _insert(session: Session, entity: Any, values: Mapping[str, Any]) -> None:
    rows = table(entity)
    session.execute(insert(rows), {name: _typed(rows.c[name], value) for name, value in values.items()})


def _typed(column: Any, value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(column.type, Instant) and value else value


__all__ = [
    "Archived",
    "InAnArchive",
    "NothingFinished",
    "Told",
    "away",
    "finished",
    "move_out",
    "require_here",
    "take_in",
    "whereabouts",
    "write",
]
