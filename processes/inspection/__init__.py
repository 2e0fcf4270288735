"""Inspection (Art. 24, p15): routine by the quarter, special when asked for; findings are rectified and circulated."""
