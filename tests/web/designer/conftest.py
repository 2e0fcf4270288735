"""Two designers, a deployer, and a draft of the five-step procedure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import Definition
from processes.organisation import appoint
from tests.web.conftest import School

JSON = {"Accept": "application/json"}
PREPARE, REVIEW = "prepare_plan.bpmn", "propose_review.bpmn"


@dataclass
class Desk:
    """A draft as one person has it open."""

    browser: FlaskClient
    url: str

    def get(self, path: str) -> Any:
        return self.browser.get(f"{self.url}/{path}", headers=JSON)

    def post(self, path: str, /, **said: Any) -> Any:
        return self.browser.post(f"{self.url}/{path}", json=said, headers=JSON)

    def save(self, path: str, data: bytes | str, digest: str | None = None) -> Any:
        condition = {"If-Match": f'"{digest}"'} if digest else {"If-None-Match": "*"}
        return self.browser.put(f"{self.url}/files/{path}", data=data, headers={**JSON, **condition})

    def text(self, path: str) -> str:
        return self.get(f"files/{path}").get_data(as_text=True)

    def digest(self, path: str) -> str:
        return next(file["digest"] for file in self.get("draft.json").json["files"] if file["path"] == path)

    def change(self, path: str, old: str, new: str) -> Any:
        """Replace a piece of a file once and save it."""
        text = self.text(path)
        assert old in text
        return self.save(path, text.replace(old, new, 1).encode(), self.digest(path))

    def findings(self, **files: str) -> list[dict[str, Any]]:
        return list(self.post("check", **({"files": files} if files else {})).json["findings"])


def in_force(school: School, key: str = "disclosure") -> str:
    with school.parts.database.read() as session:
        return str(session.get_one(Definition, key).in_force)


def opened(school: School, login: str, url: str) -> Desk:
    """The draft at another person's browser."""
    return Desk(school.browser(login), url)


@pytest.fixture
def hire(school: School) -> Callable[[str, str], str]:
    """Give a person of the demo school a post; answers the login."""

    def hire(login: str, post: str) -> str:
        with school.parts.database.write() as session:
            appoint(session, school.person(login).id, "ccmu", post, date(2025, 1, 1))
        return login

    return hire


@pytest.fixture
def draft(school: School) -> Desk:
    """A draft of the five-step procedure at the first designer's browser."""
    answer = school.browser("aiwen").post("/designer/drafts", data={"version": in_force(school)})
    return Desk(school.browser("aiwen"), answer.headers["Location"])
