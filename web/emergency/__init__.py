"""Incidents that a release caused: reporting, the page of one, response plans."""
