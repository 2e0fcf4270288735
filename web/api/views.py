"""Deliver a message; fetch work by topic, hold it, answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Response, abort, jsonify

from engine import Done, Failed, Standing, deliver, external, once
from web.api import openapi, shapes
from web.api.blueprint import OPERATIONS, bp, operation
from web.api.tokens import ApiToken, OutsideScope
from web.api.waiting import until_some
from web.auth import current
from web.wiring import parts

Answer = Mapping[str, Any]


@operation("POST", "/messages", shapes.Message, shapes.Delivered)
def deliver_message(
    token: ApiToken, name: str, key: str, payload: dict[str, Any], idempotency_key: str
) -> dict[str, Any]:
    """Deliver a message to the one instance that waits for its name and key, or start the procedure it starts."""
    if not token.delivers(name):
        raise OutsideScope(reason="", token=token.name, what="message", name=name)
    engine = parts().engine
    with parts().database.write() as session:
        told, again = once(
            session,
            f"message:{token.name}:{idempotency_key}",
            [name, key, payload],
            lambda: _went(deliver(engine, name, key, payload, token.by, session)),
            at=current.now(),
            by=token.by,
        )
    return {**told, "again": again}


@operation("POST", "/external-tasks/fetch-and-lock", shapes.Fetch, shapes.Fetched)
def fetch_and_lock(
    token: ApiToken, worker: str, topics: list[str], max: int, lock_seconds: int, wait_seconds: int
) -> dict[str, Any]:
    """Lock work of these topics for a worker; with `wait_seconds` the answer waits until there is some."""
    for topic in topics:
        if not token.works_on(topic):
            raise OutsideScope(reason="", token=token.name, what="topic", name=topic)
    lock, engine = shapes.seconds(lock_seconds), parts().engine
    found = until_some(lambda: external.fetch(engine, _worker(token, worker), topics, lock, max), wait_seconds)
    return {"tasks": [asdict(task) for task in found]}


@operation("PUT", "/external-tasks/<task>/lock", shapes.Extension, shapes.Extended)
def extend_lock(token: ApiToken, task: str, worker: str, lock_seconds: int) -> dict[str, Any]:
    """Hold a task longer, counted from now."""
    lock = shapes.seconds(lock_seconds)
    until = external.extend(parts().engine, task, _worker(token, worker), lock, token.works_on)
    return {"locked_until": until}


@operation("DELETE", "/external-tasks/<task>/lock", shapes.Held, shapes.Nothing)
def release_lock(token: ApiToken, task: str, worker: str) -> dict[str, Any]:
    """Give a task back undone."""
    external.release(parts().engine, task, _worker(token, worker), token.works_on)
    return {}


@operation("POST", "/external-tasks/<task>/completion", shapes.Completion, shapes.Answered)
def complete_task(token: ApiToken, task: str, worker: str, result: Any) -> dict[str, Any]:
    """Say that a task is done, with its result. Said again with the same words, it is answered the same."""
    return _answered(token, task, worker, Done(result))


@operation("POST", "/external-tasks/<task>/error", shapes.Error, shapes.Answered)
def throw_error(token: ApiToken, task: str, worker: str, code: str, reason: str) -> dict[str, Any]:
    """Answer a task with a business error, for the boundary event of its code."""
    return _answered(token, task, worker, Failed(code, reason))


@operation("POST", "/external-tasks/<task>/failure", shapes.Failure, shapes.Nothing)
def fail_task(token: ApiToken, task: str, worker: str, reason: str, retries: int, retry_seconds: int) -> dict[str, Any]:
    """Say that a task did not work, and how often it shall be tried again."""
    held, after = _worker(token, worker), shapes.seconds(retry_seconds)
    external.fail(parts().engine, task, held, reason, token.works_on, retries=retries, after=after)
    return {}


@bp.get("/openapi.json")
def described() -> Response:
    """The description of all this, in OpenAPI 3.1. Needs no token."""
    return jsonify(openapi.description(OPERATIONS))


@bp.route("/", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@bp.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def elsewhere(rest: str) -> Response:
    """Nothing is here, and the answer is JSON all the same."""
    abort(404)


def _worker(token: ApiToken, worker: str) -> str:
    """Two tokens never hold each other's work, whatever their workers are called."""
    return f"{token.name}/{worker}"


def _answered(token: ApiToken, task: str, worker: str, said: Done | Failed) -> dict[str, Any]:
    told, again = external.answer(parts().engine, task, _worker(token, worker), said, token.works_on, token.by)
    return {**told, "again": again}


def _went(done: Any) -> Answer:
    started = isinstance(done, Standing)
    return {
        "instance": done.id if started else done.instance_id,
        "position": done.position,
        "started": started,
    }
