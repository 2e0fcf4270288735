"""Empty durable databases for a measurement: SQLite on the disk that var/ is on, PostgreSQL with fsync."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from os import getpid
from pathlib import Path

from engine import Database, migrate
from tests.support import postgres

VAR = Path("var")
_NUMBERS = count(1)


@contextmanager
def url(store: str) -> Iterator[str]:
    """The address of an empty database."""
    VAR.mkdir(exist_ok=True)
    if store == "sqlite":
        with tempfile.TemporaryDirectory(dir=VAR.resolve()) as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    with contextmanager(postgres.server)(fsync=True) as server:
        yield server.create(name := f"mingtang_bench_{getpid()}_{next(_NUMBERS)}")
        server.drop(name)


@contextmanager
def opened(store: str) -> Iterator[Database]:
    """A database with the product's tables."""
    with url(store) as address:
        database = Database(address)
        migrate(database)
        yield database
        database.close()
