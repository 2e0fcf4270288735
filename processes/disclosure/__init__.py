"""Disclosure in the five steps of Article 11."""

from __future__ import annotations

from processes.disclosure.matters import Matter

__all__ = ["Matter"]
