"""The follow-up of overdue tasks (Art. 24, 25): who is told on which working day of the delay; nothing is automatic
beyond telling."""
