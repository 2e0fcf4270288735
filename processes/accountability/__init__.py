"""Accountability (Art. 25, p16): a lead becomes a case of the discipline office; people decide, never the software."""
