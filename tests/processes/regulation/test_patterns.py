"""Moves kept as patterns are the moves that are made: the same markings and the same acts, with and without them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from engine.bpmn import compile_version
from engine.regulation import Checker, game, proof
from engine.regulation.net import build, mains
from tests.processes.regulation.mutation import FOLDER, mutated, redirect
from web.config import read
from web.procedures_folder import files_in, ours
from web.wiring import build as build_parts

MOST = 600
FAULTS = {
    "the review is left out": ("disclosure", "propose_review.bpmn", redirect("gw_risk_to_review", "review_passed")),
    "what is ruled out goes on": (
        "disclosure", "disclosure.bpmn", redirect("must_not_disclose_to_close", "approval_route")),
}  # fmt: skip


@pytest.fixture(scope="module")
def checker() -> Checker:
    return build_parts(read({})).engine.checker


def graphs(checker: Checker, files: Mapping[str, bytes]) -> list[tuple[set[Any], set[Any]]]:
    """Markings and moves of each main process, as far as the first markings go."""
    program, rules = compile_version(dict(files)), checker.regulation.on(date(2026, 3, 2))
    acting, around = proof.told_apart(checker.regulation, rules), checker._surroundings(program, dict(files))
    found = []
    for process in mains(program):
        graph = proof.explore(build(program, process, acting, around), acting, MOST)
        moves = {
            (graph.markings[place], graph.sequences[acts], graph.markings[target])
            for place, each in enumerate(graph.moves)
            for target, acts in each
        }
        found.append((set(graph.markings), moves))
    return found


CASES = {folder.name: lambda name=folder.name: files_in(FOLDER / name) for folder in ours()}
CASES |= {fault: lambda of=of: mutated(*of) for fault, of in FAULTS.items()}


@pytest.mark.parametrize("case", CASES)
def test_patterns_change_nothing(case: str, checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    with_patterns = graphs(checker, CASES[case]())
    monkeypatch.setattr(game.Game, "_common", lambda self, frozen: None)
    assert graphs(checker, CASES[case]()) == with_patterns
