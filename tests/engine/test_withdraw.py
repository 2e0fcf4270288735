"""Withdrawing a completion: by who acted last, while nobody acted since."""

from __future__ import annotations

import pytest

from engine import Engine, replay
from engine.refusals import NotWithdrawable
from tests.engine.conftest import CLERK, HEAD, open_tasks, run
from tests.engine.diagrams import TWO_TASKS, end, flows, process, service, start, user, version


def test_the_task_is_open_again_and_the_next_one_is_gone(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.complete(task, CLERK, {"note": "wrong"})
    engine.withdraw(task, CLERK)
    assert {t.element: t.id for t in open_tasks(engine, instance).values()} == {"draft": task}


def test_what_was_withdrawn_can_be_done_again_and_replays(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.complete(task, CLERK, {"note": "wrong"})
    engine.withdraw(task, CLERK)
    engine.complete(task, CLERK, {"note": "right"})
    engine.complete(open_tasks(engine, instance)["review"].id, HEAD, {})
    with engine.database.read() as session:
        assert replay(engine, session, instance).entries == 5


def test_nobody_else_may(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.complete(task, CLERK, {})
    with pytest.raises(NotWithdrawable):
        engine.withdraw(task, HEAD)


def test_not_after_a_colleague_took_the_next_task(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    task = open_tasks(engine, instance)["draft"].id
    engine.complete(task, CLERK, {})
    engine.claim(open_tasks(engine, instance)["review"].id, HEAD)
    with pytest.raises(NotWithdrawable):
        engine.withdraw(task, CLERK)


def test_not_after_the_world_was_told(engine: Engine) -> None:
    parts = (start(), user("a"), service("call", "desk"), user("b"), end())
    instance = run(engine, version(process("p", *parts, flows("start", "a", "call", "b", "end"))), "p")
    task = open_tasks(engine, instance)["a"].id
    engine.complete(task, CLERK, {})
    with pytest.raises(NotWithdrawable):
        engine.withdraw(task, CLERK)
