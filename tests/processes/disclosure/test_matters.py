from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from engine import Actor
from processes import settings
from processes.disclosure import matters
from processes.disclosure.matters import Matter, check_withdrawal, open_matter, withdraw
from processes.disclosure.refusals import AlreadyApproved, MatterClosed, NotHandler, NotProposer
from processes.organisation import seats

from .conftest import NOW, SINCE, new_matter


class Starts:
    """An engine that only notes what it is asked to start."""

    def __init__(self):
        self.started = []

    def start(self, definition, data, by, **more):
        self.started.append((definition, data, by, more))


def seen(session, who, login):
    person = who(login).id
    query = Matter.visible_to(session, person, seats(session, person, SINCE))
    return {matter.id for matter in Matter.page(session, query)[0]}


def test_a_handler_opens_a_matter_of_the_own_unit(session, who):
    engine = Starts()
    matter = open_matter(session, engine, "office", None, who("han").id, NOW)
    [(definition, data, by, more)] = engine.started
    assert (definition, by, more["organisation"]) == ("out_of_catalogue", who("han").id, "office")
    assert (data["matter"], data["organisation"], data["item"]) == (matter.id, "office", None)
    assert (data["seats"]["head_approver"], data["settings"]["t.review"]) == ("party", "2wd")
    assert (matter.state, more["instance_id"]) == ("DRAFT", matter.instance_id)


@pytest.mark.parametrize("login", ["ma", "lin", "nurse"])
def test_nobody_else_opens_it(session, who, login):
    with pytest.raises(NotHandler):
        open_matter(session, Starts(), "office", None, who(login).id, NOW)
    assert session.get(Matter, "m1") is None


def test_every_period_that_the_diagrams_name_has_a_setting():
    folder = Path(matters.__file__).parent
    named = {key for path in folder.glob("*.bpmn") for key in re.findall(r'settings\["([^"]+)"\]', path.read_text())}
    assert named - settings.LIMITS.keys() == set()


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ("han", {"m1"}),
        ("lin", {"m1"}),
        ("desk", {"m1"}),
        ("ma", {"m2"}),
        ("sup", {"m1", "m2"}),
        ("wang", {"m1", "m2"}),
        ("nurse", set()),
        ("root", set()),
    ],
)
def test_a_matter_is_seen_by_its_unit_and_by_who_oversees_it(session, who, matter, login, expected):
    new_matter(session, "m2", "hospital", who("ma").id)
    assert seen(session, who, login) == expected


def test_who_has_a_task_in_it_sees_it(session, who, matter, open_task):
    open_task(matter, "co_confirm", "hospital", "co_unit_confirmer")
    assert seen(session, who, "ma") == {"m1"}


def test_who_took_a_task_by_name_sees_it(session, who, matter, open_task):
    open_task(matter, "check", "ward", "handler", person=who("nurse").id)
    assert seen(session, who, "nurse") == {"m1"}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"organisation": "office"}, 1),
        ({"organisation": "ward"}, 0),
        ({"state": "DRAFT"}, 1),
        ({"state": "ARCHIVED"}, 0),
        ({"text": "常委会 纪要"}, 1),
        ({"text": "%"}, 0),
        ({"since": NOW, "until": NOW + timedelta(days=1)}, 1),
        ({"since": NOW + timedelta(days=1)}, 0),
    ],
)
def test_matters_are_found_by_unit_state_words_and_time(session, who, matter, filters, found):
    query = Matter.visible_to(session, who("wang").id, seats(session, who("wang").id, SINCE))
    assert Matter.page(session, Matter.matching(query, **filters))[1] == found


def test_only_the_proposer_withdraws(matter):
    with pytest.raises(NotProposer):
        withdraw(Starts(), matter, Actor("somebody"))


def test_what_is_approved_cannot_be_withdrawn(session, ask, released, matter):
    released()
    with pytest.raises(AlreadyApproved):
        ask("withdraw", by=matter.proposer)
    assert not matter.may_be_withdrawn


def test_what_has_ended_cannot_be_withdrawn(matter):
    matter.ended_at = NOW
    with pytest.raises(MatterClosed):
        check_withdrawal(matter, matter.proposer)
