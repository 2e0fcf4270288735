"""Where the built scripts and styles are: the Jinja global `asset('main', 'js')` answers their hashed address."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

BUILD = Path(__file__).parent / "static" / "build"


class Assets:
    """Reads `manifest.json` of the front-end build: entry → kind (`js`, `css`) → hashed file name.

    With `reload` the manifest is read again whenever the file changed; otherwise once.
    """

    def __init__(self, folder: Path = BUILD, prefix: str = "/static/build/", reload: bool = False) -> None:
        self.manifest = folder / "manifest.json"
        self.prefix = prefix
        self.reload = reload
        self._entries: dict[str, dict[str, str]] = {}
        self._read_at: int | None = None

    def __call__(self, entry: str, kind: str) -> str:
        """The address of an entry's script or style, such as `/static/build/main-7KX.js`; `LookupError` without one."""
        if self.reload or self._read_at is None:
            self._refresh()
        try:
            return self.prefix + self._entries[entry][kind]
        except KeyError:
            raise LookupError(f"the front end has no {entry}.{kind} in {self.manifest}; build it first") from None

    def _refresh(self) -> None:
        changed_at = self.manifest.stat().st_mtime_ns if self.manifest.exists() else None
        if changed_at is not None and changed_at != self._read_at:
            self._entries = json.loads(self.manifest.read_text(encoding="utf-8"))
        self._read_at = changed_at


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
    app.jinja_env.globals["asset"] = kind(folder, prefix, reload=app.debug or app.testing)
