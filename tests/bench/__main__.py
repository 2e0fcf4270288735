"""`make bench`: interleaved rounds on SQLite and PostgreSQL, medians, ratios of one run.

Parts: steps, growth, timers, inbox, http, desk, viewflow, memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import click
from sqlalchemy import event

import forms
from engine import Database, Engine
from tests.bench import beside, desk, growth, inbox, memory, office, timers
from tests.bench.diagrams import FIVE, FORM, chain
from tests.bench.rods import Cold, Commit, Ours, Raw, Snap
from tests.bench.stores import VAR, opened, url
from tests.bench.table import Row, show, write

STEPS = 5


@click.command(help=__doc__)
@click.option("--rounds", default=60, show_default=True, help=f"Rounds; each measures {STEPS} steps of everything.")
@click.option("--stores", default="sqlite,postgresql", show_default=True)
@click.option("--due", default=1000, show_default=True, help="Timers due at the same moment that schedulers drain.")
@click.option("--tasks", default=1_000_000, show_default=True, help="Open tasks among which an inbox is opened.")
@click.option("--only", default="", help="Parts to measure, with commas between; all where none is named.")
def main(rounds: int, stores: str, due: int, tasks: int, only: str) -> None:
    of_stores: dict[str, Callable[[str], Iterable[Row]]] = {
        "steps": lambda store: steps(store, rounds),
        "growth": growth.rows,
        "timers": lambda store: timers.rows(store, url, due),
        "inbox": lambda store: inbox.rows(store, tasks),
        "http": office.rows,
    }
    once: dict[str, Callable[[], Iterable[Row]]] = {"desk": desk.rows, "viewflow": beside.rows, "memory": memory.rows}
    wanted = only.split(",") if only else [*of_stores, *once]
    rows = [
        row for part in wanted if part in of_stores for store in stores.split(",") for row in of_stores[part](store)
    ]
    rows += [row for part in wanted if part in once for row in once[part]()]
    click.echo(show(rows))
    write(rows, VAR / "bench.json")
    click.echo(f"{sum(row.met is False for row in rows)} of {sum(row.met is not None for row in rows)} targets missed")


def steps(store: str, rounds: int) -> list[Row]:
    """What a step costs on one store."""
    with opened(store) as database:
        engine = Engine(database, validate=forms.validate)
        ours = Ours(engine, {"five_step.bpmn": FIVE, "form.json": FORM})
        sixty = Ours(engine, {"chain.bpmn": chain(60), "form.json": FORM})
        cold = Cold(Engine(database, validate=forms.validate), {"five_step.bpmn": FIVE, "form.json": FORM})
        measure({"warm": ours, "cold": cold, "sixty": sixty}, 3)
        snap, small = Snap(database, FIVE), Commit(database, ours.entry_size())
        rods = {"raw": Raw(FIVE), "snap": snap, "commit": Commit(database, snap.size()), "small": small}
        taken = measure({**rods, "step": ours, "sixty": sixty, "cold": cold}, rounds)
        return [*table(store, taken, ours), *statements(database, ours)]


def measure(runners: Mapping[str, Any], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every step, by runner; each round runs all of them, so that all see the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            taken[name] += [timed(runner) for _ in range(STEPS)]
    return taken


def timed(runner: Any) -> float:
    runner.ready()
    start = perf_counter()
    runner.step()
    return (perf_counter() - start) * 1000


def table(store: str, taken: Mapping[str, list[float]], ours: Ours) -> list[Row]:
    names = ("raw", "snap", "commit", "small", "step", "sixty", "cold")
    raw, snap, commit, small, step, sixty, cold = (median(taken[name]) for name in names)
    return [
        Row(f"{store} raw", raw, "ms"),
        Row(f"{store} snap", snap, "ms"),
        Row(f"{store} commit, bytes of snap", commit, "ms"),
        Row(f"{store} commit, bytes of our entry", small, "ms"),
        Row(f"{store} step", step, "ms"),
        Row(f"{store} step, 95th percentile", quantiles(taken["step"], n=20)[-1], "ms"),
        Row(f"{store} step, 60 tasks", sixty, "ms"),
        Row(f"{store} step, nothing cached", cold, "ms"),
        Row(f"{store} entry", ours.entry_size(), "bytes"),
        Row(f"{store} step / (raw + commit)", step / (raw + commit), "x", 1.8),
        Row(f"{store} step / (raw + commit of our entry)", step / (raw + small), "x"),
        Row(f"{store} step / snap", step / snap, "x", 0.4),
        Row(f"{store} step, 60 tasks / step", sixty / step, "x", 1.2),
    ]


def statements(database: Database, ours: Ours) -> Iterator[Row]:
    """How many statements and commits one step sends, as SQLite's driver hears them; psycopg tells nobody."""
    if not database.is_sqlite:
        return
    sent: list[str] = []
    event.listen(database.engine, "checkout", lambda connection, *_: connection.set_trace_callback(sent.append))
    ours.ready()
    sent.clear()
    ours.step()
    commits = [statement for statement in sent if statement.startswith("COMMIT")]
    begins = [statement for statement in sent if statement.startswith("BEGIN")]
    yield Row("sqlite statements of a step", len(sent) - len(commits) - len(begins), "", 6)
    yield Row("sqlite commits of a step", len(commits), "", 1)


if __name__ == "__main__":
    main()
