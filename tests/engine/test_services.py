"""Service tasks: inside the transaction, and outside through the outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import Done, Engine, Failed, GiveUp, Retry, replay, retry, tick
from engine.refusals import NotDeployable, ServiceRefused
from engine.schema import Incident, Instance, OutboxCall
from tests.engine.conftest import CLERK, Desk, HandClock, open_tasks, run
from tests.engine.diagrams import end, flows, process, service, start, user, version

ERROR = (
    '<bpmn:boundaryEvent id="bad" attachedToRef="call">'
    '<bpmn:errorEventDefinition errorRef="e_bad"/></bpmn:boundaryEvent>'
)


def calling(name: str, *more: str) -> dict[str, bytes]:
    parts = (start(), user("a"), service("call", name, text="note"), user("b"), end())
    return version(process("p", *parts, flows("start", "a", "call", "b", "end"), *more))


def test_an_inside_service_answers_at_once(engine: Engine, desk: Desk) -> None:
    instance = run(engine, calling("desk"), "p", note="hi")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    assert set(open_tasks(engine, instance)) == {"b"}
    assert (desk.calls[0].arguments, desk.calls[0].by) == ({"text": "hi"}, "li")


def test_an_inside_service_that_refuses_undoes_the_whole_command(engine: Engine, desk: Desk) -> None:
    instance = run(engine, calling("desk"), "p", note="hi")
    desk.answers = [GiveUp("not today")]
    with pytest.raises(ServiceRefused):
        engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    assert set(open_tasks(engine, instance)) == {"a"}


def test_replay_does_not_call_again(engine: Engine, desk: Desk) -> None:
    instance = run(engine, calling("desk"), "p", note="hi")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    with engine.database.read() as session:
        replay(engine, session, instance)
    assert len(desk.calls) == 1


def test_an_error_is_caught_on_the_boundary(engine: Engine, desk: Desk) -> None:
    files = calling("desk", ERROR, user("mend"), end("end2"), flows("bad", "mend", "end2"))
    instance = run(engine, files, "p", note="hi")
    desk.answers = [Failed("Bad", "no")]
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    assert set(open_tasks(engine, instance)) == {"mend"}


def test_an_error_nobody_catches_ends_the_instance_as_failed(engine: Engine, desk: Desk) -> None:
    instance = run(engine, calling("desk"), "p", note="hi")
    desk.answers = [Failed("Bad", "no")]
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    with engine.database.read() as session:
        assert session.get_one(Instance, instance).state == "failed"


def test_an_outside_service_is_called_after_the_commit(engine: Engine, outside: Desk) -> None:
    instance = run(engine, calling("outside"), "p", note="hi")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    assert (outside.calls, open_tasks(engine, instance)) == ([], {})
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"b"}


def test_a_service_that_is_away_is_asked_again_later(engine: Engine, outside: Desk, clock: HandClock) -> None:
    instance = run(engine, calling("outside"), "p", note="hi")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    outside.answers = [Retry(timedelta(minutes=5), "busy")]
    tick(engine)
    clock.forward(minutes=4)
    tick(engine)
    assert len(outside.calls) == 1
    clock.forward(minutes=2)
    tick(engine)
    assert len({call.id for call in outside.calls}) == 1
    assert set(open_tasks(engine, instance)) == {"b"}


def test_an_operator_retries_what_gave_up(engine: Engine, outside: Desk) -> None:
    instance = run(engine, calling("outside"), "p", note="hi")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    outside.answers = [GiveUp("wrong address")]
    tick(engine)
    with engine.database.read() as session:
        incident = session.scalars(select(Incident)).one()
    retry(engine, incident.id, "operator")
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"b"}


def test_an_outside_error_is_caught_on_the_boundary(engine: Engine, outside: Desk) -> None:
    files = calling("outside", ERROR, user("mend"), end("end2"), flows("bad", "mend", "end2"))
    instance = run(engine, files, "p", note="hi")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    outside.answers = [Failed("Bad", "no")]
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"mend"}


def test_an_answered_call_leaves_the_outbox_and_replays(engine: Engine, outside: Desk) -> None:
    instance = run(engine, calling("outside"), "p", note="hi")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    outside.answers = [Done({"ok": True})]
    tick(engine)
    with engine.database.read() as session:
        assert session.scalar(select(func.count()).select_from(OutboxCall)) == 0
        assert replay(engine, session, instance).entries == 3


def test_a_service_nobody_knows_is_refused_at_deployment(engine: Engine) -> None:
    with pytest.raises(NotDeployable) as refusal:
        engine.deploy(calling("nobody"), "designer")
    assert [finding.element for finding in refusal.value.findings] == ["call"]
