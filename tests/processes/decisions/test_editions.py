"""An organisation makes a table stricter for itself, never looser, and never alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine import Engine, Version, files, replay, tables
from processes.decisions import DecisionEdition, approve, propose, reject
from processes.decisions.editions import shipped, standing
from processes.decisions.refusals import (
    AlreadyDecided,
    ArticleMissing,
    CellWrong,
    Loosened,
    NothingChanged,
    OwnProposal,
    ProposalOpen,
    ReasonOfChangeMissing,
    RowsMissing,
    TableFixed,
    TableIncomplete,
    TableUnknown,
)
from tests.processes.conftest import AT
from tests.processes.decisions.conftest import ROUTE, rows, stricter, strictest

Put = Callable[..., DecisionEdition]


def proposed(engine: Engine, changed: list[tables.Row] | None, decision: str = "approval_route") -> DecisionEdition:
    with engine.database.write() as session:
        return propose(session, "ccmu", decision, changed, by="a", at=AT, reason="从严")


def counting(engine: Engine, organisation: str) -> bytes:
    with engine.database.read() as session:
        return standing(session, organisation, shipped(session)["approval_route"]).data


def test_a_proposal_counts_only_when_somebody_else_has_put_it_in_force(engine: Engine) -> None:
    made = proposed(engine, stricter())
    assert counting(engine, "ccmu") == ROUTE
    with engine.database.write() as session:
        approve(session, DecisionEdition.of(session, made.id), by="b", at=AT)
    assert tables.read_table(counting(engine, "ccmu")).rows[-1].outputs == ('"CHOICE"',)


def test_who_proposes_does_not_decide(engine: Engine) -> None:
    made = proposed(engine, stricter())
    with engine.database.write() as session, pytest.raises(OwnProposal):
        approve(session, DecisionEdition.of(session, made.id), by="a", at=AT)
    assert counting(engine, "ccmu") == ROUTE


def test_what_was_turned_down_stays_readable_and_cannot_be_decided_again(engine: Engine) -> None:
    made = proposed(engine, stricter())
    with engine.database.write() as session:
        reject(session, DecisionEdition.of(session, made.id), by="b", at=AT, opinion="暂不需要")
    with engine.database.write() as session, pytest.raises(AlreadyDecided):
        approve(session, DecisionEdition.of(session, made.id), by="b", at=AT)
    with engine.database.read() as session:
        assert [each.opinion for each in DecisionEdition.history(session, "ccmu", "approval_route")] == ["暂不需要"]


def test_the_version_reaches_the_organisations_below_and_no_others(engine: Engine, put_in_force: Put) -> None:
    made = put_in_force("basic-medicine", stricter())
    assert counting(engine, "anatomy-branch") == made.data
    assert counting(engine, "pco") == ROUTE


def test_an_organisation_below_may_be_stricter_still_but_not_looser_again(engine: Engine, put_in_force: Put) -> None:
    put_in_force("ccmu", stricter())
    put_in_force("basic-medicine", strictest())
    with engine.database.write() as session, pytest.raises(Loosened):
        propose(session, "anatomy-branch", "approval_route", rows(), by="a", at=AT, reason="放宽")


def test_what_the_organisation_above_has_overtaken_is_set_aside(engine: Engine, put_in_force: Put) -> None:
    below = put_in_force("basic-medicine", stricter())
    above = put_in_force("ccmu", strictest())
    with engine.database.read() as session:
        now = standing(session, "anatomy-branch", shipped(session)["approval_route"])
        assert (now.edition and now.edition.id, [each.id for each in now.set_aside]) == (above.id, [below.id])


def test_a_table_can_be_given_back(engine: Engine, put_in_force: Put) -> None:
    put_in_force("ccmu", stricter())
    put_in_force("ccmu", None)
    assert counting(engine, "ccmu") == ROUTE


def test_a_looser_table_names_the_row_and_the_article(engine: Engine) -> None:
    looser = [replace(rows()[0], outputs=('"COLLECTIVE"',)), *rows()[1:]]
    with pytest.raises(Loosened, match=r"Row 1 is looser than row 1 .*第十一条（三）"):
        proposed(engine, looser)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        (list, RowsMissing),
        (lambda: rows(), NothingChanged),
        (lambda: [*rows()[:-1], replace(rows()[-1], note="按惯例")], ArticleMissing),
        (lambda: [*rows()[:-1], replace(rows()[-1], outputs=('"NOBODY"',))], CellWrong),
        (lambda: rows()[:-1], TableIncomplete),
        (lambda: [*rows(), replace(rows()[-1], note="第十一条")], TableIncomplete),
        (lambda: [*rows()[:-1], replace(rows()[-1], inputs=("?", *rows()[-1].inputs[1:]))], TableIncomplete),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(engine: Engine, changed: Callable, refusal: type) -> None:
    with pytest.raises(refusal):
        proposed(engine, changed())


def test_unknown_fixed_unreasoned_and_second_proposals_are_refused(engine: Engine) -> None:
    with pytest.raises(TableUnknown):
        proposed(engine, stricter(), "no_such_table")
    with engine.database.read() as session:
        fixed = tables.read_table(shipped(session)["time_mode"]).rows
    with pytest.raises(TableFixed, match="第十六条"):
        proposed(engine, list(fixed), "time_mode")
    with engine.database.write() as session, pytest.raises(ReasonOfChangeMissing):
        propose(session, "ccmu", "approval_route", stricter(), by="a", at=AT, reason=" ")
    with pytest.raises(NothingChanged):
        proposed(engine, None)
    proposed(engine, stricter())
    with pytest.raises(ProposalOpen):
        proposed(engine, strictest())


def test_an_instance_is_started_with_the_tables_of_its_organisation_and_keeps_them(
    engine: Engine, put_in_force: Put
) -> None:
    before = start(engine, "pco")
    made = put_in_force("ccmu", stricter())
    after = start(engine, "pco")
    with engine.database.read() as session:
        found = [files(session.connection(), each.version_id)["approval_route.dmn"] for each in (before, after)]
        assert found == [ROUTE, made.data]
        assert session.get_one(Version, after.version_id).base == before.version_id
        assert replay(engine, session, after.id).entries == 1


def start(engine: Engine, organisation: str):
    data = {
        "matter": "m",
        "organisation": organisation,
        "superior": "ccmu",
        "seats": {},
        "settings": {"t.propose": "5wd"},
        "item": None,
    }
    return engine.start("disclosure", data, "a", organisation=organisation)
