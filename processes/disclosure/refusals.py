"""Every way the disclosure procedure says no."""

from __future__ import annotations

from engine.refusals import NotAllowed, NotOpen, Refusal


class NotHandler(NotAllowed):
    """Only a handler of {organisation} may open a matter there: who handles it proposes it (Art. 11)."""


class NotResponsible(NotAllowed):
    """{organisation} is not a responsible unit of this catalogue row (Art. 11)."""


class RowNotInForce(Refusal):
    """The catalogue row "{content}" is not in force."""


class StagedNeedsRow(Refusal):
    """A staged release needs a row of the catalogue. A matter outside it gives its reason first (Art. 12)."""


class NotProposer(NotAllowed):
    """Only the person who proposed the matter may withdraw it."""


class NotDeskOfficer(NotAllowed):
    """Only the desk officer of the handling unit may reply to feedback (Art. 20)."""


class AlreadyApproved(Refusal):
    """This matter has been approved. It can no longer be withdrawn, only corrected after its release."""


class MatterClosed(NotOpen):
    """This matter is closed. Nothing was changed."""


class PlanEmpty(Refusal):
    """The plan needs a title and a text or an attachment to disclose."""


class RecipientsMissing(Refusal):
    """A release to named people needs at least one name (Art. 9)."""


class ShownForGood(Refusal):
    """The plan concerns personal data and is not shown for good: please say how long, such as P30D (Art. 21(1))."""


class SecrecyMark(Refusal):
    """The text carries the secrecy mark "{mark}". Secret text must not enter this system."""


class OtherText(Refusal):
    """This is not the text that was registered last. Please look again before you decide."""


class ChannelUnfit(Refusal):
    """The channel {channel} does not fit the scope of this matter (Art. 13). Please choose another."""


class ProofMissing(Refusal):
    """The release by {channel} has no proof yet."""


class ArchiveNumberTaken(Refusal):
    """The archive number {archive_no} already belongs to another matter."""


class ArchiveNumberMissing(Refusal):
    """The archive package needs an archive number."""


class ScopeTooWide(Refusal):
    """What the plan concerns is disclosed to {decided}, not to {scope} ({article}). Please choose the narrower scope,
    or change what it concerns."""
