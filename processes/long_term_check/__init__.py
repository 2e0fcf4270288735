"""Long-term releases (Art. 16): once a year the unit says whether what is shown still holds."""
