"""Clients with known histories: what each asked and what it was told is written down."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Event, Lock, Thread
from typing import Any

from tests.chaos import trial
from tests.races.office import is_done
from tests.support.visitor import Visitor
from web.api.client import Client, Refused, WrongSignature, verified

AWAY = (OSError, HTTPException)
MOST_OPEN = 25
"""So many trials are under way at once."""


@dataclass
class History:
    """What was acknowledged, and what happened outside. Everything else may or may not have happened."""

    begun: dict[str, str] = field(default_factory=dict)
    """Key → instance."""
    told: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Key → instance and position of the delivery."""
    worked: dict[str, tuple[str, int]] = field(default_factory=dict)
    """External task → instance and position of its answer."""
    approved: dict[str, list[str]] = field(default_factory=dict)
    """Task → who was told that it is done."""
    deeds: Counter[str] = field(default_factory=Counter)
    """External task → how often a worker did it."""
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Webhook id and key of the trial → how often it came."""
    wrong: list[str] = field(default_factory=list)
    """What no client may ever be told."""
    lock: Lock = field(default_factory=Lock)

    def note(self, kind: str, key: str, value: Any) -> None:
        """Write down what was acknowledged; told otherwise the second time it is wrong."""
        with self.lock:
            before = getattr(self, kind).setdefault(key, value)
            if before != value:
                self.wrong.append(f"{kind} {key}: first {before}, then {value}")


class Crowd:
    """All clients of one run, each a thread; `open_tasks` looks up what people may do.

    `enough` ends the beginning of new trials, `join` ends everything.
    """

    def __init__(
        self,
        urls: list[str],
        token: str,
        people: dict[str, list[Visitor]],
        open_tasks: Callable[[], list[str]],
        secret: Callable[[str], str],
        random: Random,
        drops: float,
    ) -> None:
        self.urls, self.token, self.open_tasks = urls, token, open_tasks
        self.history, self.stop, self.enough = History(), Event(), Event()
        self.receiver = Receiver(self.history, secret, drops, Random(random.random()))
        acts: list[Callable[[Random], None]] = [
            self._begin,
            self._tell,
            partial(self._work, "worker-1"),
            partial(self._work, "worker-2"),
            *(partial(self._approve, login, visitors) for login, visitors in people.items()),
        ]
        self.threads = [Thread(target=self._guarded, args=(act, Random(random.random())), daemon=True) for act in acts]

    def start(self) -> None:
        self.receiver.start()
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(90)
        self.receiver.shutdown()

    def _guarded(self, act: Callable[[Random], None], random: Random) -> None:
        try:
            act(random)
        except Exception as error:
            self.history.wrong.append(f"a client stopped: {type(error).__name__}: {error}")

    def _client(self, random: Random) -> Client:
        return Client(random.sample(self.urls, len(self.urls)), self.token, timeout=8)

    def _begin(self, random: Random) -> None:
        """Begin trials, some of them by two requests at the same moment."""
        clients, number = [self._client(random), self._client(random)], 0
        with ThreadPoolExecutor(2) as two:
            while not self.enough.is_set():
                if len(self.history.begun) - len(self.history.approved) >= MOST_OPEN:
                    self.enough.wait(0.1)
                    continue
                number += 1
                asked = clients if random.random() < 0.2 else clients[:1]
                list(two.map(partial(self._begin_one, number=number), asked))
                self.enough.wait(random.uniform(0, 0.1))

    def _begin_one(self, client: Client, number: int) -> None:
        key = f"trial-{number}"
        said = {"organisation": "office", "key": key, "number": number, "hook": self.receiver.url}
        told = surely(lambda: client.deliver(trial.BEGINS, key, said, idempotency_key=f"begin-{key}"))
        self.history.note("begun", key, told["instance"])

    def _tell(self, random: Random) -> None:
        """Let trials go on; what nobody waits for yet is tried again, what was told is now and then told again."""
        client = self._client(random)
        while not self.stop.is_set():
            waiting = sorted(self.history.begun.keys() - self.history.told.keys())
            for key in random.sample(waiting, min(5, len(waiting))):
                self._tell_one(client, key)
            if self.history.told and random.random() < 0.2:
                self._tell_one(client, random.choice(sorted(self.history.told)))
            self.stop.wait(0.2)

    def _tell_one(self, client: Client, key: str) -> None:
        try:
            told = surely(lambda: client.deliver(trial.GOES, key, {"said": key}, idempotency_key=f"go-{key}"))
        except Refused as refused:
            if refused.code != "no_receiver":
                self.history.wrong.append(f"go {key}: {refused}")
        else:
            self.history.note("told", key, (told["instance"], told["position"]))

    def _work(self, name: str, random: Random) -> None:
        """Do the work; now and then the worker dies with it in its hands."""
        client = self._client(random)
        while not self.stop.is_set():
            try:
                tasks = client.fetch(name, [trial.TOPIC], most=3, lock_seconds=8, wait_seconds=2)
            except AWAY:
                self.stop.wait(0.2)
                continue
            for task in tasks:
                with self.history.lock:
                    self.history.deeds[task["id"]] += 1
                if random.random() > 0.05:
                    self._answer(client, name, task)

    def _answer(self, client: Client, name: str, task: Any) -> None:
        result = {"number": task["arguments"]["number"]}
        try:
            told = surely(lambda: client.complete(task["id"], name, result))
        except Refused as refused:
            if refused.code not in ("not_held", "not_found", "key_used"):
                self.history.wrong.append(f"work {task['id']}: {refused}")
        else:
            self.history.note("worked", task["id"], (told["instance"], told["position"]))

    def _approve(self, login: str, visitors: list[Visitor], random: Random) -> None:
        """Approve what waits, at one server or the other, often at the same time as somebody else."""
        while not self.stop.is_set():
            waiting = self.open_tasks()
            if not waiting:
                self.stop.wait(0.2)
                continue
            try:
                self._approve_one(login, random.choice(visitors), random.choice(waiting))
            except (LookupError, *AWAY):
                self.stop.wait(0.2)

    def _approve_one(self, login: str, visitor: Visitor, task: str) -> None:
        form = visitor.open(f"/tasks/{task}").form("/completion").filled(note="同意")
        if is_done(visitor.send(form)):
            with self.history.lock:
                self.history.approved.setdefault(task, []).append(login)


class Receiver:
    """The other system: takes webhooks and keeps their ids. With chance `drops` it hangs up without a word."""

    def __init__(self, history: History, secret: Callable[[str], str], drops: float, random: Random) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body, key = self.rfile.read(int(self.headers["Content-Length"])), self.headers["webhook-id"]
                try:
                    verified(known, dict(self.headers), body, now=int(self.headers["webhook-timestamp"]))
                except WrongSignature as wrong:
                    history.wrong.append(f"webhook {key}: {wrong}")
                with history.lock:
                    history.calls[key, json.loads(body)["key"]] += 1
                if random.random() >= drops:
                    self.send_response(204)
                    self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        known = secret(self.url)

    def start(self) -> None:
        Thread(target=self.server.serve_forever, daemon=True).start()

    def shutdown(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def surely(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Ask until the fate is known: that is what the key is for."""
    while True:
        try:
            return ask()
        except AWAY:
            time.sleep(0.2)
        except Refused as refused:
            if refused.code != "overtaken":
                raise
