"""A form on the page: usable without JavaScript, with a screen reader, in two languages."""

from __future__ import annotations

import json
from typing import Any

import pytest

import forms
from forms import messages
from tests.forms.definitions import DIGEST, LETTER, OPTIONS, Page, field, form, hidden_if

ATTACK = "\"'><script>alert(1)</script>{{7*7}}</textarea>"
SCOPE = field("select", "scope")


def page(*components: Any, data: Any = None, errors: Any = None, **how: Any) -> Page:
    return Page(forms.render(form(*components), data or {}, errors, **how))


@pytest.mark.parametrize(
    ("component", "tag", "kind"),
    [
        (field("textfield"), "input", "text"),
        (field("textarea"), "textarea", None),
        (field("richtext"), "textarea", None),
        (field("number"), "input", "text"),
        (field("datetime"), "input", "date"),
        (field("datetime", subtype="time"), "input", "time"),
        (field("datetime", subtype="datetime"), "input", "datetime-local"),
        (field("checkbox"), "input", "checkbox"),
        (field("select"), "select", None),
        (field("filepicker"), "input", "file"),
    ],
)
def test_a_field_is_a_native_input_with_a_label(component: dict[str, Any], tag: str, kind: str | None) -> None:
    drawn = page(component)
    control = drawn.named("it")
    assert control.tag == tag and control.get("type") == kind
    assert drawn.find(f"//label[@for='{control.get('id')}']").text_content().strip() in ("标签", "时间")


@pytest.mark.parametrize("kind", ["radio", "checklist", "taglist"])
def test_a_choice_is_a_fieldset_with_a_legend_and_labelled_options(kind: str) -> None:
    drawn = page(field(kind), data={"it": "public" if kind == "radio" else ["public"]})
    assert drawn.find("//fieldset/legend").text_content().strip() == "标签"
    chosen = drawn.find("//input[@name='it'][@checked]")
    assert drawn.find(f"//label[@for='{chosen.get('id')}']").text_content() == "社会"


def test_a_hint_and_an_error_describe_the_field() -> None:
    drawn = page(field("textfield", description="不超过 50 字"), errors={"it": ["Please enter text."]})
    control = drawn.named("it")
    said = [drawn.find(f"//*[@id='{name}']").text_content() for name in control.get("aria-describedby").split()]
    assert said == ["不超过 50 字", "Please enter text."] and control.get("aria-invalid") == "true"


def test_the_summary_links_to_every_field_that_is_wrong() -> None:
    rows = field("dynamiclist", "rows", components=[field("textfield", "city")])
    errors = {"it": ["A."], "rows": {"1": {"city": ["B."]}}, "matter": ["C."]}
    drawn = page(field("radio"), rows, data={"rows": [{}, {}]}, errors=errors)
    links = drawn.root.xpath("//*[@id='form-errors']//a/@href")
    assert links == ["#f-it", "#f-rows-1-city"]
    assert all(drawn.has(f"//*[@id='{link[1:]}']") for link in links)
    assert "C." in drawn.find("//*[@id='form-errors']").text_content()


def test_rows_numbered_by_integers_find_their_errors_too() -> None:
    rows = field("dynamiclist", "rows", components=[field("textfield", "city")])
    assert page(rows, data={"rows": [{}]}, errors={"rows": {0: {"city": ["B."]}}}).has("//a[@href='#f-rows-0-city']")


def test_without_errors_there_is_no_summary() -> None:
    assert not page(field("textfield")).has("//*[@id='form-errors']")


def test_a_required_field_is_marked_as_such() -> None:
    drawn = page(field("textfield", validate={"required": True}), field("checklist", "b", validate={"required": True}))
    assert drawn.named("it").get("aria-required") == "true"
    assert "required" in drawn.find("//fieldset/legend").text_content()
    assert not drawn.has("//@required"), "the browser would speak its own language"


def test_a_field_is_marked_as_required_when_its_expression_holds() -> None:
    note = field("textfield", "note", properties={"required_if": '=scope = "public"'})
    assert page(SCOPE, note, data={"scope": "public"}).named("note").get("aria-required") == "true"
    assert page(SCOPE, note, data={"scope": "unit"}).named("note").get("aria-required") is None


