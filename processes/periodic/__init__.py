"""Periodic release (Art. 16): a catalogue row with a period becomes a schedule that starts a matter at each date."""
