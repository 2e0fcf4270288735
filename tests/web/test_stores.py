"""The pages on every store."""

from __future__ import annotations

import pytest

from processes import demo
from web import config, procedures_folder, wiring
from web.app import create_app
from web.auth import accounts

from .conftest import PASSWORD, START, Clock, School
from .test_complete import send


@pytest.fixture
def anywhere(database_url, tmp_path):
    clock = Clock()
    settings = config.read({"MINGTANG_VAR": str(tmp_path), "MINGTANG_DATABASE_URL": database_url})
    parts = wiring.build(settings, clock=clock)
    with parts.database.write() as session:
        demo.load(session, START, lambda _login: accounts.hashed(PASSWORD))
    for folder in procedures_folder.ours():
        parts.engine.deploy(procedures_folder.files_in(folder), "test")
    app = create_app(settings, parts, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    yield School(parts, clock, app)
    parts.database.close()


def test_a_plan_goes_from_the_handler_to_the_reviewer(anywhere, text):
    matter = anywhere.matter()
    handler, reviewer = anywhere.browser("xuzhihang"), anywhere.browser("fangwenjing")
    task = anywhere.task(matter).id
    assert handler.put(f"/tasks/{task}/claim").status_code == 303
    assert send(handler, task, title="").status_code == 422
    assert send(handler, task).status_code == 302
    assert send(handler, task).status_code == 409
    assert "党委常委会纪要" in text(reviewer.get("/inbox?tab=posts&text=常委会&organisation=pco"))
    assert "保密审查与审核" in text(reviewer.get(f"/matters/{matter.id}"))
    for page in (
        "/inbox?tab=mine",
        "/inbox?tab=started",
        "/inbox?tab=posts&overdue=1",
        "/matters?state=IN_REVIEW",
        "/operations",
    ):
        assert reviewer.get(page).status_code == 200
    assert anywhere.browser("maoxiaolu").get(f"/matters/{matter.id}").status_code == 404
