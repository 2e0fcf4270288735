"""The web application: areas, languages, safety headers, friendly refusals."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from web import assets, auth, headers, home, i18n, names, navigation, refusals
from web.config import Settings
from web.wiring import Parts

AREAS = (
    "auth",
    "inbox",
    "tasks",
    "matters",
    "cases",
    "attachments",
    "catalogue",
    "portal",
    "announcements",
    "playback",
    "procedures",
    "regulation",
    "designer",
    "operations",
    "emergency",
    "audit",
    "people",
    "norms",
    "api",
)
"""One folder each, with `bp` in its views.py."""


def create_app(settings: Settings, parts: Parts, *, testing: bool = False) -> Flask:
    """The application for these parts. Opens nothing."""
    app = Flask(__name__)
    app.testing = testing
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["mingtang"] = parts
    _configure(app, settings)
    assets.install(app)
    i18n.install(app)
    names.install(app)
    auth.install(app)
    headers.install(app)
    refusals.install(app)
    for area in AREAS:
        _install(app, area)
    navigation.install(app)
    home.install(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=settings.upload_limit * 4,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.session_minutes),
        SESSION_COOKIE_NAME="mingtang",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _install(app: Flask, area: str) -> None:
    if find_spec(f"web.{area}") and find_spec(f"web.{area}.views"):
        app.register_blueprint(import_module(f"web.{area}.views").bp)
