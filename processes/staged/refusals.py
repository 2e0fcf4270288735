"""Every way a staged release says no."""

from __future__ import annotations

from engine.refusals import NotAllowed, NotOpen, Refusal


class TooFewStages(Refusal):
    """A staged release needs at least two stages. For a single one please open an ordinary matter."""


class StageIncomplete(Refusal):
    """Stage {number} “{stage}” needs a title, a date, a scope, a channel and a text."""


class MilestoneUnnamed(Refusal):
    """Stage {number} “{stage}” waits for a milestone: please name it."""


class StageInThePast(Refusal):
    """The date of stage {number} “{stage}”, {date}, is in the past. Please choose today or a later day."""


class StagesOutOfOrder(Refusal):
    """Stage {number} “{stage}” is dated before the stage that comes before it. Please put the stages in order."""


class OutsideFirst(Refusal):
    """Stage {number} “{stage}” goes outside the Party before a stage inside it. Inside comes first (Art. 4(3)): please
    change the order or record the reason."""


class RecipientsOfStageMissing(Refusal):
    """Stage {number} “{stage}” is for named people and names nobody (Art. 9)."""


class RecipientLeft(Refusal):
    """{name} has left and cannot receive “{stage}”. Please choose the recipients again. Nothing was released."""


class NotAMilestone(NotOpen):
    """No stage of this matter waits for this milestone. Nothing was changed."""


class NotHandlerOfMatter(NotAllowed):
    """Only a handler of {organisation} may report that a milestone is reached."""
