"""Small diagrams that perform acts, and the rules they are held to."""

from __future__ import annotations

import json
from typing import Any

from engine.bpmn import Program, compile_version
from engine.regulation import Regulation, Surroundings, Verdict, prove, read_regulation
from tests.engine.bpmn.drawing import diagram

RULES = """
name: {zh: 规则, en: Rules}
objects: [text]
acts:
  write: {says: {zh: 起草, en: Write}, changes: [text]}
  check: {says: {zh: 审批, en: Check}, outcomes: {ok: [OK], no: ["NO"]}}
  send: {says: {zh: 发出, en: Send}}
  keep: {says: {zh: 归档, en: Keep}}
  stop: {says: {zh: 终止, en: Stop}}
rules:
  - {id: checked, basis: 第一条, says: {zh: 先审后发, en: Checked before sent}, valid_from: 2020-01-01,
     precedes: {act: send, needs: {act: check, outcome: ok, unless: "no"}, same: [text]}}
  - {id: kept, basis: 第二条, says: {zh: 发出必归档, en: What is sent is kept}, valid_from: 2020-01-01,
     responds: {act: send, by: keep}}
  - {id: stopped, basis: 第三条, says: {zh: 终止后不得发出, en: Nothing is sent after a stop}, valid_from: 2020-01-01,
     absent: {act: send, after: {act: stop}}}
  - {id: once, basis: 第四条, says: {zh: 只发一次, en: Sent once}, valid_from: 2020-01-01,
     exactly: {act: send, times: 1, per: [text]}}
"""
VERDICT_FORM = {
    "type": "default",
    "components": [
        {
            "type": "radio",
            "key": "result",
            "label": "结论",
            "values": [{"value": "OK", "label": "同意"}, {"value": "NO", "label": "不同意"}],
            "validate": {"required": True},
        }
    ],
}
FORMS = {"verdict.form.json": json.dumps(VERDICT_FORM).encode()}
POSSIBLE: dict[tuple[str, ...], Any] = {("result",): ("OK", "NO")}


def regulation(text: str = RULES) -> Regulation:
    """The rules of this text."""
    return read_regulation("rules.yaml", text.encode())


def compiled(*processes: str, roots: str = "") -> Program:
    """A program with the form that checks use."""
    return compile_version({"p.bpmn": diagram(*processes, roots=roots), **FORMS})


def surroundings(**raises: tuple[str, ...]) -> Surroundings:
    """What the checker may rely on: the form's values, and services that answer no other error than these."""
    return Surroundings({"verdict.form.json": POSSIBLE}, (), {"desk": (), **raises})


def verdicts(
    program: Program, rules: Regulation | None = None, most: int = 20_000, **raises: tuple[str, ...]
) -> dict[str, Verdict]:
    """Rule → what the checker says."""
    rules = rules or regulation()
    return {verdict.rule.id: verdict for verdict in prove(program, rules, rules.rules, surroundings(**raises), most)}


def says(program: Program, most: int = 20_000, **raises: tuple[str, ...]) -> dict[str, str]:
    """Rule → holds | broken | …"""
    return {key: verdict.says for key, verdict in verdicts(program, most=most, **raises).items()}
