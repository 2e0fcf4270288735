"""Every refusal as a friendly page: one table from class to status, two languages, no stack traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from engine import drafting, refusals
from engine.db import is_away
from engine.refusals import Finding, Refusal
from processes import attachments
from processes.organisation import Person
from web import i18n


class ConditionMissing(Refusal):
    """Say which state of the file you saw: send If-Match with its digest, or If-None-Match: * for a new file."""


STATUS: Mapping[type[Refusal], int] = {
    ConditionMissing: 428,
    attachments.FileTooLarge: 413,
    drafting.Outdated: 412,
    drafting.TooLarge: 413,
    drafting.WrongName: 415,
    refusals.NotFound: 404,
    refusals.NotAllowed: 403,
    refusals.AlreadyDone: 409,
    refusals.AlreadyClaimed: 409,
    refusals.NotOpen: 409,
    refusals.Suspended: 409,
    refusals.Overtaken: 409,
    refusals.NoReceiver: 409,
    refusals.SeveralReceivers: 409,
    refusals.KeyUsed: 409,
    refusals.NotHeld: 409,
    refusals.Invalid: 422,
    refusals.ReasonMissing: 422,
    refusals.NotDeployable: 422,
    refusals.ServiceRefused: 422,
    refusals.Diverged: 500,
    refusals.Broken: 500,
    refusals.NewerDatabase: 503,
}
"""The status of a refusal; a subclass has its parent's, an unknown one 422."""

HEADINGS: Mapping[int, Any] = {
    400: lazy_gettext("This request cannot be understood"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("There is no such page"),
    405: lazy_gettext("This cannot be done here"),
    409: lazy_gettext("Somebody else was faster"),
    412: lazy_gettext("Somebody else saved in between"),
    413: lazy_gettext("This is too large"),
    415: lazy_gettext("This kind of file is not taken"),
    422: lazy_gettext("This cannot be accepted"),
    429: lazy_gettext("Too many attempts"),
    500: lazy_gettext("Something went wrong"),
    503: lazy_gettext("Not available at the moment"),
}
EXPLANATIONS: Mapping[int, Any] = {
    403: lazy_gettext("Your posts do not cover this. Your office can tell you who is in charge."),
    404: lazy_gettext("It may have been moved, or it is not meant for you."),
    409: lazy_gettext("Nothing was changed by your request."),
    413: lazy_gettext("Please choose a smaller file. Nothing was changed."),
    500: lazy_gettext("Nothing was changed. The administrators can see what happened."),
}


def install(app: Flask) -> None:
    """Answer refusals, errors of HTTP and everything unexpected with a page."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, failed)
    if not app.testing:
        app.register_error_handler(Exception, unexpected)


def refused(refusal: Refusal) -> tuple[str, int]:
    """The page of a refusal."""
    findings = [found(finding) for finding in getattr(refusal, "findings", ())]
    return page(status(refusal), said(refusal), findings=findings)


def status(refusal: Refusal) -> int:
    """The status of a refusal, by the nearest class in the table."""
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 422)


def said(refusal: Refusal) -> str:
    """A refusal in the reader's language; people are called by their names."""
    return i18n.refusal(refusal.template, with_names(refusal.parameters))


def found(finding: Finding) -> str:
    """One thing wrong with a diagram, table or form, in the reader's language, and where."""
    place = finding.path + (f":{finding.line}" if finding.line else "")
    element = f" [{finding.element}]" if finding.element else ""
    return f"{place}{element} {i18n.refusal(finding.message, dict(finding.parameters))}".strip()


def with_names(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with the person's name in the place of an id under `by`."""
    if not parameters.get("by"):
        return dict(parameters)
    from web.wiring import parts

    with parts().database.read() as session:
        return {**parameters, "by": _name(session, parameters["by"])}


def _name(session: Session, person: str) -> str:
    found = session.get(Person, person)
    return found.name if found else person


def expired(_error: CSRFError) -> tuple[str, int]:
    """The form's token does not fit: most often the page was open for too long."""
    return page(400, _("This page was open for too long or came from elsewhere. Please load it again."))


def failed(error: HTTPException) -> Response | tuple[str, int]:
    """The page of an error of HTTP; redirects pass."""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 401:
        flash(_("Please sign in first."), "info")
        return redirect(url_for("auth.sign_in", next=request.full_path))
    return page(error.code, "")


def unexpected(error: Exception) -> tuple[str, int]:
    """The page of a bug: nothing of it is shown, all of it is in the log. A database that is away is none."""
    if is_away(error):
        current_app.logger.warning("the database does not answer: %s", error)
        return page(503, "")
    current_app.logger.exception("unexpected: %s", error)
    return page(500, "")


def page(code: int, message: str, *, findings: list[str] | None = None) -> tuple[str, int]:
    """A page that says what was refused; a bare sentence where a part of a page was asked for."""
    heading = str(HEADINGS.get(code, HEADINGS[500 if code >= 500 else 400]))
    explanation = "" if message else EXPLANATIONS.get(code, "")
    text = message or explanation or heading
    said = {"heading": heading, "message": text, "explanation": explanation if message else "", "findings": findings}
    return render_template("refusal.html", page="", **said), code
