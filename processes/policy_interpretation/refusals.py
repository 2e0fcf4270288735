"""Why an interpretation is not taken."""

from __future__ import annotations

from engine.refusals import Refusal


class NothingToInterpret(Refusal):
    """This interpretation names no release. Begin it from the page of a release."""
