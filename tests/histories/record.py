"""`python -m tests.histories.record [--anew]`: run the procedures' tests and keep the journals that show something new.

Every engine that a test builds is noted; when the test has ended, the journals of the shipped procedures in its
database are looked at. One is kept where it passes an element, takes a flow or carries out a command that no history
of its version shows yet. Nothing that is kept is ever changed; `--anew` begins from nothing, which is for the time
before the first release only, when no house has journals yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from engine import Engine, Instance
from engine.schema import Blob
from tests.histories.history import FILES, FOLDER, History, histories
from web import procedures_folder

WHERE, ANEW = ("tests/processes",), "--anew"


class Recorder:
    """The plugin: gathers the journals of all tests, then keeps what is new."""

    def __init__(self) -> None:
        self.engines: list[Engine] = []
        self.found: dict[str, History] = {}
        self.contents: dict[str, bytes] = {}
        self.ours = {_main(folder) for folder in procedures_folder.ours()}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        self.engines.clear()
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        outcome = yield
        if outcome.excinfo is None:  # type: ignore[attr-defined]
            for engine in self.engines:
                self._look(engine)

    def note(self, engine: Engine) -> None:
        self.engines.append(engine)

    def keep(self) -> list[str]:
        """Write what shows something new, the richest first; answers the names."""
        shown = {step for path in histories() for step in History.read(path).way}
        kept = []
        for history in sorted(self.found.values(), key=lambda each: (-len(each.way), each.name)):
            if history.way - shown:
                shown |= history.way
                kept.append(str(history.keep(self.contents).relative_to(FOLDER)))
        return sorted(kept)

    def _look(self, engine: Engine) -> None:
        with engine.database.read() as session:
            connection = session.connection()
            for instance in session.scalars(select(Instance).where(Instance.definition.in_(self.ours))):
                history = History.of(connection, instance, engine.executions.outside)
                self.found[history.name] = history
                wanted = {key for named in history.versions.values() for key in named.values()} - self.contents.keys()
                rows = connection.execute(select(Blob.digest, Blob.body).where(Blob.digest.in_(wanted)))
                self.contents.update((key, bytes(data)) for key, data in rows)


def _main(folder: Any) -> str:
    from engine import compile_version

    return str(compile_version(procedures_folder.files_in(folder)).process_id)


def main() -> int:
    recorder = Recorder()
    built = Engine.__init__

    def noted(engine: Engine, *given: Any, **named: Any) -> None:
        built(engine, *given, **named)
        recorder.note(engine)

    Engine.__init__ = noted  # type: ignore[method-assign]
    where = [argument for argument in sys.argv[1:] if argument != ANEW] or WHERE
    failed = pytest.main(["-q", "-p", "no:xdist", "--stores", "sqlite", *where], plugins=[recorder])
    if ANEW in sys.argv:
        for path in (*histories(), *FILES.iterdir()):
            path.unlink()
    kept = recorder.keep()
    print(f"{len(recorder.found)} journals looked at, {len(kept)} kept", *kept, sep="\n  ")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
