"""Diagrams and tables of other people through our engine: executed as their authors expect, or refused by name."""
