"""Every way the secrecy review says no."""

from __future__ import annotations

from engine.refusals import Refusal


class KeptWithoutReason(Refusal):
    """Please say why this personal data has to stay visible (Art. 21(1)): only what is needed to identify may stay."""


class KeptForGood(Refusal):
    """What keeps personal data is not shown for good: please say for how long, such as P30D (Art. 21(1))."""


class StillShown(Refusal):
    """The text still shows what was found: {places}. Please take it out, or say that it needs no treatment."""
