"""What is stored of a submission, and what the person is told."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

import forms
from forms import messages
from tests.forms.definitions import DIGEST, LETTER, OTHER, field, form, hidden_if


def faults(component: dict[str, Any], value: Any, context: dict[str, Any] | None = None) -> Any:
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(component), {"it": value}, context)
    return refused.value.errors["it"]


def stored(component: dict[str, Any], value: Any, context: dict[str, Any] | None = None) -> Any:
    return forms.validate(form(component), {"it": value}, context)["it"]


REQUIRED: list[tuple[str, Any, str]] = [
    ("textfield", " ", messages.REQUIRED),
    ("textarea", None, messages.REQUIRED),
    ("richtext", "<p><br></p>", messages.REQUIRED),
    ("number", "", messages.REQUIRED),
    ("datetime", "", messages.REQUIRED),
    ("checkbox", False, messages.REQUIRED_TICK),
    ("radio", None, messages.REQUIRED_CHOICE),
    ("select", "", messages.REQUIRED_CHOICE),
    ("checklist", [], messages.REQUIRED_CHOICES),
    ("taglist", [], messages.REQUIRED_CHOICES),
    ("filepicker", [], messages.REQUIRED_FILE),
]


@pytest.mark.parametrize(("kind", "value", "message"), REQUIRED)
def test_a_required_field_says_what_to_do(kind: str, value: Any, message: str) -> None:
    assert faults(field(kind, validate={"required": True}), value) == [message]


@pytest.mark.parametrize(("kind", "value", "message"), REQUIRED)
def test_an_empty_field_that_may_be_empty_is_stored_as_empty(kind: str, value: Any, message: str) -> None:
    assert stored(field(kind), value) in (None, [], False)


@pytest.mark.parametrize(
    ("component", "value", "expected"),
    [
        (field("textfield"), " 公开\r\n方案 \x00", "公开 方案"),
        (field("textarea"), "一\r\n二\r三\x07", "一\n二\n三"),
        (field("textarea"), "a\ud800b", "ab"),
        (field("number"), "12", 12),
        (field("number"), "12.50", 12.5),
        (field("number"), 3.0, 3),
        (field("number"), -7, -7),
        (field("datetime"), "2024-2-29", "2024-02-29"),
        (field("datetime", subtype="time"), "9:30", "09:30"),
        (field("datetime", subtype="datetime"), "2024-03-01 09:30", "2024-03-01T09:30"),
        (field("checkbox"), "1", True),
        (field("select"), "public", "public"),
        (field("checklist"), ["public", "unit", "unit"], ["unit", "public"]),
        (field("taglist"), "unit", ["unit"]),
        (field("richtext"), "<p onclick=x>甲<script>1</script></p>", "<p>甲</p>"),
        (field("richtext"), "一 < 二\n行\n\n段", "<p>一 &lt; 二<br>行</p><p>段</p>"),
        (field("filepicker"), [{**LETTER, "path": "/etc/passwd"}], [LETTER]),
    ],
)
def test_what_is_entered_is_stored_in_one_spelling(component: dict[str, Any], value: Any, expected: Any) -> None:
    assert stored(component, value) == expected
    assert stored(component, expected) == expected, "what was stored is accepted again, unchanged"


@pytest.mark.parametrize(
    ("component", "value", "message"),
    [
        (field("textfield"), ["a"], messages.NOT_TEXT),
        (field("textfield"), {"a": 1}, messages.NOT_TEXT),
        (field("textfield"), "a" * 2001, "Please enter at most 2000 characters."),
        (field("textfield", validate={"minLength": 3}), "ab", "Please enter at least 3 characters."),
        (field("textarea", validate={"maxLength": 3}), "一二三四", "Please enter at most 3 characters."),
        (field("textfield", validate={"validationType": "email"}), "a@b", messages.NOT_AN_EMAIL),
        (field("textfield", validate={"validationType": "phone"}), "call me", messages.NOT_A_PHONE),
        (field("number"), "twelve", messages.NOT_A_NUMBER),
        (field("number"), "1e9", messages.NOT_A_NUMBER),
        (field("number"), float("nan"), messages.NOT_A_NUMBER),
        (field("number"), True, messages.NOT_A_NUMBER),
        (field("number"), 10**400, messages.NOT_A_NUMBER),
        (field("number", validate={"min": 1}), "0", "Please enter 1 or more."),
        (field("number", validate={"max": 9}), 10, "Please enter 9 or less."),
        (field("number", decimalDigits=1), "1.25", "Please enter at most 1 digits after the decimal point."),
        (field("number", decimalDigits=0), "1.5", messages.NO_DIGITS),
        (field("number", increment="0.5"), "0.3", "Please enter a multiple of 0.5."),
        (field("datetime"), "2023-02-29", messages.NOT_A_DATE),
        (field("datetime"), 20240301, messages.NOT_A_DATE),
        (field("datetime", subtype="time"), "25:00", messages.NOT_A_TIME),
        (field("datetime", subtype="datetime"), "2024-03-01", messages.NOT_A_MOMENT),
        (field("checkbox"), "maybe", messages.NOT_A_TICK),
        (field("radio"), "moon", messages.NOT_AN_OPTION),
        (field("select"), ["unit"], messages.NOT_AN_OPTION),
        (field("checklist"), ["unit", "moon"], messages.NOT_AN_OPTION),
        (field("checklist"), {"unit": 1}, messages.NOT_AN_OPTION),
        (field("filepicker"), "x", messages.NOT_A_FILE),
        (field("filepicker"), [{**LETTER, "digest": "../x"}], messages.NOT_A_FILE),
        (field("filepicker"), [LETTER, {**LETTER, "digest": OTHER}], messages.ONE_FILE),
        (field("filepicker"), [{"name": "x.exe", "refused": "Too large."}], "Too large."),
    ],
)
def test_what_cannot_be_stored_is_refused(component: dict[str, Any], value: Any, message: str) -> None:
    assert faults(component, value) == [message]


def test_a_file_of_another_type_is_refused_by_name() -> None:
    component = field("filepicker", accept=".docx, image/*")
    assert "来函.pdf" in faults(component, [LETTER])[0]
    assert stored(component, [{**LETTER, "type": "image/png"}])


def test_a_pattern_speaks_in_the_designers_words() -> None:
    rules = {"pattern": "^1[0-9]{10}$", "patternErrorMessage": "请输入 11 位手机号 {0}"}
    assert faults(field("textfield", validate=rules), "123") == ["请输入 11 位手机号 {0}"]
    assert stored(field("textfield", validate=rules), "13800138000")


def test_a_pattern_is_matched_in_bounded_time() -> None:
    component = field("textfield", validate={"pattern": "^a*a*a*$"})
    started = time.perf_counter()
    assert faults(component, "a" * 299 + "b") and faults(component, "a" * 1999)
    assert time.perf_counter() - started < 2


def test_options_come_from_the_context_never_from_the_submission() -> None:
    component = field("select", values=None, valuesKey="lists.people")
    people = {"lists": {"people": [{"value": "p1", "label": "张三"}, "p2"]}}
    assert stored(component, "p1", people) == "p1" and stored(component, "p2", people) == "p2"
    assert faults(component, "p3", people) == [messages.NOT_AN_OPTION]
    with pytest.raises(forms.Invalid):
        forms.validate(form(component), {"it": "x", "lists": {"people": ["x"]}})


SCOPE = field("select", "scope")
RECIPIENTS = field("textfield", "recipients", validate={"required": True}, **hidden_if('scope != "unit"'))


def test_a_hidden_field_is_neither_validated_nor_stored() -> None:
    assert forms.validate(form(SCOPE, RECIPIENTS), {"scope": "public", "recipients": "张三"}) == {"scope": "public"}


def test_a_field_that_appears_is_validated() -> None:
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(SCOPE, RECIPIENTS), {"scope": "unit"})
    assert refused.value.errors == {"recipients": [messages.REQUIRED]}


def test_a_hidden_field_counts_as_empty_in_the_conditions_of_others() -> None:
    third = field("textfield", "third", **hidden_if("recipients = null"))
    data = {"scope": "public", "recipients": "smuggled", "third": "too"}
    assert forms.validate(form(SCOPE, RECIPIENTS, third), data) == {"scope": "public"}


def test_a_group_hides_what_lies_in_it() -> None:
    group = {"type": "group", "components": [field("textfield", "a")], **hidden_if('scope = "public"')}
    assert forms.validate(form(SCOPE, group), {"scope": "public", "a": "x"}) == {"scope": "public"}
    assert forms.validate(form(SCOPE, group), {"scope": "unit", "a": "x"})["a"] == "x"


def test_a_group_with_a_path_is_stored_under_it() -> None:
    group = field("group", "contact", components=[field("textfield", "name", validate={"required": True})])
    assert forms.validate(form(group), {"contact": {"name": "张三"}}) == {"contact": {"name": "张三"}}
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(group), {"contact": "x"})
    assert refused.value.errors == {"contact": {"name": [messages.REQUIRED]}}


@pytest.mark.parametrize("lock", ["readonly", "disabled"])
def test_a_locked_field_is_not_stored_and_cannot_be_forged_for_a_condition(lock: str) -> None:
    locked = field("textfield", "level", **{lock: True})
    shown = field("textfield", "secret", **hidden_if('level != "high"'))
    definition = form(locked, shown)
    assert forms.validate(definition, {"level": "high", "secret": "x"}, {"level": "low"}) == {}
    assert forms.validate(definition, {"level": "high", "secret": "x"}) == {}
    assert forms.validate(definition, {"secret": "x"}, {"level": "high"}) == {"secret": "x"}


def test_a_body_that_names_foreign_variables_has_no_effect() -> None:
    body = {"it": "甲", "route": "HEAD", "approval": {"approved_hash": "x"}, "__class__": 1, "settings": {}}
    assert forms.validate(form(field("textfield")), body) == {"it": "甲"}


def test_a_foreign_variable_cannot_open_a_condition() -> None:
    definition = form(field("textfield", **hidden_if("is_chief != true")))
    assert forms.validate(definition, {"it": "x", "is_chief": True}, {"is_chief": False}) == {}


def test_a_field_is_required_when_its_expression_holds() -> None:
    note = field("textfield", "note", properties={"required_if": '=scope = "public"'})
    assert forms.validate(form(SCOPE, note), {"scope": "unit"}) == {"scope": "unit", "note": None}
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(SCOPE, note), {"scope": "public"})
    assert refused.value.errors == {"note": [messages.REQUIRED]}


def test_conditions_read_numbers_and_ticks_as_such_although_a_page_posts_text() -> None:
    more = field("textfield", "more", **hidden_if("days < 10 or not(sure)"))
    definition = form(field("number", "days"), field("checkbox", "sure"), more)
    assert "more" in forms.validate(definition, {"days": "12", "sure": "1", "more": "x"})
    assert "more" not in forms.validate(definition, {"days": "9", "sure": "1", "more": "x"})
    assert "more" not in forms.validate(definition, {"days": "12", "more": "x"})


ROWS = field(
    "dynamiclist",
    "trips",
    allowAddRemove=True,
    components=[
        field("textfield", "city", validate={"required": True}),
        field("checkbox", "abroad"),
        field("textfield", "country", validate={"required": True}, **hidden_if("not(abroad)")),
    ],
)


def test_each_row_of_a_list_has_its_own_conditions() -> None:
    rows = [{"city": "北京", "country": "x"}, {"city": "东京", "abroad": True, "country": "日本"}]
    assert forms.validate(form(ROWS), {"trips": rows}) == {
        "trips": [{"city": "北京", "abroad": False}, {"city": "东京", "abroad": True, "country": "日本"}]
    }


def test_errors_of_rows_are_nested_as_the_form_is() -> None:
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(ROWS), {"trips": [{"city": "北京"}, {"abroad": True}]})
    assert refused.value.errors == {"trips": {"1": {"city": [messages.REQUIRED], "country": [messages.REQUIRED]}}}
    json.dumps(refused.value.errors)


@pytest.mark.parametrize("value", ["x", [1], [[]], {"0": {}}])
def test_rows_of_another_shape_are_refused(value: Any) -> None:
    assert faults({**ROWS, "path": "it"}, value) == [messages.NOT_A_LIST]


def test_too_many_rows_are_refused() -> None:
    assert faults({**ROWS, "path": "it"}, [{"city": "x"}] * 101) == ["Please enter at most 100 rows."]


def test_a_list_without_buttons_keeps_its_length() -> None:
    fixed = {**ROWS, "path": "it", "allowAddRemove": False, "defaultRepetitions": 1}
    assert faults(fixed, [{"city": "x"}] * 2) == ["Please enter at most 1 rows."]
    assert len(stored(fixed, [{"city": "x"}] * 2, {"it": [{}, {}]})) == 2


def test_what_is_stored_is_json() -> None:
    definition = form(field("number", "n"), field("datetime", "d"), field("filepicker", "f"), ROWS)
    data = {"n": "1.5", "d": "2024-03-01", "f": [LETTER], "trips": [{"city": "x"}]}
    entered = forms.validate(json.dumps(definition).encode(), data)
    assert json.loads(json.dumps(entered, allow_nan=False)) == entered


def test_a_file_is_named_by_its_digest() -> None:
    assert stored(field("filepicker", multiple=True), [LETTER])[0]["digest"] == DIGEST
