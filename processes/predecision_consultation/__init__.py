"""Consultation before a decision (Art. 17, p11): asked, heard, answered, recorded before the item has its meeting."""
