"""Determinism, searched for: made-up diagrams, made-up commands, and the laws that must hold after each."""
