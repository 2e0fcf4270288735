"""Headers that keep the browser from doing what no page of ours asks for."""

from __future__ import annotations

from flask import Flask, Response, g, request

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def install(app: Flask) -> None:
    """Send the headers with every answer."""
    app.after_request(add)


def allow_inline_styles() -> None:
    """For the page of this request only: the diagram editors set style attributes."""
    g.style_src = "'self' 'unsafe-inline'"


def add(response: Response) -> Response:
    """The policy, the fixed headers, and no caching of what only one person may see."""
    policy = POLICY | {"style-src": g.get("style_src", POLICY["style-src"])}
    response.headers.setdefault("Content-Security-Policy", "; ".join(f"{what} {who}" for what, who in policy.items()))
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
