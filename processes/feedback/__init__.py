"""What readers say and how it is handled: registered, assigned, studied, answered (Art. 11(4))."""

from __future__ import annotations

from processes.feedback.voices import Feedback, leave

__all__ = ["Feedback", "leave"]
