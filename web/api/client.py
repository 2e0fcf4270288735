"""A client for programs: deliver messages, do work by topic, verify webhooks. Standard library only; copy it freely.

    client = Client("https://mingtang.example.edu.cn", "mt_…")
    client.deliver("Letter", "2026-17", {"text": "…"}, idempotency_key="letter-4711")

    @client.work("stamp")
    def stamp(task):
        return {"number": press(task["arguments"]["text"], once=task["id"])}

    client.run("stamp-machine-1")

A message or an answer whose fate is unknown is sent again with the same key: it counts once. What a worker does outside
may happen twice, when it dies between the deed and the answer; do it under the task's id as its key.
"""

from __future__ import annotations

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from threading import Event
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

PAUSES = (0.2, 0.5, 1, 2, 5, 5, 5)
"""Seconds between the attempts of a request whose fate is unknown."""
TOLERATED = 300
"""Seconds by which a webhook's time may differ from ours."""
Task = Mapping[str, Any]
Work = Callable[[Task], Any]


class Refused(Exception):
    """The server said no: `status`, `code`, `fields`. Asking again would not help."""

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        error = told.get("error") or {}
        super().__init__(f"{status} {error.get('code')}: {error.get('message')} {error.get('fields') or ''}".strip())
        self.status, self.code, self.fields = status, error.get("code"), error.get("fields")


class BusinessError(Exception):
    """Raised by a worker: the boundary event with this code takes over."""

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class WrongSignature(Exception):
    """This webhook was not sent by whom it claims, or it was changed, or it is old."""


class Client:
    """Speaks to a server with a token, or to the next of several `urls` when one does not answer.

    `timeout` in seconds, beyond what a long wait takes.
    """

    def __init__(self, urls: str | Sequence[str], token: str, timeout: float = 30) -> None:
        self.urls = deque([urls] if isinstance(urls, str) else urls)
        self.token, self.timeout = token, timeout
        self.works: dict[str, Work] = {}

    def deliver(self, name: str, key: str, payload: Mapping[str, Any], *, idempotency_key: str) -> dict[str, Any]:
        """Deliver a message, once for each idempotency key. Refused: nobody waits, several do, the key is used."""
        said = {"name": name, "key": key, "payload": dict(payload), "idempotency_key": idempotency_key}
        return self.ask("POST", "/messages", said)

    def fetch(
        self, worker: str, topics: list[str], *, most: int = 10, lock_seconds: int = 60, wait_seconds: int = 0
    ) -> list[Task]:
        """Lock work. Asked once only: what an answer that got lost had locked comes back when its lock runs out."""
        said = {"worker": worker, "topics": topics, "max": most}
        said |= {"lock_seconds": lock_seconds, "wait_seconds": wait_seconds}
        found = self.ask("POST", "/external-tasks/fetch-and-lock", said, pauses=(), longer=wait_seconds)
        return list(found["tasks"])

    def extend(self, task: str, worker: str, lock_seconds: int) -> dict[str, Any]:
        """Hold it longer, counted from now."""
        return self.ask("PUT", f"{_place(task)}/lock", {"worker": worker, "lock_seconds": lock_seconds})

    def release(self, task: str, worker: str) -> None:
        """Give it back undone."""
        self.ask("DELETE", f"{_place(task)}/lock?{urlencode({'worker': worker})}", None)

    def complete(self, task: str, worker: str, result: Any = None) -> dict[str, Any]:
        """It is done."""
        return self.ask("POST", f"{_place(task)}/completion", {"worker": worker, "result": result})

    def error(self, task: str, worker: str, code: str, reason: str = "") -> dict[str, Any]:
        """Answer with a business error."""
        return self.ask("POST", f"{_place(task)}/error", {"worker": worker, "code": code, "reason": reason})

    def fail(self, task: str, worker: str, reason: str, *, retries: int, retry_seconds: int = 0) -> None:
        """It did not work; with no retries left an operator decides."""
        said = {"worker": worker, "reason": reason[:2000] or "?", "retries": retries, "retry_seconds": retry_seconds}
        self.ask("POST", f"{_place(task)}/failure", said, pauses=())

    def work(self, topic: str) -> Callable[[Work], Work]:
        """A decorator: the function does this topic's work and answers the result."""

        def register(work: Work) -> Work:
            self.works[topic] = work
            return work

        return register

    def run(self, worker: str, stop: Event | None = None, *, lock_seconds: int = 60, retries: int = 5) -> None:
        """Fetch and do, one after the other, until `stop` is set. A server that is away is waited for."""
        stop = stop or Event()
        while not stop.is_set():
            try:
                tasks = self.fetch(worker, sorted(self.works), most=1, lock_seconds=lock_seconds, wait_seconds=20)
                for task in tasks:
                    self._do(worker, task, retries)
            except Refused as refused:
                if refused.status in (401, 403, 422):
                    raise
            except (OSError, HTTPException):
                stop.wait(2)

    def _do(self, worker: str, task: Task, retries: int) -> None:
        try:
            result = self.works[task["topic"]](task)
        except BusinessError as error:
            self.error(task["id"], worker, error.code, error.reason)
        except Exception as error:
            left = max(0, (retries if task["retries"] is None else task["retries"]) - 1)
            self.fail(task["id"], worker, f"{type(error).__name__}: {error}", retries=left, retry_seconds=30)
        else:
            self.complete(task["id"], worker, result)

    def ask(
        self, method: str, path: str, said: Any, *, pauses: tuple[float, ...] = PAUSES, longer: float = 0
    ) -> dict[str, Any]:
        """One request, sent again while its fate is unknown. Refused; OSError or HTTPException when nobody answers."""
        for pause in (*pauses, None):
            try:
                return self._send(method, path, said, longer)
            except (OSError, HTTPException):
                self.urls.rotate(-1)
                if pause is None:
                    raise
                time.sleep(pause)
        raise AssertionError("the last attempt answers or raises")

    def _send(self, method: str, path: str, said: Any, longer: float) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = None if said is None else json.dumps(said).encode()
        request = Request(f"{self.urls[0].rstrip('/')}/api{path}", body, headers, method=method)
        try:
            with urlopen(request, timeout=self.timeout + longer) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            with error:
                if error.code >= 500:
                    raise OSError(f"{error.code} {error.reason}") from None
                raise Refused(error.code, _json(error.read())) from None


def verified(secret: str, headers: Mapping[str, str], body: bytes, *, now: float) -> Any:
    """The JSON of a webhook that `secret` (whsec_…) signed; `now` is the time in seconds. WrongSignature."""
    said = {name.lower(): value for name, value in headers.items()}
    key, stamp = said.get("webhook-id", ""), said.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(now - int(stamp)) > TOLERATED:
        raise WrongSignature("its time is too far from ours")
    made = hmac.digest(b64decode(secret.removeprefix("whsec_")), f"{key}.{stamp}.".encode() + body, "sha256")
    wanted = "v1," + b64encode(made).decode()
    if not any(hmac.compare_digest(wanted, given) for given in said.get("webhook-signature", "").split()):
        raise WrongSignature("its signature does not fit")
    return json.loads(body)


def _place(task: str) -> str:
    return f"/external-tasks/{quote(task, safe='')}"


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
