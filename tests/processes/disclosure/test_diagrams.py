"""The diagrams, tables and forms of the five steps: complete, readable, and walked in memory."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from lxml import etree

import forms
from engine import Done, Failed
from engine.bpmn import Execution, Seal, check, compile_version
from engine.bpmn.layout import BPMN, BPMNDI, lay_out
from engine.calendar import Calendar
from processes.organisation import POSTS
from processes.settings import LIMITS
from web.procedures_folder import files_in

FOLDER = Path(__file__).parents[3] / "processes" / "disclosure"
FILES = {p.name: p.read_bytes() for p in sorted(FOLDER.iterdir()) if p.suffix in (".bpmn", ".dmn", ".json")}
WHOLE = files_in(FOLDER)
DIAGRAMS = [name for name in FILES if name.endswith(".bpmn")]
ARTICLE = re.compile(r"第[一二三四五六七八九十]+条")
NODES = ("Event", "Task", "Gateway", "callActivity", "subProcess")
SERVICES = {"register_plan", "record_approval", "hold_check", "release"}
SERVICES |= {"record_proofs", "close_feedback", "archive", "close"}
OTHERS = {"secrecy.scan", "secrecy.apply"}
OTHERS |= {f"postponement.{name}" for name in ("ask", "consent", "refuse", "end", "convert")}
PROPERTY = "{*}extensionElements/{*}properties/{*}property"
each_diagram = pytest.mark.parametrize("name", DIAGRAMS)


def nodes(name):
    return [e for e in etree.fromstring(FILES[name]).iter(f"{BPMN}*") if e.tag.endswith(NODES) and e.get("name")]


def properties(element):
    return {entry.get("name"): entry.get("value") for entry in element.iterfind(PROPERTY)}


@each_diagram
def test_every_element_cites_its_article_in_words(name):
    for node in nodes(name):
        assert ARTICLE.search(node.findtext(f"{BPMN}documentation") or ""), node.get("id")
        assert ARTICLE.search(properties(node)["basis"]), node.get("id")


@each_diagram
def test_every_element_has_an_english_name(name):
    assert all(properties(node).get("en") for node in nodes(name))


@each_diagram
def test_lanes_cover_every_element_and_name_a_post(name):
    root = etree.fromstring(FILES[name])
    inside = {ref.text for ref in root.iter(f"{BPMN}flowNodeRef")}
    assert {node.get("id") for node in root.find(f"{BPMN}process") if node.tag.endswith(NODES)} <= inside
    assert all({"post", "organisation", "en"} <= properties(lane).keys() for lane in root.iter(f"{BPMN}lane"))


@each_diagram
def test_every_question_has_a_way_out_and_answers(name):
    for gateway in etree.fromstring(FILES[name]).iter(f"{BPMN}exclusiveGateway"):
        flows = gateway.getparent().findall(f"{BPMN}sequenceFlow[@sourceRef='{gateway.get('id')}']")
        assert gateway.get("default") in {flow.get("id") for flow in flows}
        assert len(flows) == 1 or (gateway.get("name").endswith("？") and all(flow.get("name") for flow in flows))


HURRIED = {"confirm", "review", "review.secrecy", "approve", "check", "prove"}
"""What an urgent matter does in hours (Art. 16): every step from the plan to the proof."""


@each_diagram
def test_every_user_task_is_reminded_and_escalated_by_a_setting(name):
    root = etree.fromstring(FILES[name])
    for task in root.iter(f"{BPMN}userTask"):
        due = properties(task)["due"]
        dates = root.findall(f".//{BPMN}boundaryEvent[@attachedToRef='{task.get('id')}']//{BPMN}timeDate")
        named = re.findall(r'settings\["([^"]+)"\]', due)
        assert named and set(named) <= LIMITS.keys()
        assert [date.text for date in dates] == [f"reminder({due})", f"deadline({due})"]
        assert ("t.immediate_step" in named) is (properties(task)["act"] in HURRIED)


@each_diagram
def test_every_form_that_is_named_exists(name):
    wanted = {properties(node).get("formJsonSchemaFilename") for node in nodes(name)} - {None}
    assert wanted <= FILES.keys()


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".form.json")])
def test_every_form_stands_its_check_and_speaks_both_languages(name):
    assert forms.check(FILES[name]) == []
    for field in fields(json.loads(FILES[name])):
        assert field["properties"]["en"]
        assert all(option.get("en") for option in field.get("values", []))


def fields(form):
    for field in form["components"]:
        yield field
        yield from fields(field) if "components" in field else ()


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".dmn")])
def test_every_row_of_a_table_cites_its_article(name):
    rows = list(etree.fromstring(FILES[name]).iter("{*}rule"))
    assert rows and all(ARTICLE.search(row.findtext("{*}description")) for row in rows)


@each_diagram
def test_the_drawing_is_the_program_s(name):
    assert lay_out(FILES[name]) == FILES[name]


@each_diagram
def test_lines_of_the_drawing_never_cross(name):
    edges = etree.fromstring(FILES[name]).iter(f"{BPMNDI}BPMNEdge")
    lines = [[(int(p.get("x")), int(p.get("y"))) for p in edge.iterfind("{*}waypoint")] for edge in edges]
    for one, other in combinations(lines, 2):
        pairs = [(a, b) for a in zip(one, one[1:], strict=False) for b in zip(other, other[1:], strict=False)]
        assert not any(cross(a, b) or cross(b, a) for a, b in pairs)


def cross(across, down):
    (ax, ay), (bx, by) = across
    (cx, cy), (dx, dy) = down
    return ay == by and cx == dx and min(ax, bx) < cx < max(ax, bx) and min(cy, dy) < ay < max(cy, dy)


def test_the_folder_compiles_without_findings():
    own = {f"disclosure.{name}" for name in SERVICES | {"withdraw"}}
    assert check(WHOLE, own | OTHERS) == []


# -- walked in memory

PLAN = {"title": "年度工作要点", "scope": "ORG_ALL", "channels": ["LAN", "MEETING"], "nature": "STABLE", "co_units": []}
PASS = {"secrecy": "PASS", "necessity": "PASS", "accuracy": "PASS", "others": "PASS", "stop_list": [], "risk": "LOW"}
REVIEW = PASS | {"sco": False, "superior_required": False, "important": False, "result": "PASS"}
AGREE = {"result": "AGREE"}


@cache
def program():
    return compile_version(WHOLE)


class Walk:
    """A matter in memory: tasks are done by element, services answer from a dictionary."""

    def __init__(self, item_route=None, in_catalogue=True, release=None):
        self.count, self.done = 0, []
        registered = {"text_hash": "h", "in_catalogue": in_catalogue, "important": False, "item_route": item_route}
        self.answers = {"register_plan": registered, "record_approval": {"approved_hash": "h", "at": "now"}}
        self.releases = [release] if release else []
        data = {"matter": "m1", "organisation": "office", "superior": "", "item": None}
        data |= {"seats": dict.fromkeys(POSTS, "office"), "settings": {key: it.default for key, it in LIMITS.items()}}
        self.execution, outcome = Execution.start(program(), data, self.seal(), self.answer, process_id="disclosure")
        self.open, self.timers = {task.id: task for task in outcome.opened}, len(outcome.timers)
        self.completed = outcome.completed

    def seal(self):
        self.count += 1
        return Seal(datetime(2026, 3, 2, tzinfo=UTC), f"walk{self.count}", Calendar({}))

    def answer(self, call):
        if call.service in OTHERS:
            return Done({"found": False, "kinds": ["NONE"], "lines": ""})
        name = call.service.removeprefix("disclosure.")
        self.done.append((name, dict(call.arguments)))
        if name == "release":
            if self.releases:
                return self.releases.pop()
            rules = call.arguments["channels"]
            return Done(
                {
                    "id": "p1",
                    "portal_channels": [rule["channel"] for rule in rules if rule["portal"]],
                    "proof_channels": [rule["channel"] for rule in rules if not rule["portal"]],
                }
            )
        return Done(self.answers.get(name, {}))

    def do(self, element, submission):
        task = next(task for task in self.open.values() if task.element == element)
        outcome = self.execution.complete(task.id, submission, self.seal(), self.answer)
        for key, _ in outcome.closed:
            self.open.pop(key, None)
        self.open |= {task.id: task for task in outcome.opened}
        self.completed = outcome.completed
        return self

    @property
    def waiting(self):
        return sorted(task.element for task in self.open.values())

    @property
    def called(self):
        return [name for name, _ in self.done]


def reviewed(review=None, plan=None, **start):
    return Walk(**start).do("draft", PLAN | (plan or {})).do("review", REVIEW | (review or {}))


def test_the_straight_way_ends_in_the_archive():
    walk = reviewed().do("approve_head", AGREE).do("prove", {"meeting": "全体会"})
    walk.do("feedback", {"summary": "无", "outcome": "无"}).do("file_archive", {"archive_no": "1"})
    assert walk.completed
    assert walk.called == [
        "register_plan",
        "register_plan",
        "record_approval",
        "hold_check",
        "release",
        "record_proofs",
        "close_feedback",
        "archive",
    ]


def test_channels_are_judged_by_the_table():
    walk = reviewed(plan={"channels": ["LAN", "NEWSPAPER"]}).do("approve_head", AGREE)
    rules = dict(walk.done)["release"]["channels"]
    assert [(rule["channel"], rule["allowed"], rule["portal"]) for rule in rules] == [
        ("LAN", True, True),
        ("NEWSPAPER", False, False),
    ]


@pytest.mark.article("第十四条")
def test_what_is_shared_with_the_school_affairs_platform_is_proved_by_its_address():
    walk = reviewed(plan={"channels": ["LAN", "SCHOOL_AFFAIRS"]}).do("approve_head", AGREE)
    shared = dict(walk.done)["release"]["channels"][1]
    assert (shared["channel"], shared["proof"], shared["allowed"], shared["portal"]) == (
        "SCHOOL_AFFAIRS", "URL", True, False,
    )  # fmt: skip
    assert walk.waiting == ["prove"]
    inside = reviewed(plan={"channels": ["SCHOOL_AFFAIRS"], "scope": "INTRA_PARTY"}).do("approve_head", AGREE)
    assert not dict(inside.done)["release"]["channels"][0]["allowed"]


def test_every_co_unit_confirms_in_its_own_organisation():
    walk = Walk().do("draft", PLAN | {"co_units": ["hospital", "union"]})
    assert [task.organisation for task in walk.open.values()] == ["hospital", "union"]
    assert walk.do("co_confirm", {"consistent": "YES"}).do("co_confirm", {"consistent": "YES"}).waiting == ["review"]


def test_one_disagreeing_co_unit_returns_the_plan():
    walk = Walk().do("draft", PLAN | {"co_units": ["hospital", "union"]})
    walk.do("co_confirm", {"consistent": "YES"}).do("co_confirm", {"consistent": "NO", "opinion": "改"})
    assert walk.waiting == ["draft"]
    assert next(iter(walk.open.values())).data["plan"]["title"] == PLAN["title"]


@pytest.mark.parametrize("nature", ["REGULAR", "PROGRESSIVE", None])
def test_other_time_modes_go_back_to_the_proposer(nature):
    assert Walk().do("draft", PLAN | {"nature": nature}).waiting == ["draft"]


@pytest.mark.parametrize(
    ("concerns", "scope"),
    [(["TARGETS", "MEMBERS"], "TARGETED"), (["MEMBERS", "UNIT"], "INTRA_PARTY"), (["UNIT"], "UNIT"),
     (["LIVELIHOOD"], "ORG_ALL"), ([], "MANUAL")],
)  # fmt: skip
def test_the_table_says_how_wide_the_audience_may_be(concerns, scope):
    walk = Walk().do("draft", PLAN | {"relevance": concerns})
    assert walk.done[0][1]["audience"]["scope"] == scope


def test_a_return_and_a_failed_verdict_go_back_to_the_proposer():
    assert reviewed({"result": "RETURN", "opinion": "改"}).waiting == ["draft"]
    assert reviewed({"accuracy": "FAIL"}).waiting == ["draft"]


@pytest.mark.parametrize(
    ("review", "outcome"),
    [
        ({"result": "REJECT"}, "REJECTED"),
        ({"result": "NOT_DISCLOSE"}, "NOT_DISCLOSED"),
        ({"stop_list": ["SOCIAL"]}, "NOT_DISCLOSED"),
    ],
)
def test_what_the_review_refuses_is_closed(review, outcome):
    walk = reviewed(review)
    assert walk.completed
    assert walk.done[-1] == ("close", {"matter": "m1", "outcome": outcome})


@pytest.mark.parametrize(
    ("result", "waiting"), [("PASS", ["approve_head"]), ("RETURN", ["draft"]), ("NOT_DISCLOSE", [])]
)
def test_the_secrecy_office_is_asked_when_the_reviewer_wants_it(result, waiting):
    walk = reviewed({"sco": True})
    assert walk.waiting == ["sco_review"]
    assert walk.do("sco_review", {"result": result}).waiting == waiting


@pytest.mark.parametrize(
    ("start", "review", "waiting"),
    [
        ({}, {}, "approve_head"),
        ({"in_catalogue": False}, {}, "approve_head"),
        ({"item_route": "COLLECTIVE"}, {}, "approve_collective"),
        ({}, {"risk": "HIGH"}, "approve_collective"),
        ({}, {"superior_required": True}, "approve_collective"),
    ],
)
def test_the_table_says_who_approves(start, review, waiting):
    assert reviewed(review, **start).waiting == [waiting]


def test_the_head_may_submit_to_the_leading_body():
    walk = reviewed().do("approve_head", {"result": "TO_COLLECTIVE"})
    assert walk.waiting == ["approve_collective"]
    assert walk.do("approve_collective", AGREE).waiting == ["prove"]


def test_the_superior_is_asked_after_the_leading_body():
    walk = reviewed({"superior_required": True}).do("approve_collective", AGREE)
    assert walk.waiting == ["approve_superior"]
    assert walk.do("approve_superior", AGREE).waiting == ["prove"]


def test_an_approval_that_returns_is_proposed_and_reviewed_again():
    walk = reviewed().do("approve_head", {"result": "RETURN", "opinion": "改"})
    assert walk.waiting == ["draft"]
    walk.do("draft", PLAN).do("review", REVIEW | {"risk": "HIGH"}).do("approve_collective", AGREE)
    assert walk.waiting == ["prove"]


def test_a_rejected_matter_is_closed():
    walk = reviewed({"risk": "HIGH"}).do("approve_collective", {"result": "REJECT", "opinion": "不宜"})
    assert walk.completed
    assert walk.done[-1] == ("close", {"matter": "m1", "outcome": "REJECTED"})


def test_a_text_that_differs_is_checked_and_released_again():
    walk = reviewed(release=Failed("HashMismatch", "differs")).do("approve_head", AGREE)
    assert walk.waiting == ["check_mismatch"]
    assert walk.do("check_mismatch", {"cause": "x"}).waiting == ["prove"]


def test_without_channels_that_need_proof_feedback_follows_at_once():
    assert reviewed(plan={"channels": ["LAN"]}).do("approve_head", AGREE).waiting == ["feedback"]
