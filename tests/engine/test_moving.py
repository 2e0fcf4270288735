"""Moving instances to another version: shown first, recorded, refused with the first entry that goes another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from engine import Actor, Database, Engine, Service, moving, repairing, replay, tick, verify
from engine.refusals import NotAllowed, Refusal, Suspended
from engine.rerun import DoesNotWait, EndsEarlier, GoesWrong, NotAskedThen
from engine.schema import Instance, Timer
from tests.engine.conftest import CLERK, HEAD, Desk, HandClock, open_tasks, run
from tests.engine.diagrams import end, flows, process, script, service, start, timer, user, version

DEPLOYER = Actor("ai", frozenset({("", "deployer"), ("", "keeper")}))
WHY = "the new limits hold for all"


def line(*parts: str, more: str = "") -> dict[str, bytes]:
    """A version of the procedure "p": elements one after the other between start and end."""
    ids = [part.split('id="')[1].split('"')[0] for part in parts]
    return version(process("p", start(), *parts, end(), more, flows("start", *ids, "end")))


A_B = line(user("a"), user("b"))


@pytest.fixture
def build(database: Database, clock: HandClock, desk: Desk, outside: Desk) -> Callable[[], Engine]:
    services = {"desk": Service("desk", desk), "outside": Service("outside", outside, inside=False)}
    keepers = {"move": {"deployer"}, "repair": {"keeper"}}
    return lambda: Engine(database, services=services, clock=clock, keepers=keepers)


@pytest.fixture(autouse=True)
def replays(engine: Engine) -> Iterator[None]:
    """Whatever was done, every journal replays to the same bytes, and every chain and task holds."""
    yield
    with engine.database.read() as session:
        for instance in session.scalars(select(Instance.id)).all():
            replay(engine, session, instance)
        assert [str(found) for found in verify(session) if found] == []


def deployed(engine: Engine, files: dict[str, bytes]) -> str:
    return engine.deploy(files, "designer").id


def done(engine: Engine, instance: str, element: str, actor: Actor = CLERK, **data: Any) -> str:
    task = open_tasks(engine, instance)[element].id
    engine.complete(task, actor, data)
    return task


def state(engine: Engine, instance: str) -> str:
    with engine.database.read() as session:
        return session.get_one(Instance, instance).state


def test_an_instance_stays_on_its_version_until_it_is_moved(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    deployed(engine, line(user("a"), user("x"), user("b")))
    done(engine, instance, "a")
    assert set(open_tasks(engine, instance)) == {"b"}


def test_a_task_that_stays_keeps_its_id_and_its_claim(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    task = open_tasks(engine, instance)["b"].id
    engine.claim(task, CLERK)
    moving.move(engine, instance, deployed(engine, line(user("a"), user("b"), user("c"))), DEPLOYER, WHY)
    assert {each.id for each in open_tasks(engine, instance).values()} == {task}
    with pytest.raises(Refusal):
        engine.claim(task, Actor("zhu", CLERK.seats))
    done(engine, instance, "b")
    done(engine, instance, "c")
    assert state(engine, instance) == "completed"


def test_a_task_that_stays_is_for_whom_the_new_version_says(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    task = open_tasks(engine, instance)["a"].id
    moving.move(engine, instance, deployed(engine, line(user("a", post="head", due='"3d"'), user("b"))), DEPLOYER, WHY)
    assert open_tasks(engine, instance)["a"].due_at is not None
    assert done(engine, instance, "a", HEAD) == task


def test_the_deadline_of_a_new_version_runs_from_when_the_task_was_opened(engine: Engine, clock: HandClock) -> None:
    instance, began = run(engine, A_B, "p"), clock.now
    clock.forward(days=9)
    files = version(
        process("p", start(), user("a"), timer("late", "a", '"3d"', interrupting=False), user("x"), user("b"), end(),
                end("e2"), flows("start", "a", "b", "end"), flows("late", "x", "e2"))
    )  # fmt: skip
    moving.move(engine, instance, deployed(engine, files), DEPLOYER, WHY)
    with engine.database.read() as session:
        assert (session.scalars(select(Timer.due_at)).one() - began).days == 3
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"a", "x"}


def test_a_step_that_is_new_opens_and_the_later_one_closes(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    moving.move(engine, instance, deployed(engine, line(user("a"), user("x"), user("b"))), DEPLOYER, WHY)
    assert set(open_tasks(engine, instance)) == {"x"}


def test_a_step_that_was_done_and_is_gone_refuses(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    with pytest.raises(DoesNotWait) as refusal:
        moving.move(engine, instance, deployed(engine, line(user("b"))), DEPLOYER, WHY)
    assert refusal.value.parameters == {"position": 2, "element": "a"}
    done(engine, instance, "b")


def test_a_service_that_was_not_called_then_refuses(engine: Engine, desk: Desk) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    files = line(user("a"), service("tell", "desk"), user("b"))
    with pytest.raises(NotAskedThen) as refusal:
        moving.move(engine, instance, deployed(engine, files), DEPLOYER, WHY)
    assert refusal.value.parameters["service"] == "desk" and desk.calls == []


def test_a_service_that_was_called_then_is_not_called_again(engine: Engine, desk: Desk) -> None:
    instance = run(engine, line(user("a"), service("tell", "desk"), user("b")), "p")
    done(engine, instance, "a")
    files = line(user("a"), service("tell", "desk"), script("s", "seen = result"), user("b"))
    moving.move(engine, instance, deployed(engine, files), DEPLOYER, WHY)
    with engine.database.read() as session:
        assert engine.data(session, open_tasks(engine, instance)["b"])["seen"] == {"asked": 1}
    assert len(desk.calls) == 1


def test_a_script_that_fails_refuses(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    files = line(user("a"), script("s", "x = nothing"), user("b"))
    with pytest.raises(GoesWrong, match="nothing"):
        moving.move(engine, instance, deployed(engine, files), DEPLOYER, WHY)


def test_a_version_on_which_it_would_have_ended_refuses(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    with pytest.raises(EndsEarlier):
        moving.move(engine, instance, deployed(engine, line(user("a"))), DEPLOYER, WHY)


def test_what_was_withdrawn_or_gone_back_behind_moves_too(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    engine.withdraw(done(engine, instance, "a", note="1"), CLERK)
    done(engine, instance, "a", note="2")
    repairing.jump(engine, instance, "a", DEPLOYER, WHY)
    task = open_tasks(engine, instance)["a"].id
    moving.move(engine, instance, deployed(engine, line(script("s", "n = 1"), user("a"), user("b"))), DEPLOYER, WHY)
    assert done(engine, instance, "a") == task
    assert set(open_tasks(engine, instance)) == {"b"}


def test_several_of_one_step_stay_whose_they_are(engine: Engine) -> None:
    many = user("m", collection="[1, 2, 3]", item="one", output="all").replace(
        "</bpmn:userTask>", "<bpmn:multiInstanceLoopCharacteristics/></bpmn:userTask>"
    )
    instance = run(engine, line(many), "p")
    with engine.database.read() as session:
        from engine import tasks

        of_one = {engine.data(session, task)["one"]: task.id for task in tasks.of_instance(session, instance)}
    engine.complete(of_one[2], CLERK, {"note": "two"})
    moving.move(engine, instance, deployed(engine, line(script("s", "n = 1"), many, user("z"))), DEPLOYER, WHY)
    engine.complete(of_one[3], CLERK, {"note": "three"})
    engine.complete(of_one[1], CLERK, {"note": "one"})
    with engine.database.read() as session:
        assert [each["note"] for each in engine.data(session, open_tasks(engine, instance)["z"])["all"]] == [
            "one", "two", "three"]  # fmt: skip


def test_it_moves_twice_and_any_node_goes_on(engine: Engine, build) -> None:
    other, instance = build(), run(engine, A_B, "p")
    with other.database.read() as session:
        assert other.data(session, open_tasks(engine, instance)["a"])
    done(engine, instance, "a")
    moving.move(engine, instance, deployed(engine, line(user("a"), user("b"), user("c"))), DEPLOYER, WHY)
    done(other, instance, "b")
    final = deployed(engine, line(user("a"), user("b"), user("c"), user("z")))
    moving.move(other, instance, final, DEPLOYER, WHY)
    done(build(), instance, "c")
    done(engine, instance, "z")
    assert state(engine, instance) == "completed"


def test_the_preview_tells_and_changes_nothing(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    other = deployed(engine, line(user("a"), user("x"), user("b")))
    with engine.database.write() as session:
        shown = moving.preview(engine, session, instance, other)
    assert (shown.waits_before, shown.waits_after) == (["b"], ["x"])
    assert shown.difference is not None
    assert (shown.difference.opened, shown.difference.closed, shown.difference.stays) == (["x"], ["b"], [])
    done(engine, instance, "b")
    assert state(engine, instance) == "completed"


def test_the_preview_of_a_refused_move_names_the_entry(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    done(engine, instance, "a")
    other = deployed(engine, line(user("b")))
    with engine.database.write() as session:
        shown = moving.preview(engine, session, instance, other)
    assert isinstance(shown.refusal, DoesNotWait) and shown.difference is None


def test_only_who_deploys_moves(engine: Engine) -> None:
    instance = run(engine, A_B, "p")
    with pytest.raises(NotAllowed):
        moving.move(engine, instance, deployed(engine, line(user("a"))), CLERK, WHY)


def test_all_of_a_version_move_each_with_its_result(engine: Engine) -> None:
    before = deployed(engine, A_B)
    started = [engine.start("p", {"organisation": "org"}, "li", organisation="org").id for _ in range(12)]
    done(engine, started[5], "a")
    after = deployed(engine, line(user("b")))
    act = moving.ask(engine, moving.MOVE, before, DEPLOYER, WHY, after)
    assert [moving.go_on(engine, act.id), moving.go_on(engine, act.id), moving.go_on(engine, act.id)] == [10, 2, 0]
    with engine.database.read() as session:
        told = moving.VersionAct.of(session, act.id)
        assert (told.total, told.done, told.refused, told.ended_at is not None) == (12, 12, 1, True)
        refused, *_moved = told.results(session)
        assert (refused.instance_id, refused.parameters["element"]) == (started[5], "a")


def test_a_suspended_version_takes_no_new_instances(engine: Engine) -> None:
    before = deployed(engine, A_B)
    instance = engine.start("p", {}, "li").id
    moving.ask(engine, moving.SUSPEND, before, DEPLOYER, WHY)
    assert moving.act_on_versions(engine, engine.clock()) == 1
    with pytest.raises(Suspended):
        engine.start("p", {}, "li")
    assert state(engine, instance) == "suspended"
    act = moving.ask(engine, moving.RESUME, before, DEPLOYER, WHY)
    moving.go_on(engine, act.id)
    assert state(engine, instance) == "open" and engine.start("p", {}, "li").state == "open"
