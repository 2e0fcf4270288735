"""The secrecy review (p12): what a text or a file must not show is found, treated, and found no more (Art. 21(1))."""

from __future__ import annotations

from processes.secrecy_review.findings import SecrecyFinding

__all__ = ["SecrecyFinding"]
