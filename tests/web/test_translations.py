"""Nothing that the product says is left in English for a Chinese reader, and nothing is lost on the way."""

from __future__ import annotations

import re
from collections import Counter

import forms
from web import i18n

from . import messages

CHINESE = {msgid if isinstance(msgid, str) else msgid[0]: said for msgid, said in i18n.messages("zh_Hans_CN")}
NAMES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def test_every_sentence_of_pages_is_translated():
    assert {said: where for said, where in messages.of_pages().items() if said not in CHINESE} == {}


def test_every_refusal_is_translated():
    assert {said: where for said, where in messages.of_refusals().items() if said not in CHINESE} == {}


def test_every_finding_about_a_diagram_is_translated():
    assert {said: where for said, where in messages.of_findings().items() if said not in CHINESE} == {}


def test_every_phrase_within_a_message_is_translated():
    assert {said: where for said, where in messages.of_phrases().items() if said not in CHINESE} == {}


def test_every_sentence_of_forms_is_translated():
    assert [said for said in forms.messages.ALL if said not in CHINESE] == []


def test_a_translation_keeps_the_names_in_it():
    strange = [m for m, said in CHINESE.items() if not set(NAMES.findall(said)) <= set(NAMES.findall(m)) | {"%(num)d"}]
    assert strange == []


def test_a_sentence_is_said_alike_everywhere():
    said = set(i18n.messages("zh_Hans_CN"))
    twice = [msgid for msgid, count in Counter(msgid for msgid, _ in said).items() if count > 1]
    assert twice == []
