"""A designer learns at deployment what is wrong with a form, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

import forms
from forms import messages
from tests.forms.definitions import field, form, hidden_if


def messages_of(*components: Any) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in forms.check(form(*components))]


def test_a_form_with_every_kind_of_field_is_fine() -> None:
    kinds = ["textfield", "textarea", "number", "datetime", "checkbox", "radio", "select", "checklist", "taglist"]
    fields = [field(kind, key=kind) for kind in [*kinds, "filepicker", "richtext"]]
    decorations = [{"type": "text", "text": "### 说明"}, {"type": "separator"}, {"type": "spacer"}, {"type": "button"}]
    rows = field("dynamiclist", "rows", components=[field("textfield", "textfield")], allowAddRemove=True)
    group = {"type": "group", "label": "分组", "components": [field("textfield", "inside")]}
    assert messages_of(*fields, *decorations, rows, group) == []


@pytest.mark.parametrize("kind", ["html", "iframe", "image", "table", "expression", "documentPreview", "", None])
def test_an_unknown_kind_of_field_is_refused_by_name(kind: str | None) -> None:
    (problem,) = forms.check(form({"type": kind, "key": "page", "id": "x1"}))
    assert problem.field == "page" and str(kind) in str(problem)


def test_a_key_may_be_used_once_also_across_groups() -> None:
    group = {"type": "group", "components": [field("textfield", "title")]}
    assert messages_of(field("textfield", "title"), group) == [("title", messages.DUPLICATE_KEY)]


def test_a_list_has_keys_of_its_own() -> None:
    assert messages_of(field("textfield", "a"), field("dynamiclist", "b", components=[field("textfield", "a")])) == []


def test_a_field_without_a_key_is_refused() -> None:
    assert messages_of({"type": "textfield", "id": "x", "label": "标题"}) == [("x", messages.NO_KEY)]


@pytest.mark.parametrize("key", ["a-b", "1a", "_method", "a.b", 'a"onclick', "标题", "a" * 65, "a\n"])
def test_a_key_that_could_break_out_of_a_name_is_refused(key: str) -> None:
    assert messages_of(field("textfield", key)) == [(key, messages.BAD_KEY)]


def test_keys_of_the_page_itself_are_refused() -> None:
    assert messages_of(field("textfield", "csrf_token")) == [("csrf_token", messages.RESERVED_KEY)]


def test_a_field_without_a_label_is_refused() -> None:
    assert messages_of(field("textfield", label=" ")) == [("it", messages.NO_LABEL)]


@pytest.mark.parametrize("settings", [{"values": []}, {"values": None}, {"values": "a"}])
def test_a_choice_without_options_is_refused(settings: dict[str, Any]) -> None:
    assert messages_of(field("select", **settings)) == [("it", messages.NO_OPTIONS_GIVEN)]


def test_options_may_come_from_a_variable_of_the_context() -> None:
    assert messages_of(field("select", values=None, valuesKey="lists.people")) == []
    assert messages_of(field("select", values=None, valuesKey="a b")) == [("it", messages.BAD_VARIABLE)]


def test_options_need_a_value_and_a_label_and_no_twin() -> None:
    options = [{"value": "a", "label": "甲"}, {"value": "a", "label": "乙"}, {"value": "", "label": "丙"}, "d"]
    assert [message for _, message in messages_of(field("radio", values=options))] == [
        messages.DUPLICATE_OPTION,
        messages.BAD_OPTION,
        messages.BAD_OPTION,
    ]


def test_a_default_must_be_an_option() -> None:
    assert messages_of(field("radio", defaultValue="moon")) == [("it", messages.BAD_DEFAULT)]


def test_a_bad_condition_is_refused_with_its_reason() -> None:
    (problem,) = forms.check(form(field("textfield", **hidden_if("a = exec(1)"))))
    assert problem.field == "it" and "exec" in str(problem)


def test_a_bad_required_if_is_refused() -> None:
    assert messages_of(field("textfield", properties={"required_if": "=a ="})) == [("it", messages.BAD_CONDITION)]


def test_fields_that_hide_each_other_are_refused() -> None:
    fields = [field("textfield", "a", **hidden_if('b = "1"')), field("textfield", "b", **hidden_if('a = "1"'))]
    (problem,) = forms.check(form(*fields))
    assert problem.message == messages.CIRCLE and "a → b → a" in str(problem)


def test_an_expression_where_none_is_offered_is_refused() -> None:
    assert messages_of(field("textfield", readonly="=a")) == [("it", messages.NO_EXPRESSION)]
    assert messages_of({"type": "text", "id": "t", "text": "{{title}}"}) == [("t", messages.NO_EXPRESSION)]


UNSAFE = [
    "(a+)+$",
    "^(a|a)*$",
    "^(.*)*$",
    "a*a*a*a*",
    "^(a?){40}$",
    "^(?=a)b",
    r"(a)\1",
    "^(?P<n>a)",
    "^((a*){9})*$",
    "^[",
]


@pytest.mark.parametrize("pattern", [*UNSAFE, "a" * 201])
def test_a_pattern_that_could_run_for_ever_is_refused(pattern: str) -> None:
    assert messages_of(field("textfield", validate={"pattern": pattern})) == [("it", messages.BAD_PATTERN)]


@pytest.mark.parametrize(
    "pattern", ["^1[0-9]{10}$", r"^〔\d{4}〕\d+号$", "^[一-龥]{2,10}$", "^[^@]+@[^@]+$", "a|b", ""]
)
def test_an_ordinary_pattern_is_fine(pattern: str) -> None:
    assert messages_of(field("textfield", validate={"pattern": pattern})) == []


@pytest.mark.parametrize(
    "component",
    [
        field("number", decimalDigits=99),
        field("number", increment="many"),
        field("number", validate={"min": "1"}),
        field("number", validate={"min": 5, "max": 1}),
        field("textfield", validate={"minLength": 5, "maxLength": 1}),
        field("textfield", validate={"maxLength": -1}),
        field("textfield", validate={"validationType": "iban"}),
        field("textfield", validate={"min": 5}),
        field("textfield", validate="required"),
        field("textfield", layout={"columns": 40}),
        field("datetime", subtype="week"),
        field("datetime", disallowPassedDates=True),
        field("filepicker", accept=[".pdf"]),
        field("dynamiclist", defaultRepetitions=1e9, components=[]),
        field("select", valuesExpression="=a"),
    ],
)
def test_a_setting_that_would_be_without_effect_is_refused(component: dict[str, Any]) -> None:
    assert [problem.field for problem in forms.check(form(component))] == ["it"]


@pytest.mark.parametrize(
    "definition", [b"", b"[]", b"{", b"\xff", b'{"components": 1}', b"[" * 100_000, b'{"components":["a"]}']
)
def test_what_is_no_form_is_refused(definition: bytes) -> None:
    assert len(forms.check(definition)) == 1


def test_a_form_of_a_newer_editor_is_refused() -> None:
    assert [p.message for p in forms.check({**form(), "schemaVersion": 19})] == [messages.NEWER_FORM]


def test_a_form_without_bounds_is_refused() -> None:
    deep: dict[str, Any] = field("textfield")
    for _ in range(20):
        deep = {"type": "group", "components": [deep]}
    assert messages_of(deep) == [("", messages.TOO_DEEP)]
    assert messages_of(*[{"type": "separator"}] * 501) == [("", messages.TOO_MANY_FIELDS)]


def test_a_form_with_problems_is_never_used() -> None:
    with pytest.raises(forms.NotAForm, match="html"):
        forms.render(json.dumps(form({"type": "html", "id": "h"})).encode(), {})
