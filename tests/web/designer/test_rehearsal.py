"""A dry run on the real engine: forms, services, a clock moved by hand, and nothing written."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine import Entry, Instance, Task
from tests.web.conftest import PLAN
from tests.web.designer.conftest import JSON, REVIEW, Desk, opened

PLAN_VERSION = {
    "number": 1,
    "text_hash": "h",
    "title": "t",
    "in_catalogue": False,
    "important": False,
    "item_route": None,
}

WAY = (
    ("draft", PLAN),
    (
        "review",
        {"secrecy": "PASS", "necessity": "PASS", "accuracy": "PASS", "others": "PASS", "risk": "LOW", "result": "PASS"},
    ),
    ("approve_head", {"result": "AGREE"}),
    ("feedback", {"summary": "无", "outcome": "NONE", "disclose_outcome": False}),
    ("file_archive", {"archive_no": "A-1", "retention": "Y30"}),
)


@pytest.fixture
def rehearsal(draft):
    """A rehearsal of the draft that has just begun."""
    return begun(draft)


def begun(draft: Desk, **said) -> Desk:
    said = {"answers": {"disclosure.register_plan": PLAN_VERSION}, **said}
    answer = draft.post("rehearsals", **said)
    assert answer.status_code == 201, answer.json
    return Desk(draft.browser, answer.json["url"])


def standing(rehearsal: Desk) -> dict:
    return rehearsal.browser.get(rehearsal.url, headers=JSON).json


def waiting(rehearsal: Desk) -> list[str]:
    return [task["element"] for task in standing(rehearsal)["tasks"]]


def do(rehearsal: Desk, element: str, **data):
    task = next(task for task in standing(rehearsal)["tasks"] if task["element"] == element)
    return rehearsal.post(f"tasks/{task['id']}", data=data)


def test_it_begins_at_the_first_step(rehearsal):
    told = standing(rehearsal)
    assert waiting(rehearsal) == ["draft"] and told["state"] == "open"
    drawn = {file["path"]: file for file in told["files"]}
    assert drawn[REVIEW]["active"] == ["prepare"] and "proposal_started" in drawn[REVIEW]["done"]
    assert drawn["prepare_plan.bpmn"]["active"] == ["draft"]


def test_the_clock_fires_what_is_due_on_the_way(rehearsal):
    told = rehearsal.post("clock", by="10wd").json
    assert [step["element"] for step in told["steps"]] == ["disclosure", "draft_remind", "draft_overdue"]
    assert [thrown["name"] for thrown in told["thrown"]] == ["remind", "overdue"]
    assert told["timers"] == []


def test_the_clock_goes_to_the_next_timer(rehearsal):
    due = standing(rehearsal)["timers"][0]["due_at"]
    assert rehearsal.post("clock", to="next").json["now"] == due


def test_the_clock_does_not_go_back(rehearsal):
    assert rehearsal.post("clock", to="2020-01-01").status_code == 422
    assert rehearsal.post("clock", by="soon").status_code == 422


def test_a_step_is_done_with_its_form(rehearsal):
    answer = do(rehearsal, "draft", **PLAN)
    assert answer.status_code == 200 and "draft" not in waiting(rehearsal)
    assert standing(rehearsal)["variables"]["plan"]["title"] == PLAN["title"]


def test_a_wrong_entry_is_said_on_its_field(rehearsal):
    answer = do(rehearsal, "draft", **{**PLAN, "title": ""})
    assert answer.status_code == 422 and "title" in answer.json["fields"] and "<form" in answer.json["html"]
    assert waiting(rehearsal) == ["draft"]


def test_the_form_is_drawn_by_our_own_renderer(rehearsal):
    task = standing(rehearsal)["tasks"][0]
    page = rehearsal.browser.get(task["form_url"]).get_data(as_text=True)
    assert 'name="title"' in page and task["url"] in page


def test_the_form_can_be_posted_as_a_page_posts_it(rehearsal):
    task = standing(rehearsal)["tasks"][0]
    rehearsal.browser.post(task["url"], data={**PLAN, "channels": ["LAN"]}, headers=JSON)
    assert "draft" not in waiting(rehearsal)


def test_services_can_be_answered_by_hand(draft):
    rehearsal = begun(draft, automatic=False)
    do(rehearsal, "draft", **PLAN)
    call = standing(rehearsal)["calls"][0]
    assert call["service"] == "disclosure.register_plan" and call["suggestion"] == PLAN_VERSION
    rehearsal.post(f"calls/{call['id']}", result=PLAN_VERSION)
    assert standing(rehearsal)["variables"]["registered"] == PLAN_VERSION


def test_a_message_arrives(rehearsal):
    message = standing(rehearsal)["subscriptions"][0]
    assert message["message"] == "MatterWithdrawn"
    assert rehearsal.post(f"subscriptions/{message['id']}", payload={}).json["state"] != "open"


def test_the_last_step_is_taken_back(rehearsal):
    rehearsal.post("clock", by="10wd")
    told = rehearsal.post("undo").json
    assert len(told["steps"]) == 1 and len(told["timers"]) == 2 and not told["may_undo"]


def test_it_goes_through_to_the_archive_with_suggested_answers(draft):
    rehearsal = begun(draft, answers={})
    for element, data in WAY:
        assert waiting(rehearsal) == [element]
        answer = do(rehearsal, element, **data)
        assert answer.status_code == 200, answer.json
    assert standing(rehearsal)["state"] == "completed"


def test_what_fails_leaves_it_where_it_stood(draft):
    draft.change(REVIEW, 'else settings[&quot;t.review&quot;]"', 'else nowhere.at.all + 1"')
    rehearsal = begun(draft)
    answer = do(rehearsal, "draft", **PLAN)
    assert answer.status_code == 422 and answer.json["error"] and answer.json["element"] == "review"
    assert waiting(rehearsal) == ["draft"]


def test_a_draft_with_mistakes_does_not_begin(draft):
    draft.change(REVIEW, 'value="review.form.json"', 'value="gone.form.json"')
    answer = draft.post("rehearsals")
    assert answer.status_code == 422 and answer.json["findings"][0]["element"] == "review"


def test_nothing_is_written(school, rehearsal):
    do(rehearsal, "draft", **PLAN)
    with school.parts.database.read() as session:
        assert [session.scalar(select(func.count()).select_from(each)) for each in (Instance, Entry, Task)] == [0, 0, 0]


def test_it_is_the_person_s_own(school, rehearsal):
    assert opened(school, "mozhenyu", rehearsal.url).post("undo").status_code == 404


def test_it_is_forgotten_when_asked(rehearsal):
    rehearsal.browser.delete(rehearsal.url, headers=JSON)
    assert rehearsal.browser.get(rehearsal.url, headers=JSON).status_code == 404


def test_it_is_forgotten_after_two_hours(school, rehearsal):
    for _ in range(3):
        school.clock.pass_by(minutes=50)
        rehearsal.browser.get("/designer")
    assert rehearsal.browser.get(rehearsal.url, headers=JSON).status_code == 404


def test_another_server_process_goes_on_with_it(school, rehearsal):
    rehearsal.post("clock", by="1wd")
    before = do(rehearsal, "draft", **PLAN).json
    school.app.extensions.pop("designer_rehearsals")
    assert standing(rehearsal) == before
    assert rehearsal.post("undo").json["tasks"][0]["element"] == "draft"


def test_a_person_has_at_most_four(draft):
    first = begun(draft)
    for _ in range(4):
        begun(draft)
    assert first.browser.get(first.url, headers=JSON).status_code == 404
