"""Procedures talk: a message begins another one, linked with its sender, and reaches one that waits; each once."""

from __future__ import annotations

import pytest

from engine import outbox
from engine.refusals import SeveralReceivers
from tests.processes.cases.procedures import receiving, sending, with_reply
from tests.processes.kit import Kit, Run


@pytest.fixture
def sender(kit: Kit) -> Run:
    kit.engine.deploy(with_reply(sending()), "test")
    kit.engine.deploy(with_reply(receiving()), "test")
    run = kit.begin("sending", "panlili", {"title": "Look", "unit": ""})
    kit.beats()
    return run


def test_a_message_begins_a_case_that_is_linked_with_its_sender(sender: Run) -> None:
    (begun,) = sender.kit.runs("receiving")
    assert (begun.case.title, begun.case.organisation) == ("Please look", "orgdept")
    assert begun.linked() == {("case", sender.id)}


def test_it_begins_in_nobodys_name(sender: Run) -> None:
    (begun,) = sender.kit.runs("receiving")
    assert begun.case.opened_by is None


def test_the_reply_reaches_the_one_that_waits(sender: Run) -> None:
    (begun,) = sender.kit.runs("receiving")
    begun.as_("panlili").does("look", {"note": "done"})
    assert (begun.end, sender.end) == ("answered", "replied")


def test_a_message_that_was_handed_on_is_not_handed_on_again(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    kit.engine.deploy(with_reply(sending()), "test")
    kit.engine.deploy(with_reply(receiving()), "test")
    kit.begin("sending", "panlili", {"title": "Look", "unit": ""})
    handle, seen = outbox._settle, []
    monkeypatch.setattr(outbox, "_settle", lambda *given: [seen.append(given), handle(*given)])
    kit.beats()
    for late in seen:
        handle(*late)
    assert len(kit.runs("receiving")) == 1


def test_a_message_that_two_procedures_begin_with_begins_neither(kit: Kit) -> None:
    kit.engine.deploy(with_reply(receiving()), "test")
    again = {
        path.replace("receiving", "second"): data.replace(b'"receiving"', b'"second"')
        for path, data in with_reply(receiving()).items()
    }
    kit.engine.deploy(again, "test")
    with pytest.raises(SeveralReceivers):
        kit.message("Letter", "1", {"title": "?"})
    assert kit.runs("receiving") == kit.runs("second") == []


def test_a_message_from_outside_belongs_to_its_organisation(kit: Kit) -> None:
    kit.engine.deploy(with_reply(receiving()), "test")
    run = kit.message("Letter", "1", {"title": "Hello", "organisation": "basic-medicine"}, "tianye")
    assert (run.case.organisation, run.case.opened_by) == ("basic-medicine", kit.id_of("tianye"))
    assert run.waits == ["look"]
