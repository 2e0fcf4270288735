"""Every way the handling of an incident says no."""

from __future__ import annotations

from engine.refusals import NotAllowed, NotOpen, Refusal


class IncidentClosed(NotOpen):
    """The handling of this incident has ended. Nothing was changed."""


class HoldInForce(Refusal):
    """Releases are still on hold for this incident. Please resume them first, then close it."""


class MayNotHold(NotAllowed):
    """Only the leader in charge and the coordinator of the Party committee office hold and resume releases."""


class NothingToHold(Refusal):
    """Please choose a running matter or an organisation within your responsibility whose releases are to wait."""


class NotPlanKeeper(NotAllowed):
    """Response plans are kept by the coordinator of the Party committee office."""


class PlanIncomplete(Refusal):
    """A response plan needs a title, what it is for, and its steps."""


class PlanNotInForce(Refusal):
    """This response plan is not in force. Please choose another, or let the leader decide."""


class PlanChanged(Refusal):
    """Somebody has changed this response plan meanwhile. Your text is kept below; please compare and save it again."""


class NotDisciplineOfficer(NotAllowed):
    """Leads for accountability are recorded and read by discipline officers only (Art. 25)."""


class LeadIncomplete(Refusal):
    """A lead for accountability needs a ground of Article 25 and the facts."""
