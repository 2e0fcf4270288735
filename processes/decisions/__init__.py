"""Decision tables as organisations keep them: who changes what, within which bounds, and which one an instance used."""

from __future__ import annotations

from processes.decisions.bounds import BOUNDS, Bounds
from processes.decisions.editions import DecisionEdition, approve, propose, reject, tailor
from processes.decisions.rights import may_decide, may_propose
from processes.decisions.used import Used, used

__all__ = [
    "BOUNDS",
    "Bounds",
    "DecisionEdition",
    "Used",
    "approve",
    "may_decide",
    "may_propose",
    "propose",
    "reject",
    "tailor",
    "used",
]
