"""Disclosure in the five steps of Article 11."""
