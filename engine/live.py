"""Live executions: taken from the cache, or rebuilt from the last snapshot and the entries behind it."""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from engine import journal
from engine.advancing import Moved, advance, recorded, seal
from engine.bpmn import Execution, Program
from engine.canonical import read
from engine.db import Transaction, table
from engine.definitions import Definitions
from engine.prepared import Write
from engine.regulation.history import Course
from engine.rerun import Rerun
from engine.schema import Snapshot

SNAPSHOTS = table(Snapshot)
EVERY = 10
"""A snapshot is written at every so many entries: 15 µs a step, and no cold instance has more to catch up with."""


@dataclass(slots=True)
class Live:
    """An execution and where in the journal it stands."""

    program: Program
    execution: Execution
    position: int
    head: str
    course: Course | None = None
    """The rules along the instance, once one of their acts was performed; made from the journal where it is None."""


class Cache:
    """Keeps the executions used last. One that is taken is gone until it is kept again, so nobody shares it."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.kept: OrderedDict[str, Live] = OrderedDict()
        self.lock = Lock()

    def take(self, instance_id: str) -> Live | None:
        """The execution kept for the instance, which is then the caller's alone."""
        with self.lock:
            return self.kept.pop(instance_id, None)

    def keep(self, instance_id: str, live: Live) -> None:
        """Keep it for the next command; the one used longest ago goes when there are too many."""
        with self.lock:
            self.kept[instance_id] = live
            if len(self.kept) > self.capacity:
                self.kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all: the next command rebuilds."""
        with self.lock:
            self.kept.clear()


@dataclass(frozen=True)
class Past:
    """What lies behind an entry, for a command that goes back to it."""

    executions: Executions
    connect: Callable[[], Connection]
    instance: Any
    position: int

    @property
    def connection(self) -> Connection:
        return self.connect()

    def at(self, position: int) -> Execution:
        """The execution as it stood after an earlier position."""
        return self.executions.at(self.connection, self.instance, position)

    def on(self, version: str) -> Moved:
        """All of it carried out on another version."""
        return self.rerun(version).moved()[0]

    def rerun(self, version: str) -> Rerun:
        """The journal on another version. CannotMove names the first entry that goes another way."""
        rows = journal.lines(self.connection, self.instance.id, upto=self.position)
        definitions = self.executions.definitions
        before, after = (definitions.program(self.connection, key) for key in (journal.ran_on(rows)[-1], version))
        calendar = lambda key: definitions.calendar(self.connection, key)  # noqa: E731
        seed = f"@{self.position + 1}"
        return Rerun(self.instance.id, before, after, calendar, self.executions.outside, seed).run(rows)


class Executions:
    """Where commands get the execution of an instance from."""

    def __init__(self, definitions: Definitions, outside: Sequence[str], capacity: int = 2000) -> None:
        self.definitions = definitions
        self.outside = outside
        self.cache = Cache(capacity)

    def take(self, session: Session, instance: Any) -> Live:
        """The execution as the journal says it stands. The instance's row is locked by the caller."""
        live = self.cache.take(instance.id)
        if live is not None and (live.position, live.head) == (instance.position, instance.head):
            return live
        connection = session.connection()
        if live is None or live.position > instance.position or not _is_ancestor(connection, instance, live):
            live = self._thaw(connection, instance)
        return self._catch_up(connection, instance, live)

    def at(self, connection: Connection, instance: Any, position: int) -> Execution:
        """The execution as it stood after `position`, for withdrawals and the auditor."""
        execution: Execution | None = None
        for row in journal.lines(connection, instance.id, upto=position):
            execution = self.apply(connection, instance, execution, row)
        assert execution is not None, "an instance starts with its first entry"
        return execution

    def apply(self, connection: Connection, instance: Any, execution: Execution | None, row: Any) -> Execution:
        """Carry out one stored entry again."""
        said = read(row.body)
        calendar = self.definitions.calendar(connection, said["calendar"])
        sealed = seal(instance.id, row.position, row.at, calendar)
        answer = recorded(instance.id, row.position, said["answers"])
        past = self.past(lambda: connection, instance, row.position - 1)
        program = self.program(connection, execution, said["command"])
        advanced, _ = advance(program, execution, said["command"], sealed, answer, self.outside, past)
        return advanced

    def program(self, connection: Connection, execution: Execution | None, command: Mapping[str, Any]) -> Program:
        """The version that the next entry runs on: that of the start, then what the execution was moved to."""
        return execution.program if execution else self.definitions.program(connection, command["version"])

    def past(self, connect: Callable[[], Connection], instance: Any, position: int) -> Past:
        """The journal of an instance up to this position, read when something goes back to it."""
        return Past(self, connect, instance, position)

    def writes(self, instance_id: str, live: Live, at_once: bool = False) -> Iterator[Write]:
        """A snapshot now and then, or at once; only the newest is kept, and none of an instance that has ended.

        One that was taken on the version before a move would be thawed on the wrong one.
        """
        if live.execution.is_completed:
            if live.position > EVERY:
                yield _FORGET, {"instance": instance_id, "position": live.position}, None
            return
        if live.position % EVERY and not at_once:
            return
        frozen = {"head": live.head, "frozen": live.execution.freeze().decode()}
        packed = zlib.compress(json.dumps(frozen, ensure_ascii=False).encode(), 1)
        yield _FORGET, {"instance": instance_id, "position": live.position}, None
        yield _SAVE, {"instance_id": instance_id, "position": live.position, "body": packed}, 1

    def keep_after_commit(self, session: Transaction, instance: Any, live: Live) -> None:
        """Keep the execution once the transaction has committed; after a roll-back it is gone, and is rebuilt."""
        if instance.state == "open":
            session.after_commit(lambda: self.cache.keep(instance.id, live))

    def _thaw(self, connection: Connection, instance: Any) -> Live:
        program = self.definitions.program(connection, instance.version_id)
        place = {"instance": instance.id, "position": instance.position}
        for row in connection.execute(_NEWEST, place) if instance.position >= EVERY else ():
            saved: Mapping[str, str] = json.loads(zlib.decompress(row.body))
            if saved["head"] == row.hash:
                execution = Execution.thaw(program, saved["frozen"].encode(), self.outside)
                return Live(program, execution, row.position, row.hash)
        first = journal.lines(connection, instance.id, upto=1)[0]
        execution = self.apply(connection, instance, None, first)
        return Live(execution.program, execution, 1, first.hash)

    def _catch_up(self, connection: Connection, instance: Any, live: Live) -> Live:
        if live.position == instance.position:
            return live
        for row in journal.lines(connection, instance.id, after=live.position):
            live.execution = self.apply(connection, instance, live.execution, row)
            live.program, live.position, live.head = live.execution.program, row.position, row.hash
        live.course = None
        return live


