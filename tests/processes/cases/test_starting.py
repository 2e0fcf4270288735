"""A case begins with the form of a start event: who may begin it, for whom, and what it begins with."""

from __future__ import annotations

import pytest

from engine import replay
from processes import cases
from processes.cases.refusals import MayNotStart, NotStartable
from tests.processes.cases.procedures import asking, files, plain_end
from tests.processes.kit import Kit

SAID = {"title": "When is the meeting?", "unit": ""}


@pytest.fixture
def asked(kit: Kit) -> Kit:
    kit.engine.deploy(asking(), "test")
    return kit


def test_a_handler_begins_a_case_for_the_own_unit(asked: Kit) -> None:
    case = asked.begin("asking", "panlili", SAID).case
    assert (case.title, case.organisation, case.code) == ("When is the meeting?", "orgdept", "2026-001")
    assert case.opened_by == asked.id_of("panlili")


def test_cases_are_numbered_by_procedure_and_organisation(asked: Kit) -> None:
    begun = [asked.begin("asking", login, SAID).case for login in ("panlili", "panlili", "yubin")]
    assert [case.code for case in begun] == ["2026-001", "2026-002", "2026-001"]


def test_it_goes_to_whoever_the_diagram_says_and_ends(asked: Kit) -> None:
    run = asked.begin("asking", "panlili", SAID)
    run.as_("gaojianping").does("answer", {"note": "On Monday"})
    assert (run.end, run.case.state) == ("answered", "completed")
    assert run.case.ended_at == asked.clock.now


def test_its_history_replays(asked: Kit) -> None:
    run = asked.begin("asking", "panlili", SAID)
    with asked.database.read() as session:
        assert replay(asked.engine, session, run.id).entries == 1


def test_nobody_without_the_post_begins_it(asked: Kit) -> None:
    with pytest.raises(MayNotStart):
        asked.begin("asking", "gaojianping", SAID)


def test_nobody_begins_it_for_a_unit_elsewhere(asked: Kit) -> None:
    with pytest.raises(MayNotStart):
        asked.begin("asking", "panlili", SAID, organisation="basic-medicine")


def test_a_post_above_begins_it_for_a_unit_below(kit: Kit) -> None:
    kit.engine.deploy(asking(organisation_field="unit"), "test")
    run = kit.begin("asking", "xuzhihang", {**SAID, "unit": "anatomy-branch"})
    assert run.case.organisation == "anatomy-branch"
    assert run.as_("houliangcai").does("answer").end == "answered"


def test_anyone_begins_what_is_for_anyone(kit: Kit) -> None:
    kit.engine.deploy(asking(post="anyone"), "test")
    assert kit.begin("asking", "tianye", SAID).case.organisation == "basic-medicine"


def test_a_link_says_which_organisation_it_concerns(kit: Kit) -> None:
    kit.engine.deploy(asking(post="anyone"), "test")
    publication = kit.released()
    run = kit.begin("asking", "tianye", SAID, publication=publication)
    assert (run.case.organisation, run.linked()) == ("pco", {("publication", publication)})


def test_a_procedure_without_a_start_form_is_not_begun_by_hand(kit: Kit) -> None:
    kit.engine.deploy(
        files(
            '<bpmn:startEvent id="s"/>',
            plain_end("e", "End"),
            '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/>',
        ),
        "test",
    )
    with pytest.raises(NotStartable):
        kit.begin("asking", "panlili", SAID)


def test_the_clock_begins_a_case_in_nobodys_name(asked: Kit) -> None:
    with asked.database.write() as session:
        case = cases.begin(session, asked.engine, "asking", SAID, None, asked.clock.now, organisation="orgdept")
    assert case.opened_by is None
    assert asked.runs("asking")[0].waits == ["answer"]
