"""A procedure's folder may use files of its neighbours, and of nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import files
from engine.canonical import digest
from web.procedures_folder import UsedFileMissing, UsedFileOutside, UsedFileTwice, files_in, ours


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder `walk` beside a folder `shared`."""
    for name in ("walk", "shared"):
        (tmp_path / name).mkdir()
    (tmp_path / "shared" / "plan.form.json").write_text("{}")
    (tmp_path / "outside.form.json").write_text("{}")
    return tmp_path / "walk"


def uses(folder: Path, *lines: str) -> None:
    (folder / "uses.txt").write_text("\n".join(lines), encoding="utf-8")


def test_a_used_file_belongs_under_its_base_name(folder):
    uses(folder, "# shared with the neighbours", "", "  ../shared/plan.form.json ")
    assert files_in(folder) == {"plan.form.json": b"{}"}


def test_a_change_of_the_used_file_is_another_content(folder):
    uses(folder, "../shared/plan.form.json")
    before = files_in(folder)
    (folder.parent / "shared" / "plan.form.json").write_text("{ }")
    assert files_in(folder) != before


def test_a_missing_file_is_named(folder):
    uses(folder, "../shared/gone.bpmn")
    with pytest.raises(UsedFileMissing, match=r'walk/uses.txt names "../shared/gone.bpmn"'):
        files_in(folder)


@pytest.mark.parametrize(
    "line", ["../../secret.bpmn", "/etc/passwd", "/etc/hosts.bpmn", "../shared/notes.md", "../shared", "..", "a\0.bpmn"]
)
def test_nothing_from_elsewhere_is_used(folder, line):
    uses(folder, line)
    with pytest.raises(UsedFileOutside):
        files_in(folder)


def test_a_link_does_not_lead_out(folder, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.bpmn"
    secret.write_text("<xml/>")
    (folder.parent / "shared" / "link.bpmn").symlink_to(secret)
    uses(folder, "../shared/link.bpmn")
    with pytest.raises(UsedFileOutside):
        files_in(folder)


def test_two_files_of_one_name_are_refused(folder):
    (folder / "plan.form.json").write_text("{}")
    uses(folder, "../shared/plan.form.json")
    with pytest.raises(UsedFileTwice, match=r"plan\.form\.json"):
        files_in(folder)


def test_a_version_keeps_the_used_files_with_its_own(school):
    given = files_in(next(folder for folder in ours() if folder.name == "out_of_catalogue"))
    version = school.parts.engine.deploy(given, "test")
    changed = given["plan.form.json"] + b"\n"
    other = school.parts.engine.deploy({**given, "plan.form.json": changed}, "test")
    with school.parts.database.read() as session:
        kept, again = (files(session.connection(), each.id) for each in (version, other))
    assert digest(kept["plan.form.json"]) == digest(given["plan.form.json"])
    assert (again["plan.form.json"], again["propose_review.bpmn"]) == (changed, given["propose_review.bpmn"])
