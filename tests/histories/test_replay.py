"""What was recorded once replays under the code of today, byte for byte; what was changed is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import Database, Engine, Replayed, Service, replay, verify
from engine.canonical import digest
from engine.refusals import Broken, Diverged
from tests.histories import history as kept
from tests.histories.history import FILES, FOLDER, History, OtherLibrary, histories, require_proven
from web import procedures_folder

Replays = Callable[[History], Replayed]
ONE = next(path for path in histories() if path.parent.name == "disclosure")


def name(path: Path) -> str:
    return str(path.relative_to(FOLDER))


@pytest.fixture
def replays(sqlite_copies, tmp_path: Path) -> Iterator[Replays]:
    """Restores a history in an empty database and replays it, after a walk along its chain."""
    (url,) = sqlite_copies(tmp_path)
    database = Database(url)

    def again(history: History) -> Replayed:
        engine = Engine(database, services={key: Service(key, _nobody, inside=False) for key in history.outside})
        engine.definitions.services = None  # type: ignore[assignment]
        with database.write() as session:
            instance = history.restore(session.connection())
        with database.read() as session:
            assert [
                str(found) for found in verify(session) if isinstance(found, Broken) and "task" not in str(found)
            ] == []
            return replay(engine, session, instance)

    yield again
    database.close()


def _nobody(*_: Any) -> Any:
    raise AssertionError("a replay asks nobody")


@pytest.mark.parametrize("path", histories(), ids=name)
def test_every_history_replays(path: Path, replays: Replays) -> None:
    history = History.read(path)
    require_proven(history)
    replayed = replays(history)
    assert (replayed.entries, replayed.head) == (len(history.entries), history.instance["head"])


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name[:12])
def test_no_kept_file_was_edited(path: Path) -> None:
    assert digest(path.read_bytes()) == path.name


def test_every_procedure_has_histories() -> None:
    ours = {folder.name for folder in procedures_folder.ours()}
    recorded = {path.parent.name for path in histories()}
    lacking = {key for key in ours if not any(key in name or name.startswith(key) for name in recorded)}
    assert not lacking, f"no history of {sorted(lacking)}: run python -m tests.histories.record"


def test_a_changed_diagram_diverges(replays: Replays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History.read(ONE)
    (version, named), *_ = history.versions.items()
    other = dict(named)
    path = next(
        path for path in named if path.endswith(".bpmn") and b'id="review"' in (FILES / named[path]).read_bytes()
    )
    changed = (FILES / named[path]).read_bytes().replace(b'name="due"', b'name="overdue"')
    for key in named.values():
        (tmp_path / key).write_bytes((FILES / key).read_bytes())
    other[path] = digest(changed)
    (tmp_path / other[path]).write_bytes(changed)
    monkeypatch.setattr(kept, "FILES", tmp_path)
    with pytest.raises((Diverged, AssertionError)):
        replays(replace(history, versions={version: other}))


def test_a_tampered_entry_breaks_the_chain(replays: Replays) -> None:
    history = History.read(ONE)
    entries = [dict(entry) for entry in history.entries]
    entries[1] |= {"by": "somebody"}
    with pytest.raises((Broken, AssertionError), match="does not match its hash"):
        replays(replace(history, entries=entries))


def test_another_spiffworkflow_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "installed", lambda _name: "3.9.9")
    with pytest.raises(OtherLibrary, match=r"3\.9\.9 is installed.*make search"):
        require_proven(History.read(ONE))


def test_a_version_that_was_proven_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "proven.txt").write_text("3.9.9\n")
    monkeypatch.setattr(kept, "installed", lambda _name: "3.9.9")
    monkeypatch.setattr(kept, "PROVEN", tmp_path / "proven.txt")
    require_proven(History.read(ONE))
