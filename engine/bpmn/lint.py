"""What a diagram may not hold, each with element and line, before anything of it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from engine.bpmn.decisions import Decision
from engine.bpmn.diagram import Diagram, Element
from engine.refusals import Finding


def lint(
    diagrams: list[Diagram], decisions: Mapping[str, Decision], files: Collection[str], services: Collection[str] | None
) -> list[Finding]:
    """All findings over all diagrams of a version."""
    return []
