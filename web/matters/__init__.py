"""Matters: the list, the page of one, its diagram and its beginning."""
