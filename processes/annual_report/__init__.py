"""The yearly report to the superior and the yearly bulletin to members and masses (Art. 22, 23, p14)."""
