"""The dry runs under way: each person's own, few, and forgotten after a while.

A rehearsal is kept as what was done in it, so that every server process can play it again to where it stands; nothing
of it touches the tables of the engine.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from sqlalchemy import Index, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Done, Engine, Failed, Rehearsal
from engine.canonical import dump
from engine.db import Base
from engine.refusals import NotFound
from web.designer.examples import suggestion

MOST_PER_PERSON = 4
REMEMBERED = 40
IDLE = timedelta(hours=2)
Command = Mapping[str, Any]


class KeptRehearsal(Base):
    """What was done in one rehearsal: `beginning`, the files it runs and the commands since, as JSON."""

    __tablename__ = "rehearsals"
    __table_args__ = (Index("ix_rehearsals_person", "person", "touched_at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    draft_id: Mapped[str]
    title: Mapped[str]
    files: Mapped[str] = mapped_column(Text)
    beginning: Mapped[str] = mapped_column(Text)
    commands: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]


@dataclass(slots=True)
class Live:
    """A rehearsal as this process has it: `commands` says how far it has been played."""

    files: Mapping[str, bytes]
    rehearsal: Rehearsal
    commands: str
    lock: RLock = field(default_factory=RLock)


class Rehearsals:
    """Plays kept rehearsals; those played last stay at hand."""

    def __init__(self) -> None:
        self.live: OrderedDict[str, Live] = OrderedDict()
        self.lock = RLock()

    def play(self, engine: Engine, row: KeptRehearsal) -> Live:
        """The rehearsal at the place where it was left, here or by another process."""
        with self.lock:
            found = self.live.pop(row.id, None)
            if found is None or found.commands != row.commands:
                found = _played(engine, row)
            self.live[row.id] = found
            while len(self.live) > REMEMBERED:
                self.live.popitem(last=False)
            return found


def keep(session: Session, row: KeptRehearsal) -> None:
    """Hold it; the person's oldest and all that lay idle are forgotten."""
    session.execute(delete(KeptRehearsal).where(KeptRehearsal.touched_at < row.started_at - IDLE))
    own = select(KeptRehearsal).where(KeptRehearsal.person == row.person).order_by(KeptRehearsal.touched_at.desc())
    for old in session.scalars(own).all()[MOST_PER_PERSON - 1 :]:
        session.delete(old)
    session.add(row)


def find(session: Session, key: str, person: str, at: datetime, *, lock: bool = False) -> KeptRehearsal:
    """The person's rehearsal; NotFound where it is another's, or was forgotten."""
    found = session.get(KeptRehearsal, key, with_for_update=lock or None)
    if found is None or found.person != person or at - found.touched_at > IDLE:
        raise NotFound(what="rehearsal", key=key)
    return found


def carry_out(row: KeptRehearsal, live: Live, command: Command, at: datetime) -> None:
    """Do it and write down that it was done; a refusal leaves both where they stood."""
    act(live.rehearsal, command)
    row.commands = live.commands = dump([*json.loads(row.commands), command])
    row.touched_at = at


def begin(engine: Engine, key: str, files: Mapping[str, bytes], beginning: Mapping[str, Any]) -> Live:
    """Compile the files and start: {now, data, process, answers, automatic}."""
    rehearsal = Rehearsal(
        key,
        engine.definitions.compile(files),
        engine.calendar(),
        datetime.fromisoformat(beginning["now"]),
        beginning["answers"],
        beginning["automatic"],
        suggestion,
    )
    rehearsal.start(beginning["data"], beginning["process"])
    return Live(files, rehearsal, "[]")


def act(rehearsal: Rehearsal, command: Command) -> None:
    """Do one thing: complete, answer, deliver, wait, wait_until, wait_for_next or undo."""
    match command["do"]:
        case "complete":
            rehearsal.complete(command["task"], command["data"])
        case "answer" if command.get("error"):
            rehearsal.answer(command["call"], Failed(command["error"], command["reason"]))
        case "answer":
            rehearsal.answer(command["call"], Done(command["result"]))
        case "deliver":
            rehearsal.deliver(command["subscription"], command["payload"])
        case "wait":
            rehearsal.wait(command["by"])
        case "wait_until":
            rehearsal.wait_until(datetime.fromisoformat(command["to"]))
        case "wait_for_next":
            rehearsal.wait_for_next()
        case _:
            rehearsal.undo()


def _played(engine: Engine, row: KeptRehearsal) -> Live:
    files = {path: text.encode() for path, text in json.loads(row.files).items()}
    live = begin(engine, row.id, files, json.loads(row.beginning))
    for command in json.loads(row.commands):
        act(live.rehearsal, command)
    live.commands = row.commands
    return live
