"""The codes of the domain in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from engine import archive
from web.wiring import parts

STATES: Mapping[str, tuple[Any, str]] = {
    "DRAFT": (_("Being drafted"), "blue"),
    "CO_CONFIRM": (_("With the co-units"), "blue"),
    "IN_REVIEW": (_("In review"), "blue"),
    "IN_APPROVAL": (_("In approval"), "blue"),
    "APPROVED": (_("Approved"), "green"),
    "RELEASING": (_("Being released"), "green"),
    "RELEASED": (_("Released"), "green"),
    "ARCHIVED": (_("Archived"), "secondary"),
    "RETURNED": (_("Returned"), "orange"),
    "REJECTED": (_("Rejected"), "red"),
    "NOT_DISCLOSED": (_("Not disclosed"), "red"),
    "WITHDRAWN": (_("Withdrawn"), "secondary"),
    "POSTPONED": (_("Postponed"), "yellow"),
    "ON_HOLD": (_("On hold"), "yellow"),
    "CORRECTED": (_("Corrected"), "green"),
    "EXPIRED": (_("Display ended"), "secondary"),
}
"""State of a matter → words and colour."""

INSTANCE_STATES: Mapping[str, tuple[Any, str]] = {
    "open": (_("Under way"), "blue"),
    "suspended": (_("Suspended"), "yellow"),
    "completed": (_("Completed"), "green"),
    "failed": (_("Failed"), "red"),
    "cancelled": (_("Cancelled"), "secondary"),
}

SCOPES: Mapping[str, Any] = {
    "PUBLIC": _("The public"),
    "ORG_ALL": _("Everyone of the organisation"),
    "INTRA_PARTY": _("Party members"),
    "UNIT": _("The unit"),
    "TARGETED": _("Named organisations and people"),
}
"""To whom a matter is shown (Art. 9), in the words of the plan's form."""

CHANNELS: Mapping[str, Any] = {
    "MEETING": _("Meeting"),
    "DOCUMENT": _("Document"),
    "BULLETIN_PAPER": _("Printed bulletin"),
    "LAN": _("Office network"),
    "NOTICE_BOARD": _("Notice board"),
    "COMMUNIQUE": _("Communiqué"),
    "PRESS_CONFERENCE": _("Press conference"),
    "INTERVIEW": _("Interview"),
    "NEWSPAPER": _("Newspaper"),
    "RADIO": _("Radio"),
    "TV": _("Television"),
    "INTERNET": _("Internet"),
    "NEW_MEDIA": _("New media"),
    "SCHOOL_AFFAIRS": _("School-affairs platform"),
}
"""How a matter goes out (Art. 13), and where it is shared with the disclosure of school affairs (Art. 14)."""

RESULTS: Mapping[str, tuple[Any, str]] = {
    "PASS": (_("Passed"), "green"),
    "AGREE": (_("Agreed"), "green"),
    "YES": (_("Consistent"), "green"),
    "NO": (_("Inconsistent"), "red"),
    "RETURN": (_("Returned for revision"), "orange"),
    "REJECT": (_("Rejected"), "red"),
    "NOT_DISCLOSE": (_("Not to be disclosed"), "red"),
    "TO_COLLECTIVE": (_("Put to the leading body"), "blue"),
    "ADD_ITEM": (_("Into the catalogue"), "green"),
    "ONE_OFF": (_("One-off"), "secondary"),
}
"""What somebody decided in a task."""

RETENTIONS: Mapping[str, Any] = {"PERMANENT": _("Permanent"), "Y30": _("30 years"), "Y10": _("10 years")}


FINDINGS: Mapping[str, Any] = {
    "MARK": _("Secrecy mark"),
    "PHONE": _("Mobile number"),
    "ID_CARD": _("Identity number"),
    "BANK_CARD": _("Bank card number"),
    "EMAIL": _("E-mail address"),
    "ADDRESS": _("Home address"),
    "WORD": _("Word to look at"),
    "FILE": _("File that cannot be read"),
    "DECLARED": _("Declared as secret"),
}
"""What a secrecy scan finds (Art. 21(1))."""

TREATMENTS: Mapping[str, tuple[Any, str]] = {
    "OPEN": (_("to be looked at"), "yellow"),
    "MASKED": (_("masked"), "green"),
    "TREATED": (_("treated"), "green"),
    "KEPT": (_("stays"), "orange"),
    "CLEARED": (_("needs no treatment"), "secondary"),
    "REMOVED": (_("replaced"), "green"),
}
"""What became of a finding → words and colour."""


def install(app: Flask) -> None:
    """Templates know the words."""
    app.jinja_env.globals.update(
        STATES=STATES,
        INSTANCE_STATES=INSTANCE_STATES,
        SCOPES=SCOPES,
        CHANNELS=CHANNELS,
        RESULTS=RESULTS,
        RETENTIONS=RETENTIONS,
        FINDINGS=FINDINGS,
        TREATMENTS=TREATMENTS,
        lies_in=_lies_in,
    )


def _lies_in(instance_id: str) -> archive.Archived | None:
    """Where the journal of an instance lies, if it was moved out."""
    with parts().database.read() as session:
        return archive.whereabouts(session, instance_id)
