"""A small school, a store in a folder, and matters without an engine: services are asked directly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine import Call, Entry, Instance, Line, Service, Task
from engine.canonical import dump
from engine.db import Database
from engine.schema import Blob, Definition, Version, VersionFile
from processes.attachments import Store
from processes.disclosure.matters import Matter
from processes.disclosure.services import services
from processes.organisation import Organisation, Person, appoint

SINCE = date(2020, 1, 1)
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

RULES = [{"channel": "MEETING", "allowed": True, "proof": "MEETING", "portal": False}]

PEOPLE = {
    "han": ("office", True, [("office", "handler")]),
    "lin": ("office", True, [("office", "principal_officer")]),
    "wang": ("party", True, [("party", "head_approver"), ("party", "pco_coordinator")]),
    "desk": ("office", True, [("office", "desk_officer")]),
    "sup": ("party", True, [("party", "disclosure_supervisor")]),
    "ma": ("hospital", True, [("hospital", "handler"), ("hospital", "co_unit_confirmer")]),
    "nurse": ("ward", False, []),
    "root": ("party", False, [("party", "system_admin")]),
}


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A transaction on an empty database with the school in it."""
    with database.write() as session:
        build_school(session)
        yield session


def build_school(session: Session) -> None:
    Organisation.add(session, "party", "校党委", "PARTY_ORG")
    Organisation.add(session, "office", "党委办公室", "WORKING_DEPARTMENT", "party")
    Organisation.add(session, "hospital", "附属医院党委", "PARTY_ORG", "party")
    Organisation.add(session, "ward", "内科党支部", "PARTY_ORG", "hospital")
    for login, (home, is_member, posts) in PEOPLE.items():
        person = Person.add(session, login, login, home, is_member=is_member)
        for organisation, post in posts:
            appoint(session, person.id, organisation, post, SINCE)


@pytest.fixture
def files(tmp_path: Path) -> Store:
    return Store((tmp_path / "attachments").as_uri())


@pytest.fixture
def steps(files: Store) -> dict[str, Service]:
    return services(files)


@pytest.fixture
def who(session: Session) -> Callable[[str], Person]:
    """Somebody by sign-in name."""

    def find(login: str) -> Person:
        person = Person.by_login(session, login)
        assert person is not None
        return person

    return find


@pytest.fixture
def matter(session: Session, who: Callable[[str], Person]) -> Matter:
    """A matter that Han of the office has just opened."""
    return new_matter(session, "m1", "office", who("han").id)


def new_matter(session: Session, key: str, organisation: str, proposer: str) -> Matter:
    matter = Matter(
        id=key,
        instance_id=f"i-{key}",
        organisation=organisation,
        title="党委常委会纪要",
        content="党委常委会纪要",
        state="DRAFT",
        proposer=proposer,
        started_at=NOW,
    )
    session.add(matter)
    session.flush()
    return matter


@pytest.fixture
def ask(session: Session, steps: dict[str, Service], matter: Matter) -> Callable[..., Any]:
    """Ask a service about the matter as the engine would; answers its answer."""
    count = iter(range(1000))

    def ask(name: str, *, call: str | None = None, by: str | None = None, **arguments: Any) -> Any:
        key = call or f"call-{next(count)}"
        asked = Call(key, name, f"disclosure.{name}", {"matter": matter.id, **arguments}, matter.instance_id, NOW, by)
        return steps[f"disclosure.{name}"].run(session, asked)

    return ask


def a_plan(**changes: Any) -> dict[str, Any]:
    plan = {
        "title": "第3次常委会纪要",
        "content": "党委常委会纪要",
        "scope": "ORG_ALL",
        "channels": ["LAN", "MEETING"],
        "display_duration": "永久",
        "text": "<p>会议研究了三项工作。</p>",
        "attachments": [],
    }
    return {**plan, **changes}


@pytest.fixture
def released(session: Session, ask: Callable[..., Any]) -> Callable[..., Any]:
    """Register, approve and release a plan; answers the publication variable."""

    def release(**changes: Any) -> Any:
        plan = a_plan(**changes)
        text_hash = ask("register_plan", plan=plan).result["text_hash"]
        ask("record_approval", text_hash=text_hash)
        return ask("release", plan=plan, approved_hash=text_hash, channels=RULES).result

    return release


@pytest.fixture
def instance(session: Session, matter: Matter) -> Instance:
    """The matter's instance as the engine would have started it."""
    version = Version(
        id="v1", definition="disclosure", number=1, process="disclosure", deployed_at=NOW, deployed_by="designer"
    )
    session.add(Definition(key="disclosure", name="公开", in_force=None))
    session.flush()
    session.add(version)
    session.add(Blob(digest="b1", body=b"<xml/>"))
    session.flush()
    session.add(VersionFile(version_id="v1", path="disclosure.bpmn", digest="b1"))
    instance = Instance(
        id=matter.instance_id,
        definition="disclosure",
        version_id="v1",
        organisation=matter.organisation,
        subject=matter.title,
        state="open",
        position=0,
        head="origin",
        started_at=NOW,
        started_by=matter.proposer,
    )
    session.add(instance)
    session.flush()
    return instance


@pytest.fixture
def open_task(session: Session, instance: Instance) -> Callable[..., Task]:
    """A task of the matter waits for a post."""
    return lambda matter, element, organisation, post, person=None: _task(
        session, matter, element, organisation, post, person
    )


def _task(
    session: Session, matter: Matter, element: str, organisation: str, post: str, person: str | None = None
) -> Task:
    number = session.query(Task).count() + 1
    task = Task(
        id=f"t{number}",
        instance_id=matter.instance_id,
        element=element,
        name=element,
        scope="",
        organisation=organisation,
        post=post,
        person=person,
        state="open",
        separate_from="",
        opened_at=NOW,
        opened_position=number,
    )
    session.add(task)
    session.flush()
    return task


@pytest.fixture
def journal(session: Session, instance: Instance, who: Callable[[str], Person]) -> Callable[..., None]:
    """Completions (element, login, data) and withdrawals ("withdraw", login, position) in the matter's journal."""

    def write(matter: Matter, *said: tuple[str, str, Any]) -> None:
        for element, login, data in said:
            if element == "withdraw":
                _append(session, instance, "withdraw", who(login).id, {"position": data})
                continue
            task = _task(session, matter, element, "office", "handler")
            task.state, task.closed_by, task.closed_at = "completed", who(login).id, NOW
            _append(session, instance, "complete", who(login).id, {"task": task.id, "element": element, "data": data})
        session.flush()

    return write


def _append(session: Session, instance: Instance, kind: str, by: str, command: dict[str, Any]) -> None:
    body = dump({"command": {"kind": kind, **command}})
    line = Line(instance.id, instance.position + 1, NOW, kind, by, body, instance.head)
    session.add(Entry(instance_id=line.instance_id, position=line.position, at=NOW, kind=kind, by=by, kept=body,
                      previous=line.previous, hash=line.hash))  # fmt: skip
    instance.position, instance.head = line.position, line.hash
    session.flush()
