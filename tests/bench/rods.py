"""The rods and our own step. Each has `ready()`, which is not measured, and `step()`, which is."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG
from sqlalchemy import func, select, text

from engine import Actor, Engine
from engine.db import Database
from engine.schema import Entry, Task
from tests.bench.diagrams import SUBMISSION


class Raw:
    """A step of SpiffWorkflow in memory, on an instance that is never saved."""

    def __init__(self, diagram: bytes) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_io(io.BytesIO(diagram))
        self.spec = parser.get_spec(parser.get_process_ids()[0])
        self.workflow: BpmnWorkflow | None = None

    def ready(self) -> None:
        if self.workflow is None or self.workflow.is_completed():
            self.workflow = BpmnWorkflow(self.spec)
            self.workflow.do_engine_steps()
        self.task = _waiting(self.workflow)

    def step(self) -> None:
        _step(self.workflow, self.task)


class Snap:
    """What most products do: load the instance's JSON, step, save the JSON, commit."""

    def __init__(self, database: Database, diagram: bytes) -> None:
        self.database = database
        self.fresh = Raw(diagram)
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))
        self.ids = count(1)
        self.id = 0
        self.is_completed = True
        with database.write() as session:
            session.execute(text("CREATE TABLE bench_snapshots (id INTEGER PRIMARY KEY, body TEXT NOT NULL)"))

    def ready(self) -> None:
        if not self.is_completed:
            return
        self.fresh.workflow = None
        self.fresh.ready()
        self.id, self.is_completed = next(self.ids), False
        with self.database.write() as session:
            session.execute(_ADD_SNAPSHOT, {"id": self.id, "body": self.serializer.serialize_json(self.fresh.workflow)})

    def step(self) -> None:
        with self.database.write() as session:
            body = session.execute(_READ_SNAPSHOT, {"id": self.id}).scalar_one()
            workflow = self.serializer.deserialize_json(body)
            _step(workflow, _waiting(workflow))
            session.execute(_SAVE_SNAPSHOT, {"id": self.id, "body": self.serializer.serialize_json(workflow)})
        self.is_completed = workflow.is_completed()

    def size(self) -> int:
        """Bytes of an instance's JSON."""
        self.ready()
        with self.database.read() as session:
            return len(session.execute(_READ_SNAPSHOT, {"id": self.id}).scalar_one().encode())


class Commit:
    """A bare durable commit: one row of `size` bytes on the driver's own connection."""

    def __init__(self, database: Database, size: int) -> None:
        table = f"bench_commits_{size}"
        with database.write() as session:
            session.execute(text(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, body TEXT NOT NULL)"))
        self.body = "x" * size
        self.ids = count(1)
        self.connection: Any = database.engine.raw_connection().driver_connection
        self.insert = f"INSERT INTO {table} VALUES ({'?, ?' if database.is_sqlite else '%s, %s'})"
        self.begin = "BEGIN IMMEDIATE" if database.is_sqlite else None

    def ready(self) -> None:
        self.id = next(self.ids)

    def step(self) -> None:
        if self.begin:
            self.connection.execute(self.begin)
        self.connection.execute(self.insert, (self.id, self.body))
        self.connection.commit()


class Ours:
    """A user task completed by the engine: validate, advance, journal, project, commit."""

    def __init__(self, engine: Engine, files: dict[str, bytes]) -> None:
        self.engine = engine
        self.definition = engine.deploy(files, by="bench").definition
        self.task: Task | None = None
        self.instance = ""

    def ready(self) -> None:
        with self.engine.database.read() as session:
            self.task = session.scalar(select(Task).where(Task.instance_id == self.instance, Task.state == "open"))
        if self.task is None:
            self.instance = self.engine.start(self.definition, {}, "bench").id
            return self.ready()
        self.actor = Actor("bench", frozenset({(self.task.organisation, self.task.post)}))

    def step(self) -> None:
        self.engine.complete(self.task.id, self.actor, SUBMISSION)

    def entry_size(self) -> int:
        """Bytes that one completed task adds to the journal, on average."""
        with self.engine.database.read() as session:
            size = select(func.avg(func.length(Entry.kept))).where(Entry.kind == "complete")
            return round(float(session.scalar(size) or 0))


class Cold(Ours):
    """The same with nothing in the cache: the execution is rebuilt from the journal."""

    def ready(self) -> None:
        super().ready()
        self.engine.executions.cache.clear()


def _waiting(workflow: BpmnWorkflow) -> Any:
    return workflow.get_tasks(state=TaskState.READY, manual=True)[0]


def _step(workflow: BpmnWorkflow, task: Any) -> None:
    task.data.update(SUBMISSION)
    task.run()
    workflow.do_engine_steps()


_ADD_SNAPSHOT = text("INSERT INTO bench_snapshots VALUES (:id, :body)")
_READ_SNAPSHOT = text("SELECT body FROM bench_snapshots WHERE id = :id")
_SAVE_SNAPSHOT = text("UPDATE bench_snapshots SET body = :body WHERE id = :id")
