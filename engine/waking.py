"""The bell: wakes at once whoever waits for due work, on whatever node it appeared. Looking now and then stays.

On PostgreSQL a command that leaves something to do says so with NOTIFY, in its own transaction; every process that
waits LISTENs. On SQLite, where all processes share a machine, a waiting one sees that the file was written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Condition, Event, Thread
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from engine.bpmn import Outcome
from engine.db import Database
from engine.journal import Line
from engine.prepared import Write
from engine.presence import announce

log = logging.getLogger("mingtang.waking")
CHANNEL = "mingtang"
SOON = timedelta(seconds=30)
"""A new timer that is due within so much wakes the schedulers, so that they see when they are needed."""
GLANCE = 0.1
"""Seconds between two looks at whether the SQLite file was written."""
ALIVE = 10.0
"""Seconds of silence after which the listener asks whether its connection lives."""
PAUSE = 1.0
"""Seconds before the listener connects again."""


def rings(is_sqlite: bool, line: Line, outcome: Outcome) -> Iterator[Write]:
    """The statement that rings for what an entry left to do, if there is something and the database needs it."""
    if not is_sqlite and (outcome.calls or outcome.thrown or any(_soon(line.at, each) for each in outcome.timers)):
        yield _RING, {}, None


def ring(session: Session) -> None:
    """Wake everybody once this transaction has committed."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_RING)


class Bell:
    """One ear for all threads of a process; it begins to listen when somebody first waits. With a `name` it says so.

    Take `heard` before you look for work and hand it to `wait`: what rings in between is not missed.
    """

    def __init__(self, database: Database, name: str = "") -> None:
        self.database, self.name = database, name
        self.heard = 0
        self._changed = Condition()
        self._closed = Event()
        self._ear: Thread | None = None

    def wait(self, heard: int, patience: float) -> bool:
        """Return when it rang after `heard`, or after `patience` seconds; answers whether it rang."""
        with self._changed:
            if self._ear is None:
                self._ear = Thread(target=self._listen, name="bell", daemon=True)
                self._ear.start()
            return self._changed.wait_for(lambda: self.heard != heard or self._closed.is_set(), patience)

    def ring(self) -> None:
        """Wake everybody who waits in this process."""
        with self._changed:
            self.heard += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Stop listening; who waits returns."""
        self._closed.set()
        self.ring()

    def _listen(self) -> None:
        """A lost connection rings too: nobody knows what was missed."""
        listen = self._watch if self.database.is_sqlite else self._hear
        while not self._closed.is_set():
            try:
                with self._connection() as connection:
                    listen(connection)
            except Exception as error:
                log.info("the bell connects again: %s", error)
                self._closed.wait(PAUSE)

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        """A connection of the bell's own, which never goes back to the pool; the driver's, without transactions."""
        own = self.database.engine.raw_connection()
        try:
            yield own.driver_connection
        finally:
            own.invalidate()
            own.close()

    def _hear(self, driver: Any) -> None:
        driver.autocommit = True
        driver.execute(f"LISTEN {CHANNEL}")
        if self.name:
            announce(driver, self.name)
        self.ring()
        while not self._closed.is_set():
            for _notice in driver.notifies(timeout=ALIVE, stop_after=1):
                self.ring()
            driver.execute("SELECT 1")

    def _watch(self, driver: Any) -> None:
        before = None
        while not self._closed.wait(GLANCE):
            now = driver.execute("PRAGMA data_version").fetchone()
            if now != before:
                before = now
                self.ring()


def _soon(at: datetime, timer: Any) -> bool:
    return datetime.fromisoformat(timer.due_at) - at < SOON


_RING = select(func.pg_notify(bindparam("channel", CHANNEL), bindparam("what", "")))
