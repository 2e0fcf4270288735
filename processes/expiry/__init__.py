"""The end of the display (p18): a text whose period is over is taken down and stays in the archive."""

from __future__ import annotations

from processes.expiry.take_downs import EXPIRED, OBSOLETE, TakeDown, take_down, take_down_expired

__all__ = ["EXPIRED", "OBSOLETE", "TakeDown", "take_down", "take_down_expired"]
