"""The journal: one line for each command, appended at the expected position and chained by hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from engine.bodies import laid_away, whole
from engine.canonical import digest, skim
from engine.db import table
from engine.prepared import Write
from engine.refusals import Broken
from engine.schema import Entry, Instance

ENTRIES = table(Entry)
INSTANCES = table(Instance)
LAST = 2**31 - 1
"""No journal is longer."""
SETS_STATE = ("suspend", "resume")
"""Commands after which an instance that goes on stands in another state."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry before or after it is stored; `body` is canonical JSON."""

    instance_id: str
    position: int
    at: datetime
    kind: str
    by: str | None
    body: str
    previous: str

    @property
    def hash(self) -> str:
        """SHA-256 over everything that the line says, the hash of the line before included."""
        return hash_of(self)


def hash_of(line: Any) -> str:
    """The hash that belongs to a line, or to a stored row of one."""
    place = f"{line.instance_id}\n{line.position}\n{moment(line)}"
    return digest(f"{place}\n{line.kind}\n{line.by or ''}\n{line.previous}\n{line.body}")


def moment(line: Any) -> str:
    """When it was written, as the hash spells it: in UTC, to the microsecond."""
    return str(line.at.astimezone(UTC).isoformat(timespec="microseconds"))


def origin(instance_id: str, version_id: str) -> str:
    """What the first line of a journal is chained to: the instance and the version that it runs on."""
    return digest(f"{instance_id}\n{version_id}")


def writes(line: Line, head: str, state: str, ended_at: datetime | None) -> Iterator[Write]:
    """Append `line`, whose hash is `head`, where the journal is expected to stand, and move the instance there.

    Overtaken when another command got there first.
    """
    kept, besides = laid_away(line.body)
    yield from besides
    yield _INSERT, {**_columns(line), "body": kept, "hash": head}, 1
    place = {"instance": line.instance_id, "expected": line.position - 1}
    moved = place | {"new_position": line.position, "new_head": head}
    if line.kind == "migrate":
        yield _CARRY, moved | {"new_version": moved_to(line)}, 1
    elif line.kind in SETS_STATE:
        yield _REST, moved | {"new_state": state}, 1
    elif ended_at is None:
        yield _MOVE, moved, 1
    else:
        yield _END, moved | {"new_state": state, "ended": ended_at}, 1


def lines(connection: Connection, instance_id: str, after: int = 0, upto: int | None = None) -> Sequence[Any]:
    """The stored entries of an instance behind position `after`, in order, as rows with the columns of `Entry`."""
    place = {"instance": instance_id, "after": after, "upto": LAST if upto is None else upto}
    return whole(connection, connection.execute(_LINES, place).all())


def broken_links(instance: Any, entries: Sequence[Any]) -> Iterator[Broken]:
    """Walk one chain from its origin; yields the first entry that does not fit, if there is one."""
    began_on, runs_on = _versions(entries) or (instance.version_id, instance.version_id)
    previous, position = origin(instance.id, began_on), 0
    for row in entries:
        position += 1
        if (fault := _fault(row, position, previous)) is not None:
            yield Broken(what="entry", key=f"{instance.id}/{row.position}", reason=fault)
            return
        previous = row.hash
    if (instance.position, instance.head) != (position, previous):
        reason = f"the journal ends at entry {position}, the instance stands at {instance.position}"
        yield Broken(what="instance", key=instance.id, reason=reason)
    if runs_on != instance.version_id:
        yield Broken(what="instance", key=instance.id, reason="it runs on another version than its journal says")


def moved_to(line: Line) -> str:
    """The version that a start or a move leads to."""
    return str(skim(line.body)["command"]["version"])


def ran_on(entries: Sequence[Any]) -> list[str]:
    """The versions that a journal began on and was moved to, in order; one may come back."""
    return [moved_to(row) for row in entries if row.kind in ("start", "migrate")]


def columns(row: Any) -> dict[str, Any]:
    """A stored entry by the names of its columns, with its body wherever that lies."""
    return {column.name: getattr(row, column.name) for column in ENTRIES.columns}


def told(row: Any) -> dict[str, Any]:
    """The same as JSON, with the moment as the hash spells it."""
    return columns(row) | {"at": moment(row)}


def _fault(row: Any, position: int, previous: str) -> str | None:
    """What is wrong with a stored line that should stand at this position, behind the line with this hash."""
    if row.position != position:
        return f"entry {position} is missing before it"
    if hash_of(row) != row.hash:
        return "its content does not match its hash"
    return "it is not chained to the entry before it" if row.previous != previous else None


def _versions(entries: Sequence[Any]) -> tuple[str, str] | None:
    """The versions that a journal began on and runs on now; None where an entry says none: its hash tells why."""
    try:
        named = ran_on(entries)
    except (ValueError, LookupError, TypeError):
        return None
    return (named[0], named[-1]) if named else None


def _columns(line: Line) -> dict[str, Any]:
    return {
        "instance_id": line.instance_id,
        "position": line.position,
        "at": line.at,
        "kind": line.kind,
        "by": line.by,
        "body": line.body,
        "previous": line.previous,
    }


_LINES = (
    select(ENTRIES)
    .where(ENTRIES.c.instance_id == bindparam("instance"))
    .where(ENTRIES.c.position > bindparam("after"), ENTRIES.c.position <= bindparam("upto"))
    .order_by(ENTRIES.c.position)
)
_INSERT = insert(ENTRIES)
_AT = update(INSTANCES).where(INSTANCES.c.id == bindparam("instance"), INSTANCES.c.position == bindparam("expected"))
_MOVE = _AT.values(position=bindparam("new_position"), head=bindparam("new_head"))
_CARRY = _MOVE.values(version_id=bindparam("new_version"))
_REST = _MOVE.values(state=bindparam("new_state"))
_END = _MOVE.values(state=bindparam("new_state"), ended_at=bindparam("ended"))
