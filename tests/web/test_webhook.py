"""What the outside service `webhook` makes of an answer."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from engine import Call, Done, GiveUp, Retry
from web import webhook


def unsigned(*_):
    return {}


def call(url="http://127.0.0.1:1/", body=None):
    return Call("call-1", "notify", "webhook", {"url": url, "body": body})


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, Done), (204, Done), (500, Retry), (503, Retry), (429, Retry), (404, GiveUp), (302, GiveUp)],
)
def test_the_status_decides_what_happens_next(status, outcome):
    service = webhook.service(5, unsigned, lambda _request, _timeout: (status, "said"))
    assert isinstance(service.run(None, call()), outcome)


def test_nobody_at_the_other_end_is_asked_again():
    assert isinstance(webhook.service(1, unsigned).run(None, call()), Retry)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "", "javascript:1"])
def test_only_web_addresses_are_called(url):
    assert isinstance(webhook.service(1, unsigned).run(None, call(url)), GiveUp)


@pytest.fixture
def receiver():
    """A web server that keeps a list of what it was sent."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers["Idempotency-Key"], json.loads(body)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write("好".encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()


def test_a_call_carries_its_id_and_its_body(receiver):
    url, received = receiver
    answer = webhook.service(5, unsigned).run(None, call(url, {"matter": "公开"}))
    assert answer == Done({"status": 200, "text": "好"})
    assert received == [("call-1", {"matter": "公开"})]
