"""Art. 16: what is shown for good is checked every year; what no longer holds is taken down, the archive stays."""

from __future__ import annotations

from processes.disclosure.publications import Publication
from processes.expiry import TakeDown
from processes.long_term_check.checks import ValidityCheck
from tests.processes.kit import Kit, Run

OBSOLETE = {"result": "OBSOLETE", "opinion": "年度已结束。"}


def a_year_later(kit: Kit) -> tuple[str, Run]:
    publication = kit.released()
    kit.deploy("long_term_check")
    kit.passes(days=366)
    (run,) = kit.runs("long_term_check")
    return publication, run


def test_a_year_after_the_release_the_unit_is_asked_once(kit: Kit) -> None:
    publication, run = a_year_later(kit)
    assert run.waits == ["check_validity"]
    assert ("publication", publication) in run.linked()
    kit.passes(days=5)
    assert len(kit.runs("long_term_check")) == 1


def test_what_still_holds_stays_and_is_asked_about_again_a_year_on(kit: Kit) -> None:
    _publication, run = a_year_later(kit)
    run.as_("xuzhihang").does("check_validity", {"result": "VALID", "opinion": "仍然有效。"})
    assert run.end == "still_valid"
    kit.passes(days=366)
    assert len(kit.runs("long_term_check")) == 2


def test_what_no_longer_holds_is_taken_down_with_the_heads_consent(kit: Kit) -> None:
    publication, run = a_year_later(kit)
    run.as_("xuzhihang").does("check_validity", OBSOLETE)
    run.as_("fangwenjing").does("agree_take_down", {"result": "AGREE", "opinion": "同意撤下。"})
    assert run.end == "taken_down"
    with kit.database.read() as session:
        assert session.get_one(Publication, publication).taken_down_at == kit.clock.now
        assert session.get_one(TakeDown, publication).reason == "OBSOLETE"


def test_the_head_may_keep_it(kit: Kit) -> None:
    publication, run = a_year_later(kit)
    run.as_("xuzhihang").does("check_validity", OBSOLETE)
    run.as_("fangwenjing").does("agree_take_down", {"result": "REFUSE", "opinion": "仍有查阅需要。"})
    assert run.end == "still_valid"
    with kit.database.read() as session:
        assert session.get_one(Publication, publication).taken_down_at is None
        assert session.get_one(ValidityCheck, run.id).result == "KEPT"
