"""Jobs in processes of their own, each with a limit of time and memory: what hangs or swells harms nobody else."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

SPAWNED = multiprocessing.get_context("spawn")
STARTING = 60.0


@dataclass(frozen=True, slots=True)
class Broken:
    """The job gave no answer: `how` is time, memory, death or the name of an exception."""

    how: str
    why: str = ""


class _Worker:
    def __init__(self, do: Callable[[Any], Any], megabytes: int) -> None:
        self.pipe, inner = SPAWNED.Pipe()
        self.process = SPAWNED.Process(target=_serve, args=(inner, do, megabytes), daemon=True)
        self.process.start()
        inner.close()
        self.job: Any = None
        self.deadline = time.monotonic() + STARTING
        self.is_ready = False

    def give(self, job: Any, seconds: float) -> None:
        self.job, self.deadline = job, time.monotonic() + seconds
        self.pipe.send(job)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def run(
    do: Callable[[Any], Any], jobs: Iterable[Any], seconds: float, megabytes: int = 1024, count: int = 2
) -> Iterator[tuple[Any, Any]]:
    """(job, answer) in the order they get done; an answer is what `do` gave or Broken.

    `do` stands at the top level of a module. `megabytes` may be added to what a worker has at its start.
    """
    waiting = list(reversed(list(jobs)))
    workers = [_Worker(do, megabytes) for _ in range(min(count, max(len(waiting), 1)))]
    try:
        while waiting or any(worker.job is not None for worker in workers):
            for place, worker in enumerate(workers):
                if worker.is_ready and worker.job is None and waiting:
                    worker.give(waiting.pop(), seconds)
                elif time.monotonic() > worker.deadline and (worker.job is not None or not worker.is_ready):
                    yield from _given_up(worker, Broken("time", f"more than {seconds:g} s"))
                    workers[place] = _Worker(do, megabytes)
            for pipe in wait([worker.pipe for worker in workers], timeout=0.2):
                place = next(place for place, worker in enumerate(workers) if worker.pipe is pipe)
                answer = _heard(workers[place])
                if isinstance(answer, Broken) and answer.how == "death":
                    yield from _given_up(workers[place], answer)
                    workers[place] = _Worker(do, megabytes)
                elif workers[place].is_ready:
                    job, workers[place].job = workers[place].job, None
                    yield job, answer
                workers[place].is_ready = workers[place].is_ready or not isinstance(answer, Broken)
    finally:
        for worker in workers:
            worker.end()


def _heard(worker: _Worker) -> Any:
    try:
        return worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        return Broken("death", f"exit code {worker.process.exitcode}")


def _given_up(worker: _Worker, why: Broken) -> Iterator[tuple[Any, Broken]]:
    worker.end()
    if worker.job is not None:
        yield worker.job, why


def _serve(pipe: Connection, do: Callable[[Any], Any], megabytes: int) -> None:
    _bound(megabytes)
    pipe.send("ready")
    while True:
        job = pipe.recv()
        try:
            answer = do(job)
        except MemoryError:
            answer = Broken("memory", f"more than {megabytes} MB")
        except Exception as error:
            answer = Broken(type(error).__name__, str(error)[:300])
        pipe.send(answer)


def _bound(megabytes: int) -> None:
    """The address space may grow by so much from here."""
    with open("/proc/self/statm") as pages:
        size = int(pages.read().split()[0]) * resource.getpagesize()
    most = size + megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
