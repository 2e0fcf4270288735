"""The same five tasks in viewflow, a workflow library for Django, for comparison."""
