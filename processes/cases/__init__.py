"""Cases: what runs of any procedure that carries no noun of its own; begun by a form, a message or the clock."""

from __future__ import annotations

from processes.cases.cases import Case, CaseLink
from processes.cases.starting import Opening, begin, opening_of, openings, start, welcome

__all__ = ["Case", "CaseLink", "Opening", "begin", "opening_of", "openings", "start", "welcome"]
