"""Sign in, sign out, change the password, choose the language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug import Response

from engine.refusals import Refusal
from web import i18n, refusals
from web.auth import accounts, current
from web.wiring import parts

bp = Blueprint("auth", __name__, template_folder="templates")


@bp.get("/sign-in")
def sign_in() -> Response | str:
    """The sign-in page; whoever is signed in goes on."""
    if current.person():
        return redirect(_next())
    return render_template("auth/sign_in.html", page="", next=_next())


@bp.post("/sign-in")
def signing_in() -> Response | tuple[str, int]:
    """Check login and password, begin a fresh session."""
    try:
        record = accounts.sign_in(
            parts().database,
            request.form.get("login", ""),
            request.form.get("password", ""),
            current.now(),
            request.remote_addr or "",
        )
    except Refusal as refusal:
        page = render_template(
            "auth/sign_in.html",
            page="",
            next=_next(),
            login=request.form.get("login", ""),
            error=refusals.said(refusal),
        )
        return page, 429 if isinstance(refusal, accounts.LockedOut) else 422
    current.begin(record.id)
    return redirect(_next())


@bp.post("/sign-out")
def sign_out() -> Response:
    """End the session here and on the server."""
    if sign_in_id := current.end():
        with parts().database.write() as writing:
            accounts.sign_out(writing, sign_in_id, current.now())
    flash(_("You have signed out."), "success")
    return redirect(url_for("auth.sign_in"))


@bp.get("/password")
def password() -> str:
    """The page to change one's password."""
    current.someone()
    return render_template("auth/password.html", page="", shortest=accounts.SHORTEST)


@bp.post("/password")
def changing_password() -> Response | tuple[str, int]:
    """Change one's own password; other sign-ins end."""
    person = current.someone()
    form = request.form
    if form.get("new") != form.get("again"):
        return _password_refused(_("The two new passwords differ."))
    try:
        with parts().database.write() as writing:
            old, new = form.get("old", ""), form.get("new", "")
            accounts.change_password(writing, person.id, old, new, session[current.KEY], current.now())
    except Refusal as refusal:
        return _password_refused(refusals.said(refusal))
    flash(_("Your password has been changed. Other devices have been signed out."), "success")
    return redirect(url_for("home"))


@bp.post("/language")
def language() -> Response:
    """Remember the language in a cookie for a year."""
    answer = redirect(_next())
    wanted = request.form.get("language", "")
    if wanted in i18n.LANGUAGES:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(i18n.COOKIE, wanted, max_age=31536000, samesite="Lax", httponly=True, secure=secure)
    return answer


def _password_refused(message: str) -> tuple[str, int]:
    return render_template("auth/password.html", page="", shortest=accounts.SHORTEST, error=message), 422


def _next() -> str:
    """Where to go on: only to an address of ours."""
    wanted = request.values.get("next", "")
    parsed = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not (parsed.scheme or parsed.netloc)
    return wanted if ours else url_for("home")
