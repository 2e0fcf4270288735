"""Messages and signals between instances and from outside."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import Engine, broadcast, deliver, once, replay, tick
from engine.core import Standing
from engine.refusals import KeyUsed, NoReceiver, SeveralReceivers, SeveralStarts
from engine.schema import Incident
from tests.engine.conftest import HandClock, open_tasks, run
from tests.engine.diagrams import HOLD, LETTER, catch, end, flows, process, start, throw, user, version

WAITS = version(
    process("p", start(), catch("c", LETTER, correlation="key"), user("a"), end(), flows("start", "c", "a", "end"))
)
SENDS = version(
    process(
        "q", start(), throw("t", LETTER, correlation="key", payload='{"text": "hi"}'), end(), flows("start", "t", "end")
    )
)
HELD = version(process("h", start(), catch("c", HOLD), user("a"), end(), flows("start", "c", "a", "end")))


def test_a_message_reaches_the_instance_with_its_key(engine: Engine) -> None:
    one, two = run(engine, WAITS, "p", key="1"), run(engine, WAITS, "p", key="2")
    deliver(engine, "Letter", "2", {"text": "hi"}, "li")
    assert (set(open_tasks(engine, one)), set(open_tasks(engine, two))) == (set(), {"a"})


def test_a_message_nobody_waits_for_is_refused(engine: Engine) -> None:
    run(engine, WAITS, "p", key="1")
    with pytest.raises(NoReceiver):
        deliver(engine, "Letter", "other", {}, "li")


def test_a_message_two_wait_for_goes_to_neither(engine: Engine) -> None:
    one, two = run(engine, WAITS, "p", key="1"), run(engine, WAITS, "p", key="1")
    with pytest.raises(SeveralReceivers):
        deliver(engine, "Letter", "1", {}, "li")
    assert open_tasks(engine, one) == open_tasks(engine, two) == {}


def test_one_instance_writes_to_another(engine: Engine) -> None:
    waiting = run(engine, WAITS, "p", key="1")
    run(engine, SENDS, "q", key="1")
    tick(engine)
    assert set(open_tasks(engine, waiting)) == {"a"}


def test_a_message_that_never_finds_anybody_becomes_an_incident(engine: Engine, clock: HandClock) -> None:
    run(engine, SENDS, "q", key="1")
    for _ in range(8):
        tick(engine)
        clock.forward(hours=1)
    with engine.database.read() as session:
        assert session.scalars(select(Incident.name)).all() == ["Letter"]


def test_a_message_start_event_starts_an_instance(engine: Engine) -> None:
    files = version(process("m", start(inner=LETTER), user("a"), end(), flows("start", "a", "end")))
    engine.deploy(files, "designer")
    started = deliver(engine, "Letter", "k", {"organisation": "org"}, "li")
    assert isinstance(started, Standing)
    assert set(open_tasks(engine, started.id)) == {"a"}


def test_a_signal_reaches_everybody_once(engine: Engine) -> None:
    instances = [run(engine, HELD, "h") for _ in range(3)]
    assert broadcast(engine, "Hold", {}, "li") == 3
    tick(engine)
    tick(engine)
    assert [set(open_tasks(engine, one)) for one in instances] == [{"a"}] * 3


def test_a_message_goes_to_its_own_start_event(engine: Engine) -> None:
    parts = (start(), user("a"), end(), flows("start", "a", "end"))
    by_letter = (start("letter", LETTER), user("b"), end("end2"), flows("letter", "b", "end2"))
    files = version(process("m", *parts, *by_letter))
    engine.deploy(files, "designer")
    started = deliver(engine, "Letter", "k", {"organisation": "org"}, "li")
    assert isinstance(started, Standing)
    assert (set(open_tasks(engine, started.id)), started.subject) == ({"b"}, "k")
    with engine.database.read() as session:
        assert replay(engine, session, started.id).entries == 1


def test_a_message_that_would_start_two_procedures_starts_none(engine: Engine) -> None:
    for key in ("m", "n"):
        engine.deploy(version(process(key, start(inner=LETTER), user("a"), end(), flows("start", "a", "end"))), "x")
    with pytest.raises(SeveralStarts) as refusal:
        deliver(engine, "Letter", "k", {}, "li")
    assert refusal.value.parameters["keys"] == "m, n"


def test_the_same_delivery_asked_twice_happens_once(engine: Engine) -> None:
    instance = run(engine, WAITS, "p", key="1")

    def send(text: str) -> tuple[object, bool]:
        with engine.database.write() as session:
            act = lambda: {"position": deliver(engine, "Letter", "1", {"text": text}, "li", session).position}  # noqa: E731
            return once(session, "k-1", ["Letter", text], act, at=engine.clock(), by="li")

    assert (send("hi"), send("hi")) == (({"position": 2}, False), ({"position": 2}, True))
    assert set(open_tasks(engine, instance)) == {"a"}
    with pytest.raises(KeyUsed):
        send("ho")
