"""Completed tasks over HTTP: signed in, with the session's token, the form validated; one client, then four."""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from tests.bench.stores import url
from tests.bench.table import Row
from tests.races.office import Office, filled
from tests.support.servers import Site
from tests.support.visitor import Visitor

ALONE, TOGETHER, CLIENTS = 150, 240, 4


def rows(store: str) -> Iterator[Row]:
    """The figures of one store; two processes are for PostgreSQL."""
    webs = 2 if store == "postgresql" else 1
    with site(store, webs) as running, closing(Office(running)) as office:
        alone = Client(office.visitor("zhao"), office)
        alone.complete(office.tasks(30))
        yield Row(f"{store} task completed over HTTP, one client", median(alone.complete(office.tasks(ALONE))), "ms", 6)
        if webs == 2:
            yield from several(office)


@contextmanager
def site(store: str, webs: int) -> Iterator[Site]:
    """An installation without anything in it."""
    with (
        url(store) as address,
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder), address, webs=webs, scheduler=False, demo=False) as running,
    ):
        yield running


def several(office: Office) -> Iterator[Row]:
    """Four clients at one process, then at two."""
    here = [Client(office.visitor("zhao"), office) for _ in range(CLIENTS)]
    both = [Client(office.visitor("zhao", server=n % 2), office) for n in range(CLIENTS)]
    rate(both, office, 80)
    one, two = rate(here, office, TOGETHER), rate(both, office, TOGETHER)
    one, two = max(one, rate(here, office, TOGETHER)), max(two, rate(both, office, TOGETHER))
    yield Row(f"postgresql tasks completed by {CLIENTS} clients at one process", one, "/s")
    yield Row(f"postgresql tasks completed by {CLIENTS} clients at two processes", two, "/s")
    yield Row("two processes / one process", two / one, "x", at_least=1.7)


class Client:
    """A person's browser that sends completed forms over one connection."""

    def __init__(self, visitor: Visitor, office: Office) -> None:
        where = urlsplit(visitor.url)
        self.host = where.netloc
        self.connection = http.client.HTTPConnection(where.netloc, timeout=60)
        self.form = dict(filled(visitor, office.task()).values)
        self.headers = {
            "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookies),
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def complete(self, tasks: Sequence[str]) -> list[float]:
        """Milliseconds of each, over a connection that the server has not yet given up as idle."""
        self.connection.close()
        self.connection.connect()
        return [self._complete(task) for task in tasks]

    def _complete(self, task: str) -> float:
        address = f"/tasks/{task}/completion"
        headers = self.headers | {"Referer": f"http://{self.host}{address}"}
        begun = perf_counter()
        self.connection.request("POST", address, urlencode(self.form), headers)
        reply = self.connection.getresponse()
        reply.read()
        if reply.status != 302 or not str(reply.headers["Location"]).endswith("/inbox"):
            raise SystemExit(f"a task was not completed: {reply.status} {reply.headers['Location']}")
        return (perf_counter() - begun) * 1000


def rate(clients: Sequence[Client], office: Office, count: int) -> float:
    """Tasks a second that the clients complete beside each other."""
    tasks = office.tasks(count)
    with ThreadPoolExecutor(len(clients)) as several:
        begun = perf_counter()
        for run in [several.submit(c.complete, tasks[n :: len(clients)]) for n, c in enumerate(clients)]:
            run.result()
        return count / (perf_counter() - begun)
