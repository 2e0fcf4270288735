"""Why a check is not taken."""

from __future__ import annotations

from engine.refusals import Refusal


class NoRelease(Refusal):
    """This check names no release. Begin it from the page of a release."""
