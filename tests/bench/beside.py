"""A whole instance of five tasks beside viewflow's: both on SQLite, `synchronous=NORMAL`, in turn."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import event, select

import forms
from engine import Actor, Database, Engine, migrate
from engine.journal import Line
from engine.schema import Task
from tests.bench.diagrams import FIVE, FORM, SUBMISSION
from tests.bench.stores import VAR
from tests.bench.table import Row

INSTANCES = 60
CLERK = Actor("bench", frozenset({("", "")}))


def rows() -> Iterator[Row]:
    """What an instance costs here and there; nothing where viewflow is not installed."""
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=VAR) as folder:
        try:
            theirs = _viewflow(f"{folder}/viewflow.db")
        except ImportError:
            return
        ours = _ours(f"sqlite:///{folder}/ours.db")
        taken: dict[str, list[float]] = {"ours": [], "theirs": []}
        for number in range(INSTANCES + 10):
            for name, run in (("ours", ours), ("theirs", theirs)):
                begun = perf_counter()
                run()
                if number >= 10:
                    taken[name].append((perf_counter() - begun) * 1000)
    yield Row("sqlite NORMAL, instance of five tasks", median(taken["ours"]), "ms")
    yield Row("sqlite NORMAL, the same in viewflow", median(taken["theirs"]), "ms")
    ratio = median(taken["theirs"]) / median(taken["ours"])
    yield Row("viewflow / ours", ratio, "x", at_least=4)


def _ours(url: str) -> Any:
    database = Database(url)

    @event.listens_for(database.engine, "connect")
    def relax(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL").close()

    migrate(database)
    engine = Engine(database, validate=forms.validate)
    definition = engine.deploy({"five_step.bpmn": FIVE, "form.json": FORM}, "bench").definition

    def run() -> None:
        task: str | None = _open_task(database, engine.start(definition, {}, "bench").id)
        while task:
            task = _next(engine.complete(task, CLERK, SUBMISSION))

    return run


def _next(line: Line) -> str | None:
    """The task that a completion opened, as its entry says."""
    opened = json.loads(line.body)["effects"].get("opened", [])
    return str(opened[0]["id"]) if opened else None


def _open_task(database: Database, instance: str) -> str | None:
    with database.read() as session:
        return session.scalar(select(Task.id).where(Task.instance_id == instance, Task.state == "open"))


def _viewflow(path: str) -> Any:
    import django
    from django.conf import settings

    pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON"
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "viewflow",
            "viewflow.workflow",
            "tests.bench.rival",
        ],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {"init_command": pragmas}}
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        SECRET_KEY="bench",
    )
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from tests.bench.rival.flows import run

    call_command("migrate", verbosity=0)
    user = User.objects.create(username="bench")
    return lambda: run(user, dict(SUBMISSION))
