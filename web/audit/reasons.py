"""What is broken and why, in the reader's language: the engine says it in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext

from web import i18n

REASONS: Mapping[str, Any] = {
    r"its files do not match its digest": lazy_gettext("its files do not match its digest"),
    r"its content does not match its hash": lazy_gettext("its content does not match its hash"),
    r"it is not chained to the entry before it": lazy_gettext("it is not chained to the entry before it"),
    r"it does not stand as the journal says": lazy_gettext("it does not stand as the journal says"),
    r"it runs on another version than its journal says": lazy_gettext(
        "it runs on another version than its journal says"
    ),
    r"The snapshot is different\.": lazy_gettext("The snapshot is different."),
    r"entry (?P<missing>\d+) is missing before it": lazy_gettext("entry {missing} is missing before it"),
    r"the journal ends at entry (?P<last>\d+), the instance stands at (?P<at>\d+)": lazy_gettext(
        "the journal ends at entry {last}, the instance stands at {at}"
    ),
    r"It cannot be done again: (?P<error>.*)": lazy_gettext("It cannot be done again: {error}"),
    r"Different: (?P<keys>.*)": lazy_gettext("Different: {keys}"),
}
"""The engine's sentence as a pattern → the same to be translated."""


def said(finding: Mapping[str, Any]) -> str:
    """A finding of a verification ({template, parameters}) as a sentence."""
    parameters = dict(finding["parameters"])
    if "reason" in parameters:
        parameters["reason"] = reason(parameters["reason"])
    return i18n.refusal(finding["template"], parameters)


def reason(english: str) -> str:
    """Why it is broken; as the engine says it where that is not known here."""
    for pattern, sentence in REASONS.items():
        if found := re.fullmatch(pattern, english, re.DOTALL):
            return str(sentence).format(**found.groupdict())
    return str(gettext(english)) if english else ""
