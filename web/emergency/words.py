"""The codes of incidents in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

STATES: Mapping[str, tuple[Any, str]] = {
    "RUNNING": (_("Being handled"), "red"),
    "IN_REVIEW": (_("Closed, in review"), "orange"),
    "CLOSED": (_("Handling ended"), "secondary"),
}
"""State of an incident → words and colour."""

SEVERITIES: Mapping[str, tuple[Any, str]] = {
    "GENERAL": (_("General"), "blue"),
    "MAJOR": (_("Major"), "orange"),
    "SEVERE": (_("Severe"), "red"),
}

RECEIVERS: Mapping[str, Any] = {
    "LEADER": _("Leader in charge"),
    "DEPARTMENT": _("Department concerned"),
    "OFFICE": _("Party committee office"),
}
"""The three receivers of the first report (Art. 21(7))."""

GROUNDS: Mapping[str, Any] = {
    "G1": _("Refusal or delay of disclosure (Art. 25(1))"),
    "G2": _("Catalogue not made or not adjusted (Art. 25(2))"),
    "G3": _("Wrong content, scope, procedure or channel (Art. 25(3))"),
    "G4": _("False or distorted content (Art. 25(4))"),
    "G5": _("Incident not reported in time or mishandled (Art. 25(5))"),
    "G6": _("Other violation (Art. 25(6))"),
}


def install(app: Flask) -> None:
    """Templates know the words."""
    app.jinja_env.globals.update(
        INCIDENT_STATES=STATES, SEVERITIES=SEVERITIES, RECEIVERS=RECEIVERS, ACCOUNTABILITY_GROUNDS=GROUNDS
    )
