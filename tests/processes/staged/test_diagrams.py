"""The diagrams of the staged release and their forms: complete, readable, without a crossing."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest
from lxml import etree

import forms
from engine.bpmn import check
from engine.bpmn.layout import BPMN, BPMNDI, lay_out
from processes.organisation import POSTS
from processes.settings import LIMITS
from web.procedures_folder import files_in

from .conftest import FOLDER

FILES = files_in(FOLDER)
OWN = sorted(path.name for path in FOLDER.glob("*.bpmn"))
ARTICLE = re.compile(r"第[一二三四五六七八九十]+条")
NODES = ("Event", "Task", "Gateway", "callActivity", "subProcess")
PROPERTY = "{*}extensionElements/{*}properties/{*}property"
each_diagram = pytest.mark.parametrize("name", OWN)


def nodes(name):
    return [e for e in etree.fromstring(FILES[name]).iter(f"{BPMN}*") if e.tag.endswith(NODES) and e.get("name")]


def properties(element):
    return {entry.get("name"): entry.get("value") for entry in element.iterfind(PROPERTY)}


def test_the_folder_compiles_without_findings(served):
    assert check(FILES, set(served)) == []


@each_diagram
def test_every_element_cites_its_article_and_has_an_english_name(name):
    for node in nodes(name):
        assert ARTICLE.search(node.findtext(f"{BPMN}documentation") or ""), node.get("id")
        assert ARTICLE.search(properties(node)["basis"]) and properties(node)["en"], node.get("id")


@each_diagram
def test_lanes_cover_every_element_and_name_a_post_that_there_is(name):
    root = etree.fromstring(FILES[name])
    inside = {ref.text for ref in root.iter(f"{BPMN}flowNodeRef")}
    assert {node.get("id") for node in root.find(f"{BPMN}process") if node.tag.endswith(NODES)} <= inside
    assert all(properties(lane)["post"] in POSTS for lane in root.iter(f"{BPMN}lane"))


@each_diagram
def test_every_user_task_is_reminded_and_escalated_by_a_setting(name):
    root = etree.fromstring(FILES[name])
    for task in root.iter(f"{BPMN}userTask"):
        key = re.fullmatch(r'settings\["(.+)"\]', properties(task)["due"])[1]
        dates = root.findall(f".//{BPMN}boundaryEvent[@attachedToRef='{task.get('id')}']//{BPMN}timeDate")
        assert key in LIMITS
        assert [date.text for date in dates] == [f'reminder(settings["{key}"])', f'deadline(settings["{key}"])']


@each_diagram
def test_the_drawing_is_the_program_s_and_its_lines_never_cross(name):
    assert lay_out(FILES[name]) == FILES[name]
    edges = etree.fromstring(FILES[name]).iter(f"{BPMNDI}BPMNEdge")
    lines = [[(int(p.get("x")), int(p.get("y"))) for p in edge.iterfind("{*}waypoint")] for edge in edges]
    for one, other in combinations(lines, 2):
        pairs = [(a, b) for a in zip(one, one[1:], strict=False) for b in zip(other, other[1:], strict=False)]
        assert not any(cross(a, b) or cross(b, a) for a, b in pairs)


def cross(across, down):
    (ax, ay), (bx, by) = across
    (cx, cy), (dx, dy) = down
    return ay == by and cx == dx and min(ax, bx) < cx < max(ax, bx) and min(cy, dy) < ay < max(cy, dy)


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.form.json")))
def test_every_form_stands_its_check_and_speaks_both_languages(name):
    assert forms.check(FILES[name]) == []
    for field in fields(json.loads(FILES[name])):
        assert field["properties"]["en"]
        assert all(option.get("en") for option in field.get("values", []))


def fields(form):
    for field in form["components"]:
        yield field
        yield from fields(field) if "components" in field else ()
