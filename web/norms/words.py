"""What the codes of decision tables are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from web.matters.labels import CHANNELS, SCOPES
from web.norms.using import limit_of

ANSWERS: Mapping[str, Any] = {
    **SCOPES,
    **CHANNELS,
    "HEAD": _("The head"),
    "CHOICE": _("The head, or the leading body"),
    "COLLECTIVE": _("The leading body"),
    "COLLECTIVE_SUPERIOR": _("The leading body, then the superior"),
    "POSTPONED": _("Postponed"),
    "IMMEDIATE": _("At once"),
    "STAGED": _("In stages"),
    "PERIODIC": _("Periodic"),
    "LONG_TERM": _("Long-term"),
    "MANUAL": _("A person decides"),
    "COMPLEX": _("Specially major and complex"),
    "URGENT": _("Urgent"),
    "PROGRESSIVE": _("In progress"),
    "REGULAR": _("Regular"),
    "STABLE": _("Stable"),
    "OTHER": _("Other"),
    "URL": _("Address"),
    "DOC_NO": _("Document number"),
    "BOARD": _("Photograph of the board"),
    "NONE": _("None"),
    "DESENSITISE": _("Desensitise"),
    "DECLASSIFY": _("Declassify offline"),
    "CONSULT": _("Ask the secrecy office"),
    "MASK": _("Mask"),
    "LOOK": _("The reviewer looks at it"),
    "PASS": _("Nothing found"),
    "LOW": _("Low"),
    "MEDIUM": _("Medium"),
    "HIGH": _("High"),
    "BLOCK": _("Must not be disclosed"),
    "SECRET": _("Secret content"),
    "WORK_SECRET": _("Work secret"),
    "SENSITIVE": _("Sensitive"),
    "PERSONAL": _("Personal data"),
    "PERSONAL_FILE": _("Personal data in a file"),
    "UNREADABLE": _("File that cannot be read"),
}
"""Code → words; what is not here is shown as it is."""

AMONG = re.compile(r"[\w.]+ in \[(.+)\]")
"""An answer that is yes for some values of what was asked."""

EDITION_STATES: Mapping[str, tuple[Any, str]] = {
    "PROPOSED": (_("Waits for a decision"), "blue"),
    "IN_FORCE": (_("In force"), "green"),
    "SUPERSEDED": (_("Superseded"), "secondary"),
    "REJECTED": (_("Turned down"), "red"),
}


def install(app: Flask) -> None:
    """Templates know the words."""
    app.jinja_env.globals.update(EDITION_STATES=EDITION_STATES)
    app.jinja_env.filters.update(cell=cell, time_limit=limit_of)


def cell(text: str) -> str:
    """An entry of a table in words: `"HEAD","CHOICE"` → the head, the head or the leading body.

    A condition on the values of one name becomes a phrase: `plan.scope in ["UNIT"]` → for the unit.
    """
    if among := AMONG.fullmatch(text):
        return str(gettext("for %(values)s", values=cell(among[1])))
    parts = [part.strip() for part in text.split(",")]
    if all(len(part) > 1 and part[0] == part[-1] == '"' for part in parts):
        return "、".join(str(ANSWERS.get(part[1:-1], part[1:-1])) for part in parts)
    return {"True": str(_("yes")), "False": str(_("no"))}.get(text, text)
