"""Proof by re-execution, and the walk along every chain."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from engine import journal
from engine.advancing import Recorder, advance, body, recorded, seal
from engine.archive import away
from engine.bodies import whole
from engine.bpmn import Execution
from engine.canonical import digest, read, skim
from engine.core import Engine
from engine.definitions import files, version_digest
from engine.journal import INSTANCES
from engine.live import SNAPSHOTS
from engine.refusals import Broken, Diverged, NotFound, Refusal
from engine.schema import Blob, Instance, Task, Version


@dataclass(frozen=True, slots=True)
class Replayed:
    """An instance re-executed to the same bytes: how many entries, and the hash that it ends at."""

    instance: str
    entries: int
    head: str
    state: str


def replay(engine: Engine, session: Session, instance_id: str) -> Replayed:
    """Re-execute an instance from its journal and compare byte for byte.

    Broken where the chain does not hold, Diverged at the first entry that comes out differently.
    """
    instance = session.get(Instance, instance_id)
    if instance is None:
        raise NotFound(what="instance", key=instance_id)
    connection = session.connection()
    rows = journal.lines(connection, instance_id)
    for broken in journal.broken_links(instance, rows):
        raise broken
    execution: Execution | None = None
    snapshots = _snapshots(connection, instance_id)
    for row in rows:
        execution = _again(engine, connection, instance, execution, row)
        if row.position in snapshots:
            _compare_snapshot(snapshots[row.position], instance, execution, row)
    return Replayed(instance_id, len(rows), instance.head, instance.state)


def verify(session: Session, page: int = 500) -> Iterator[Broken | None]:
    """Walk every version and every chain. Yields None for each that holds and Broken for each that does not."""
    yield from verify_versions(session)
    last = ""
    while ids := session.scalars(_page(last, page)).all():
        yield from (broken for _, broken in verify_instances(session, ids))
        last = ids[-1]


def verify_versions(session: Session) -> Iterator[Broken | None]:
    """Do the files of each version still make its digest?"""
    for version in session.scalars(select(Version)):
        yield _broken_version(session, version)


def verify_instances(session: Session, ids: Sequence[str]) -> Iterator[tuple[str, Broken | None]]:
    """Walk the chains of these instances: the id of each, with what is broken first, or None where it holds.

    A journal that lies in an archive is checked when it is taken in again.
    """
    connection, archived = session.connection(), away(session, ids)
    entries, tasks = _entries_of(connection, ids), _tasks_of(connection, ids)
    for instance in connection.execute(select(INSTANCES).where(INSTANCES.c.id.in_(ids)).order_by(INSTANCES.c.id)):
        rows = entries.get(instance.id, [])
        is_away = not rows and instance.id in archived
        yield instance.id, None if is_away else next(_broken(instance, rows, tasks.get(instance.id, {})), None)


def size(session: Session) -> int:
    """How many things `verify` will look at."""
    versions = session.scalar(select(func.count()).select_from(Version)) or 0
    return versions + (session.scalar(select(func.count()).select_from(Instance)) or 0)


def _again(
    engine: Engine, connection: Connection, instance: Instance, execution: Execution | None, row: Any
) -> Execution:
    said = read(row.body)
    calendar = engine.definitions.calendar(connection, said["calendar"])
    recorder = Recorder(recorded(instance.id, row.position, said["answers"]))
    program = engine.executions.program(connection, execution, said["command"])
    sealed = seal(instance.id, row.position, row.at, calendar)
    past = engine.executions.past(lambda: connection, instance, row.position - 1)
    try:
        execution, outcome = advance(
            program, execution, said["command"], sealed, recorder, engine.executions.outside, past
        )
    except Diverged:
        raise
    except (Refusal, ValueError, LookupError, TypeError) as error:
        raise Diverged(
            instance=instance.id, position=row.position, reason=f"It cannot be done again: {error}"
        ) from error
    if (came_out := body(said["command"], calendar, recorder.answers, outcome)) != row.body:
        raise Diverged(instance=instance.id, position=row.position, reason=_difference(row.body, came_out))
    return execution


def _difference(stored: str, came_out: str) -> str:
    was, now = read(stored), read(came_out)
    return "Different: " + ", ".join(key for key in was if was[key] != now.get(key))


def _snapshots(connection: Connection, instance_id: str) -> dict[int, Any]:
    """By position."""
    return {row.position: row for row in connection.execute(_SNAPSHOTS, {"instance": instance_id})}


def _compare_snapshot(snapshot: Any, instance: Instance, execution: Execution, row: Any) -> None:
    saved = json.loads(zlib.decompress(snapshot.body))
    if saved["frozen"] != execution.freeze().decode() or saved["head"] != row.hash:
        raise Diverged(instance=instance.id, position=row.position, reason="The snapshot is different.")


def _broken_version(session: Session, version: Version) -> Broken | None:
    stored = files(session.connection(), version.id)
    if version_digest(stored) == version.id:
        return None
    return Broken(what="version", key=version.id, reason="its files do not match its digest")


def _broken(instance: Any, rows: list[Any], tasks: Mapping[str, str]) -> Iterator[Broken]:
    yield from journal.broken_links(instance, rows)
    yield from _broken_tasks(rows, tasks)


def _broken_tasks(rows: list[Any], tasks: Mapping[str, str]) -> Iterator[Broken]:
    """Do the inbox's tasks (id → state) say what the journal says?"""
    by_journal: dict[str, str] = {}
    for row in rows:
        effects = skim(row.body)["effects"]
        by_journal.update((task["id"], "open") for task in effects.get("opened", ()))
        by_journal.update(effects.get("closed", ()))
    for task_id in by_journal.keys() | tasks.keys():
        if by_journal.get(task_id) != tasks.get(task_id):
            yield Broken(what="task", key=task_id, reason="it does not stand as the journal says")


def _entries_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Any]]:
    entries = journal.ENTRIES
    found: dict[str, list[Any]] = {}
    query = select(entries).where(entries.c.instance_id.in_(ids)).order_by(entries.c.instance_id, entries.c.position)
    for row in whole(connection, connection.execute(query).all()):
        found.setdefault(row.instance_id, []).append(row)
    return found


def _tasks_of(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Instance → task → its state."""
    found: dict[str, dict[str, str]] = {}
    query = select(Task.instance_id, Task.id, Task.state).where(Task.instance_id.in_(ids))
    for instance, task, state in connection.execute(query).all():
        found.setdefault(instance, {})[task] = state
    return found


def _page(last: str, page: int) -> Any:
    return select(Instance.id).where(Instance.id > last).order_by(Instance.id).limit(page)


def broken_blobs(session: Session) -> Iterator[Broken]:
    """Stored files whose bytes are no longer what their digest says."""
    for key, data in session.execute(select(Blob.digest, Blob.body)):
        if digest(bytes(data)) != key:
            yield Broken(what="file", key=key, reason="its bytes do not match its digest")


_SNAPSHOTS = select(SNAPSHOTS).where(SNAPSHOTS.c.instance_id == bindparam("instance"))
