"""Staged release (p09, Art. 16): ordered stages, each by its date or milestone with a text of its own."""

from __future__ import annotations

from processes.staged.milestones import MILESTONE, Waiting, reach, waiting

__all__ = ["MILESTONE", "Waiting", "reach", "waiting"]
