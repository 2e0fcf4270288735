"""A drawing must be readable: checked on made-up diagrams of many shapes, by measuring what was drawn."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from random import Random

import pytest
from lxml import etree

from engine.bpmn.layout import BPMN, BPMNDI, DC, DI, lay_out

HEAD = f'<definitions xmlns="{BPMN[1:-1]}" xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core" id="d">'
TIMER = "<timerEventDefinition><timeDuration>'PT1H'</timeDuration></timerEventDefinition>"


def diagram(elements, flows, lanes=()):
    """A process: elements {id: tag}, flows [(from, to)], lanes [[ids]]."""
    parts = [f'<{tag} id="{key}" name="{key}"/>' for key, tag in elements.items()]
    parts += [f'<sequenceFlow id="{a}-{b}" name="to {b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows]
    return process(*parts, lanes=lanes)


def process(*parts, lanes=()):
    inside = "".join(
        f'<lane id="lane{n}">{"".join(f"<flowNodeRef>{key}</flowNodeRef>" for key in keys)}</lane>'
        for n, keys in enumerate(lanes)
    )
    lane_set = f'<laneSet id="lanes">{inside}</laneSet>' if lanes else ""
    return f'{HEAD}<process id="p" name="p">{lane_set}{"".join(parts)}</process></definitions>'.encode()


def grown(seed):
    """A random process with gateways, loops back and lanes; always the same for one seed."""
    chance = Random(seed)
    elements, flows, open_ends = {"start": "startEvent"}, [], ["start"]
    for n in range(chance.randint(4, 14)):
        source = open_ends.pop(chance.randrange(len(open_ends)))
        key = f"n{n}"
        elements[key] = chance.choice(["userTask", "serviceTask", "exclusiveGateway"])
        flows.append((source, key))
        open_ends += [key] * (chance.randint(1, 3) if elements[key] == "exclusiveGateway" else 1)
        if elements[key] == "exclusiveGateway" and chance.random() < 0.6:
            flows.append((key, chance.choice([e for e in elements if e != "start" and e != key] or ["n0"])))
    for n, source in enumerate(open_ends):
        elements[f"end{n}"] = "endEvent"
        flows.append((source, f"end{n}"))
    keys = list(elements)
    count = chance.randint(0, 3)
    lanes = [[key for key in keys if hash_of(key) % count == lane] for lane in range(count)] if count else []
    return diagram(elements, sorted({f for f in flows if f[0] != f[1]}), lanes)


@cache
def drawing(seed):
    return Drawing(lay_out(grown(seed)))


def hash_of(key):
    return sum(map(ord, key))


class Drawing:
    """What was drawn, as numbers."""

    def __init__(self, xml):
        root = etree.fromstring(xml)
        self.boxes, self.lines, self.labels = {}, {}, {}
        for shape in root.iter(f"{BPMNDI}BPMNShape"):
            self.boxes[shape.get("bpmnElement")] = bounds(shape)
        for edge in root.iter(f"{BPMNDI}BPMNEdge"):
            points = [(int(p.get("x")), int(p.get("y"))) for p in edge.iter(f"{DI}waypoint")]
            self.lines[edge.get("bpmnElement")] = list(zip(points, points[1:], strict=False))
        for label in root.iter(f"{BPMNDI}BPMNLabel"):
            self.labels[label.getparent().get("bpmnElement")] = bounds(label)
        flows = root.iter(f"{BPMN}sequenceFlow")
        self.ends = {flow.get("id"): {flow.get("sourceRef"), flow.get("targetRef")} for flow in flows}
        self.lane_of = {ref.text: ref.getparent().get("id") for ref in root.iter(f"{BPMN}flowNodeRef")}

    @property
    def nodes(self):
        return {key: box for key, box in self.boxes.items() if key not in ("p_pool", "sub") and "lane" not in key}


def bounds(shape):
    b = shape.find(f"{DC}Bounds")
    return tuple(int(b.get(side)) for side in ("x", "y", "width", "height"))


def share_ground(a, b):
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def as_box(segment):
    (ax, ay), (bx, by) = segment
    return min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by)


def overlap(a, b):
    """Do two segments run along each other?"""
    (x, y, w, h), (u, v, k, m) = as_box(a), as_box(b)
    if w and k:
        return y == v and min(x + w, u + k) - max(x, u) > 0
    return bool(h and m) and x == u and min(y + h, v + m) - max(y, v) > 0


SEEDS = pytest.mark.parametrize("seed", range(12))


@SEEDS
def test_boxes_never_overlap(seed):
    drawn = drawing(seed)
    assert not [pair for pair in combinations(drawn.nodes.values(), 2) if share_ground(*pair)]


@SEEDS
def test_lines_go_round_boxes_and_are_straight(seed):
    drawn = drawing(seed)
    for flow, segments in drawn.lines.items():
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in segments)
        strangers = [box for key, box in drawn.nodes.items() if key not in drawn.ends[flow]]
        assert not any(share_ground(as_box(segment), box) for segment in segments for box in strangers)


@SEEDS
def test_lines_never_run_on_each_other(seed):
    drawn = drawing(seed)
    for one, other in combinations(drawn.lines.values(), 2):
        assert not any(overlap(a, b) for a in one for b in other)


@SEEDS
def test_every_element_is_drawn_inside_its_lane(seed):
    drawn = drawing(seed)
    assert drawn.ends.keys() <= drawn.lines.keys()
    for node, lane in drawn.lane_of.items():
        (_, top, _, height), (_, y, _, size) = drawn.boxes[lane], drawn.boxes[node]
        assert top <= y and y + size <= top + height


@pytest.mark.parametrize("seed", range(4))
def test_a_drawn_diagram_is_drawn_the_same_again(seed):
    once = lay_out(grown(seed))
    assert lay_out(once) == once


def test_a_plain_sequence_is_one_straight_line():
    flows = [("start", "do"), ("do", "end")]
    drawn = Drawing(lay_out(diagram({"start": "startEvent", "do": "userTask", "end": "endEvent"}, flows)))
    assert {len(segments) for segments in drawn.lines.values()} == {1}
    assert drawn.boxes["start"][0] < drawn.boxes["do"][0] < drawn.boxes["end"][0]


def test_lanes_get_a_pool_of_their_own():
    xml = lay_out(diagram({"a": "userTask", "b": "userTask"}, [("a", "b")], [["a"], ["b"]]))
    root = etree.fromstring(xml)
    assert root.find(f"{BPMN}collaboration/{BPMN}participant").get("processRef") == "p"
    assert root.find(f".//{BPMNDI}BPMNPlane").get("bpmnElement") == "p_collaboration"
    assert Drawing(xml).boxes["p_pool"][3] == sum(Drawing(xml).boxes[lane][3] for lane in ("lane0", "lane1"))


def test_a_boundary_event_sits_on_its_task_with_its_little_end_under_it():
    late = f'<boundaryEvent id="late" name="late" attachedToRef="do" cancelActivity="false">{TIMER}</boundaryEvent>'
    flow = '<sequenceFlow id="f" sourceRef="late" targetRef="told"/>'
    drawn = Drawing(lay_out(process('<userTask id="do"/>', late, '<endEvent id="told" name="told"/>', flow)))
    task, event, end = (drawn.boxes[key] for key in ("do", "late", "told"))
    assert event[1] + event[3] // 2 == task[1] + task[3]
    assert end[0] + end[2] // 2 == event[0] + event[2] // 2 and end[1] > event[1] + event[3]


def test_an_event_sub_process_is_open_and_holds_its_elements():
    inner = '<startEvent id="s"/><serviceTask id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
    sub = f'<subProcess id="sub" triggeredByEvent="true">{inner}</subProcess>'
    drawn = Drawing(lay_out(process('<userTask id="do"/>', sub)))
    x, y, width, height = drawn.boxes["sub"]
    for key in ("s", "t"):
        left, top, wide, high = drawn.boxes[key]
        assert x < left and y < top and left + wide < x + width and top + high < y + height
    assert not share_ground(drawn.boxes["sub"], drawn.boxes["do"])


def test_a_hint_wins_over_the_computed_place():
    hint = '<s:properties><s:property name="grid" value="3,1"/></s:properties>'
    far = f'<userTask id="far"><extensionElements>{hint}</extensionElements></userTask>'
    drawn = Drawing(lay_out(process('<userTask id="near"/>', far)))
    assert drawn.boxes["far"][0] > drawn.boxes["near"][0] + 300
    assert drawn.boxes["far"][1] > drawn.boxes["near"][1] + 80


def test_names_of_gateways_and_flows_stand_on_free_ground():
    elements = {"start": "startEvent", "q": "exclusiveGateway", "yes": "userTask", "no": "userTask"}
    drawn = Drawing(lay_out(diagram(elements, [("start", "q"), ("q", "yes"), ("q", "no")])))
    assert {"q", "q-yes", "q-no", "start"} <= drawn.labels.keys()
    for owner, label in drawn.labels.items():
        assert not any(share_ground(label, box) for key, box in drawn.nodes.items() if key != owner)
        assert not any(share_ground(label, as_box(s)) for segments in drawn.lines.values() for s in segments)
