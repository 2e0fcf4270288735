"""Every way feedback says no."""

from __future__ import annotations

from engine.refusals import NotAllowed, NotOpen, Refusal


class FeedbackClosed(NotOpen):
    """Feedback on this publication is closed."""


class FeedbackEmpty(Refusal):
    """Please write what you want to say, in at most {most} characters."""


class FeedbackKind(Refusal):
    """Feedback is a question, a suggestion, a complaint or a report of misconduct."""


class AlreadyReplied(Refusal):
    """This feedback already has a reply. Nothing was changed."""


class SignInForFeedback(NotAllowed):
    """Please sign in to leave feedback here."""
