"""Acts of repair: recorded, replayable, and only by who may."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import Actor, Database, Engine, Service, outbox, repairing, replay, tick, verify
from engine.outcomes import Done, GiveUp
from engine.refusals import NotAllowed, NotFound, NotOpen, ReasonMissing, Suspended
from engine.schema import Claim, Entry, Incident, Instance, OutboxCall, Task, Timer
from tests.engine.conftest import CLERK, HEAD, Desk, HandClock, open_tasks, run
from tests.engine.diagrams import (
    LETTER,
    TWO_TASKS,
    catch,
    end,
    flow,
    flows,
    process,
    script,
    service,
    start,
    timer,
    user,
    version,
)

KEEPER, SECOND = Actor("ma", frozenset({("", "keeper")})), Actor("luo", frozenset({("", "keeper")}))
WHY = "typed wrongly"
THREE = version(
    process("three", start(), user("a"), user("b", due='"2wd"'), user("c"), end(), flows("start", "a", "b", "c", "end"))
)
CALLS = version(
    process("calls", start(), service("call", "outside"), user("b"), end(), flows("start", "call", "b", "end"))
)


@pytest.fixture
def build(database: Database, clock: HandClock, desk: Desk, outside: Desk) -> Callable[[], Engine]:
    services = {
        "desk": Service("desk", desk, is_final=True),
        "outside": Service("outside", outside, inside=False),
    }
    return lambda: Engine(database, services=services, clock=clock, keepers={"repair": {"keeper"}})


@pytest.fixture(autouse=True)
def replays(engine: Engine) -> Iterator[None]:
    """Whatever was done, every journal replays to the same bytes, and every chain and task holds."""
    yield
    with engine.database.read() as session:
        for instance in session.scalars(select(Instance.id)).all():
            replay(engine, session, instance)
        assert [str(found) for found in verify(session) if found] == []


def done(engine: Engine, instance: str, element: str, **data: Any) -> None:
    engine.complete(open_tasks(engine, instance)[element].id, CLERK, data)


def state(engine: Engine, instance: str) -> str:
    with engine.database.read() as session:
        return session.get_one(Instance, instance).state


def last(engine: Engine, instance: str) -> dict[str, Any]:
    with engine.database.read() as session:
        query = select(Entry).where(Entry.instance_id == instance).order_by(Entry.position.desc()).limit(1)
        entry = session.scalars(query).one()
        return {"kind": entry.kind, "by": entry.by, **json.loads(entry.body)["command"]}


def seen(engine: Engine, instance: str, element: str) -> dict[str, Any]:
    with engine.database.read() as session:
        return engine.data(session, open_tasks(engine, instance)[element])


# -- corrections


def test_a_second_person_corrects_what_the_first_asked_for(engine: Engine, build) -> None:
    instance = run(engine, THREE, "three", plan={"title": "Erorr", "pages": [1]})
    asked = repairing.ask_correction(engine, instance, "plan.title", "Error", KEEPER, WHY)
    repairing.confirm_correction(engine, asked.id, SECOND)
    assert seen(build(), instance, "a")["plan"] == {"title": "Error", "pages": [1]}
    said = last(engine, instance)
    assert (said["by"], said["asked_by"], said["before"], said["reason"]) == ("luo", "ma", "Erorr", WHY)


def test_who_asked_does_not_confirm(engine: Engine) -> None:
    asked = repairing.ask_correction(engine, run(engine, THREE, "three"), "organisation", "x", KEEPER, WHY)
    with pytest.raises(repairing.SamePersonCorrects):
        repairing.confirm_correction(engine, asked.id, KEEPER)


def test_nothing_changes_before_it_is_confirmed(engine: Engine) -> None:
    instance = run(engine, THREE, "three", n=1)
    repairing.ask_correction(engine, instance, "n", 2, KEEPER, WHY)
    assert seen(engine, instance, "a")["n"] == 1


def test_a_value_that_changed_meanwhile_is_not_overwritten(engine: Engine) -> None:
    instance = run(engine, THREE, "three", note="old")
    asked = repairing.ask_correction(engine, instance, "note", "new", KEEPER, WHY)
    done(engine, instance, "a", note="newer")
    with pytest.raises(repairing.ChangedSince):
        repairing.confirm_correction(engine, asked.id, SECOND)


def test_an_unknown_variable_is_named(engine: Engine) -> None:
    with pytest.raises(NotFound):
        repairing.ask_correction(engine, run(engine, THREE, "three"), "plan.nothing", 1, KEEPER, WHY)


def test_only_keepers_and_only_with_a_reason(engine: Engine) -> None:
    instance = run(engine, THREE, "three", n=1)
    with pytest.raises(NotAllowed):
        repairing.ask_correction(engine, instance, "n", 2, CLERK, WHY)
    with pytest.raises(ReasonMissing):
        repairing.suspend(engine, instance, KEEPER, " ")
    for act in (repairing.suspend, repairing.cancel):
        with pytest.raises(NotAllowed):
            act(engine, instance, CLERK, WHY)


# -- tasks and steps


def test_a_reassigned_task_is_done_by_its_new_post(engine: Engine) -> None:
    instance = run(engine, THREE, "three")
    task = open_tasks(engine, instance)["a"].id
    engine.claim(task, CLERK)
    repairing.reassign(engine, task, KEEPER, WHY, organisation="org", post="head")
    with pytest.raises(NotAllowed):
        engine.complete(task, CLERK, {})
    engine.complete(task, HEAD, {})
    with engine.database.read() as session:
        assert session.scalars(select(Claim.released_at)).one() is not None


def test_a_task_given_to_a_person_comes_back_to_that_person(engine: Engine) -> None:
    instance = run(engine, THREE, "three")
    task, hu = open_tasks(engine, instance)["a"].id, Actor("hu")
    repairing.reassign(engine, task, KEEPER, WHY, person="hu")
    engine.complete(task, hu, {})
    engine.withdraw(task, hu)
    assert open_tasks(engine, instance)["a"].person == "hu"


def test_a_jump_opens_the_step_again_with_the_data_of_now(engine: Engine, clock: HandClock) -> None:
    instance = run(engine, THREE, "three")
    done(engine, instance, "a", note="first")
    task = open_tasks(engine, instance)["b"].id
    due = open_tasks(engine, instance)["b"].due_at
    done(engine, instance, "b", note="second")
    clock.forward(days=14)
    repairing.jump(engine, instance, "b", KEEPER, WHY)
    again = open_tasks(engine, instance)
    assert {"b": task} == {element: each.id for element, each in again.items()}
    assert seen(engine, instance, "b")["note"] == "second" and again["b"].due_at == due + timedelta(days=14)
    done(engine, instance, "b", note="third")
    done(engine, instance, "c")
    assert state(engine, instance) == "completed"


def test_the_places_to_go_back_to_are_the_steps_that_were_done(engine: Engine) -> None:
    instance = run(engine, THREE, "three")
    done(engine, instance, "a")
    done(engine, instance, "b")
    with engine.database.read() as session:
        assert [place.element for place in repairing.places(engine, session, instance)] == ["b", "a"]


def test_a_timer_that_is_wound_up_again_fires_again(engine: Engine, clock: HandClock) -> None:
    parts = (start(), user("a"), user("b"), timer("late", "a", '"1d"', interrupting=False), user("x"), end(), end("e2"))
    files = version(process("p", *parts, flows("start", "a", "b", "end"), flows("late", "x", "e2")))
    instance = run(engine, files, "p")
    done(engine, instance, "a")
    clock.forward(days=9)
    repairing.jump(engine, instance, "a", KEEPER, WHY)
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"a"}
    clock.forward(days=1, seconds=1)
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"a", "x"}


def test_nobody_goes_back_behind_what_went_out(engine: Engine) -> None:
    parts = (start(), user("a"), service("out", "desk"), user("b"), end())
    instance = run(engine, version(process("p", *parts, flows("start", "a", "out", "b", "end"))), "p")
    done(engine, instance, "a")
    with pytest.raises(repairing.NoWayBack):
        repairing.jump(engine, instance, "a", KEEPER, WHY)
    with engine.database.read() as session:
        assert repairing.places(engine, session, instance) == []


def test_nobody_goes_to_where_nothing_was(engine: Engine) -> None:
    with pytest.raises(repairing.NowhereBack):
        repairing.jump(engine, run(engine, THREE, "three"), "c", KEEPER, WHY)


# -- incidents


def failed(engine: Engine, outside: Desk) -> tuple[str, str]:
    """An instance whose call gave up, and the incident."""
    outside.answers = [GiveUp("gone")]
    instance = run(engine, CALLS, "calls")
    tick(engine)
    with engine.database.read() as session:
        return instance, session.scalars(select(Incident.id).where(Incident.resolved_at.is_(None))).one()


def test_a_skipped_call_goes_on_as_if_answered(engine: Engine, outside: Desk) -> None:
    instance, incident = failed(engine, outside)
    repairing.skip(engine, incident, {"told": "by hand"}, KEEPER, WHY)
    assert seen(engine, instance, "b")["result"] == {"told": "by hand"}
    with engine.database.read() as session:
        assert session.scalars(select(OutboxCall)).all() == []
        assert session.get_one(Incident, incident).resolved_by == "ma"


def test_a_retried_call_is_in_the_journal(engine: Engine, outside: Desk) -> None:
    from engine import retry

    instance, incident = failed(engine, outside)
    retry(engine, incident, "ma")
    assert last(engine, instance)["kind"] == "retry"
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"b"}


def test_a_timer_whose_way_fails_is_left_out(engine: Engine, clock: HandClock) -> None:
    parts = (
        start(),
        user("a"),
        timer("late", "a", '"1d"', interrupting=False),
        script("bad", "x = nothing"),
        end(),
        end("e2"),
    )
    instance = run(engine, version(process("p", *parts, flows("start", "a", "end"), flows("late", "bad", "e2"))), "p")
    clock.forward(days=2)
    tick(engine)
    with engine.database.read() as session:
        incident = session.scalars(select(Incident.id)).one()
    repairing.skip(engine, incident, None, KEEPER, WHY)
    with engine.database.read() as session:
        assert session.scalars(select(Timer)).all() == []
    done(engine, instance, "a")
    assert state(engine, instance) == "completed"


def test_an_incident_is_settled_once(engine: Engine, outside: Desk) -> None:
    _, incident = failed(engine, outside)
    repairing.skip(engine, incident, None, KEEPER, WHY)
    with pytest.raises(NotOpen):
        repairing.skip(engine, incident, None, SECOND, WHY)


# -- the whole instance


def test_a_suspended_instance_refuses_until_it_is_resumed(engine: Engine) -> None:
    instance = run(engine, THREE, "three")
    repairing.suspend(engine, instance, KEEPER, WHY)
    with pytest.raises(Suspended):
        done(engine, instance, "a")
    repairing.resume(engine, instance, KEEPER, WHY)
    done(engine, instance, "a")
    assert state(engine, instance) == "open"


def test_its_timers_wait_and_fire_when_it_is_resumed(engine: Engine, clock: HandClock) -> None:
    parts = (
        start(),
        catch(
            "pause",
            '<bpmn:timerEventDefinition><bpmn:timeDuration>"1d"</bpmn:timeDuration></bpmn:timerEventDefinition>',
        ),
        user("a"),
        end(),
    )
    instance = run(engine, version(process("p", *parts, flows("start", "pause", "a", "end"))), "p")
    repairing.suspend(engine, instance, KEEPER, WHY)
    clock.forward(days=400)
    assert tick(engine) == 0 and open_tasks(engine, instance) == {}
    repairing.resume(engine, instance, KEEPER, WHY)
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"a"}


def test_a_timer_taken_before_the_suspension_still_waits(engine: Engine, clock: HandClock) -> None:
    parts = (start(), user("a"), timer("late", "a", '"1d"'), user("b"), end(), end("e2"))
    instance = run(engine, version(process("p", *parts, flows("start", "a", "end"), flows("late", "b", "e2"))), "p")
    repairing.suspend(engine, instance, KEEPER, WHY)
    with engine.database.write() as session:
        session.execute(update(Timer).values(leased_by=None, leased_until=None))
    clock.forward(days=2)
    tick(engine)
    assert set(open_tasks(engine, instance)) == {"a"}
    with engine.database.read() as session:
        assert session.scalars(select(Incident)).all() == []


def test_an_answer_that_comes_while_it_is_suspended_is_not_lost(engine: Engine, outside: Desk) -> None:
    instance = run(engine, CALLS, "calls")
    outside.answers = [Done("early"), Done("late")]
    repairing.suspend(engine, instance, KEEPER, WHY)
    with engine.database.write() as session:
        session.execute(update(OutboxCall).values(leased_by=None, leased_until=None))
    tick(engine)
    assert open_tasks(engine, instance) == {}
    repairing.resume(engine, instance, KEEPER, WHY)
    tick(engine, now=engine.clock() + timedelta(minutes=2))
    assert seen(engine, instance, "b")["result"] == "late"


def test_a_message_is_refused_while_it_is_suspended(engine: Engine) -> None:
    from engine import deliver

    instance = run(
        engine, version(process("p", start(), catch("wait", LETTER), end(), flows("start", "wait", "end"))), "p"
    )
    repairing.suspend(engine, instance, KEEPER, WHY)
    with pytest.raises(Suspended):
        deliver(engine, "Letter", "", {}, None)


def test_a_suspended_instance_can_be_cancelled(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    repairing.suspend(engine, instance, KEEPER, WHY)
    repairing.cancel(engine, instance, KEEPER, WHY)
    assert state(engine, instance) == "cancelled"
    with engine.database.read() as session:
        assert session.scalars(select(Task.state)).all() == ["cancelled"]


def test_twice_is_refused(engine: Engine) -> None:
    instance = run(engine, TWO_TASKS, "two")
    with pytest.raises(repairing.NotSuspended):
        repairing.resume(engine, instance, KEEPER, WHY)
    repairing.suspend(engine, instance, KEEPER, WHY)
    with pytest.raises(repairing.AlreadySuspended):
        repairing.suspend(engine, instance, KEEPER, WHY)


# an instance that stands still


HALF = version(
    process(
        "half",
        start(),
        user("a"),
        '<bpmn:exclusiveGateway id="either" default="f_either_x"/>',
        user("x"),
        user("y"),
        '<bpmn:parallelGateway id="both" name="会合"/>',
        end(),
        flows("start", "a", "either", "x", "both", "end"),
        flow("either", "y", "1 == 2"),
        flow("y", "both"),
    )
)
"""One of two ways is taken, and then both are waited for."""


def standing(engine: Engine, instance: str) -> list[Incident]:
    with engine.database.read() as session:
        found = select(Incident).where(Incident.instance_id == instance, Incident.resolved_at.is_(None))
        return list(session.scalars(found))


def halted(engine: Engine) -> str:
    """An instance that waits for a way nobody is on."""
    instance = run(engine, HALF, "half")
    for step in "ax":
        engine.complete(open_tasks(engine, instance)[step].id, CLERK, {})
    return instance


def test_a_join_that_waits_in_vain_is_an_incident_which_names_it(engine: Engine) -> None:
    instance = halted(engine)
    assert open_tasks(engine, instance) == {}
    (incident,) = standing(engine, instance)
    assert (incident.element, incident.name, incident.stands_still) == ("both", "会合", True)


def test_a_join_that_still_may_go_on_is_none(engine: Engine) -> None:
    instance = run(engine, HALF, "half")
    engine.complete(open_tasks(engine, instance)["a"].id, CLERK, {})
    assert standing(engine, instance) == []


def test_what_stands_still_is_not_sent_again_and_not_left_out(engine: Engine) -> None:
    (incident,) = standing(engine, halted(engine))
    with pytest.raises(NotOpen):
        outbox.retry(engine, incident.id, "ma")
    with pytest.raises(NotOpen):
        repairing.skip(engine, incident.id, None, KEEPER, WHY)


def test_jumping_back_resolves_it_and_the_next_standstill_asks_again(engine: Engine) -> None:
    instance = halted(engine)
    repairing.jump(engine, instance, "x", KEEPER, WHY)
    assert standing(engine, instance) == []
    engine.complete(open_tasks(engine, instance)["x"].id, CLERK, {})
    assert len(standing(engine, instance)) == 1


def test_cancelling_resolves_it(engine: Engine) -> None:
    instance = halted(engine)
    repairing.cancel(engine, instance, KEEPER, WHY)
    assert standing(engine, instance) == []
    with engine.database.read() as session:
        (settled,) = session.scalars(select(Incident).where(Incident.instance_id == instance))
        assert settled.resolved_by == "ma"


def test_an_act_that_does_not_help_leaves_one_incident(engine: Engine) -> None:
    instance = halted(engine)
    repairing.suspend(engine, instance, KEEPER, WHY)
    repairing.resume(engine, instance, KEEPER, WHY)
    assert len(standing(engine, instance)) == 1