def test_a_hidden_field_is_not_on_the_page() -> None:
    note = field("textfield", "note", **hidden_if('scope != "public"'))
    assert page(SCOPE, note, data={"scope": "public"}).has("//*[@name='note']")
    assert not page(SCOPE, note, data={"scope": "unit", "note": "x"}).has("//*[@name='note']")


def test_only_fields_that_others_depend_on_refresh_the_page() -> None:
    note = field("textfield", "note", **hidden_if('scope != "public"'))
    drawn = page(SCOPE, note, data={"scope": "public"}, refresh_url="/tasks/7/completion")
    assert drawn.root.xpath("//*[@hx-trigger='change']/@data-field") == ["scope"]
    assert drawn.find("//*[@hx-trigger='change']").get("hx-post") == "/tasks/7/completion"
    assert drawn.has("//noscript/button[@name='action'][@value='refresh']")


def test_a_form_without_conditions_has_no_button_to_refresh() -> None:
    assert not page(SCOPE).has("//noscript")


def test_enter_neither_submits_nor_changes_a_list() -> None:
    drawn = page(field("textfield"), field("dynamiclist", "rows", allowAddRemove=True, components=[]))
    first = drawn.root.xpath("//button")[0]
    assert (first.get("name"), first.get("value"), first.get("tabindex")) == ("action", "refresh", "-1")


ROWS = field(
    "dynamiclist",
    "rows",
    allowAddRemove=True,
    defaultRepetitions=1,
    components=[field("textfield", "city"), field("checkbox", "abroad"), field("filepicker", "ticket")],
)


def pressed(drawn: Page, button: str, **typed: Any) -> dict[str, Any]:
    return forms.read(
        form(ROWS), drawn.press(button, **typed), Page(forms.render(form(), {})).press("x"), dict, {DIGEST: LETTER}.get
    )


def test_rows_are_added_and_removed_by_buttons_alone() -> None:
    data = pressed(page(ROWS), "rows--add", **{"rows-0-city": "北京"})
    data = pressed(page(ROWS, data=data), "rows--add", **{"rows-1-city": "上海"})
    data = pressed(page(ROWS, data=data), "rows-0--remove")
    assert [row["city"] for row in data["rows"]] == ["上海", None]


def test_a_list_without_buttons_offers_none() -> None:
    assert not page({**ROWS, "allowAddRemove": False}).has("//button[contains(@name, 'rows')]")


def test_a_kept_file_comes_back_with_a_box_to_remove_it() -> None:
    drawn = page(ROWS, data={"rows": [{"ticket": [LETTER]}]}, file_url=lambda file: "/files/" + file["digest"])
    assert drawn.named("rows-0-ticket--kept").get("value") == DIGEST
    assert drawn.find("//a").get("href") == "/files/" + DIGEST
    assert pressed(drawn, "rows--add")["rows"][0]["ticket"] == [LETTER]
    assert pressed(drawn, "rows--add", **{"rows-0-ticket--drop": DIGEST})["rows"][0]["ticket"] == []


def test_a_page_posts_what_it_shows() -> None:
    entered: dict[str, Any] = {
        "textfield": "甲",
        "textarea": "甲\n乙",
        "number": 1.5,
        "datetime": "2024-03-01",
        "radio": "unit",
        "select": "public",
        "checklist": ["unit"],
        "taglist": ["public"],
        "checkbox": True,
    }
    definition = form(*(field(kind, kind) for kind in entered))
    posted = Page(forms.render(definition, entered)).press("submit")
    raw = forms.read(definition, posted, posted, dict)
    assert forms.validate(definition, raw) == entered


def test_defaults_fill_what_was_never_entered() -> None:
    component = field("textfield", defaultValue="草稿")
    assert page(component).named("it").get("value") == "草稿"
    assert page(component, data={"it": None}).named("it").get("value") == ""


def test_many_options_scroll_in_a_box_of_their_own() -> None:
    people = [{"value": f"p{n}", "label": f"人{n}"} for n in range(500)]
    component = field("taglist", values=None, valuesKey="people")
    drawn = page(component, data={"it": ["p7"]}, context={"people": people})
    assert len(drawn.root.xpath("//*[@class='form-options-scroll border rounded p-2']//input")) == 500
    assert "1 of 500 chosen" in drawn.text and drawn.has("//fieldset[@data-filterable]")


