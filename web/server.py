"""The processes: gunicorn for the pages, the scheduler beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from wsgiref.headers import Headers

import click
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from whitenoise import WhiteNoise

from engine import Engine, run_scheduler
from web import assets, wiring
from web.app import create_app
from web.config import Settings
from web.headers import FIXED

HASHED = r"^.+[.-][0-9A-Z]{8}\.(js|css|woff2?|svg|png|map)$"
"""Names that the front-end build never uses twice."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings. Each worker wires its own parts, so that no connection crosses a fork."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings, self.options = settings, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return application(self.settings)


def application(settings: Settings) -> Flask:
    """The application as it is served: static files with far expiry in front."""
    app = create_app(settings, wiring.build(settings))
    app.wsgi_app = Static(app)  # type: ignore[method-assign]
    return app


class Static:
    """The static files in front of the application, looked up anew when the front end was built again meanwhile."""

    def __init__(self, app: Flask) -> None:
        self.app, self.inner = app, app.wsgi_app
        self._look_up()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        is_static = environ["PATH_INFO"].startswith(f"{self.app.static_url_path}/")
        if is_static and assets.built_at() != self.built_at:
            self._look_up()
        return self.files(environ, start_response)

    def _look_up(self) -> None:
        self.built_at = assets.built_at()
        self.files = WhiteNoise(
            self.inner,
            root=self.app.static_folder,
            prefix=self.app.static_url_path,
            immutable_file_test=HASHED,
            allow_all_origins=False,
            add_headers_function=harden,
        )


def harden(headers: Headers, _path: str, _url: str) -> None:
    """Static files carry the fixed safety headers too."""
    for name, value in FIXED.items():
        headers[name] = value


def run(settings: Settings, host: str, port: int, *, with_scheduler: bool = False) -> None:
    """Serve until stopped."""
    options = {
        "bind": f"{host}:{port}",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 20,
        "proc_name": "mingtang",
        "loglevel": "warning",
        "when_ready": lambda _server: click.echo(f"Mingtang is ready: http://{host}:{port}"),
    }
    with scheduler_beside() if with_scheduler else nothing_beside():
        Server(settings, options).run()


@contextmanager
def scheduler_beside() -> Iterator[None]:
    """A scheduler in a process of its own, which ends with this one."""
    child = subprocess.Popen([sys.executable, "-m", "web.cli", "scheduler"], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        child.terminate()
        child.wait(timeout=30)


@contextmanager
def nothing_beside() -> Iterator[None]:
    yield


def schedule(engine: Engine) -> None:
    """Beat until a signal comes or the process that started this one is gone."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Thread(target=_outlived, args=(os.getppid(), stop), daemon=True).start()
    run_scheduler(engine, stop)


def _outlived(parent: int, stop: Event) -> None:
    while not stop.wait(1):
        if parent != 1 and os.getppid() != parent:
            stop.set()
