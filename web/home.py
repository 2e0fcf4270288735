"""The start page and the files of the page frame."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Flask, current_app, redirect, url_for
from werkzeug import Response

from engine.canonical import digest
from web.auth import current

SHELL = Path(__file__).parent / "static" / "shell"


def install(app: Flask) -> None:
    """`/` leads a person to the inbox and a reader to what is released; `shell()` is the address of a frame file."""
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/health", "health", health)
    app.jinja_env.globals["shell"] = shell


def home() -> Response:
    """Where one starts."""
    if not current.person() and "portal.index" in current_app.view_functions:
        return redirect(url_for("portal.index"))
    return redirect(url_for("inbox.index"))


def health() -> tuple[str, dict[str, str]]:
    """For the watchman in front: the process answers."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


def shell(name: str) -> str:
    """The address of a file of the frame; it changes with the file, so that browsers may keep it."""
    return url_for("static", filename=f"shell/{name}", v=_mark(name))


@cache
def _mark(name: str) -> str:
    return digest((SHELL / name).read_bytes())[:12]
