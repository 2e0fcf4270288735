"""The command line, from an empty folder to a proof."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

import processes
from processes.disclosure.matters import Matter
from web.cli import main

SHARED = ("secrecy_review", "risk_assessment", "postponement")
"""The procedures whose diagrams the five steps call."""


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """A folder after `mingtang init --demo`."""
    folder = tmp_path_factory.mktemp("house")
    assert run(folder, "init", "--demo").exit_code == 0
    return folder


@pytest.fixture
def copy(house, tmp_path):
    return shutil.copytree(house, tmp_path / "var")


def run(folder: Path, *arguments: str, **variables: str):
    environment = {"MINGTANG_VAR": str(folder), **variables}
    return CliRunner().invoke(main, list(arguments), env=environment)


@pytest.mark.parametrize(
    "command",
    ["init", "serve", "scheduler", "deploy", "catalogue import", "catalogue export", "replay", "verify", "demo"],
)
def test_every_command_explains_itself(tmp_path, command):
    answer = run(tmp_path, *command.split(), "--help")
    assert answer.exit_code == 0 and "Usage:" in answer.output


def test_init_tells_the_demo_accounts_and_may_be_repeated(copy):
    answer = run(copy, "init", "--demo")
    assert answer.exit_code == 0
    assert "xuzhihang" in answer.output and "password" in answer.output


def test_a_command_before_init_says_what_to_do(tmp_path):
    answer = run(tmp_path, "verify")
    assert answer.exit_code == 1 and "mingtang init" in answer.stderr and "Traceback" not in answer.stderr


def test_a_wrong_setting_is_named(tmp_path):
    answer = run(tmp_path, "init", MINGTANG_BIND="nowhere")
    assert answer.exit_code == 1 and "MINGTANG_BIND='nowhere'" in answer.stderr


def test_a_database_of_a_newer_release_is_left_alone(copy):
    with sqlite3.connect(copy / "mingtang.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
    for command in ("init", "verify", "scheduler"):
        answer = run(copy, command)
        assert answer.exit_code == 1 and "from-the-future" in answer.stderr


def test_everything_holds_until_one_byte_is_changed(copy):
    assert "Everything holds." in run(copy, "verify").stdout
    with sqlite3.connect(copy / "mingtang.db") as database:
        changed = database.execute("SELECT instance_id, position FROM entries LIMIT 1").fetchone()
        database.execute(
            "UPDATE entries SET body = replace(body, 'command', 'Command') WHERE instance_id = ? AND position = ?",
            changed,
        )
    answer = run(copy, "verify")
    assert answer.exit_code == 1 and f"entry {changed[0]}/{changed[1]}" in answer.stderr


def test_a_lost_file_is_named(copy):
    stored = next(path for path in (copy / "store").rglob("*") if path.is_file())
    stored.write_bytes(b"changed")
    answer = run(copy, "verify")
    assert (answer.exit_code == 1) == (stored.name in answer.stderr)


def test_a_matter_replays_to_the_same_bytes(copy):
    with sqlite3.connect(copy / "mingtang.db") as database:
        matter = database.execute(f"SELECT id FROM {Matter.__tablename__} WHERE state = 'ARCHIVED'").fetchone()[0]
    answer = run(copy, "replay", matter)
    assert answer.exit_code == 0 and "the same bytes" in answer.stdout
    assert run(copy, "replay", "nothing").exit_code == 1


@pytest.mark.parametrize("ending", ["xlsx", "docx"])
def test_the_catalogue_goes_out_and_comes_in_again(copy, tmp_path, ending):
    table = tmp_path / f"目录.{ending}"
    assert run(copy, "catalogue", "export", str(table)).exit_code == 0
    answer = run(copy, "catalogue", "import", str(table), "--put-in-force")
    assert answer.exit_code == 0 and "Version 3 of ccmu: 2 rows" in answer.stdout


def test_a_file_that_is_no_catalogue_changes_nothing(copy, tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    answer = run(copy, "catalogue", "import", str(tmp_path / "notes.csv"))
    assert answer.exit_code == 1 and "notes.csv" in answer.stderr and "Nothing was changed" in answer.stderr


def test_a_broken_procedure_is_not_deployed(copy, tmp_path):
    folder = tmp_path / "procedure"
    folder.mkdir()
    (folder / "x.bpmn").write_text("<nonsense/>")
    answer = run(copy, "deploy", str(folder))
    assert answer.exit_code == 1 and "x.bpmn" in answer.stderr


def test_a_procedure_is_deployed_with_the_files_it_shares(copy, tmp_path):
    for name in ("disclosure", "out_of_catalogue", *SHARED):
        shutil.copytree(Path(processes.__path__[0]) / name, tmp_path / name)
    with (tmp_path / "disclosure" / "review.form.json").open("a") as shared:
        shared.write("\n")
    answer = run(copy, "deploy", str(tmp_path / "out_of_catalogue"))
    assert answer.exit_code == 0 and "out_of_catalogue version 2 is in force" in answer.output
    (tmp_path / "disclosure" / "review.form.json").unlink()
    answer = run(copy, "deploy", str(tmp_path / "out_of_catalogue"))
    assert answer.exit_code == 1 and "../disclosure/review.form.json" in answer.stderr


def test_init_leaves_a_version_that_a_designer_put_in_force(copy):
    with sqlite3.connect(copy / "mingtang.db") as database:
        database.execute("UPDATE versions SET deployed_by = 'aiwen'")
        before = database.execute("SELECT in_force FROM definitions").fetchall()
    run(copy, "init")
    with sqlite3.connect(copy / "mingtang.db") as database:
        assert database.execute("SELECT in_force FROM definitions").fetchall() == before


def test_what_runs_is_moved_to_another_version(copy, tmp_path):
    for name in ("disclosure", *SHARED):
        shutil.copytree(Path(processes.__path__[0]) / name, tmp_path / name)
    folder = tmp_path / "disclosure"
    path = folder / "propose_review.bpmn"
    path.write_bytes(path.read_bytes() + b"\n<!-- a second version -->\n")
    assert run(copy, "deploy", str(folder)).exit_code == 0
    tried = run(copy, "migrate", "disclosure", "--dry-run")
    assert tried.exit_code == 0 and "stays" in tried.output and "2 of 2 would move" in tried.output
    moved = run(copy, "migrate", "disclosure", "--to", "2", "--reason", "the table changed")
    assert "2 of 2 moved, 0 refused" in moved.output
    assert "0 of 0 moved" in run(copy, "migrate", "disclosure").output
    assert run(copy, "verify").exit_code == 0


def test_journals_move_out_and_back(copy, tmp_path):
    file = tmp_path / "2026.jsonl"
    out = run(copy, "archive", "export", str(file), "--before", "2999-01-01")
    assert out.exit_code == 0 and "journals" in out.output
    assert run(copy, "verify").exit_code == 0
    again = run(copy, "archive", "export", str(tmp_path / "more.jsonl"), "--before", "2999-01-01")
    assert again.exit_code == 1 and "Nothing was written" in again.stderr
    back = run(copy, "archive", "import", str(file))
    assert back.exit_code == 0 and "are here" in back.output
    assert run(copy, "verify").exit_code == 0
    file.write_bytes(file.read_bytes().replace(b'"archive":1', b'"archive":1 '))
    assert "broken at line" in run(copy, "archive", "import", str(file)).stderr


def test_a_version_that_is_not_there_is_named(copy):
    answer = run(copy, "migrate", "disclosure", "--to", "99")
    assert answer.exit_code == 1 and 'no version "99"' in answer.stderr
