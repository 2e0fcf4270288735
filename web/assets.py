"""Where the built scripts and styles are: the Jinja global `asset('main', 'js')` answers their hashed address."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

BUILD = Path(__file__).parent / "static" / "build"


class Assets:
    """Reads `manifest.json` of the front-end build: entry → kind (`js`, `css`) → hashed file name.

    The manifest is read again whenever the file changed: a front end may be built under a running server.
    """

    def __init__(self, folder: Path = BUILD, prefix: str = "/static/build/") -> None:
        self.manifest = folder / "manifest.json"
        self.prefix = prefix
        self._entries: dict[str, dict[str, str]] = {}
        self._read_at: int | None = None

    def __call__(self, entry: str, kind: str) -> str:
        """The address of an entry's script or style, such as `/static/build/main-7KX.js`; `LookupError` without one."""
        self._refresh()
        try:
            return self.prefix + self._entries[entry][kind]
        except KeyError:
            raise LookupError(f"the front end has no {entry}.{kind} in {self.manifest}; build it first") from None

    def _refresh(self) -> None:
        changed_at = built_at(self.manifest)
        if changed_at is not None and changed_at != self._read_at:
            self._entries = json.loads(self.manifest.read_text(encoding="utf-8"))
        self._read_at = changed_at


def built_at(manifest: Path = BUILD / "manifest.json") -> int | None:
    """When the front end was built last, in nanoseconds; None where it never was."""
    try:
        return manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return None


class Unbuilt(Assets):
    """Stands in where tests run without a front-end build: plausible addresses that nothing is behind."""

    def __call__(self, entry: str, kind: str) -> str:
        try:
            return super().__call__(entry, kind)
        except LookupError:
            return f"{self.prefix}{entry}.{kind}"


def install(app: Flask, folder: Path = BUILD) -> None:
    """Give every template `asset(entry, kind)`."""
    kind = Unbuilt if app.testing else Assets
    prefix = f"{app.static_url_path}/build/"
    app.jinja_env.globals["asset"] = kind(folder, prefix)
