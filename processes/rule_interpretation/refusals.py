"""Why an answer is not taken."""

from __future__ import annotations

from engine.refusals import Refusal


class ArticleUnknown(Refusal):
    """The measures have no article “{article}”. Please choose one of the list."""
