"""What a task's form says when it comes back. Its files are stored at once: a refused form does not lose them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

import forms
from engine.refusals import Refusal
from web import attachments, refusals
from web.auth import current
from web.wiring import parts


def entered(form: bytes, instance_id: str) -> dict[str, Any]:
    """The request's form, nested as the definition is; each file as {digest, name, type, size}."""
    return forms.read(form, request.form, request.files, keep, lambda digest: kept(digest, instance_id))


def keep(file: Any) -> dict[str, Any]:
    """Store one uploaded file and record who brought it."""
    try:
        with parts().database.write() as session:
            return attachments.keep(session, parts().store, file, current.someone().id, current.now())
    except Refusal as refusal:
        raise forms.Refused(refusals.said(refusal)) from refusal


def kept(digest: str, instance_id: str) -> dict[str, Any] | None:
    """A file that came earlier: brought by this person, or lying in this instance."""
    with parts().database.read() as session:
        return attachments.nameable(session, digest, current.someone().id, instance_id)


def address(file: Mapping[str, Any]) -> str | None:
    """Where a file of a form is fetched."""
    if not file.get("digest"):
        return None
    return url_for("attachments.fetch", digest=file["digest"], name=file.get("name"))
