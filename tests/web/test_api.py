"""Programs deliver messages and do work by topic, with a token of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import tick
from tests.engine.conftest import open_tasks
from tests.engine.diagrams import LETTER, catch, end, flows, process, service, start, user, version
from web.api import tokens

WAITS = version(
    process("p", start(), catch("c", LETTER, correlation="key"), user("a"), end(), flows("start", "c", "a", "end"))
)
WORK = version(
    process(
        "w",
        *(start(), service("call", "external:stamp", text="note"), user("b"), end()),
        flows("start", "call", "b", "end"),
    )
)


@dataclass
class Program:
    """A program with its token; answers status and JSON."""

    browser: FlaskClient
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, said: Any = None, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} | self.headers
        answer = self.browser.open(f"/api{path}", method=method, json=said, headers=headers, **more)
        return answer.status_code, answer.get_json()

    def post(self, path: str, **said: Any) -> tuple[int, Any]:
        return self.ask("POST", path, said)

    def fetch(self, worker: str = "w1", **more: Any) -> list[Any]:
        return self.post("/external-tasks/fetch-and-lock", worker=worker, topics=["stamp"], **more)[1]["tasks"]


@pytest.fixture
def program(school) -> Program:
    """May deliver Letter and work on stamp; forged forms are refused, as in earnest."""
    school.app.config["WTF_CSRF_ENABLED"] = True
    return program_with(school, ["Letter"], ["stamp"])


def program_with(school, messages, topics, name="stamps") -> Program:
    with school.parts.database.write() as session:
        made = tokens.make(session, name, messages, topics, by="test", at=school.clock.now)
    return Program(school.visitor(), made.spelling)


@pytest.fixture
def waiting(school) -> str:
    school.parts.engine.deploy(WAITS, "test")
    return school.parts.engine.start("p", {"key": "1", "organisation": "org"}, None).id


@pytest.fixture
def work(school) -> str:
    school.parts.engine.deploy(WORK, "test")
    return school.parts.engine.start("w", {"note": "hi", "organisation": "org"}, None, subject="s").id


def letter(key: str = "1", **more: Any) -> dict[str, Any]:
    return {"name": "Letter", "key": key, "payload": {"text": "hi"}, "idempotency_key": "k-1"} | more


def test_a_message_is_delivered_once_however_often_it_is_sent(school, program, waiting):
    first, again = program.post("/messages", **letter()), program.post("/messages", **letter())
    assert first == (200, {"instance": waiting, "position": 2, "started": False, "again": False})
    assert again == (200, first[1] | {"again": True})
    assert set(open_tasks(school.parts.engine, waiting)) == {"a"}


def test_a_message_nobody_waits_for_is_refused_and_may_be_sent_again(school, program):
    assert program.post("/messages", **letter("2"))[1]["error"]["code"] == "no_receiver"
    school.parts.engine.deploy(WAITS, "test")
    school.parts.engine.start("p", {"key": "2"}, None)
    assert program.post("/messages", **letter("2"))[0] == 200


def test_a_message_two_wait_for_is_refused_by_name(school, program, waiting):
    school.parts.engine.start("p", {"key": "1"}, None)
    status, told = program.post("/messages", **letter())
    assert (status, told["error"]["code"]) == (409, "several_receivers")
    assert "Letter" in told["error"]["message"] and "2" in told["error"]["message"]


def test_a_used_key_with_other_words_is_refused(program, waiting):
    program.post("/messages", **letter())
    status, told = program.post("/messages", **letter(payload={"text": "other"}))
    assert (status, told["error"]["code"]) == (409, "key_used")


def test_a_message_starts_what_it_starts(school, program):
    school.parts.engine.deploy(
        version(process("m", start(inner=LETTER), user("a"), end(), flows("start", "a", "end"))), "t"
    )
    status, told = program.post("/messages", **letter())
    assert status == 200 and told["started"]


def test_errors_are_told_in_the_language_asked_for(program):
    program.headers["Accept-Language"] = "en"
    assert "Nothing waits for the message" in program.post("/messages", **letter())[1]["error"]["message"]
    program.headers["Accept-Language"] = "zh-CN,zh;q=0.9"
    assert "没有" in program.post("/messages", **letter())[1]["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"key": "a\u0000b"}, "key"),
        ({"payload": [1]}, "payload"),
        ({"idempotency_key": "x" * 129}, "idempotency_key"),
        ({"strange": 1}, "strange"),
    ],
)
def test_a_wrong_field_is_named(program, changes, wrong):
    status, told = program.post("/messages", **letter(**changes))
    assert status == 422 and set(told["error"]["fields"]) == {wrong}
    assert not any(said.isascii() for said in told["error"]["fields"][wrong])


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"a": NaN}', b'"\xff"', b"[" * 100_000, b'{"a": "\\ud800"}'])
def test_what_is_no_json_object_is_refused(program, body):
    status, told = program.ask("POST", "/messages", data=body, content_type="application/json")
    assert (status, told["error"]["code"]) == (422, "no_json")


def test_a_body_too_large_is_refused(program):
    status, told = program.post("/messages", **letter(payload={"text": "x" * 3_000_000}))
    assert (status, told["error"]["code"]) == (413, "http_413")


def test_work_is_fetched_held_and_done(school, program, work):
    (task,) = program.fetch(lock_seconds=30)
    assert (task["topic"], task["arguments"], task["instance"]) == ("stamp", {"text": "hi"}, work)
    assert program.fetch("w2") == []
    said = {"worker": "w1", "result": {"no": 7}}
    first = program.post(f"/external-tasks/{task['id']}/completion", **said)
    assert first == (200, {"instance": work, "position": 2, "again": False})
    assert program.post(f"/external-tasks/{task['id']}/completion", **said)[1]["again"]
    assert set(open_tasks(school.parts.engine, work)) == {"b"}


def test_a_lock_is_extended_and_given_back(school, program, work):
    (task,) = program.fetch(lock_seconds=30)
    status, told = program.ask("PUT", f"/external-tasks/{task['id']}/lock", {"worker": "w1", "lock_seconds": 90})
    assert status == 200 and told["locked_until"] > task["locked_until"]
    assert program.ask("DELETE", f"/external-tasks/{task['id']}/lock?worker=w1")[0] == 200
    assert len(program.fetch("w2")) == 1


def test_a_worker_that_lost_its_lock_is_told(school, program, work):
    (task,) = program.fetch("w1", lock_seconds=1)
    school.clock.pass_by(seconds=5)
    assert len(program.fetch("w2")) == 1
    status, told = program.post(f"/external-tasks/{task['id']}/completion", worker="w1")
    assert (status, told["error"]["code"]) == (409, "not_held")


def test_a_failure_without_retries_reaches_the_operators(school, program, work, text):
    (task,) = program.fetch()
    said = {"worker": "w1", "reason": "印章被借走", "retries": 0}
    assert program.post(f"/external-tasks/{task['id']}/failure", **said) == (200, {})
    school.app.config["WTF_CSRF_ENABLED"] = False
    assert "印章被借走" in text(school.browser("weixitong").get("/operations"))


def test_a_business_error_that_nobody_catches_fails_the_instance(program, work):
    (task,) = program.fetch()
    status, told = program.post(f"/external-tasks/{task['id']}/error", worker="w1", code="Bad", reason="no")
    assert status == 200 and told["position"] == 2


def test_a_program_waits_for_work_until_there_is_some(school, program):
    school.parts.engine.deploy(WORK, "test")
    look, looks = school.parts.bell.wait, []

    def started_meanwhile(heard: int, patience: float) -> bool:
        looks.append(patience)
        school.parts.engine.start("w", {"note": "hi"}, None)
        return True

    school.parts.bell.wait = started_meanwhile
    assert len(program.fetch(wait_seconds=30)) == 1
    school.parts.bell.wait = look
    assert len(looks) == 1 and program.fetch(wait_seconds=1) == []


def test_schedulers_do_not_touch_the_work_of_programs(school, program, work):
    tick(school.parts.engine)
    assert len(program.fetch()) == 1


def test_nobody_comes_in_without_a_token(school, program):
    for token in ("", "nonsense", program.token[:-1], program.token + "x", "mt_x_y"):
        stranger = Program(school.visitor(), token)
        status, told = stranger.post("/messages", **letter())
        assert status == 401 and told["error"]["code"] in ("no_token", "wrong_token")


def test_a_signed_in_person_is_no_program(school):
    assert school.browser("weixitong").post("/api/messages", json=letter()).status_code == 401


def test_a_revoked_token_opens_nothing(school, program):
    with school.parts.database.write() as session:
        tokens.revoke(session, "stamps", by="test", at=school.clock.now)
    assert program.post("/messages", **letter())[0] == 401


def test_a_token_opens_only_what_it_names(school, waiting, work):
    other = program_with(school, ["Other"], ["other"], "other")
    assert other.post("/messages", **letter())[1]["error"]["code"] == "outside_scope"
    said = {"worker": "w1", "topics": ["stamp"]}
    assert other.post("/external-tasks/fetch-and-lock", **said)[1]["error"]["code"] == "outside_scope"
    task = program_with(school, [], ["stamp"], "right").fetch()[0]
    assert other.post(f"/external-tasks/{task['id']}/completion", worker="w1")[0] == 404


def test_the_last_use_of_a_token_is_known(school, program, work):
    program.fetch()
    with school.parts.database.read() as session:
        assert tokens.ApiToken.all(session)[0].used_at == school.clock.now


def test_an_unknown_address_answers_in_json(program):
    assert program.ask("GET", "/nothing")[1]["error"]["code"] == "http_404"


def test_programs_get_no_cookie(school, program, work):
    answer = school.visitor().get("/api/openapi.json")
    assert "Set-Cookie" not in answer.headers
