"""Completing a task: once, by somebody who may, whole or not at all."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from engine import Actor, Engine
from engine.refusals import AlreadyClaimed, AlreadyDone, Invalid, MustBeSomebodyElse, NotFound, NotYourTask, Refusal
from engine.schema import Entry, Instance, Task
from tests.engine.conftest import CLERK, HEAD, open_tasks, run
from tests.engine.diagrams import TWO_TASKS, end, flow, flows, process, start, user, version


def test_a_completed_task_opens_the_next_one(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    engine.complete(open_tasks(engine, instance)["draft"].id, CLERK, {"note": "hello"})
    assert set(open_tasks(engine, instance)) == {"review"}


def test_the_last_task_ends_the_instance(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    engine.complete(open_tasks(engine, instance)["draft"].id, CLERK, {})
    engine.complete(open_tasks(engine, instance)["review"].id, HEAD, {})
    with engine.database.read() as session:
        assert session.get_one(Instance, instance).state == "completed"


def test_who_comes_second_is_told_who_was_first(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.complete(task, CLERK, {})
    with pytest.raises(AlreadyDone) as refusal:
        engine.complete(task, Actor("zhao", CLERK.seats), {})
    assert refusal.value.parameters["by"] == "li"


def test_two_at_once_make_one_step(engine: Engine, build) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task, answers, barrier = open_tasks(engine, instance)["draft"].id, [], Barrier(2)

    def submit(node: Engine, name: str) -> None:
        barrier.wait()
        try:
            answers.append(node.complete(task, Actor(name, CLERK.seats), {}).kind)
        except AlreadyDone:
            answers.append("refused")

    racers = [Thread(target=submit, args=(build(), name)) for name in ("li", "zhao")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["complete", "refused"]
    assert set(open_tasks(engine, instance)) == {"review"}


def test_another_post_may_not(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    with pytest.raises(NotYourTask):
        engine.complete(open_tasks(engine, instance)["draft"].id, HEAD, {})


def test_a_task_taken_by_a_colleague_is_not_mine(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.claim(task, CLERK)
    with pytest.raises(AlreadyClaimed):
        engine.complete(task, Actor("zhao", CLERK.seats), {})


def test_a_released_task_is_anybodys_again(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.claim(task, CLERK)
    engine.release(task, CLERK)
    assert engine.complete(task, Actor("zhao", CLERK.seats), {}).by == "zhao"


def test_who_drafted_may_not_review(engine: Engine) -> None:
    files = version(
        process("p", start(), user("a"), user("b", separate_from="a"), end(), flows("start", "a", "b", "end"))
    )
    instance = run(engine, files, "p")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    with pytest.raises(MustBeSomebodyElse):
        engine.complete(open_tasks(engine, instance)["b"].id, CLERK, {})
    assert engine.complete(open_tasks(engine, instance)["b"].id, Actor("zhao", CLERK.seats), {}).kind == "complete"


def test_a_refused_form_changes_nothing(database, clock) -> None:
    def refuse(form: bytes, submission: object, context: object) -> dict[str, object]:
        raise Invalid({"note": ["This field is required."]})

    engine = Engine(database, validate=refuse, clock=clock)
    instance = run(engine, TWO_TASKS, "two")
    with pytest.raises(Invalid):
        engine.complete(open_tasks(engine, instance)["draft"].id, CLERK, {})
    assert set(open_tasks(engine, instance)) == {"draft"}


def test_a_failing_script_refuses_the_step_and_harms_nothing(engine: Engine) -> None:
    gateway = '<bpmn:exclusiveGateway id="gw" default="f_gw_end"/>'
    body = (start(), user("a"), gateway, user("b"), end(), flows("start", "a", "gw"))
    files = version(process("p", *body, flow("gw", "end"), flow("gw", "b", "nothing.here &gt; 1"), flow("b", "end")))
    instance = run(engine, files, "p")
    task = open_tasks(engine, instance)["a"].id
    with pytest.raises(Refusal):
        engine.complete(task, CLERK, {})
    assert open_tasks(engine, instance)["a"].id == task
    with engine.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Entry).where(Entry.instance_id == instance)) == 1


def test_a_task_nobody_knows_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.complete("no such task", CLERK, {})


def test_a_node_catches_up_on_what_another_did(engine: Engine, build) -> None:
    other = build()
    instance = run(engine, TWO_TASKS, "two")
    other.complete(open_tasks(engine, instance)["draft"].id, CLERK, {})
    engine.complete(open_tasks(engine, instance)["review"].id, HEAD, {})
    with engine.database.read() as session:
        assert session.get_one(Instance, instance).state == "completed"


def test_the_task_says_who_did_it_and_where_in_the_journal(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.complete(task, CLERK, {})
    with engine.database.read() as session:
        done = session.get_one(Task, task)
        assert (done.closed_by, done.closed_position) == ("li", 2)
