"""Recorded journals of the shipped diagrams. Added to, never edited: the code of today replays them all."""
