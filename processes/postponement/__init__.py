"""Postponement (p10): a specially major and complex matter waits for a day that is named, by consent (Art. 16)."""

from __future__ import annotations

from processes.postponement.postponements import Postponement

__all__ = ["Postponement"]
