"""What the properties panel offers, and the previews."""

from __future__ import annotations

from tests.web.designer.conftest import JSON, PREPARE

OPERATOR = 'serviceTaskOperator id="disclosure.register_plan"'


def values(listed):
    return [each["value"] for each in listed]


def known_at(draft, element):
    return {each["name"] for each in draft.get(f"variables.json?element={element}").json["variables"]}


def test_the_panel_offers_what_is_there(draft):
    told = draft.get("options.json").json
    assert "process_designer" in values(told["posts"]) and "review.form.json" in values(told["forms"])
    assert "propose_review" in values(told["processes"]) and "t.review" in values(told["settings"])
    assert "MatterWithdrawn" in told["messages"] and "remind" in told["escalations"]


def test_services_come_with_their_parameters(draft):
    found = {each["value"]: each for each in draft.get("options.json").json["services"]}
    service = found["disclosure.register_plan"]
    assert {each["name"] for each in service["parameters"]} >= {"matter", "plan"} and "text_hash" in service["answers"]


def test_decisions_say_what_they_ask_and_answer(draft):
    found = draft.get("options.json").json["decisions"]
    assert all(each["inputs"] and each["outputs"] for each in found) and len(found) >= 3


def test_variables_known_at_a_step_come_from_what_is_before(draft):
    at_review, at_start = known_at(draft, "review"), known_at(draft, "matter_opened")
    assert {"plan.title", "registered.text_hash", "matter"} <= at_review
    assert "matter" in at_start and "plan.title" not in at_start


def test_without_an_element_all_are_offered(draft):
    found = {each["name"]: each for each in draft.get("variables.json").json["variables"]}
    assert found["plan.scope"]["values"] and "decision.result" in found


def test_a_period_is_shown_in_words_and_day_by_day(draft):
    told = draft.browser.get("/designer/timer.json?spec=2wd&from=2025-04-30T09:00", headers=JSON).json
    assert told["words"] == "2 个工作日" and told["counted"] == ["2025-05-06", "2025-05-07"]
    assert "2025-05-01" in told["skipped"] and told["at_words"].endswith("24:00")


def test_what_is_no_period_is_said(draft):
    told = draft.browser.get("/designer/timer.json?spec=soon", headers=JSON).json
    assert told["is_valid"] is False and told["error"]


def test_an_expression_is_judged(draft):
    assert draft.post("expression", text='plan.scope == "PUBLIC"').json["is_valid"]
    wrong = draft.post("expression", text="import os", kind="script").json
    assert wrong["is_valid"] is False and wrong["line"] == 1 and wrong["reason"]
    assert draft.post("expression", text="> three", kind="test").json["is_valid"] is False


def test_a_form_is_previewed_by_our_own_renderer(draft):
    form = {"components": [{"type": "textfield", "key": "why", "label": "理由"}]}
    assert "理由" in draft.post("forms/preview", definition=form).get_data(as_text=True)
    assert 'name="title"' in draft.post("forms/preview", definition={"path": "plan.form.json"}).get_data(as_text=True)


def test_a_form_that_cannot_be_drawn_says_why(draft):
    answer = draft.post("forms/preview", definition={"components": [{"type": "iframe", "key": "a"}]})
    assert answer.status_code == 422 and answer.json["findings"]


def test_a_table_is_previewed_and_asked(draft):
    assert "<table" in draft.post("decisions/preview", path="time_mode.dmn").get_data(as_text=True)
    found = next(each for each in draft.get("options.json").json["decisions"] if each["path"] == "time_mode.dmn")
    answer = draft.post(
        "decisions/answer", path="time_mode.dmn", variables={"plan": {"nature": "STABLE"}, "item": None}
    )
    assert found["outputs"] and answer.status_code in (200, 422)


def test_work_for_programs_outside_is_offered_by_its_topic_and_deployable(draft):
    draft.change(
        PREPARE, 'serviceTaskOperator id="disclosure.register_plan"', 'serviceTaskOperator id="external:stamp"'
    )
    found = {each["value"]: each for each in draft.get("options.json").json["services"]}
    assert {each["name"] for each in found["external:stamp"]["parameters"]} >= {"matter", "plan"}
    assert "外部程序" in found["external:stamp"]["documentation"]
    assert not [each for each in draft.findings() if each["code"].startswith("bpmn.service")]


def test_a_topic_that_is_none_is_a_finding_with_its_remedy(draft):
    draft.change(PREPARE, OPERATOR, 'serviceTaskOperator id="external:"')
    (found,) = [each for each in draft.findings() if each["code"].startswith("bpmn.service")]
    assert found["code"] == "bpmn.service.topic" and "主题" in str(found)
