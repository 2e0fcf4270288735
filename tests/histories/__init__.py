"""Recorded journals of the shipped diagrams. They are added to, never edited: the code of today must replay them all."""
