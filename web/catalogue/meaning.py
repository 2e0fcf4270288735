"""What the words of a row were understood to mean, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from processes.catalogue import EVENTS, KEYS, PERMANENT, ROUTES, STATUSES, CatalogueItem
from web import i18n, names
from web.matters.labels import CHANNELS, SCOPES

HEADINGS: Mapping[str, Any] = {
    "seq": lazy_gettext("No."),
    "content": lazy_gettext("Content to disclose"),
    "audience_scope": lazy_gettext("Scope of disclosure"),
    "approval_procedure": lazy_gettext("Approval procedure"),
    "channel": lazy_gettext("Way of disclosure"),
    "start_point": lazy_gettext("Start of disclosure"),
    "display_duration": lazy_gettext("Length of disclosure"),
    "responsible_unit": lazy_gettext("Responsible unit"),
    "collaborators": lazy_gettext("Collaborating units or people"),
    "remarks": lazy_gettext("Remarks"),
}
"""The ten columns of the annex."""

TIME_MODES: Mapping[str, Any] = {
    "LONG_TERM": lazy_gettext("long-term"),
    "PERIODIC": lazy_gettext("periodic"),
    "STAGED": lazy_gettext("staged"),
    "IMMEDIATE": lazy_gettext("immediate"),
    "POSTPONED": lazy_gettext("postponed"),
}
"""How a matter is disclosed over time (Art. 16)."""

STATUS_COLOURS = {"DRAFT": "yellow", "IN_FORCE": "green", "SUPERSEDED": "secondary"}

ISO = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:(\d+)WD)?(?:T(\d+)H)?")


def of(item: CatalogueItem) -> dict[str, list[str]]:
    """Column → what its words mean; columns without a meaning of their own are left out."""
    found = {
        "audience_scope": [str(SCOPES[item.scope])] if item.scope else [],
        "approval_procedure": [pair(ROUTES[item.route])] if item.route else [],
        "channel": [str(CHANNELS[channel]) for channel in item.channels],
        "start_point": list(_times(item)),
        "display_duration": [duration(item.duration)] if item.duration else [],
        "responsible_unit": [names.organisation(unit) for unit in item.units],
        "collaborators": [names.organisation(unit) for unit in item.collaborator_units],
    }
    return {column: words for column, words in found.items() if words}


def not_understood(item: CatalogueItem) -> dict[str, list[str]]:
    """Column → the pieces that stay as written, in the order of the columns."""
    found: dict[str, list[str]] = {key: [] for key in KEYS if key in item.unresolved}
    for note in item.notes:
        found.setdefault(note["column"], []).append(note["text"] or item.text_of(note["column"]))
    return found


def status(code: str) -> str:
    """Draft, in force or superseded."""
    return pair(STATUSES[code])


def start(point: Mapping[str, str]) -> str:
    """A start point: the event and how long after it."""
    event = pair(EVENTS[point["event"]])
    offset = point.get("offset", "P0D")
    if point["event"].startswith("EVERY_"):
        return _recurring(event, offset, point.get("until"))
    return event if offset == "P0D" else str(_("%(event)s + %(period)s", event=event, period=length(offset)))


def duration(code: str) -> str:
    """The length of a display."""
    return str(_("permanent")) if code == PERMANENT else length(code)


def length(period: str) -> str:
    """An ISO period, or one of working days such as `P5WD`, in words; what is neither stays as it is."""
    match = ISO.fullmatch(period)
    if not match:
        return period
    years, months, weeks, days, working, hours = (int(part or 0) for part in match.groups())
    words = [
        ngettext("%(num)d year", "%(num)d years", years) if years else "",
        ngettext("%(num)d month", "%(num)d months", months) if months else "",
        ngettext("%(num)d day", "%(num)d days", 7 * weeks + days) if weeks or days else "",
        ngettext("%(num)d working day", "%(num)d working days", working) if working else "",
        ngettext("%(num)d hour", "%(num)d hours", hours) if hours else "",
    ]
    return " ".join(word for word in words if word)


def pair(words: tuple[str, str]) -> str:
    """The Chinese or the English of two."""
    return words[i18n.language() == "en"]


def _times(item: CatalogueItem) -> Iterator[str]:
    if item.start:
        yield start(item.start)
    if item.time_mode:
        yield str(TIME_MODES[item.time_mode])


def _recurring(event: str, offset: str, until: str | None) -> str:
    month = re.fullmatch(r"P(\d+)M", offset)
    if month:
        return str(_("%(event)s, from month %(number)d", event=event, number=int(month[1]) + 1))
    if offset != "P0D":
        return str(_("%(event)s, %(period)s after it begins", event=event, period=length(offset)))
    if until is None or re.fullmatch(r"P(7D|\dM|1Y)", until):
        return event
    return str(_("%(event)s, within %(period)s", event=event, period=length(until)))
