"""Programs outside fetch work by topic, hold it, and answer once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import Done, Engine, Failed, external, replay, retry, tick
from engine.refusals import KeyUsed, NotDeployable, NotFound, NotHeld
from engine.schema import Entry, Incident, OutboxCall
from tests.engine.conftest import HandClock, open_tasks, run
from tests.engine.diagrams import end, flows, process, service, start, user, version

BAD = (
    '<bpmn:boundaryEvent id="bad" attachedToRef="call">'
    '<bpmn:errorEventDefinition errorRef="e_bad"/></bpmn:boundaryEvent>'
)
CALLS = version(
    process(
        "p",
        *(start(), service("call", "external:stamp", text="note"), user("b"), end()),
        flows("start", "call", "b", "end"),
        *(BAD, user("mend"), end("end2"), flows("bad", "mend", "end2")),
    )
)
LOCK = timedelta(minutes=1)


def anything(_topic: str) -> bool:
    return True


def fetch(engine: Engine, worker: str = "w1", topic: str = "stamp", limit: int = 10) -> list[external.ExternalTask]:
    return external.fetch(engine, worker, [topic], LOCK, limit)


@pytest.fixture
def instance(engine: Engine) -> str:
    return run(engine, CALLS, "p", note="hi")


def test_a_worker_fetches_what_waits_for_its_topic(engine: Engine, instance: str) -> None:
    assert fetch(engine, topic="other") == []
    (task,) = fetch(engine)
    assert (task.topic, task.arguments, task.instance, task.subject) == ("stamp", {"text": "hi"}, instance, "s")


def test_what_one_worker_holds_no_other_gets(engine: Engine, instance: str) -> None:
    assert len(fetch(engine, "w1")) == 1
    assert fetch(engine, "w2") == []


def test_a_lock_that_ran_out_lets_another_worker_in(engine: Engine, instance: str, clock: HandClock) -> None:
    (task,) = fetch(engine, "w1")
    clock.forward(minutes=2)
    assert [each.id for each in fetch(engine, "w2")] == [task.id]
    with pytest.raises(NotHeld):
        external.answer(engine, task.id, "w1", Done(), anything, "api")


def test_who_is_late_may_answer_while_nobody_else_took_it(engine: Engine, instance: str, clock: HandClock) -> None:
    (task,) = fetch(engine)
    clock.forward(minutes=2)
    external.answer(engine, task.id, "w1", Done(), anything, "api")
    assert set(open_tasks(engine, instance)) == {"b"}


def test_a_lock_is_extended(engine: Engine, instance: str, clock: HandClock) -> None:
    (task,) = fetch(engine, "w1")
    clock.forward(seconds=50)
    external.extend(engine, task.id, "w1", LOCK, anything)
    clock.forward(seconds=50)
    assert fetch(engine, "w2") == []


def test_a_task_is_given_back(engine: Engine, instance: str) -> None:
    (task,) = fetch(engine, "w1")
    external.release(engine, task.id, "w1", anything)
    assert [each.id for each in fetch(engine, "w2")] == [task.id]


def test_the_answer_is_one_command_however_often_it_comes(engine: Engine, instance: str) -> None:
    (task,) = fetch(engine)
    first = external.answer(engine, task.id, "w1", Done({"no": 7}), anything, "api:stamps")
    again = external.answer(engine, task.id, "w1", Done({"no": 7}), anything, "api:stamps")
    assert first == ({"instance": instance, "position": 2}, False)
    assert again == ({"instance": instance, "position": 2}, True)
    with engine.database.read() as session:
        told = session.scalars(select(Entry).where(Entry.kind == "answer")).one()
        assert (told.by, session.scalars(select(OutboxCall)).all()) == ("api:stamps", [])
        assert replay(engine, session, instance).entries == 2
        assert engine.data(session, open_tasks(engine, instance)["b"])["result"] == {"no": 7}


def test_another_answer_after_the_first_is_refused(engine: Engine, instance: str) -> None:
    (task,) = fetch(engine)
    external.answer(engine, task.id, "w1", Done(1), anything, "api")
    with pytest.raises(KeyUsed):
        external.answer(engine, task.id, "w1", Done(2), anything, "api")


def test_an_error_is_caught_on_the_boundary(engine: Engine, instance: str) -> None:
    (task,) = fetch(engine)
    external.answer(engine, task.id, "w1", Failed("Bad", "no ink"), anything, "api")
    assert set(open_tasks(engine, instance)) == {"mend"}


def test_a_failure_may_be_fetched_again_after_its_pause(engine: Engine, instance: str, clock: HandClock) -> None:
    (task,) = fetch(engine)
    external.fail(engine, task.id, "w1", "away", anything, retries=2, after=timedelta(minutes=5))
    assert fetch(engine) == []
    clock.forward(minutes=6)
    (again,) = fetch(engine)
    assert (again.id, again.attempts, again.retries) == (task.id, 1, 2)


def test_without_retries_it_is_an_incident_until_somebody_sends_it_again(engine: Engine, instance: str) -> None:
    (task,) = fetch(engine)
    external.fail(engine, task.id, "w1", "no ink", anything, retries=0, after=timedelta())
    assert fetch(engine) == []
    with engine.database.read() as session:
        incident = session.scalars(select(Incident)).one()
    assert incident.reason == "no ink"
    retry(engine, incident.id, "operator")
    assert [(each.id, each.retries) for each in fetch(engine)] == [(task.id, None)]


def test_a_cancelled_instance_takes_its_work_back(engine: Engine, instance: str) -> None:
    (task,) = fetch(engine)
    engine.cancel(instance, "li", "no longer")
    with pytest.raises(NotFound):
        external.answer(engine, task.id, "w1", Done(), anything, "api")


def test_a_task_of_another_topic_is_not_there(engine: Engine, instance: str) -> None:
    (task,) = fetch(engine)
    with pytest.raises(NotFound):
        external.extend(engine, task.id, "w1", LOCK, lambda topic: topic == "other")


def test_schedulers_leave_it_alone(engine: Engine, instance: str) -> None:
    assert tick(engine) == 0
    assert len(fetch(engine)) == 1


def test_the_oldest_come_first_and_no_more_than_asked(engine: Engine, clock: HandClock) -> None:
    instances = []
    for _ in range(3):
        instances.append(run(engine, CALLS, "p", note="hi"))
        clock.forward(seconds=1)
    assert [task.instance for task in fetch(engine, limit=2)] == instances[:2]


@pytest.mark.parametrize("name", ["external:", "external:a b", "external:" + "x" * 65])
def test_a_service_without_a_topic_is_refused_at_deployment(engine: Engine, name: str) -> None:
    files = version(process("p", start(), service("call", name), end(), flows("start", "call", "end")))
    with pytest.raises(NotDeployable) as refusal:
        engine.deploy(files, "designer")
    assert [finding.element for finding in refusal.value.findings] == ["call"]
