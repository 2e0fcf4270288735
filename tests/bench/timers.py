"""What schedulers cost: looking for due work, a beat with nothing due, draining timers that are due at once."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, text

from engine import Actor, Database, Engine, migrate, tick
from engine.firing import fire_due
from engine.schema import Entry, Task
from engine.timers import is_due, lease
from tests.bench.table import Row
from web import config, wiring

SCHEDULERS = 4
ROUNDS = 40
FEW, MANY, MATTERS = 1_000, 1_000_000, 1_000_000
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLERK = Actor("bench", frozenset({("", "clerk")}))
SHARE = 0.6
"""Of the rate of bare commands, what draining timers must reach."""

TIMED = b"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d" targetNamespace="bench">
<bpmn:process id="timed" name="A task with a deadline" isExecutable="true">
<bpmn:startEvent id="start"/>
<bpmn:userTask id="a" name="A"><bpmn:extensionElements><spiffworkflow:properties>
<spiffworkflow:property name="post" value="clerk"/></spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>
<bpmn:boundaryEvent id="late" attachedToRef="a" cancelActivity="true"><bpmn:timerEventDefinition id="t">
<bpmn:timeDuration>"PT1H"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:userTask id="b" name="B"/><bpmn:userTask id="c" name="C"/><bpmn:endEvent id="end"/><bpmn:endEvent id="end2"/>
<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="c"/>
<bpmn:sequenceFlow id="f3" sourceRef="c" targetRef="end"/><bpmn:sequenceFlow id="f4" sourceRef="late" targetRef="b"/>
<bpmn:sequenceFlow id="f5" sourceRef="b" targetRef="end2"/>
</bpmn:process></bpmn:definitions>"""

Addresses = Callable[[str], Any]
"""Store → a context that answers the URL of an empty database there."""


def rows(store: str, url: Addresses, due: int) -> Iterator[Row]:
    """The figures of one store; draining by several processes is measured on PostgreSQL."""
    yield from looking(store, url)
    if store == "postgresql":
        yield from draining(url, due)


def looking(store: str, url: Addresses) -> Iterator[Row]:
    """The due-work query among few and many timers that lie ahead, and a beat among many open matters."""
    with ExitStack() as open_ones:
        few = open_ones.enter_context(filled(url(store), FEW, 1))
        many = open_ones.enter_context(filled(url(store), MANY, MATTERS))
        taken: dict[str, list[float]] = {"few": [], "many": [], "lease few": [], "lease many": [], "beat": []}
        for _ in range(ROUNDS):
            for name, engine in (("few", few), ("many", many)):
                taken[name].append(_timed(lambda engine=engine: _look(engine)))
                taken[f"lease {name}"].append(_timed(lambda engine=engine: _lease(engine)))
            taken["beat"].append(_timed(lambda: tick(many, "bench", NOW)))
    ms = {name: median(times) for name, times in taken.items()}
    yield Row(f"{store} look for due work, {MANY:,} timers ahead", ms["many"], "ms")
    yield Row(f"{store} the same / among {FEW:,}", ms["many"] / ms["few"], "x", 1.2)
    yield Row(f"{store} lease due work, {MANY:,} timers ahead", ms["lease many"], "ms")
    yield Row(f"{store} the same / among {FEW:,}, leasing", ms["lease many"] / ms["lease few"], "x", 1.2)
    yield Row(f"{store} beat, {MATTERS:,} open matters, nothing due", ms["beat"], "ms", 5)


def draining(url: Addresses, due: int) -> Iterator[Row]:
    """Timers due at the same moment, drained by four schedulers, against bare commands by the same processes."""
    with url("postgresql") as address:
        database = Database(address)
        migrate(database)
        Engine(database).deploy({"timed.bpmn": TIMED}, "bench")
        together(start, address, [due] * SCHEDULERS)
        with database.read() as session:
            tasks = list(session.scalars(select(Task.id).order_by(Task.id)))
        with database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        half = len(tasks) // 2
        commands = half / together(complete, address, [tasks[:half][n::SCHEDULERS] for n in range(SCHEDULERS)])
        fired = (len(tasks) - half) / together(drain, address, range(SCHEDULERS))
        with database.read() as session:
            entries = select(Entry.instance_id, func.count().label("times")).where(Entry.kind == "fire")
            times = list(session.scalars(select(entries.group_by(Entry.instance_id).subquery().c.times)))
        database.close()
    wrong = (len(tasks) - half - len(times)) + sum(count - 1 for count in times)
    yield Row(f"bare commands by {SCHEDULERS} processes", commands, "/s")
    yield Row(f"{len(tasks) - half:,} timers due at once, drained by {SCHEDULERS} schedulers", fired, "/s")
    yield Row("bare commands / timers drained", commands / fired, "x", 1 / SHARE)
    yield Row("timers fired twice or not at all", wrong, "", 0)


