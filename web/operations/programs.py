"""Programs outside: their tokens, and the secrets with which webhooks are signed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug import Response

from engine import OutboxCall
from engine.refusals import Refusal
from web import names, refusals, signing
from web.api import tokens
from web.api.tokens import ApiToken
from web.auth import current
from web.navigation import OPERATORS
from web.operations.blueprint import bp
from web.signing import Signer, WebhookRenewal
from web.wiring import parts


@bp.get("/programs")
def programs() -> str:
    """Who may ask, for what, and when they did last."""
    current.require_post(*OPERATORS)
    return _page()


@bp.post("/programs/tokens")
def make_token() -> str | tuple[str, int]:
    """Make a token and show it, this once."""
    person, form = current.require_post(*OPERATORS), request.form
    try:
        with parts().database.write() as session:
            made = tokens.make(
                session,
                form.get("name", "").strip(),
                tokens.words(form.get("messages", "")),
                tokens.words(form.get("topics", "")),
                by=person.id,
                at=current.now(),
            )
    except Refusal as refusal:
        return _page(error=refusals.said(refusal), form=form), refusals.status(refusal)
    return _page(made=made)


@bp.post("/programs/tokens/<name>/revocation")
def revoke_token(name: str) -> Response:
    """It opens nothing any more."""
    person = current.require_post(*OPERATORS)
    with parts().database.write() as session:
        tokens.revoke(session, name, by=person.id, at=current.now())
    flash(_("The token was revoked."), "success")
    return redirect(url_for("operations.programs"))


@bp.post("/programs/secrets")
def show_secret() -> str | tuple[str, int]:
    """The secret of an address, or a new one for it."""
    person, url = current.require_post(*OPERATORS), request.form.get("url", "")
    try:
        with parts().database.write() as session:
            if request.form.get("renew"):
                signing.renew(session, url, by=person.id, at=current.now())
            secret = Signer(parts().settings.secret_key, parts().clock).secrets(session, url, current.now())[0]
    except Refusal as refusal:
        return _page(error=refusals.said(refusal), url=url), refusals.status(refusal)
    return _page(secret=secret, url=url)


def _page(**said: Any) -> str:
    with parts().database.read() as session:
        rows, renewals = ApiToken.all(session), WebhookRenewal.all(session)
        waiting = select(OutboxCall).where(OutboxCall.topic.is_not(None)).order_by(OutboxCall.at).limit(100)
        calls = list(session.scalars(waiting))
        names.meet(session, [each for row in rows for each in (row.made_by, row.revoked_by)])
        names.meet(session, [row.by for row in renewals])
    given = {"made": None, "secret": "", "url": "", "error": "", "form": {}} | said
    return render_template(
        "operations/programs.html", page="operations", tokens=rows, renewals=renewals, calls=calls, **given
    )
