"""The demo school on the real engine, with both procedures in force and a matter that no catalogue row foresees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import processes
from engine import Engine, Task
from engine.db import Database
from processes import demo as school
from processes.disclosure import demo
from processes.disclosure.matters import Matter
from web import config, procedures_folder, wiring

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FOLDERS = Path(processes.__path__[0])
FILES = procedures_folder.files_in(FOLDERS / "out_of_catalogue")
DUES = next(story for story in demo.STORIES if story.key == "party-dues")
WAY = [step.element for step in DUES.steps]
"""The straight way, task by task."""

Tell = Callable[..., Matter]


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database: Database, clock: Clock, tmp_path: Path) -> Iterator[Engine]:
    """The product's engine, with what a matter outside the catalogue needs in force."""
    given = {"MINGTANG_VAR": str(tmp_path), "MINGTANG_DATABASE_URL": database.url}
    parts = wiring.build(config.read(given), clock=clock)
    with database.write() as session:
        school.load(session, NOW, lambda login: "")
    for folder in ("disclosure", "feedback", "out_of_catalogue"):
        parts.engine.deploy(procedures_folder.files_in(FOLDERS / folder), "aiwen")
    yield parts.engine
    parts.database.close()


@pytest.fixture
def tell(engine: Engine) -> Tell:
    """Tell the story of the dues up to the task of this element; answers its matter."""

    def tell(until: str | None = None, key: str = "dues", **changes: Any) -> Matter:
        steps = DUES.steps[: WAY.index(until) if until else None]
        told = [changed(step, changes) for step in steps]
        story = demo.Story(key, DUES.organisation, DUES.login, None, told)
        demo.tell(engine, story)
        with engine.database.read() as session:
            return session.get_one(Matter, story.matter_id)

    return tell


def changed(step: demo.Step, changes: dict[str, Any]) -> demo.Step:
    """The step with other words: `draft={"scope": …}` changes what is said in the plan."""
    if step.element not in changes or callable(step.submission):
        return step
    return demo.Step(step.element, step.login, {**step.submission, **changes[step.element]}, step.before)


@pytest.fixture
def do(engine: Engine) -> Callable[[Matter, str, str, dict[str, Any]], None]:
    """Somebody completes the open task of an element."""
    return lambda matter, element, login, said: demo.carry_out(
        engine, matter.instance_id, demo.Step(element, login, said)
    )


@pytest.fixture
def waiting(database: Database) -> Callable[[Matter], list[str]]:
    """The elements at which a matter waits."""

    def waiting(matter: Matter) -> list[str]:
        with database.read() as session:
            found = select(Task.element).where(Task.instance_id == matter.instance_id, Task.state == "open")
            return sorted(session.scalars(found))

    return waiting
