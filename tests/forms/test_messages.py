"""Every sentence is said in Chinese too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import forms
from forms import messages
from tests.forms.definitions import Page, field, form

CATALOGUE = Path(__file__).parents[2] / "web" / "translations" / "zh_Hans_CN" / "forms.po"


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


@pytest.fixture
def in_chinese(chinese: dict[str, str]) -> Iterator[None]:
    messages.use(chinese.__getitem__)
    yield
    messages.use()


@pytest.fixture
def in_english() -> Iterator[None]:
    messages.use(language=lambda: "en")
    yield
    messages.use()


def test_the_catalogue_holds_exactly_our_messages(chinese: dict[str, str]) -> None:
    assert set(chinese) == set(messages.ALL) and all(chinese.values())


@pytest.mark.parametrize("message", messages.ALL)
def test_a_translation_names_what_the_message_names(message: str, chinese: dict[str, str]) -> None:
    assert set(re.findall(r"\{\w+\}", chinese[message])) == set(re.findall(r"\{\w+\}", message))


def test_messages_to_a_person_are_chinese(in_chinese: None) -> None:
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(field("textfield", validate={"maxLength": 3})), {"it": "一二三四"})
    assert refused.value.errors == {"it": ["请填写不超过 3 个字符。"]}


def test_the_page_is_chinese(in_chinese: None) -> None:
    rows = field("dynamiclist", "rows", allowAddRemove=True, defaultRepetitions=1, components=[field("taglist")])
    page = Page(forms.render(form(rows, field("select")), {}, {"it": ["请选择。"]}))
    assert not re.search(r"[A-Za-z]{3}", page.text.replace("The unit", ""))


def test_a_pattern_speaks_english_to_english_readers(in_english: None) -> None:
    component = field("textfield", validate={"pattern": "^1$", "patternErrorMessage": "请填 1"})
    with pytest.raises(forms.Invalid) as refused:
        forms.validate(form(component), {"it": "2"})
    assert refused.value.errors == {"it": [messages.WRONG_FORMAT]}
