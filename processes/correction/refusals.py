"""Every way a correction says no."""

from __future__ import annotations

from engine.refusals import Refusal


class NothingToCorrect(Refusal):
    """A correction begins on the page of the release that it is about."""


class NothingChanged(Refusal):
    """The corrected text is the same as the one that is shown. Please change what is wrong."""


class TextMoved(Refusal):
    """The release was corrected otherwise meanwhile. Please look at the text that is shown now and draft again."""


class ReprintIncomplete(Refusal):
    """Please say where it was reprinted."""
