"""Who is there: local accounts, sign-in, rights from posts, the token against forged forms."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from web.auth import accounts, current

csrf = CSRFProtect()

__all__ = ["accounts", "csrf", "current", "install"]


def install(app: Flask) -> None:
    """Every form carries a token; templates know who reads them."""
    csrf.init_app(app)
    app.before_request(current.keep_session)
    app.context_processor(lambda: {"current_person": current.person()})
