"""One run: nodes and clients start, faults come by the seed, everything heals, and the checker compares."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from engine import Instance, Task, migrate
from engine.db import Database as Connections
from tests.chaos import checker, trial
from tests.chaos.clients import Crowd, History
from tests.chaos.cluster import Database, Nodes
from tests.chaos.faults import Faults
from tests.races.office import NAMES, Office
from web.api import tokens
from web.signing import Signer

PATIENCE = 300
"""Seconds in which everything that was begun must come to its end once all is healed: more than a lease."""


@dataclass
class Told:
    """What a run came to."""

    seed: int
    faults: list[str] = field(default_factory=list)
    history: History = field(default_factory=History)
    wrong: list[str] = field(default_factory=list)
    healed_after: float = 0.0

    def __str__(self) -> str:
        said = self.history
        return "\n".join(
            [
                f"seed {self.seed}: {len(self.faults)} faults",
                f"acknowledged: {len(said.begun)} beginnings, {len(said.told)} messages,"
                f" {len(said.worked)} answers of workers, {len(said.approved)} approvals",
                f"outside: {len(said.calls)} webhooks came {said.calls.total()} times,"
                f" {len(said.deeds)} pieces of work were done {said.deeds.total()} times",
                f"everything came to its end {self.healed_after:.1f} s after the last fault",
                *(f"WRONG {each}" for each in self.wrong),
            ]
        )


def run(
    folder: Path,
    seed: int,
    seconds: float,
    *,
    skew: float = 60,
    longest: float = 6,
    drops: float = 0.02,
    say: Callable[[str], None] = lambda _line: None,
) -> Told:
    """Run for so many seconds. `skew`: seconds by which clocks are wrong; `longest`: seconds that a node stands still;
    `drops`: the share of webhooks whose receiver hangs up.
    """
    random, told = Random(seed), Told(seed)
    with closing(Database()) as database:
        with closing(Connections(database.url)) as connections:
            migrate(connections)
        with (
            Nodes(folder, database.url, Random(random.random()), skew) as nodes,
            closing(Office(nodes)) as office,
        ):
            office.engine.deploy(trial.FILES, "trial")
            crowd = _crowd(office, nodes, Random(random.random()), drops)
            told.history = crowd.history
            crowd.start()
            _hurt(told, Faults(random, database, nodes, longest), seconds, say)
            crowd.enough.set()
            database.start()
            nodes.heal()
            told.healed_after = _come_to_an_end(office)
            crowd.join()
            told.wrong = [*checker.faults(office.engine, crowd.history), *_verified(nodes)]
    return told


def _crowd(office: Office, nodes: Nodes, random: Random, drops: float) -> Crowd:
    parts = office.parts
    with parts.database.write() as session:
        scope = [trial.BEGINS, trial.GOES]
        token = tokens.make(session, "trial", scope, [trial.TOPIC], by="trial", at=parts.clock()).spelling

    def secret(url: str) -> str:
        with parts.database.read() as session:
            return Signer(parts.settings.secret_key, parts.clock).secrets(session, url, parts.clock())[0]

    signed_in = {login: office.visitor(login) for login in list(NAMES)[:2]}
    people = {login: [one.elsewhere(url) for url in nodes.urls] for login, one in signed_in.items()}
    return Crowd(nodes.urls, token, people, lambda: _open_tasks(office), secret, random, drops)


def _hurt(told: Told, faults: Faults, seconds: float, say: Callable[[str], None]) -> None:
    end = time.monotonic() + seconds
    for fault in faults.draw():
        if time.monotonic() > end:
            return
        time.sleep(faults.random.uniform(0.5, 2))
        told.faults.append(fault())
        say(told.faults[-1])


def _come_to_an_end(office: Office) -> float:
    begun = time.monotonic()
    while _under_way(office) and time.monotonic() - begun < PATIENCE:
        time.sleep(0.2)
    return time.monotonic() - begun


def _under_way(office: Office) -> int:
    with office.parts.database.read() as session:
        return session.scalar(select(func.count()).select_from(Instance).where(Instance.state == "open")) or 0


def _open_tasks(office: Office) -> list[str]:
    try:
        with office.parts.database.read() as session:
            return list(session.scalars(select(Task.id).where(Task.state == "open").limit(20)))
    except DBAPIError:
        return []


def _verified(nodes: Nodes) -> list[str]:
    done = nodes.run("verify", check=False)
    return [f"mingtang verify: {done.stderr}"] if done.returncode else []
