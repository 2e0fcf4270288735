"""The faults. Each does harm, waits a moment and heals; which comes when is drawn from the seed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from random import Random

from tests.chaos.cluster import Database, Nodes

NODES = (("web", 0), ("web", 1), ("scheduler", 0), ("scheduler", 1))


class Faults:
    """`draw()` answers one fault after the other, the same for the same seed. `longest`: seconds of standing still."""

    def __init__(self, random: Random, database: Database, nodes: Nodes, longest: float) -> None:
        self.random, self.database, self.nodes, self.longest = random, database, nodes, longest

    def draw(self) -> Iterator[Callable[[], str]]:
        """Each kind once, in an order of the seed, then any of them. A fault says what it did."""
        kinds = [self.kill_scheduler, self.cut, self.kill_web, self.pause, self.restart, self.fill]
        self.random.shuffle(kinds)
        yield from kinds
        while True:
            yield self.random.choice([*kinds, self.kill_all])

    def kill_web(self) -> str:
        return self._kill(NODES[self.random.randrange(2)])

    def kill_scheduler(self) -> str:
        return self._kill(NODES[2 + self.random.randrange(2)])

    def kill_all(self) -> str:
        return self._kill(*NODES)

    def pause(self) -> str:
        kind, number = self.random.choice(NODES)
        seconds = self.random.uniform(1, self.longest)
        self.nodes.of(kind, number).pause()
        time.sleep(seconds)
        self.nodes.of(kind, number).go_on()
        return f"{kind} {number} stood still for {seconds:.1f} s"

    def cut(self) -> str:
        for _ in range(3):
            self.database.cut()
            time.sleep(self.random.uniform(0, 0.3))
        return "every connection was cut, three times"

    def restart(self) -> str:
        number = self.random.choice([signal.SIGQUIT, signal.SIGKILL])
        self.database.crash(number)
        time.sleep(self.random.uniform(0, 1))
        self.database.start()
        return f"PostgreSQL fell by {number.name} and came back"

    def fill(self) -> str:
        if not self.database.is_small:
            return "the disk was NOT filled: only root can mount a small one"
        self.database.fill()
        time.sleep(self.random.uniform(1, 2))
        self.database.empty()
        self.database.start()
        return "the disk was full for a moment"

    def _kill(self, *which: tuple[str, int]) -> str:
        for kind, number in which:
            self.nodes.of(kind, number).kill()
        time.sleep(self.random.uniform(0, 1))
        for kind, number in which:
            self.nodes.restart(kind, number)
        return "kill -9 of " + ", ".join(f"{kind} {number}" for kind, number in which)
