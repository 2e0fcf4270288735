"""Why a yearly report is not taken."""

from __future__ import annotations

from engine.refusals import Refusal


class AlreadyReported(Refusal):
    """The report of {organisation} for {year} has been registered already."""


class MoreSatisfiedThanThere(Refusal):
    """{satisfied} people cannot be satisfied where {attended} took part."""
