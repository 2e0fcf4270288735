"""Signatures of webhooks, so that who receives one knows that we sent it, what we sent, and when.

As the Standard Webhooks say: `webhook-id` is the call's id and the same at every attempt, `webhook-timestamp` the time
of the attempt in seconds, `webhook-signature` the HMAC-SHA-256 of "id.timestamp.body". Every address's origin has a
secret of its own, made from the installation's key; none is stored.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest as hmac
from urllib.parse import urlsplit

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import Clock, new_id
from engine.db import Base
from engine.refusals import Refusal

SPELT = "whsec_"
OVERLAP = timedelta(days=1)
"""So long the secret before the newest signs too, while the other side changes over."""


class NoAddress(Refusal):
    """“{url}” is not a web address such as https://example.edu.cn/hook."""


class WebhookRenewal(Base):
    """Somebody asked for a new secret for an origin. The newest counts; before the first there is one all the same."""

    __tablename__ = "webhook_renewals"
    __table_args__ = (Index("ix_webhook_renewals_origin", "origin", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]

    @classmethod
    def all(cls, session: Session) -> list[WebhookRenewal]:
        """Every renewal, newest first."""
        return list(session.scalars(select(cls).order_by(cls.at.desc(), cls.id)))


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs what goes out: `signer(session, url, id, body)` answers the headers."""

    key: str
    clock: Clock

    def __call__(self, session: Session, url: str, call_id: str, body: bytes) -> dict[str, str]:
        now = self.clock()
        stamp = str(int(now.timestamp()))
        signed = [signature(secret, call_id, stamp, body) for secret in self.secrets(session, url, now)]
        return {"webhook-id": call_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(signed)}

    def secrets(self, session: Session, url: str, at: datetime) -> list[str]:
        """The secrets in force for an address: the newest, and for a day the one before it."""
        origin = origin_of(url)
        renewals = select(WebhookRenewal).where(WebhookRenewal.origin == origin)
        newest = session.scalars(renewals.order_by(WebhookRenewal.at.desc(), WebhookRenewal.id).limit(2)).all()
        marks = [each.id for each in newest] + [""] * (len(newest) < 2)
        is_changing = bool(newest) and at - newest[0].at < OVERLAP
        return [self._secret(origin, mark) for mark in marks[: 2 if is_changing else 1]]

    def _secret(self, origin: str, mark: str) -> str:
        made = hmac(self.key.encode(), f"webhook\n{origin}\n{mark}".encode(), sha256)
        return SPELT + b64encode(made).decode()


def signature(secret: str, call_id: str, stamp: str, body: bytes) -> str:
    """`v1,` and the signature in base64."""
    made = hmac(b64decode(secret.removeprefix(SPELT)), f"{call_id}.{stamp}.".encode() + body, sha256)
    return "v1," + b64encode(made).decode()


def renew(session: Session, url: str, *, by: str, at: datetime) -> None:
    """A new secret for the address's origin; the old one signs beside it for a day."""
    session.add(WebhookRenewal(id=new_id(), origin=origin_of(url), at=at, by=by))
    session.flush()


def origin_of(url: str) -> str:
    """`https://host:port` of an address, spelt one way. NoAddress."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise NoAddress(url=url[:200]) from None
    if not parts.hostname:
        raise NoAddress(url=url[:200])
    return f"{parts.scheme}://{parts.hostname.lower()}:{port}"


PORTS: Mapping[str, int] = {"http": 80, "https": 443}
