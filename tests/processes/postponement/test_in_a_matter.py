"""Inside a matter a specially major and complex plan waits for its day, with consent, and goes on then (Art. 16)."""

from __future__ import annotations

from datetime import date

import pytest

from processes.disclosure.matters import withdraw
from processes.postponement import Postponement
from processes.postponement.refusals import UntilPast
from tests.processes.kit import Kit
from tests.processes.plans import Plan
from tests.processes.postponement.test_postponement import AGREED, ASKED, MEETING, SECRETARY


def asked(kit: Kit) -> Plan:
    plan = Plan(kit).drafted(nature="COMPLEX")
    assert plan.waits == ["request"]
    return plan.does("xuzhihang", "request", ASKED)


def test_the_matter_waits_and_its_review_begins_when_the_day_has_come(kit: Kit) -> None:
    plan = asked(kit).does(SECRETARY, "consent", AGREED)
    assert (plan.waits, plan.matter.state) == ([], "POSTPONED")
    kit.passes(to="2026-04-01T00:01")
    assert plan.waits == ["choose"]
    plan.does("xuzhihang", "choose", {"result": "RELEASE"})
    assert (plan.waits, plan.matter.state) == (["review"], "IN_REVIEW")


def test_what_is_not_agreed_to_goes_back_to_the_proposer(kit: Kit) -> None:
    plan = asked(kit).does(SECRETARY, "consent", {**MEETING, "result": "REJECT"})
    assert (plan.waits, plan.matter.state) == (["draft"], "RETURNED")
    with pytest.raises(UntilPast):
        plan.drafted(nature="COMPLEX").does("xuzhihang", "request", {**ASKED, "until": "2026-03-02"})


def test_a_matter_that_was_withdrawn_is_no_longer_postponed(kit: Kit) -> None:
    plan = asked(kit).does(SECRETARY, "consent", AGREED)
    withdraw(kit.engine, plan.matter, kit.actor("xuzhihang"), "改由学校统一公布")
    with kit.database.read() as session:
        assert Postponement.passed(session, date(2026, 5, 1)) == []
    assert plan.matter.state == "WITHDRAWN"
