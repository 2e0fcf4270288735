"""Public opinion about releases: assessed, reported, clarified, watched until it is over (Art. 15, 21(5), (6))."""
