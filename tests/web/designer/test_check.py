"""The check names the element, says what is wrong and how to mend it."""

from __future__ import annotations

from time import perf_counter

import pytest

from tests.web.designer.conftest import JSON, REVIEW


def test_a_deployed_procedure_has_no_mistakes(draft):
    assert [each for each in draft.findings() if each["level"] == "error"] == []


def test_a_mistake_is_found_on_its_element(draft):
    draft.change(REVIEW, 'value="review.form.json"', 'value="gone.form.json"')
    found = draft.findings()
    assert [(each["element"], each["code"]) for each in found] == [("review", "bpmn.form.missing")]
    assert found[0]["name"] and found[0]["line"] and "gone.form.json" in found[0]["message"]
    assert found[0]["mend"]


def test_a_script_outside_the_language_is_found_with_its_line(draft):
    draft.change(REVIEW, "settings[&quot;t.review&quot;]", "open(&quot;x&quot;)")
    assert "bpmn.script" in {each["code"] for each in draft.findings()}


def test_unsaved_states_are_checked_too(draft):
    changed = draft.text(REVIEW).replace('value="review.form.json"', 'value="gone.form.json"')
    assert [each["element"] for each in draft.findings(**{REVIEW: changed})] == ["review"]
    assert draft.findings() == []


def test_a_form_is_checked_on_its_field(draft):
    form = '{"components": [{"type": "iframe", "key": "a", "id": "x"}]}'
    found = [each for each in draft.findings(**{"review.form.json": form}) if each["kind"] == "form"]
    assert found and found[0]["element"] and found[0]["mend"]


def test_a_table_with_a_hit_policy_that_does_not_run_is_found(draft):
    table = draft.text("time_mode.dmn")
    policy = table.replace("<decisionTable", '<decisionTable hitPolicy="PRIORITY"', 1)
    if "hitPolicy=" in table:
        policy = table.replace('hitPolicy="FIRST"', 'hitPolicy="PRIORITY"').replace(
            'hitPolicy="UNIQUE"', 'hitPolicy="PRIORITY"'
        )
    assert "dmn.policy" in {each["code"] for each in draft.findings(**{"time_mode.dmn": policy})}


def test_an_element_without_a_drawing_is_found(draft):
    text = draft.text(REVIEW)
    begin = text.index("<bpmndi:BPMNShape", text.index('bpmnElement="review"') - 120)
    end = text.index("</bpmndi:BPMNShape>", begin) + len("</bpmndi:BPMNShape>")
    found = draft.findings(**{REVIEW: text[:begin] + text[end:]})
    assert ("review", "drawing.missing", "warning") in [(e["element"], e["code"], e["level"]) for e in found]


def test_the_findings_are_a_page_too(draft, text):
    draft.change(REVIEW, 'value="review.form.json"', 'value="gone.form.json"')
    page = draft.browser.get(f"{draft.url}/findings")
    assert "gone.form.json" in text(page) and "element=review" in page.get_data(as_text=True)


def test_findings_are_told_in_the_reader_s_language(draft):
    draft.browser.set_cookie("language", "en")
    draft.change(REVIEW, 'value="review.form.json"', 'value="gone.form.json"')
    assert draft.findings()[0]["message"] == 'The form "gone.form.json" is not among the files.'


def test_the_check_takes_less_than_a_second(draft):
    changed = draft.text(REVIEW).replace("审核", "审 核")
    begun = perf_counter()
    draft.browser.post(f"{draft.url}/check", json={"files": {REVIEW: changed}}, headers=JSON)
    assert perf_counter() - begun < 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("open('x')", "没有函数 'open'"),
        ("lambda: 1", "本语言没有 lambda"),
        ("__import__", "名称“__import__”以下划线开头"),
        ("1 +", "无法解读"),
        ("'a'.format(1)", "没有方法“format”"),
    ],
)
def test_why_an_expression_is_refused_is_told_in_chinese(draft, script, said):
    assert draft.post("expression", text=script, kind="expression").json["reason"] == said
    draft.browser.set_cookie("language", "en")
    reason = draft.post("expression", text=script, kind="expression").json["reason"]
    assert reason.isascii()
