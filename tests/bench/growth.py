"""What a long history, an evicted instance, a proof and a finished instance cost."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, text

import forms
from engine import Actor, Database, Engine, replay, verify
from engine.bpmn import Execution, Program, Seal, compile_version
from engine.calendar import mainland
from engine.outcomes import Call, Done
from engine.schema import Entry, Task
from tests.bench.diagrams import FIVE, FORM, LOOP, SUBMISSION
from tests.bench.stores import opened
from tests.bench.table import Row

ROUNDS, EARLY = 2000, 10
HISTORY, PROVED = 50, 100
CLERK = Actor("bench", frozenset({("", "")}))
FEW, MUCH = 500, 100
PAGE = 20_000
"""Bytes of text that a clerk writes in each task of a long-winded instance."""


def rows(store: str) -> Iterator[Row]:
    """The figures of one store."""
    with opened(store) as database:
        engine = Engine(database, validate=forms.validate)
        engine.deploy({"loop.bpmn": LOOP, "form.json": FORM}, "bench")
        five = engine.deploy({"five_step.bpmn": FIVE, "form.json": FORM}, "bench").definition
        yield from looping(store, engine)
        yield from evicted(store, engine)
        yield from proved(store, engine)
        yield from stored(store, engine, five)
        yield from walked(store, engine)


class Round:
    """An instance that goes round and round."""

    def __init__(self, engine: Engine, rounds: int = 0, definition: str = "loop") -> None:
        self.engine = engine
        self.id = engine.start(definition, {}, "bench").id
        self.task = _open_task(engine.database, self.id)
        self.go(rounds)

    def go(self, rounds: int = 1) -> list[float]:
        """Milliseconds that each of the next rounds takes."""
        return [self._once() for _ in range(rounds)]

    def _once(self) -> float:
        taken = _ms(lambda: self.engine.complete(self.task, CLERK, SUBMISSION))
        self.task = _open_task(self.engine.database, self.id)
        return taken


def looping(store: str, engine: Engine) -> Iterator[Row]:
    """The last rounds of many beside the first rounds of other instances, in turn."""
    old = Round(engine, ROUNDS - 20)
    early, late = [], []
    for _ in range(20):
        early += Round(engine, EARLY - 1).go()
        late += old.go()
    with engine.database.read() as session:
        entries = session.scalar(select(func.count()).where(Entry.instance_id == old.id, Entry.kind == "complete"))
    yield Row(f"{store} round {ROUNDS:,} of a return loop", median(late), "ms")
    yield Row(f"{store} the same / round {EARLY}", median(late) / median(early), "x", 1.5)
    yield Row(f"{store} rounds lost of {ROUNDS:,}", ROUNDS - int(entries or 0), "", 0)


def evicted(store: str, engine: Engine) -> Iterator[Row]:
    """A step of an instance that nothing is known of, beside one that is cached; histories around the length."""
    warm, cold = [], []
    for length in range(HISTORY - 15, HISTORY + 15):
        instance = Round(engine, length - 1)
        warm += instance.go()
        engine.executions.cache.clear()
        cold += instance.go()
    yield Row(f"{store} step of an evicted instance, {HISTORY} entries", median(cold), "ms")
    yield Row(f"{store} the same / warm step", median(cold) / median(warm), "x", 3)


def proved(store: str, engine: Engine) -> Iterator[Row]:
    """An instance executed again from its journal, beside the same commands in memory."""
    instance = Round(engine, PROVED - 1)
    program = compile_version({"loop.bpmn": LOOP, "form.json": FORM}, ())
    again, bare = [], []
    for _ in range(15):
        bare.append(_ms(lambda: _in_memory(program, PROVED - 1)))
        with engine.database.read() as session:
            again.append(_ms(lambda session=session: replay(engine, session, instance.id)))
    yield Row(f"{store} re-execution of {PROVED} entries", median(again), "ms")
    yield Row(f"{store} the same / in memory", median(again) / median(bare), "x", 2)


def stored(store: str, engine: Engine, five: str) -> Iterator[Row]:
    """Bytes that finished instances leave in the database, by what it grows."""
    short = _grown(engine, five, FEW, lambda: SUBMISSION)
    long = _grown(engine, five, MUCH, lambda: SUBMISSION | {"opinion": _prose(PAGE)})
    yield Row(f"{store} stored for a finished instance of five tasks", short / 1024, "kB", 8)
    yield Row(f"{store} the same / real data, {PAGE // 1000} kB of text in each task", long / (5 * PAGE), "x", 1.5)


def walked(store: str, engine: Engine) -> Iterator[Row]:
    """How fast every chain of the database is walked."""
    with engine.database.read() as session:
        session.execute(text("SELECT 1"))
        count = session.scalar(select(func.count()).select_from(Entry)) or 0
        seconds = min(_ms(lambda: _walk(session)) for _ in range(3)) / 1000
    yield Row(f"{store} verify", count / seconds, "entries/s", at_least=50_000)


def _walk(session: Any) -> None:
    assert not any(verify(session))


def _grown(engine: Engine, definition: str, instances: int, submission: Callable[[], dict[str, Any]]) -> float:
    _finish(engine, definition, submission)
    before = _size(engine.database)
    for _ in range(instances):
        _finish(engine, definition, submission)
    return (_size(engine.database) - before) / instances


def _finish(engine: Engine, definition: str, submission: Callable[[], dict[str, Any]]) -> None:
    instance = engine.start(definition, {}, "bench").id
    while task := _open_task(engine.database, instance):
        engine.complete(task, CLERK, submission())


def _size(database: Database) -> int:
    """Bytes of all tables and indexes, as tight as the database packs them."""
    pooled = database.engine.raw_connection()
    driver: Any = pooled.driver_connection
    pooled.detach()
    with closing(driver):
        if database.is_sqlite:
            driver.execute("VACUUM")
            return int(driver.execute("PRAGMA page_count").fetchone()[0]) * 4096
        driver.autocommit = True
        driver.execute("VACUUM FULL")
        return int(driver.execute("SELECT pg_database_size(current_database())").fetchone()[0])


def _prose(size: int) -> str:
    """Text that no compression makes smaller than three quarters."""
    return secrets.token_urlsafe(size)[:size]


def _open_task(database: Database, instance: str) -> str:
    with database.read() as session:
        return session.scalar(select(Task.id).where(Task.instance_id == instance, Task.state == "open")) or ""


def _in_memory(program: Program, rounds: int) -> None:
    seals = (Seal(datetime(2026, 3, 2, tzinfo=UTC), f"bench:{n}", mainland()) for n in range(rounds + 1))
    execution, _ = Execution.start(program, {}, next(seals), _nothing, ())
    for seal in seals:
        execution.complete(next(iter(execution.waiting)), dict(SUBMISSION), seal, _nothing)


def _nothing(call: Call) -> Done:
    return Done({})


def _ms(act: Callable[[], Any]) -> float:
    begun = perf_counter()
    act()
    return (perf_counter() - begun) * 1000
