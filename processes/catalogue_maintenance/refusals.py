"""Every way the making of a catalogue says no."""

from __future__ import annotations

from engine.refusals import Refusal


class CatalogueMoved(Refusal):
    """The draft was changed after it had been fixed for the signature. Please return it."""
