"""Any deployed procedure is begun and followed in the browser: list, start form, register, page."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from processes import cases, demo
from processes.cases import Case
from tests.processes.cases.procedures import asking

SAID = {"title": "会议时间", "unit": ""}


@pytest.fixture
def deployed(school):
    school.parts.engine.deploy(asking(basis="第十七条"), "test")
    return school


def begun(school, login="panlili", **said):
    answer = school.browser(login).post("/cases/new/asking", data={**SAID, **said})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return answer.location


def test_the_list_shows_what_the_person_may_begin(deployed, text):
    page = text(deployed.browser("panlili").get("/cases/new"))
    assert "asking" in page and "第十七条" in page
    assert "asking" not in text(deployed.browser("gaojianping").get("/cases/new"))


def test_a_case_is_begun_and_followed(deployed, text):
    page = text(deployed.browser("panlili").get(begun(deployed)))
    assert "会议时间" in page and "2025-001" in page and "answer" in page


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(deployed):
    browser = deployed.browser("panlili")
    answer = browser.post("/cases/new/asking", data={"title": "", "unit": "kept-words"})
    assert answer.status_code == 422 and "kept-words" in answer.get_data(as_text=True)
    assert "kept-words" in browser.get("/cases/new/asking").get_data(as_text=True)


def test_a_draft_waits_for_the_person(deployed):
    browser = deployed.browser("panlili")
    browser.post("/cases/new/asking", data={"title": "half", "_action": "draft"})
    assert "half" in browser.get("/cases/new/asking").get_data(as_text=True)
    begun(deployed)
    assert "half" not in browser.get("/cases/new/asking").get_data(as_text=True)


def test_nobody_without_the_post_begins_it(deployed):
    assert deployed.browser("gaojianping").get("/cases/new/asking").status_code == 403
    assert deployed.browser("gaojianping").post("/cases/new/asking", data=SAID).status_code == 403


def test_a_handler_of_several_units_chooses_one(deployed):
    assert 'name="organisation"' in deployed.browser("xuzhihang").get("/cases/new/asking").get_data(as_text=True)
    page = begun(deployed, "xuzhihang", organisation="ccmu")
    assert "中共首都医科大学委员会" in deployed.browser("xuzhihang").get(page).get_data(as_text=True)


def test_a_case_about_a_matter_is_found_on_both_pages(deployed, text):
    matter = deployed.matter()
    browser = deployed.browser("xuzhihang")
    assert matter.title in text(browser.get(f"/cases/new/asking?matter={matter.id}"))
    page = begun(deployed, "xuzhihang", matter=matter.id)
    assert matter.title in text(browser.get(page))
    assert "会议时间" in text(browser.get(f"/matters/{matter.id}"))


def test_who_serves_another_organisation_may_begin_it_there(school, text):
    page = text(school.browser("qiaoxinyu").get("/cases/new/catalogue_maintenance"))
    assert "党委办公室" in page and "中共首都医科大学委员会" in page


def test_nobody_begins_a_case_about_what_they_may_not_see(deployed):
    matter = deployed.matter()
    assert deployed.browser("yubin").get(f"/cases/new/asking?matter={matter.id}").status_code == 404
    assert deployed.browser("yubin").post("/cases/new/asking", data={**SAID, "matter": matter.id}).status_code == 404


def test_who_has_nothing_to_do_with_a_case_does_not_find_it(deployed):
    page = begun(deployed)
    assert deployed.browser("tianye").get(page).status_code == 404
    assert "会议时间" not in deployed.browser("tianye").get("/cases").get_data(as_text=True)


@pytest.mark.parametrize("narrowed", ["text=会议", "procedure=asking", "organisation=orgdept", "state=open"])
def test_the_register_is_narrowed(deployed, narrowed):
    begun(deployed)
    browser = deployed.browser("panlili")
    assert "2025-001" in browser.get(f"/cases?{narrowed}").get_data(as_text=True)
    assert "2025-001" not in browser.get(f"/cases?{narrowed}x").get_data(as_text=True)


def test_the_register_is_taken_away(deployed):
    begun(deployed, title="=1+1")
    browser = deployed.browser("panlili")
    assert "'=1+1" in browser.get("/cases?as=csv").get_data(as_text=True)
    sheet = load_workbook(BytesIO(browser.get("/cases?as=xlsx").data)).active
    assert [cell.value for cell in sheet[2]][2] == "'=1+1"


def test_the_doer_reads_what_began_it_and_ends_it(deployed, text):
    page = begun(deployed)
    browser = deployed.browser("gaojianping")
    task = deployed.task(type("Instance", (), {"instance_id": page.rsplit("/", 1)[1]}), "answer")
    assert "会议时间" in text(browser.get(f"/tasks/{task.id}"))
    browser.post(f"/tasks/{task.id}/completion", data={"note": "周一"})
    assert "Answered" in text(browser.get(page))


def test_its_instance_leads_to_it_and_plays_back(deployed):
    page = begun(deployed)
    case = page.rsplit("/", 1)[1]
    browser = deployed.browser("panlili")
    assert browser.get(f"/instances/{case}").location == page
    assert browser.get(f"/instances/{case}/playback").status_code == 200
    assert browser.get(f"/instances/{case}/diagram.json").status_code == 200


def test_the_auditor_reads_its_journal(deployed, text):
    case = begun(deployed).rsplit("/", 1)[1]
    assert "会议时间" in text(deployed.browser("sikongyi").get(f"/audit/instances/{case}"))


def test_what_is_kept_apart_is_hidden_from_the_auditor(school):
    school.parts.engine.deploy(asking(seen_by="discipline_officer"), "test")
    case = begun(school).rsplit("/", 1)[1]
    browser = school.browser("sikongyi")
    found = [browser.get(f"/{page}/{case}").status_code for page in ("audit/instances", "cases", "instances")]
    assert found == [404] * 3
    assert "会议时间" not in browser.get("/audit").get_data(as_text=True)
    assert school.browser("yanweidong").get(f"/cases/{case}").status_code == 200


def test_every_procedure_that_people_begin_opens_for_a_holder_of_its_post(school, text):
    """An empty form is refused by naming its fields; nothing begins."""
    with school.parts.database.read() as session:
        openings = cases.openings(session, school.parts.engine)
    assert {"feedback", "correction", "clarification", "catalogue_maintenance"} <= {
        each.definition for each in openings
    }
    for opening in openings:
        browser = school.browser(holder(opening.post))
        assert opening.name in text(browser.get("/cases/new")), opening.definition
        assert browser.get(f"/cases/new/{opening.definition}").status_code == 200, opening.definition
        assert browser.post(f"/cases/new/{opening.definition}", data={}).status_code == 422, opening.definition
    with school.parts.database.read() as session:
        assert session.query(Case).count() == 0


def holder(post):
    """Somebody of the demo with this post."""
    held = (account.login for account in demo.ACCOUNTS for seat in account.posts if seat.partition("@")[0] == post)
    return next(held, "zhulin")
