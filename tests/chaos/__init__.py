"""Faults on purpose: clients with known histories, nodes that are hurt, and a checker that compares."""
