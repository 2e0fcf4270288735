"""Matters: opened by whoever handles them, seen by whom they concern."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from processes import disclosure
from processes.catalogue import CatalogueItem
from processes.catalogue.resolving import SCOPES
from web.matters import labels


def test_a_handler_opens_a_matter_for_a_row_of_the_catalogue(school, text):
    with school.parts.database.read() as session:
        item = session.scalars(select(CatalogueItem)).first()
    browser = school.browser("xuzhihang")
    assert item.content in text(browser.get(f"/matters/new?item={item.id}"))
    answer = browser.post("/matters", data={"item": item.id, "organisation": "pco"})
    assert answer.location.startswith("/tasks/")
    assert item.content in text(browser.get(answer.location))
    assert f'value="{item.start_point}"' in browser.get(answer.location).get_data(as_text=True)


def test_a_handler_opens_a_matter_outside_the_catalogue(school, text):
    answer = school.browser("xuzhihang").post("/matters", data={"organisation": "pco"}, follow_redirects=True)
    assert "说明目录外理由" in text(answer)


def test_who_does_not_handle_does_not_propose(school, text):
    reader = school.browser("fangwenjing")
    assert reader.get("/matters/new").status_code == 403
    answer = reader.post("/matters", data={"organisation": "pco"})
    assert answer.status_code == 403


def test_a_matter_is_seen_by_its_people_and_not_by_others(school):
    matter = school.matter()
    for login in ("xuzhihang", "fangwenjing", "sikongyi"):
        assert school.browser(login).get(f"/matters/{matter.id}").status_code == 200
    for login in ("maoxiaolu", "weixitong", "yubin"):
        assert school.browser(login).get(f"/matters/{matter.id}").status_code == 404


def test_a_stranger_is_asked_to_sign_in(school):
    assert school.visitor().get(f"/matters/{school.matter().id}").location.startswith("/sign-in")


def test_the_list_holds_only_what_one_may_see(school, text):
    matter = school.matter()
    school.propose(matter)
    assert "党委常委会纪要" in text(school.browser("xuzhihang").get("/matters"))
    assert "还没有事项" in text(school.browser("maoxiaolu").get("/matters"))


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("text=常委会", True),
        ("text=招生", False),
        ("state=IN_REVIEW", True),
        ("state=DRAFT", False),
        ("organisation=pco", True),
        ("since=2025-03-03&until=2025-03-03", True),
        ("since=2025-03-04", False),
        ("since=nonsense&page=-7", True),
    ],
)
def test_the_list_is_narrowed(school, text, query, is_found):
    school.propose(school.matter())
    assert ("党委常委会纪要" in text(school.browser("xuzhihang").get(f"/matters?{query}"))) is is_found


def test_the_proposer_withdraws_before_the_approval(school, text):
    matter = school.matter()
    school.propose(matter)
    browser = school.browser("xuzhihang")
    assert "撤回事项" in text(browser.get(f"/matters/{matter.id}"))
    answer = browser.post(f"/matters/{matter.id}/withdrawal", data={"reason": "写错了"}, follow_redirects=True)
    assert "已撤回" in text(answer)
    assert browser.post(f"/matters/{matter.id}/withdrawal").status_code == 409


def test_nobody_else_withdraws(school):
    matter = school.matter()
    answer = school.browser("fangwenjing").post(f"/matters/{matter.id}/withdrawal")
    assert answer.status_code == 403


def test_the_package_of_a_closed_matter_is_downloaded_by_its_people(school):
    matter = school.matter()
    school.browser("xuzhihang").post(f"/matters/{matter.id}/withdrawal")
    package = school.browser("xuzhihang").get(f"/matters/{matter.id}/archive")
    assert package.data.startswith(b"PK") and "attachment" in package.headers["Content-Disposition"]
    assert school.browser("maoxiaolu").get(f"/matters/{matter.id}/archive").status_code == 404


def test_a_matter_under_way_has_no_package(school):
    assert school.browser("xuzhihang").get(f"/matters/{school.matter().id}/archive").status_code == 404


def test_the_diagram_shows_where_the_matter_stands(school):
    matter = school.matter()
    school.propose(matter)
    files = school.browser("xuzhihang").get(f"/instances/{matter.instance_id}/diagram.json").get_json()["files"]
    marks = {file["path"]: file for file in files}
    assert marks["propose_review.bpmn"]["active"] == ["review"]
    assert "prepare" in marks["propose_review.bpmn"]["done"] and "draft" in marks["prepare_plan.bpmn"]["done"]
    assert len(marks["disclosure.bpmn"]["active"]) == 1
    assert marks["implement.bpmn"]["active"] == []
    assert school.browser("maoxiaolu").get(f"/instances/{matter.instance_id}/diagram.json").status_code == 404


def test_what_the_scan_found_is_shown_masked_with_what_became_of_it(school, text):
    matter = school.matter()
    school.propose(matter, text="<p>联系电话13812345678</p>")
    page = text(school.browser("xuzhihang").get(f"/matters/{matter.id}"))
    assert "保密审查发现" in page and "138****5678 待处理" in page
    masking = school.task(matter, "check_personal").id
    school.parts.engine.complete(masking, school.actor("xuzhihang"), {"keep": []}, {"scan.personal": []})
    page = text(school.browser("fangwenjing").get(f"/matters/{matter.id}"))
    assert "138****5678 已遮盖" in page and "联系电话138****5678" in page


def test_the_instance_of_a_matter_is_shown_as_the_matter(school):
    matter = school.matter()
    answer = school.browser("xuzhihang").get(f"/instances/{matter.instance_id}")
    assert answer.location == f"/matters/{matter.id}"


STRANGE = ["since=0001-01-01", "until=9999-12-31", "page=99999999999999999999", "page=-1", "since=x"]


@pytest.mark.parametrize("asked", STRANGE)
def test_a_strange_address_shows_a_page_and_no_error(school, asked):
    assert school.browser("xuzhihang").get(f"/matters?{asked}").status_code == 200


def test_a_scope_goes_by_one_name_on_the_form_the_portal_and_the_catalogue(school):
    form = json.loads((Path(disclosure.__file__).parent / "plan.form.json").read_text())
    named = {each["value"]: (each["label"], each["en"]) for each in fields(form)["scope"]["values"]}
    assert named == SCOPES
    with school.app.test_request_context():
        chinese = {code: str(words) for code, words in labels.SCOPES.items()}
    assert chinese == {code: zh for code, (zh, _en) in named.items()}
    assert {code: words._args[0] for code, words in labels.SCOPES.items()} == {
        code: en for code, (_zh, en) in named.items()
    }


def fields(part):
    """Every field of a form by its key."""
    inner = [fields(each) for each in part.get("components", [])]
    own = {each["key"]: each for each in part.get("components", []) if "key" in each}
    return {key: field for found in [*inner, own] for key, field in found.items()}
