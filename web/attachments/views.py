"""Fetch a file of a matter or of a publication."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.refusals import NotFound
from processes.attachments import Attachment, plain_name
from web.attachments import may_fetch
from web.auth import current
from web.wiring import parts

bp = Blueprint("attachments", __name__)


@bp.get("/attachments/<digest>")
def fetch(digest: str) -> Response:
    """The file under the name it came with, to be saved, never opened in the page."""
    person = current.person()
    with parts().database.read() as session:
        attachment = _named(session, digest, request.args.get("name"))
        if not may_fetch(session, attachment, person, current.actor() if person else None, current.now()):
            raise NotFound(what="attachment", key=digest)
    return download(parts().store.get(digest), attachment.name, attachment.type)


def download(content: bytes, name: str, kind: str) -> Response:
    """Bytes to be saved under a name; the browser may neither guess their type nor run anything in them.

    The name is percent-encoded: a header holds no Chinese.
    """
    answer = Response(content, content_type=kind)
    encoded = quote(plain_name(name), safe="")
    answer.headers.set("Content-Disposition", "attachment", **{"filename*": f"UTF-8''{encoded}"})
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _named(session: Session, digest: str, name: str | None) -> Attachment:
    if name:
        found = session.scalar(select(Attachment).where(Attachment.digest == digest, Attachment.name == name))
        if found:
            return found
    return Attachment.of(session, digest)
