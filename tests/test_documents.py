"""What the READMEs and docs/ promise is there, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from processes import demo
from web.cli import main
from web.config import VARIABLES

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.zh-CN.md"]
PAGES = [*READMES, *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md")))]


@pytest.fixture(params=READMES)
def readme(request: pytest.FixtureRequest) -> str:
    return (ROOT / request.param).read_text()


def test_every_setting_is_told(readme: str):
    assert [name for name in VARIABLES if name not in readme] == []


def test_every_command_is_told(readme: str):
    told = set(re.findall(r"mingtang (\w+)", readme))
    assert set(main.commands) - told == set()
    assert told - set(main.commands) == set()


def test_the_commands_of_the_catalogue_are_told(readme: str):
    group = main.commands["catalogue"]
    assert isinstance(group, click.Group)
    assert all(name in readme for name in group.commands)


def test_who_may_be_tried_is_in_the_demo(readme: str):
    tables = (line for line in readme.splitlines() if line.startswith("| `"))
    rows = [line for line in tables if not re.match(r"\| `(MINGTANG|mingtang)", line)]
    named = {login for row in rows for login in re.findall(r"`(\w+)`", row)}
    assert named and named <= {account.login for account in demo.ACCOUNTS}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str):
    text, folder = (ROOT / page).read_text(), (ROOT / page).parent
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert [target for target in targets if not (folder / target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_twin_of_the_same_shape(page: str):
    other = page.replace(".zh-CN.md", ".md") if "zh-CN" in page else page.replace(".md", ".zh-CN.md")
    assert headings(page) == headings(other)


def headings(page: str) -> list[int]:
    lines = (ROOT / page).read_text().splitlines()
    return [len(line) - len(line.lstrip("#")) for line in lines if re.match(r"#+ (?!.*#)", line)]
