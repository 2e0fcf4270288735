"""Correction of what was released: both texts are kept, the note is shown (Art. 15)."""

from __future__ import annotations

from processes.correction.corrections import Correction, Reprint

__all__ = ["Correction", "Reprint"]
