"""Bulletins and interpretations: what procedures tell readers besides the releases."""
