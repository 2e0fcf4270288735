"""Drafts on every store: saved in turn, requested by one, approved by another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine import Engine, Rehearsal, authoring, comparison, compile_version, drafting, drawing, mainland
from engine.canonical import digest
from engine.refusals import NotOpen

AT = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)
PATH = "small.bpmn"
FLOWS = (("s", "t"), ("t", "e"))
BPMN = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x" id="d">
  <bpmn:process id="small" name="小流程" isExecutable="true">
    <bpmn:startEvent id="s"/><bpmn:userTask id="t" name="办理"/>{wait}<bpmn:endEvent id="e"/>{flows}
  </bpmn:process>
</bpmn:definitions>"""
WAIT = """<bpmn:intermediateCatchEvent id="w"><bpmn:timerEventDefinition id="wd">
<bpmn:timeDuration>"2wd"</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"""


def small(*pairs: tuple[str, str], wait: str = "", name: str = "办理") -> bytes:
    flows = "".join(f'<bpmn:sequenceFlow id="{a}{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs or FLOWS)
    return BPMN.format(wait=wait, flows=flows).replace("办理", name).encode()


def waiting() -> bytes:
    return small(("s", "t"), ("t", "w"), ("w", "e"), wait=WAIT)


@pytest.fixture
def engine(database):
    return Engine(database, clock=lambda: AT)


@pytest.fixture
def draft(engine):
    engine.deploy({PATH: small()}, "anna")
    with engine.database.write() as session:
        version = engine.definitions.in_force(session, "small")
        return drafting.begin_from(session, version, "小流程", "anna", AT).id


def save(engine, draft, data, expected, by="anna"):
    with engine.database.write() as session:
        return drafting.save(session, draft, PATH, data, expected, by, AT).digest


def ask(engine, draft, by="anna"):
    with engine.database.write() as session:
        return drafting.request(session, engine, draft, "why", by, AT).id


def approve(engine, asked, by):
    with engine.database.write() as session:
        return drafting.approve(session, engine, asked, by, AT)


def test_the_second_to_save_is_told_who_was_first(engine, draft):
    first = save(engine, draft, waiting(), digest(small()), "bert")
    with pytest.raises(drafting.Outdated) as refusal:
        save(engine, draft, small(name="别名"), digest(small()))
    assert (refusal.value.parameters["by"], refusal.value.parameters["digest"]) == ("bert", first)


def test_the_same_bytes_again_are_no_change(engine, draft):
    save(engine, draft, small(), "whatever")
    with engine.database.read() as session:
        assert len(drafting.history(session, draft)) == 1


def test_nobody_approves_what_they_drew(engine, draft):
    save(engine, draft, waiting(), digest(small()), "bert")
    asked = ask(engine, draft)
    for by in ("anna", "bert"):
        with pytest.raises(drafting.SamePerson):
            approve(engine, asked, by)
    assert approve(engine, asked, "cara").number == 2


def test_a_running_instance_stays_on_its_version(engine, draft):
    running = engine.start("small", {}, "anna")
    save(engine, draft, waiting(), digest(small()))
    version = approve(engine, ask(engine, draft), "cara")
    assert engine.start("small", {}, "anna").version_id == version.id != running.version_id


def test_a_withdrawn_draft_keeps_its_files(engine, draft):
    with engine.database.write() as session:
        drafting.withdraw(session, draft, "anna", AT)
    with engine.database.read() as session:
        assert drafting.files(session, draft) == {PATH: small()}
    with pytest.raises(NotOpen):
        save(engine, draft, waiting(), digest(small()))


def test_a_layout_makes_a_drawing_without_faults():
    drawn = authoring.lay_out(PATH, waiting())
    assert not authoring.is_drawn(waiting()) and authoring.is_drawn(drawn)
    assert drawing.faults({PATH: drawn}) == []


def test_a_comparison_names_what_was_added_and_changed():
    found = comparison.compare({PATH: small()}, {PATH: small(("s", "t"), ("t", "w"), ("w", "e"), wait=WAIT, name="审")})
    said = {mark.key: (mark.change, [each.name for each in mark.properties]) for mark in found[0].marks}
    assert said == {
        "t": ("changed", ["name"]),
        "te": ("removed", []),
        **dict.fromkeys(("w", "tw", "we"), ("added", [])),
    }


def test_a_rehearsal_waits_working_days_and_goes_back():
    rehearsal = Rehearsal("r", compile_version({PATH: waiting()}), mainland(), AT)
    rehearsal.start({})
    rehearsal.complete(next(iter(rehearsal.standing.tasks)), {"a": 1})
    rehearsal.wait("1wd")
    assert rehearsal.standing.state == "open"
    rehearsal.wait("2wd")
    assert rehearsal.standing.state == "completed" and rehearsal.variables == {"a": 1}
    rehearsal.undo()
    assert rehearsal.standing.state == "open" and rehearsal.marks()[PATH]["active"] == ["w"]
