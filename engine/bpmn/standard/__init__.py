"""The BPMN 2.0 standard's own rules, one by one: what makes a file invalid whoever executes it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.diagram import Diagram
from engine.bpmn.standard import activities, collaborations, data, events, flows, gateways, references
from engine.bpmn.standard.model import Model, owner
from engine.bpmn.standard.rules import RULES, Rule
from engine.refusals import Finding

CODES = frozenset(rule.code for rule in RULES)
"""The codes of findings that say that the standard is broken."""
SAID_CLOSER = frozenset(
    (
        "bpmn.boundary.loose",
        "bpmn.event.reference",
        "bpmn.eventgateway",
        "bpmn.flow.after",
        "bpmn.flow.before",
        "bpmn.flow.condition",
        "bpmn.flow.crosses",
        "bpmn.flow.default",
        "bpmn.flow.loose",
        "bpmn.id.twice",
        "bpmn.link.flow",
    )
)
"""Findings of our own check that say the same of an element in closer words; then the standard's are left out."""


def findings(diagram: Diagram) -> Iterator[Finding]:
    """Every breach in a file, each once for a rule and element."""
    model = Model(diagram.root)
    for rule in RULES:
        seen = set()
        for node in rule.breaches(model):
            named = owner(node)
            if (named, node.sourceline) not in seen:
                seen.add((named, node.sourceline))
                where = diagram.path, rule.code, rule.message, named.get("id"), node.sourceline, rule.level
                yield Finding(*where, parameters={"clause": rule.clause})


__all__ = [
    "CODES",
    "RULES",
    "Rule",
    "activities",
    "collaborations",
    "data",
    "events",
    "findings",
    "flows",
    "gateways",
    "references",
]
