"""Why a consultation is not begun, and why an item has no meeting."""

from __future__ import annotations

from engine.refusals import NotAllowed, Refusal


class InterestsUnheard(Refusal):
    """What touches major public or vital interests needs a discussion meeting or a hearing (Art. 17)."""


class OwnSecrecy(NotAllowed):
    """Who proposes an item does not confirm that it is secret (Art. 17)."""


class NotConsulted(Refusal):
    """“{title}” has no record of a consultation and cannot be put on an agenda (Art. 17)."""
