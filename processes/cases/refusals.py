"""Every way the beginning of a case says no."""

from __future__ import annotations

from engine.refusals import NotAllowed, NotFound, Refusal


class NotStartable(NotFound):
    """No procedure "{key}" is in force that begins with a form."""


class MayNotStart(NotAllowed):
    """Your posts do not cover the beginning of this procedure for {organisation}."""


class NoPlaceToStart(Refusal):
    """Please choose the organisation that this is about."""
