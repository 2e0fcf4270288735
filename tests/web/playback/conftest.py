"""A letter that a clerk writes inside a called process and a head signs, and somebody who looks at its history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import Actor, Database, Task
from engine.clock import now
from processes.organisation import Organisation, Person, appoint
from tests.engine.diagrams import end, flows, process, start, user, version
from web import config, wiring
from web.app import create_app
from web.auth import accounts
from web.wiring import Parts

SINCE = date(2020, 1, 1)
PASSWORD = "a long enough one"
CALL = '<bpmn:callActivity id="write" name="写信" calledElement="writing"/>'

LETTER = version(
    process("letter", start(), CALL, user("sign", post="head_approver"), end(), flows("start", "write", "sign", "end")),
    process(
        "writing",
        start("begin"),
        user("draft", post="handler", en="Draft the letter"),
        end("written"),
        flows("begin", "draft", "written"),
    ),
)


@pytest.fixture
def parts(database: Database, tmp_path: Path) -> Parts:
    settings = config.read({"MINGTANG_VAR": str(tmp_path / "var"), "MINGTANG_DATABASE_URL": database.url})
    built = wiring.build(settings)
    with database.write() as session:
        Organisation.add(session, "office", "党委办公室", "PARTY_ORG")
        _person(session, "li", "李写信", "handler")
        _person(session, "wang", "王签字", "head_approver")
        _person(session, "shen", "沈审计", "auditor")
        _person(session, "guo", "郭路人", "system_admin")
    return built


def _person(session, login: str, name: str, post: str) -> None:
    person = Person.add(session, login, name, "office", is_member=True, password_hash=accounts.hashed(PASSWORD))
    appoint(session, person.id, "office", post, SINCE)


@pytest.fixture
def actor(parts: Parts) -> Callable[[str], Actor]:
    """Somebody by login, with their one seat."""

    def find(login: str) -> Actor:
        with parts.database.read() as session:
            person = Person.by_login(session, login)
            assert person is not None
            posts = {"li": "handler", "wang": "head_approver"}
            return Actor(person.id, frozenset({("office", posts.get(login, ""))}))

    return find


@pytest.fixture
def letter(parts: Parts, actor: Callable[[str], Actor]) -> str:
    """The id of a letter that was started and drafted and now waits to be signed."""
    li = actor("li")
    parts.engine.deploy(LETTER, li.person)
    data = {"organisation": "office"}
    instance = parts.engine.start("letter", data, li.person, organisation="office", subject="致全体党员的信").id
    with parts.database.read() as session:
        draft = session.scalar(select(Task.id).where(Task.instance_id == instance))
    parts.engine.complete(draft, li, {"note": "信已写好"})
    return instance


@pytest.fixture
def browse(parts: Parts) -> Callable[[str], FlaskClient]:
    """Signs somebody in; answers their browser."""
    app = create_app(parts.settings, parts, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False

    def enter(login: str) -> FlaskClient:
        record = accounts.sign_in(parts.database, login, PASSWORD, now())
        client = app.test_client()
        with client.session_transaction() as session:
            session["sign_in"] = record.id
        return client

    return enter
