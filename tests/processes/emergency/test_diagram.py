"""The diagram and the forms of the handling of an incident: complete, readable, in both languages."""

from __future__ import annotations

import json

import pytest
from lxml import etree

import forms
from engine.bpmn import check
from engine.bpmn.layout import BPMN, lay_out
from processes.emergency.services import services
from tests.processes.disclosure import test_diagrams as drawn

from .conftest import files

FILES = files("emergency")
DIAGRAM = FILES["emergency_handling.bpmn"]
NODES = [e for e in etree.fromstring(DIAGRAM).iter(f"{BPMN}*") if e.tag.endswith(drawn.NODES) and e.get("name")]


def test_it_compiles_without_findings():
    assert check(FILES, services()) == []


def test_the_drawing_is_the_program_s():
    assert lay_out(DIAGRAM) == DIAGRAM


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.get("id"))
def test_every_element_cites_its_article_and_has_two_names(node):
    assert drawn.ARTICLE.search(node.findtext(f"{BPMN}documentation") or "")
    assert drawn.ARTICLE.search(drawn.properties(node)["basis"])
    assert drawn.properties(node)["en"]


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".form.json")])
def test_every_form_stands_its_check_and_speaks_both_languages(name):
    assert forms.check(FILES[name]) == []
    for field in drawn.fields(json.loads(FILES[name])):
        assert field["properties"]["en"]
        assert all(option.get("en") for option in field.get("values", []))


def test_every_user_task_is_reminded_and_escalated():
    root = etree.fromstring(DIAGRAM)
    for task in root.iter(f"{BPMN}userTask"):
        dates = root.findall(f".//{BPMN}boundaryEvent[@attachedToRef='{task.get('id')}']//{BPMN}timeDate")
        assert [date.text.split("(")[0] for date in dates] == ["reminder", "deadline"]
