"""Files that come with a form: stored at once, so that a failed submission does not lose them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

import forms
from web import attachments
from web.auth import current
from web.wiring import parts


def entered(form: bytes) -> dict[str, Any]:
    """What the request's form says, nested as the definition is; its files are in the store already."""
    said = forms.read(form, request.form, request.files, keep)
    with parts().database.read() as session:
        return dict(known(session, said))


def keep(file: Any) -> dict[str, Any]:
    """Store one uploaded file and record who brought it → {digest, name, type, size}."""
    with parts().database.write() as session:
        return attachments.keep(session, parts().store, file, current.someone().id, current.now())


def known(session: Session, data: Any) -> Any:
    """The same data with what the store says of each file; a file that never came here is left out."""
    if isinstance(data, Mapping):
        if "digest" in data:
            return attachments.as_stored(session, data)
        return {key: known(session, value) for key, value in data.items()}
    if isinstance(data, list):
        return [item for item in (known(session, value) for value in data) if item is not None]
    return data
