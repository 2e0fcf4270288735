"""The client of one file: a worker fetches, does and answers; what is not known to have happened is sent again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from engine import Incident
from tests.engine.conftest import open_tasks
from tests.engine.diagrams import end, flows, process, service, start, user, version
from tests.support.servers import free_port
from web.api import client as module
from web.api.client import BusinessError, Client, Refused

from .test_api import WAITS, WORK, program_with

BAD = (
    '<bpmn:boundaryEvent id="bad" attachedToRef="call">'
    '<bpmn:errorEventDefinition errorRef="e_bad"/></bpmn:boundaryEvent>'
)
CATCHES = version(
    process(
        "w",
        *(
            start(),
            service("call", "external:stamp", text="note"),
            user("b"),
            end(),
            flows("start", "call", "b", "end"),
        ),
        *(BAD, user("mend"), end("e2"), flows("bad", "mend", "e2")),
    )
)


@pytest.fixture
def url(school) -> Iterator[str]:
    """The school's application behind a real socket."""
    server = make_server("127.0.0.1", 0, school.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def client(school, url) -> Client:
    """A program that knows two servers, of which the first does not answer."""
    dead = f"http://127.0.0.1:{free_port()}"
    return Client([dead, url], program_with(school, ["Letter"], ["stamp"]).token)


def started(school, files) -> str:
    school.parts.engine.deploy(files, "test")
    return school.parts.engine.start("w", {"note": "hi", "organisation": "org"}, None).id


def work_until_done(client: Client, work) -> None:
    """Run the worker until its function was called once and its answer was sent."""
    done, client.urls = Event(), client.urls

    @client.work("stamp")
    def stamp(task):
        done.set()
        return work(task)

    client.run("machine", done)


def test_a_worker_does_what_waits_and_answers(school, client):
    instance = started(school, WORK)
    work_until_done(client, lambda task: {"number": len(task["arguments"]["text"])})
    task = open_tasks(school.parts.engine, instance)["b"]
    with school.parts.database.read() as session:
        assert school.parts.engine.data(session, task)["result"] == {"number": 2}


def test_a_business_error_of_the_worker_reaches_the_boundary(school, client):
    def refuse(_task):
        raise BusinessError("Bad", "no ink")

    instance = started(school, CATCHES)
    work_until_done(client, refuse)
    assert set(open_tasks(school.parts.engine, instance)) == {"mend"}


def test_a_worker_that_breaks_says_so_and_at_last_asks_an_operator(school, client):
    def breaks(_task):
        raise RuntimeError("the machine is on fire")

    started(school, WORK)
    for _ in range(5):
        work_until_done(client, breaks)
        school.clock.pass_by(minutes=1)
    with school.parts.database.read() as session:
        assert session.scalars(select(Incident.reason)).all() == ["RuntimeError: the machine is on fire"]


def test_a_message_is_delivered_by_the_server_that_answers(school, client):
    school.parts.engine.deploy(WAITS, "test")
    instance = school.parts.engine.start("p", {"key": "1", "organisation": "org"}, None).id
    told = [client.deliver("Letter", "1", {}, idempotency_key="k") for _ in range(2)]
    assert [(each["instance"], each["again"]) for each in told] == [(instance, False), (instance, True)]


def test_a_refusal_is_not_asked_again(school, client):
    with pytest.raises(Refused) as refused:
        client.deliver("Letter", "nobody", {}, idempotency_key="k")
    assert (refused.value.status, refused.value.code) == (409, "no_receiver")


def test_nobody_who_answers_is_said_in_the_end():
    alone = Client(f"http://127.0.0.1:{free_port()}", "mt_x_y")
    with pytest.raises(OSError):
        alone.fetch("machine", ["stamp"])


def test_the_client_needs_nothing_but_python():
    here = Path(module.__file__)
    alone = [sys.executable, "-S", "-I", "-c", f"exec(compile(open({str(here)!r}).read(), 'client.py', 'exec'))"]
    assert subprocess.run(alone, capture_output=True, text=True, check=False).stderr == ""
