"""Every way a postponement says no."""

from __future__ import annotations

from engine.refusals import Refusal


class UntilMissing(Refusal):
    """A postponement needs the day on which it ends, such as 2026-06-30 (Art. 16). Nothing was changed."""


class UntilPast(Refusal):
    """The postponement would end on {until}, which is not after today. Please choose a later day."""


class UntilTooFar(Refusal):
    """The postponement may last until {latest} at most (time limit {key}). Please choose an earlier day."""


class PostponedEnough(Refusal):
    """This matter has been postponed as long as it may be, until {latest} (time limit {key}). It is released now, or
    the leading body decides that it is not disclosed."""


class ReviewDayMissing(Refusal):
    """What is not disclosed is looked at again: please name a day after today and not later than {latest} (Art. 5)."""
