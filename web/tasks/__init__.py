"""A task and its form: done, taken, given back, taken back; what was typed is never lost."""
