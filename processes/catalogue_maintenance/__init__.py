"""How a catalogue is made, adjusted, signed, filed and disclosed (Art. 10 and the annex's note)."""

from __future__ import annotations

from processes.catalogue_maintenance.filings import CatalogueFiling

__all__ = ["CatalogueFiling"]