def _is_ancestor(connection: Connection, instance: Any, live: Live) -> bool:
    """Does the journal still say what this execution was made from?"""
    if live.position == instance.position:
        return bool(live.head == instance.head)
    entries = journal.ENTRIES
    query = select(entries.c.hash).where(entries.c.instance_id == instance.id, entries.c.position == live.position)
    return bool(connection.execute(query).scalar() == live.head)


_SAVE = insert(SNAPSHOTS)
_FORGET = delete(SNAPSHOTS).where(
    SNAPSHOTS.c.instance_id == bindparam("instance"), SNAPSHOTS.c.position < bindparam("position")
)
_NEWEST = (
    select(SNAPSHOTS.c.position, SNAPSHOTS.c.body, journal.ENTRIES.c.hash)
    .join(
        journal.ENTRIES,
        (journal.ENTRIES.c.instance_id == SNAPSHOTS.c.instance_id)
        & (journal.ENTRIES.c.position == SNAPSHOTS.c.position),
    )
    .where(SNAPSHOTS.c.instance_id == bindparam("instance"), SNAPSHOTS.c.position <= bindparam("position"))
    .order_by(SNAPSHOTS.c.position.desc())
    .limit(1)
)
"""The newest snapshot, with the hash of the entry that it was taken at: it must be the head that it was made from."""
