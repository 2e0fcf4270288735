"""Who receives a webhook can tell that we sent it, and that nobody changed it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import Call
from engine.db import Base
from tests.web.conftest import Clock
from web import signing, webhook
from web.api.client import WrongSignature, verified
from web.signing import NoAddress, Signer

assert Base
URL = "https://example.edu.cn/hook"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def signer(clock: Clock) -> Signer:
    return Signer("k" * 40, clock)


def asked(database, signer: Signer, url: str = URL):
    with database.read() as session:
        return webhook.request(session, Call("call-1", "e", "webhook", {"url": url, "body": {"事": 1}}), signer)


def secrets(database, signer: Signer, url: str = URL) -> list[str]:
    with database.read() as session:
        return signer.secrets(session, url, signer.clock())


def test_the_receiver_verifies_what_we_sent(database, signer, clock):
    request = asked(database, signer)
    secret = secrets(database, signer)[0]
    assert verified(secret, dict(request.header_items()), request.data, now=clock.now.timestamp()) == {"事": 1}


def test_the_id_stays_and_the_time_moves_at_another_attempt(database, signer, clock):
    first = dict(asked(database, signer).header_items())
    clock.pass_by(minutes=1)
    again = dict(asked(database, signer).header_items())
    assert first["Webhook-id"] == again["Webhook-id"] == "call-1"
    assert int(again["Webhook-timestamp"]) - int(first["Webhook-timestamp"]) == 60
    assert first["Webhook-signature"] != again["Webhook-signature"]


@pytest.mark.parametrize("change", ["body", "id", "time", "late", "secret", "missing"])
def test_whatever_is_changed_is_noticed(database, signer, clock, change):
    request, secret, now = asked(database, signer), secrets(database, signer)[0], clock.now.timestamp()
    headers, body = dict(request.header_items()), request.data
    match change:
        case "body":
            body += b" "
        case "id":
            headers["Webhook-id"] = "call-2"
        case "time":
            headers["Webhook-timestamp"] = str(int(now) + 1)
        case "late":
            now += 3600
        case "secret":
            secret = secrets(database, signer, "https://other.edu.cn/")[0]
        case _:
            del headers["Webhook-signature"]
    with pytest.raises(WrongSignature):
        verified(secret, headers, body, now=now)


def test_after_a_renewal_both_secrets_hold_for_a_day(database, signer, clock):
    old = secrets(database, signer)[0]
    with database.write() as session:
        signing.renew(session, URL, by="li", at=clock.now)
    new, before = secrets(database, signer)
    request = asked(database, signer)
    assert before == old != new
    for secret in (old, new):
        verified(secret, dict(request.header_items()), request.data, now=clock.now.timestamp())
    clock.now += timedelta(days=2)
    assert secrets(database, signer) == [new]


def test_an_example_of_the_standard_is_signed_as_it_says():
    body = b'{"test": 2432232314}'
    signed = signing.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_origin_has_a_secret_of_its_own_and_one_spelling():
    assert signing.origin_of("HTTPS://Example.edu.cn/a?b") == signing.origin_of("https://example.edu.cn:443/c")
    for url in ("", "ftp://x/", "https://", "http://x:99999/", "javascript:1"):
        with pytest.raises(NoAddress):
            signing.origin_of(url)
