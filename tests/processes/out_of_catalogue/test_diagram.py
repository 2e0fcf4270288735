"""The diagram of Article 12 with its table, forms and shared files: complete and readable."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest
from lxml import etree

import forms
from engine.bpmn import check, compile_version
from engine.bpmn.layout import BPMN, BPMNDI, lay_out
from processes.organisation import POSTS
from processes.settings import LIMITS

from .conftest import FILES, FOLDERS

NAME = "out_of_catalogue.bpmn"
OWN = ("give_reason.form.json", "decide_followup.form.json")
ARTICLE = re.compile(r"第[一二三四五六七八九十]+条")
NODES = ("Event", "Task", "Gateway", "callActivity", "subProcess")
PROPERTY = "{*}extensionElements/{*}properties/{*}property"


@pytest.fixture(scope="module")
def diagram():
    return etree.fromstring(FILES[NAME])


def nodes(diagram):
    return [e for e in diagram.iter(f"{BPMN}*") if e.tag.endswith(NODES) and e.get("name")]


def properties(element):
    return {entry.get("name"): entry.get("value") for entry in element.iterfind(PROPERTY)}


def test_every_element_cites_its_article_and_has_an_english_name(diagram):
    for node in nodes(diagram):
        assert ARTICLE.search(node.findtext(f"{BPMN}documentation") or ""), node.get("id")
        assert ARTICLE.search(properties(node)["basis"]), node.get("id")
        assert properties(node)["en"], node.get("id")


def test_lanes_cover_every_element_and_name_a_post_that_there_is(diagram):
    inside = {ref.text for ref in diagram.iter(f"{BPMN}flowNodeRef")}
    assert {node.get("id") for node in diagram.find(f"{BPMN}process") if node.tag.endswith(NODES)} == inside
    assert all(properties(lane)["post"] in POSTS for lane in diagram.iter(f"{BPMN}lane"))


def test_every_question_has_a_way_out_and_answers(diagram):
    for gateway in diagram.iter(f"{BPMN}exclusiveGateway"):
        flows = gateway.getparent().findall(f"{BPMN}sequenceFlow[@sourceRef='{gateway.get('id')}']")
        assert gateway.get("default") in {flow.get("id") for flow in flows}
        assert len(flows) == 1 or (gateway.get("name").endswith("？") and all(flow.get("name") for flow in flows))


def test_every_user_task_is_reminded_and_escalated_by_a_setting(diagram):
    for task in diagram.iter(f"{BPMN}userTask"):
        due = properties(task)["due"]
        dates = diagram.findall(f".//{BPMN}boundaryEvent[@attachedToRef='{task.get('id')}']//{BPMN}timeDate")
        assert set(re.findall(r'settings\["([^"]+)"\]', due)) <= LIMITS.keys()
        assert [date.text for date in dates] == [f"reminder({due})", f"deadline({due})"]


def test_the_shared_ways_are_called_and_not_copied(diagram):
    assert [call.get("calledElement") for call in diagram.iter(f"{BPMN}callActivity")] == [
        "propose_review",
        "implement",
    ]
    own = {path.name for path in (FOLDERS / "out_of_catalogue").iterdir()}
    for shared in ("propose_review.bpmn", "implement.bpmn", "plan.form.json"):
        assert shared not in own
        assert FILES[shared] == (FOLDERS / "disclosure" / shared).read_bytes()


def test_the_table_knows_the_head_and_the_leading_body_only():
    table = etree.fromstring(FILES["outside_route.dmn"])
    ways = {entry.findtext("{*}text").strip('"') for entry in table.iter("{*}outputEntry")}
    assert ways == {"CHOICE", "COLLECTIVE", "COLLECTIVE_SUPERIOR"}
    assert all(ARTICLE.search(row.findtext("{*}description")) for row in table.iter("{*}rule"))


@pytest.mark.parametrize("name", OWN)
def test_every_form_stands_its_check_and_speaks_both_languages(name):
    assert forms.check(FILES[name]) == []
    for field in json.loads(FILES[name])["components"]:
        assert field["properties"]["en"]
        assert all(option.get("en") for option in field.get("values", []))


def test_the_folder_compiles_and_its_own_diagram_leads():
    assert check(FILES) == []
    assert compile_version(FILES).process_id == "out_of_catalogue"


def test_the_drawing_is_the_program_s():
    assert lay_out(FILES[NAME]) == FILES[NAME]


def test_lines_of_the_drawing_never_cross(diagram):
    edges = diagram.iter(f"{BPMNDI}BPMNEdge")
    lines = [[(int(p.get("x")), int(p.get("y"))) for p in edge.iterfind("{*}waypoint")] for edge in edges]
    for one, other in combinations(lines, 2):
        pairs = [(a, b) for a in zip(one, one[1:], strict=False) for b in zip(other, other[1:], strict=False)]
        assert not any(cross(a, b) or cross(b, a) for a, b in pairs)


def cross(across, down):
    (ax, ay), (bx, by) = across
    (cx, cy), (dx, dy) = down
    return ay == by and cx == dx and min(ax, bx) < cx < max(ax, bx) and min(cy, dy) < ay < max(cy, dy)
