"""Procedures: what is deployed, for whoever looks after it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import Version

DESIGNER = "aiwen"
SHARED = ("secrecy_treatment", "risk_grading", "postponing")
"""The diagrams of other procedures that the five steps call."""


@pytest.fixture
def version(school):
    with school.parts.database.read() as session:
        return session.scalars(select(Version.id).where(Version.definition == "disclosure")).one()


def test_the_list_says_what_is_in_force_and_how_much_runs_on_it(school, text):
    school.matter()
    page = text(school.browser(DESIGNER).get("/procedures"))
    assert "disclosure" in page and "现行有效" in page


def test_a_version_shows_tables_steps_forms_and_digests(school, text, version):
    page = text(school.browser(DESIGNER).get(f"/procedures/versions/{version}"))
    for words in ("审批程序", "UNIQUE", "COLLECT", "plan.form.json", "提出公开方案", "第十三条", "承办人", version):
        assert words in page


def test_gateways_and_events_are_listed_when_asked_for(school, version):
    address, browser = f"/procedures/versions/{version}", school.browser(DESIGNER)
    assert 'id="step-gw_review"' not in browser.get(address).get_data(as_text=True)
    assert 'id="step-gw_review"' in browser.get(address + "?everything=1").get_data(as_text=True)


def test_the_viewer_gets_the_diagrams_with_nothing_marked(school, version):
    answer = school.browser(DESIGNER).get(f"/procedures/versions/{version}/diagram.json").json
    own = {"disclosure.bpmn", "implement.bpmn", "prepare_plan.bpmn", "propose_review.bpmn"}
    assert {file["path"] for file in answer["files"]} == own | {f"{name}.bpmn" for name in SHARED}
    assert answer["start"] == "disclosure.bpmn" and not answer["files"][0]["active"]


def test_every_form_can_be_looked_at_and_not_filled_in(school, version):
    browser = school.browser(DESIGNER)
    with school.parts.database.read() as session:
        from web.versions import files_of

        with school.app.app_context():
            paths = [path for path in files_of(session, version) if path.endswith(".form.json")]
    for path in paths:
        page = browser.get(f"/procedures/versions/{version}/forms/{path}").get_data(as_text=True)
        assert "<fieldset disabled" in page


def test_a_file_comes_byte_for_byte_and_never_opens_in_the_page(school, version):
    answer = school.browser(DESIGNER).get(f"/procedures/versions/{version}/files/disclosure.bpmn")
    assert b"bpmn:definitions" in answer.data and answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "address", ["", "/versions/{v}", "/versions/{v}/diagram.json", "/versions/{v}/files/disclosure.bpmn"]
)
def test_others_do_not_look(school, version, address):
    assert school.browser("maoxiaolu").get("/procedures" + address.format(v=version)).status_code == 403
    assert school.visitor().get("/procedures" + address.format(v=version)).status_code == 302


@pytest.mark.parametrize(
    "address", ["versions/none", "versions/none/diagram.json", "versions/{v}/forms/none.form.json"]
)
def test_what_is_not_there_is_not_found(school, version, address):
    answer = school.browser(DESIGNER).get("/procedures/" + address.format(v=version))
    assert answer.status_code == 404


def test_the_page_is_there_in_english_too(school, text, version):
    browser = school.browser(DESIGNER)
    browser.post("/language", data={"language": "en"})
    page = text(browser.get(f"/procedures/versions/{version}"))
    assert "Hit policy: UNIQUE" in page and "Draft the disclosure plan" in page
