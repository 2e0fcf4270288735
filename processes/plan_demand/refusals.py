"""Why a demand is not taken."""

from __future__ import annotations

from engine.refusals import Refusal


class ReviewDatePast(Refusal):
    """The day of the review, {day}, must lie in the future."""