def test_without_options_the_page_says_so() -> None:
    assert messages.NO_OPTIONS in page(field("taglist", values=None, valuesKey="people")).text


def test_a_locked_field_shows_the_value_of_the_context_and_no_input() -> None:
    drawn = page(field("select", readonly=True), data={"it": "unit"}, context={"it": "public"})
    assert "社会" in drawn.text and not drawn.has("//*[@name='it']")


def test_sixteen_columns_become_twelve() -> None:
    beside = [
        field("textfield", key, layout={"row": "r", "columns": n}) for key, n in [("a", 10), ("b", 4), ("c", None)]
    ]
    drawn = page(*beside, field("textfield", "d", layout={"row": None, "columns": 4}))
    assert len(drawn.root.xpath("//*[@class='row']")) == 2
    classes = [element.get("class") for element in drawn.root.xpath("//*[@data-field]")]
    assert classes == ["col-12 col-md-8 mb-3", "col-12 col-md-3 mb-3", "col-12 col-md mb-3", "col-12 mb-3"]


@pytest.mark.parametrize("kind", ["textfield", "textarea", "richtext", "number", "datetime", "filepicker"])
def test_nothing_that_a_person_enters_becomes_markup(kind: str) -> None:
    value: Any = [{**LETTER, "name": ATTACK, "digest": ATTACK}] if kind == "filepicker" else ATTACK
    markup = forms.render(form(field(kind)), {"it": value}, {"it": [ATTACK]}, file_url=lambda file: ATTACK)
    assert "<script" not in markup and not Page(markup).has("//script")


def test_nothing_that_a_designer_writes_becomes_markup() -> None:
    options = [{"value": ATTACK, "label": ATTACK, "en": ATTACK}]
    settings: dict[str, Any] = {
        "label": ATTACK,
        "description": ATTACK,
        "appearance": {"prefixAdorner": ATTACK, "suffixAdorner": ATTACK},
    }
    choices = [field(kind, kind, values=options, **settings) for kind in ("radio", "select", "checklist")]
    others = [field("textfield", **settings), field("filepicker", "f", accept=ATTACK, **settings)]
    others.append(field("number", "n", id=ATTACK, layout={"row": ATTACK}, defaultValue=ATTACK))
    text = {
        "type": "text",
        "text": f"{ATTACK.replace('{{', '').replace('}}', '')} [x](javascript:alert(1)) <img src=x onerror=1>",
    }
    for language in ("zh", "en"):
        drawn = page(*choices, *others, text, language=language)
        assert not drawn.has("//script") and not drawn.has("//img") and not drawn.has("//a[starts-with(@href, 'java')]")


def test_nothing_in_an_address_becomes_markup() -> None:
    assert not page(ROWS, refresh_url=ATTACK).has("//script")


def test_text_is_markdown() -> None:
    drawn = page({"type": "text", "text": "### 说明\n**重要** [规定](https://example.com)"})
    assert drawn.find("//h3").text == "说明" and drawn.find("//a").get("rel") == "noopener"


def test_english_labels_are_used_where_there_are_any() -> None:
    english = {"en": "Title", "en_description": "At most 50 characters"}
    drawn = page(field("textfield", description="不超过 50 字", properties=english), language="en")
    assert "Title" in drawn.text and "At most 50 characters" in drawn.text and "标签" not in drawn.text


def test_chinese_is_marked_as_such_on_an_english_page() -> None:
    drawn = page(field("radio"), field("select", "s"), language="en")
    assert drawn.find("//legend/span[@lang='zh']").text == "标签"
    assert drawn.find("//label[@for='f-it-1']").text_content() == OPTIONS[0]["en"]
    assert drawn.find("//option[@value='public']").get("lang") == "zh"


def test_a_chinese_page_has_no_marks_of_language() -> None:
    assert not page(field("radio", properties={"en": "Title"})).has("//@lang")


def test_a_form_reads_the_same_from_bytes() -> None:
    definition = form(ROWS, SCOPE)
    assert forms.render(json.dumps(definition).encode(), {}) == forms.render(definition, {})


def test_every_id_is_used_once() -> None:
    drawn = page(ROWS, SCOPE, field("radio"), field("checklist", "c"), data={"rows": [{"ticket": [LETTER]}, {}]})
    ids = drawn.root.xpath("//@id")
    assert len(ids) == len(set(ids))
