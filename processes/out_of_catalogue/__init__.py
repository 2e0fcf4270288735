"""Disclosure of a matter outside the catalogue (Art. 12)."""

from __future__ import annotations

from processes.out_of_catalogue.followups import CatalogueFollowup

__all__ = ["CatalogueFollowup"]
