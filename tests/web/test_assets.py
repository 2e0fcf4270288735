"""The address of a built script is its hashed name."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from web import server
from web.assets import BUILD, Assets, install


def build(folder: Path, name: str, second: int = 1) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"main": {"js": name}}), encoding="utf-8")
    os.utime(manifest, (second, second))


def test_an_entry_has_its_hashed_address(tmp_path: Path) -> None:
    build(tmp_path, "main-1.js")
    assert Assets(tmp_path)("main", "js") == "/static/build/main-1.js"


def test_an_unknown_entry_is_named(tmp_path: Path) -> None:
    build(tmp_path, "main-1.js")
    with pytest.raises(LookupError, match="no main.css"):
        Assets(tmp_path)("main", "css")


def test_a_missing_build_is_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="build it first"):
        Assets(tmp_path)("main", "js")


def test_a_new_build_is_seen_by_a_running_server(tmp_path: Path) -> None:
    build(tmp_path, "main-1.js")
    asset = Assets(tmp_path)
    assert asset("main", "js").endswith("main-1.js")
    build(tmp_path, "main-2.js", second=2)
    assert asset("main", "js").endswith("main-2.js")


def test_templates_can_ask(tmp_path: Path) -> None:
    build(tmp_path, "main-1.js")
    app = Flask(__name__)
    install(app, tmp_path)
    with app.test_request_context():
        assert render_template_string("{{ asset('main', 'js') }}") == "/static/build/main-1.js"


def test_pages_render_in_tests_without_a_build(tmp_path: Path) -> None:
    app = Flask(__name__)
    app.testing = True
    install(app, tmp_path)
    with app.test_request_context():
        assert render_template_string("{{ asset('main', 'css') }}") == "/static/build/main.css"


def test_a_running_server_serves_what_was_built_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Flask(__name__, static_folder=str(tmp_path), static_url_path="/static")
    app.wsgi_app = server.Static(app)
    (tmp_path / "main-2.js").write_text("new")
    browser = app.test_client()
    monkeypatch.setattr(server.assets, "built_at", lambda: 2)
    with browser.get("/static/main-2.js") as answer:
        assert (answer.status_code, answer.data) == (200, b"new")


def test_the_inbox_loads_none_of_the_editor_s_code() -> None:
    """What the scripts of every page lead to at once, followed through the built files."""
    if not (BUILD / "manifest.json").exists():
        pytest.skip("the front end is not built")
    loaded = "".join((BUILD / name).read_text(encoding="utf-8") for name in reached("main"))
    assert [word for word in EDITORS if word in loaded] == []
    assert [word for word in EDITORS if word in "".join((BUILD / n).read_text() for n in reached("designer-bpmn"))]


EDITORS = ("bpmn-js", "djs-palette", "bio-properties-panel", "dmn-js", "fjs-editor")
IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")


def reached(entry: str) -> set[str]:
    """The built files that an entry imports, directly or by others."""
    names, todo = set(), [json.loads((BUILD / "manifest.json").read_text(encoding="utf-8"))[entry]["js"]]
    while todo:
        name = todo.pop()
        if name not in names:
            names.add(name)
            todo += IMPORTED.findall((BUILD / name).read_text(encoding="utf-8"))
    return names
