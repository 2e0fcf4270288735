"""What stands in the side navigation, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, current_app
from flask_babel import lazy_gettext as _

from processes.audit import AUDITORS
from web.auth import current

Posts = frozenset[str]
ANYONE: Posts = frozenset({"*"})
SIGNED_IN: Posts = frozenset({"+"})
OPERATORS = frozenset({"system_admin", "pco_coordinator"})
MOVERS = OPERATORS | {"process_deployer"}
DESIGNERS = frozenset({"process_designer", "process_deployer", "pco_coordinator", "auditor", "system_admin"})
DRAFTSMEN = frozenset({"process_designer", "process_deployer"})
DESK_OFFICERS = frozenset({"desk_officer"})
PEOPLE_KEEPERS = frozenset({"system_admin", "security_admin", "audit_admin", "pco_coordinator"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `page` is what a page sets to be marked, `posts` who sees it."""

    page: str
    endpoint: str
    label: str
    icon: str
    posts: Posts = SIGNED_IN


GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        _("Work"),
        (
            Entry("inbox", "inbox.index", _("Inbox"), "inbox"),
            Entry("matters", "matters.index", _("Matters"), "files"),
            Entry("catalogue", "catalogue.index", _("Catalogue"), "list"),
            Entry("cases", "cases.index", _("Cases"), "archive"),
            Entry("norms", "norms.index", _("Tables and time limits"), "clock"),
            Entry("emergency", "emergency.index", _("Emergency incidents"), "alert"),
            Entry("me", "people.me", _("My page"), "users"),
        ),
    ),
    (
        _("Released"),
        (
            Entry("portal", "portal.index", _("Released matters"), "news", ANYONE),
            Entry("announcements", "announcements.index", _("Bulletins and interpretations"), "news", ANYONE),
            Entry("feedback", "portal.inbox", _("Feedback"), "hand", DESK_OFFICERS),
        ),
    ),
    (
        _("Administration"),
        (
            Entry("procedures", "procedures.index", _("Procedures"), "sitemap", DESIGNERS),
            Entry("regulation", "regulation.index", _("Regulation"), "list", DESIGNERS),
            Entry("designer", "designer.index", _("Designer"), "sitemap", DRAFTSMEN),
            Entry("people", "people.index", _("People and posts"), "users", PEOPLE_KEEPERS),
            Entry("audit", "audit.index", _("Audit"), "search", AUDITORS),
            Entry("operations", "operations.index", _("Operations"), "activity", OPERATORS),
        ),
    ),
)


def install(app: Flask) -> None:
    """Templates get `navigation()`, and `endpoints()` to ask whether an area is there."""
    app.jinja_env.globals.update(navigation=shown, endpoints=lambda: current_app.view_functions)


def shown() -> Iterator[tuple[str, list[Entry]]]:
    """The groups with the lines that the reader may open; a group without lines is left out."""
    held = current.posts()
    for label, entries in GROUPS:
        if visible := [entry for entry in entries if _opens(entry, held)]:
            yield label, visible


def _opens(entry: Entry, held: Posts) -> bool:
    return entry.endpoint in current_app.view_functions and bool(entry.posts & held)
