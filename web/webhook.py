"""The outside service `webhook`: tell another system what happened, at least once, by an address of the diagram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy.orm import Session

from engine import Answer, Call, Done, GiveUp, Retry, Service
from engine.canonical import dump
from web.signing import NoAddress, origin_of

LONGEST_ANSWER = 64 * 1024
PAUSE = timedelta(minutes=1)
Post = Callable[[Request, int], tuple[int, str]]
Sign = Callable[[Session, str, str, bytes], Mapping[str, str]]
"""Session, address, id and body → the headers that prove who sent it."""


class NoRedirect(HTTPRedirectHandler):
    """An answer that sends us elsewhere is an answer, not an order."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def service(timeout: int, sign: Sign, post: Post | None = None) -> Service:
    """`webhook(url, body)`: POSTs JSON, signed, with the call's id as Idempotency-Key; answers {status, text}."""

    def run(session: Session, call: Call) -> Answer:
        """Tell another system by its address. Answers {status, text}."""
        try:
            asked = request(session, call, sign)
        except NoAddress:
            return GiveUp(f"not a web address: {call.arguments.get('url')!r}")
        return told(asked, timeout, post or send)

    return Service("webhook", run, inside=False)


def told(asked: Request, timeout: int, post: Post) -> Answer:
    """2xx is done; 408, 425, 429 and 5xx are asked again; anything else will not get better."""
    url = asked.full_url
    try:
        status, text = post(asked, timeout)
    except (OSError, HTTPException) as error:
        return Retry(PAUSE, f"{url}: {error}")
    if 200 <= status < 300:
        return Done({"status": status, "text": text})
    if status in (408, 425, 429) or status >= 500:
        return Retry(PAUSE, f"{url} answered {status}")
    return GiveUp(f"{url} answered {status}: {text[:200]}")


def request(session: Session, call: Call, sign: Sign) -> Request:
    """The request of a call; asked twice it carries the same key. NoAddress."""
    url, body = str(call.arguments.get("url") or ""), dump(call.arguments.get("body")).encode()
    origin_of(url)
    headers = {"Content-Type": "application/json", "Idempotency-Key": call.id, "User-Agent": "mingtang"}
    return Request(url, body, headers | dict(sign(session, url, call.id, body)), method="POST")


def send(asked: Request, timeout: int) -> tuple[int, str]:
    """Status and the beginning of the text of the answer."""
    try:
        with build_opener(NoRedirect).open(asked, timeout=timeout) as answer:
            return int(answer.status), answer.read(LONGEST_ANSWER).decode(errors="replace")
    except HTTPError as error:
        with error:
            return error.code, error.read(LONGEST_ANSWER).decode(errors="replace")