def together(work: Callable[..., None], address: str, shares: Sequence[Any]) -> float:
    """Let processes of their own work on their shares; seconds from the moment all are ready until the last ends."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(len(shares) + 1)
    workers = [spawn.Process(target=work, args=(address, ready, share)) for share in shares]
    for worker in workers:
        worker.start()
    ready.wait()
    begun = perf_counter()
    for worker in workers:
        worker.join()
    if any(worker.exitcode for worker in workers):
        raise SystemExit("a process of the bench failed")
    return perf_counter() - begun


def start(address: str, ready: Any, due: int) -> None:
    """Start this process's part of twice `due` instances: one half for commands, one for timers."""
    engine = _engine(address, NOW)
    ready.wait()
    for _ in range(0, 2 * due // SCHEDULERS, 50):
        with engine.database.write() as session:
            for _ in range(50):
                engine.start("timed", {}, "bench", session=session)


def complete(address: str, ready: Any, tasks: Sequence[str]) -> None:
    """Complete these tasks, one command after the other."""
    engine = _engine(address, NOW + timedelta(minutes=1))
    _warm(engine)
    ready.wait()
    for task in tasks:
        engine.complete(task, CLERK, {})


def drain(address: str, ready: Any, number: int) -> None:
    """Fire until nothing is due any more."""
    later = NOW + timedelta(hours=2)
    engine = _engine(address, later)
    _warm(engine)
    ready.wait()
    while fire_due(engine, f"scheduler {number}", later):
        pass


@contextmanager
def filled(address: Any, timers: int, matters: int) -> Iterator[Engine]:
    """The product's engine on a database with so many timers ahead and so many open matters."""
    with address as url, tempfile.TemporaryDirectory() as folder:
        parts = wiring.build(config.read({"MINGTANG_VAR": folder, "MINGTANG_DATABASE_URL": url}), clock=lambda: NOW)
        migrate(parts.database)
        parts.engine.deploy({"timed.bpmn": TIMED}, "bench")
        parts.engine.start("timed", {}, "bench")
        _multiply(parts.database, timers, matters)
        yield parts.engine
        parts.database.close()


def _multiply(database: Database, timers: int, matters: int) -> None:
    """More rows of the one instance and the one timer there are; the timers come due years from now."""
    with database.engine.begin() as connection:
        for statement in (_MORE_INSTANCES, _MORE_TIMERS):
            sql = statement.replace("NUMBERS", _SQLITE_NUMBERS if database.is_sqlite else _PG_NUMBERS)
            sql = sql.replace("AHEAD", _SQLITE_AHEAD if database.is_sqlite else _PG_AHEAD)
            connection.execute(text(sql), {"count": matters if statement is _MORE_INSTANCES else timers})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE timers"))


def _engine(address: str, now: datetime) -> Engine:
    return Engine(Database(address), clock=lambda: now)


def _warm(engine: Engine) -> None:
    """Read the version and open a connection, which is no part of what is measured."""
    with engine.database.write() as session:
        engine.definitions.program(session.connection(), engine.definitions.in_force(session, "timed"))


def _look(engine: Engine) -> None:
    with engine.database.read() as session:
        assert not is_due(session, NOW)


def _lease(engine: Engine) -> None:
    with engine.database.write() as session:
        assert not lease(session, "bench", NOW)


def _timed(act: Callable[[], Any]) -> float:
    begun = perf_counter()
    act()
    return (perf_counter() - begun) * 1000


_SQLITE_NUMBERS = "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count) SELECT n FROM n)"
_PG_NUMBERS = "(SELECT n FROM generate_series(1, :count) AS n)"
_SQLITE_AHEAD = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', '2030-01-01', '+' || numbers.n || ' seconds')"
_PG_AHEAD = "timestamptz '2030-01-01' + numbers.n * interval '1 second'"
_MORE_INSTANCES = """
INSERT INTO instances (id, definition, version_id, organisation, subject, state, position, head, started_at)
SELECT 'more-' || numbers.n, i.definition, i.version_id, i.organisation, i.subject, i.state, i.position, i.head,
 i.started_at FROM instances AS i, NUMBERS AS numbers"""
_MORE_TIMERS = """
INSERT INTO timers (id, instance_id, element, due_at, how)
SELECT 'more-' || numbers.n, t.instance_id, t.element, AHEAD, t.how FROM timers AS t, NUMBERS AS numbers"""
