"""The demo school with the five steps deployed, and its table of approval routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine import Engine, tables
from processes.decisions import DecisionEdition, approve, propose
from tests.processes.conftest import AT
from tests.processes.kit import Kit

ROUTE = Path("processes/disclosure/approval_route.dmn").read_bytes()
CHOICE_LAST = "第十一条（三）：本单位一律由主要负责人选择本人审批或者集体研究"


@pytest.fixture
def engine(kit: Kit) -> Engine:
    """The demo school, and the five steps in force."""
    kit.deploy("disclosure")
    return kit.engine


def rows() -> list[tables.Row]:
    """The rows of the approval route as they come with the product."""
    return list(tables.read_table(ROUTE).rows)


def stricter() -> list[tables.Row]:
    """Nothing is approved by the head alone."""
    last = rows()[-1]
    return [*rows()[:-1], replace(last, outputs=('"CHOICE"',), note=CHOICE_LAST)]


def strictest() -> list[tables.Row]:
    """Everything in the catalogue that is not important goes to the leading body."""
    return [*rows()[:-1], replace(rows()[-1], outputs=('"COLLECTIVE"',))]


@pytest.fixture
def put_in_force(engine: Engine) -> Callable[..., DecisionEdition]:
    """An organisation's version of the approval route, proposed and put in force by another."""

    def put(organisation: str, changed: list[tables.Row] | None) -> DecisionEdition:
        with engine.database.write() as session:
            made = propose(session, organisation, "approval_route", changed, by="a", at=AT, reason="从严")
            approve(session, made, by="b", at=AT)
        return made

    return put
