"""The auditor's desk: search, history, verification, findings and exports."""
