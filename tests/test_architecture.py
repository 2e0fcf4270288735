"""Who may import whom, and where each library is at home. Read this file as the map of the code."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_IMPORT = {
    "engine": {"engine"},
    "forms": {"forms"},
    "processes": {"processes", "engine"},
    "web": {"web", "processes", "forms", "engine"},
}
"""Folder → our packages it may name."""

FRONT_DOOR = {"engine.db", "engine.clock", "engine.canonical", "engine.refusals", "engine.regulation"}
"""What `processes` and `web` may name of the engine."""

HOME = {
    "SpiffWorkflow": ("engine/bpmn/",),
    "RestrictedPython": ("engine/bpmn/",),
    "apscheduler": ("engine/scheduler.py",),
    "alembic": ("engine/migrations/", "engine/revisions.py"),
    "flask": ("web/",),
    "werkzeug": ("web/",),
    "gunicorn": ("web/",),
    "click": ("web/",),
    "marshmallow": ("forms/", "web/"),
    "nh3": ("forms/",),
    "openpyxl": ("processes/catalogue/",),
    "docx": ("processes/catalogue/",),
    "chinese_calendar": ("engine/calendar.py", "processes/"),
    "weasyprint": ("web/audit/",),
    "yaml": ("engine/regulation/",),
}
"""Library → the only places that may name it."""

BANNED = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "uuid.uuid1", "uuid.uuid4"}
CLOCK = "engine/clock.py"
OPENERS = {"Database", "create_engine", "connect"}

FOLDERS = {"engine", "forms", "processes", "web", "tests", "docs", ".ci"}
"""All there is at the root; docs/ and .ci/ hold no code of the product."""

STRAY = re.compile(
    r"(?<![\w.])/(?:root|home|Users|work|workspace)/[\w.-]"
    r"|\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2}\b"
    r"|\bfiles\.pythonhosted\b|\bregistry\.npmmirror\b|index-url|extra-index",
)
"""Paths of somebody's machine, private addresses, package mirrors: none belongs in a committed file."""


def sources(*packages: str) -> dict[str, str]:
    """Path from the root → text of every module of these packages."""
    paths = [path for name in packages for path in sorted((ROOT / name).rglob("*.py"))]
    return {str(path.relative_to(ROOT)): path.read_text() for path in paths if "node_modules" not in path.parts}


def imported(module: str, text: str) -> Iterator[str]:
    package = Path(module).parent.parts
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(filter(None, [above, node.module]))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_in(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def against_direction(modules: Mapping[str, str]) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, text in modules.items()
        for name in imported(module, text)
        if name.split(".")[0] in MAY_IMPORT and name.split(".")[0] not in MAY_IMPORT[module.split("/")[0]]
    ]


def past_the_front_door(modules: Mapping[str, str]) -> list[str]:
    """`from engine import Engine` is the door; a module of the engine is not, unless listed."""
    rooms = {f"engine.{path.stem}" for path in (ROOT / "engine").iterdir()} - FRONT_DOOR
    offered = {f"engine.{name}" for name in offers("engine/__init__.py")}
    return [
        f"{module} imports {name}"
        for module, text in modules.items()
        for name in imported(module, text)
        if is_in(name, rooms) and name not in offered
    ]


def offers(package: str) -> list[str]:
    """The names in `__all__`; some bear the name of the module they come from."""
    for node in ast.parse((ROOT / package).read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def away_from_home(modules: Mapping[str, str]) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, text in modules.items()
        for name in imported(module, text)
        if (home := HOME.get(library(name))) and not module.startswith(home)
    ]


def library(name: str) -> str:
    """The library a name comes from; the flask_… extensions count as Flask."""
    top = name.split(".")[0]
    return "flask" if top.startswith("flask_") else top


def own_clocks(modules: Mapping[str, str]) -> list[str]:
    return [
        f"{module}:{node.lineno} {ast.unparse(node.func)}"
        for module, text in modules.items()
        if module != CLOCK
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ".".join(ast.unparse(node.func).split(".")[-2:]) in BANNED
    ]


def stray_words(files: Mapping[str, str]) -> list[str]:
    return [
        f"{path}:{number} {found.group()}"
        for path, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (found := STRAY.search(line))
    ]


def committed() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a clone: the list of committed files is unknown")
    return [path for path in listing.stdout.split("\0") if path and (ROOT / path).is_file()]


def test_imports_point_inwards():
    assert against_direction(sources(*MAY_IMPORT)) == []


def test_the_engine_is_entered_by_its_front_door():
    assert past_the_front_door(sources("processes", "web")) == []


def test_every_library_stays_at_home():
    assert away_from_home(sources(*MAY_IMPORT)) == []


def test_only_the_clock_reads_the_clock():
    assert own_clocks(sources(*MAY_IMPORT)) == []


def test_nothing_opens_a_connection_at_import():
    opened = [
        f"{module}:{node.lineno}"
        for module, text in sources(*MAY_IMPORT).items()
        for statement in ast.parse(text).body
        if isinstance(statement, ast.Assign | ast.Expr | ast.AnnAssign)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in OPENERS
    ]
    assert opened == []


def test_code_lies_in_five_folders():
    assert {path.split("/")[0] for path in committed() if "/" in path} <= FOLDERS


def test_docs_hold_no_code():
    code = (".py", ".ts", ".js", ".sh")
    assert [path for path in committed() if path.startswith("docs/") and path.endswith(code)] == []


def test_no_committed_file_names_a_machine():
    ours = set(committed()) - {"tests/test_architecture.py"}
    assert stray_words({path: (ROOT / path).read_text(errors="ignore") for path in sorted(ours)}) == []


@pytest.mark.parametrize(
    ("check", "module", "line"),
    [
        (against_direction, "engine/tasks.py", "import web"),
        (against_direction, "forms/feel.py", "from engine import clock"),
        (against_direction, "engine/x/deep.py", "from processes.people import Person"),
        (against_direction, "processes/people.py", "from forms import check"),
        (past_the_front_door, "web/inbox/views.py", "from engine.schema import Timer"),
        (past_the_front_door, "processes/people.py", "import engine.bpmn.parse"),
        (away_from_home, "engine/tasks.py", "import SpiffWorkflow.bpmn"),
        (away_from_home, "web/cli.py", "from apscheduler.schedulers import blocking"),
        (away_from_home, "processes/people.py", "from flask_babel import gettext"),
        (away_from_home, "engine/forms.py", "from marshmallow import Schema"),
        (own_clocks, "web/views.py", "import datetime\nat = datetime.datetime.now()"),
        (own_clocks, "engine/tasks.py", "import uuid\nid = uuid.uuid4()"),
    ],
)
def test_a_planted_fault_is_caught(check, module, line):
    assert len(check({module: line})) == 1


@pytest.mark.parametrize("line", ["see /home/someone/notes", "host: 192.168.1.20", "--extra-index-url https://mirror"])
def test_a_planted_machine_is_caught(line):
    assert len(stray_words({"README.md": line})) == 1


def test_what_is_allowed_passes():
    fine = {"web/views.py": "from flask import g\nfrom engine import Engine\nfrom engine.refusals import NotFound"}
    assert not (against_direction(fine) + past_the_front_door(fine) + away_from_home(fine) + own_clocks(fine))
