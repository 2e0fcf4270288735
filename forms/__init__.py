"""How a person fills something in: form-js definitions, checked, drawn on the server, read, validated and shown."""

from __future__ import annotations

from forms import feel, messages
from forms.checking import NotAForm, Problem, check
from forms.messages import translate
from forms.possible import possible
from forms.reading import Refused, is_refresh, read
from forms.rendering import render
from forms.rich import sanitise
from forms.showing import show
from forms.validation import Invalid, validate

__all__ = [
    "Invalid",
    "NotAForm",
    "Problem",
    "Refused",
    "check",
    "feel",
    "is_refresh",
    "messages",
    "possible",
    "read",
    "render",
    "sanitise",
    "show",
    "translate",
    "validate",
]
