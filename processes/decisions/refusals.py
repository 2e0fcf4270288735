"""Every way a change of a decision table says no."""

from __future__ import annotations

from engine.refusals import NotAllowed, NotFound, NotOpen, Refusal


class TableUnknown(NotFound):
    """There is no decision table "{key}"."""


class EditionUnknown(NotFound):
    """There is no such change of a decision table: "{key}"."""


class TableFixed(NotAllowed):
    """The table “{table}” cannot be changed by an organisation: {article}."""


class ArticleMissing(Refusal):
    """Row {row} cites no article. Please write which one it rests on, such as 第十一条（三）."""


class RowsMissing(Refusal):
    """A decision table needs at least one row."""


class CellWrong(Refusal):
    """Row {row}: {reason}"""


class TableIncomplete(Refusal):
    """The table cannot be used as it is: {reason}"""


class Loosened(Refusal):
    """Row {row} is looser than row {base_row} of the table above it, for {case}: “{answer}” instead of “{base_answer}”.
    {article}"""


class NothingChanged(Refusal):
    """These are the rows that already count. Nothing was proposed."""


class ReasonOfChangeMissing(Refusal):
    """Please say why the table is changed: the reason is kept with the version."""


class ProposalOpen(NotOpen):
    """A change of this table already waits for its decision. Please have that decided first."""


class AlreadyDecided(NotOpen):
    """This change has been decided already. Nothing was changed."""


class OwnProposal(NotAllowed):
    """Whoever proposed the change cannot decide on it; somebody else must."""


class NotKeeper(NotAllowed):
    """Only a desk officer or the coordinator may propose changes for {organisation}."""


class NotDecider(NotAllowed):
    """Only the principal officer or the head may decide on tables of {organisation}."""
