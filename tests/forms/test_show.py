"""What was entered, for reading."""

from __future__ import annotations

from typing import Any

import pytest

import forms
from tests.forms.definitions import LETTER, Page, field, form, hidden_if

ATTACK = "<script>alert(1)</script><img src=x onerror=1>"


def shown(*components: Any, data: Any = None, **how: Any) -> Page:
    return Page(forms.show(form(*components), data or {}, **how))


def test_labels_stand_before_values() -> None:
    drawn = shown(field("textfield"), data={"it": "公开方案"})
    assert (drawn.find("//dt").text_content(), drawn.find("//dd").text_content()) == ("标签", "公开方案")


@pytest.mark.parametrize("kind", ["textfield", "number", "datetime", "radio", "checklist", "filepicker", "richtext"])
def test_what_is_empty_is_a_dash(kind: str) -> None:
    assert shown(field(kind)).find("//dd").text_content() == "—"


def test_options_are_shown_by_their_labels_in_the_language_of_the_page() -> None:
    component = field("checklist", properties={"en": "Scope"})
    assert "本单位、社会" in shown(component, data={"it": ["unit", "public"]}).text
    assert "Scope The unit, 社会" in shown(component, data={"it": ["unit", "public"]}, language="en").text


def test_an_option_that_is_gone_is_shown_as_it_was_stored() -> None:
    assert "p9" in shown(field("taglist", values=None, valuesKey="people"), data={"it": ["p9"]}).text


def test_options_of_the_context_are_shown_by_their_labels() -> None:
    component = field("select", values=None, valuesKey="people")
    assert "张三" in shown(component, data={"it": "p1"}, context={"people": [{"value": "p1", "label": "张三"}]}).text


def test_a_box_is_yes_or_no() -> None:
    assert "Yes" in shown(field("checkbox"), data={"it": True}).text
    assert "No" in shown(field("checkbox")).text


def test_files_are_links_with_a_size() -> None:
    drawn = shown(field("filepicker"), data={"it": [LETTER]}, file_url=lambda file: "/files/" + file["digest"][:4])
    assert drawn.find("//a").get("href") == "/files/aaaa" and "(2.0 KB)" in drawn.text


def test_rich_text_is_sanitised_again() -> None:
    drawn = shown(field("richtext"), data={"it": f"<p>甲</p>{ATTACK}"})
    assert drawn.find("//p").text == "甲" and not drawn.has("//script|//img")


def test_lines_stay_lines() -> None:
    assert len(shown(field("textarea"), data={"it": "一\n二\n三"}).root.xpath("//br")) == 2


def test_hidden_fields_are_left_out() -> None:
    note = field("textfield", "note", **hidden_if('it != "public"'))
    assert "stale" not in shown(field("select"), note, data={"it": "unit", "note": "stale"}).text


def test_rows_and_groups_are_shown_nested() -> None:
    rows = field("dynamiclist", "rows", components=[field("textfield", "city")])
    group = {"type": "group", "label": "分组", "components": [field("textfield", "inside")]}
    drawn = shown(rows, group, data={"rows": [{"city": "北京"}, {"city": "上海"}], "inside": "里"})
    assert [row.text_content().split() for row in drawn.root.xpath("//li")] == [["标签", "北京"], ["标签", "上海"]]
    assert "分组 标签 里" in drawn.text


@pytest.mark.parametrize(
    "kind", ["textfield", "textarea", "number", "datetime", "radio", "checklist", "richtext", "filepicker"]
)
def test_nothing_that_was_entered_becomes_markup(kind: str) -> None:
    value: Any = [{**LETTER, "name": ATTACK}] if kind == "filepicker" else [ATTACK] if kind == "checklist" else ATTACK
    drawn = shown(field(kind, description=ATTACK), data={"it": value}, file_url=lambda file: '"><script>')
    assert not drawn.has("//script|//img")
