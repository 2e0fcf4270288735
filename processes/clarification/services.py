"""What the diagram of a clarification asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.canonical import digest, dump
from processes.announcements import Announcement
from processes.cases.services import at, case_of
from processes.disclosure.plans import secrecy_mark
from processes.disclosure.publications import plain_text
from processes.disclosure.refusals import OtherText, PlanEmpty, SecrecyMark

Answer = Done | Failed
Sanitise = Callable[[str], str]

FINAL = frozenset({"clarification.publish"})
"""What these did is known to others: nobody goes back behind it."""


def services(sanitise: Sanitise = str) -> dict[str, Service]:
    """`clarification.register` and `.publish`; `sanitise` cleans rich text."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "clarification.register": lambda session, call: register(session, call, sanitise),
        "clarification.publish": lambda session, call: publish(session, call, sanitise),
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def register(_session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """The statement as it will be shown → {text_hash}. PlanEmpty, SecrecyMark."""
    title, html, _scope = _statement(call, sanitise)
    if not title or not plain_text(html):
        raise PlanEmpty
    if mark := secrecy_mark({"title": title, "text": html}):
        raise SecrecyMark(mark=mark)
    return Done({"text_hash": _hash(call, sanitise)})


def publish(session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """Show the approved statement → {announcement, title}. OtherText where it is another than the approved one."""
    case, (title, html, scope) = case_of(session, call), _statement(call, sanitise)
    if _hash(call, sanitise) != call.arguments["approved_hash"]:
        raise OtherText
    shown = Announcement.publish(
        session,
        call.id,
        case.id,
        case.organisation,
        kind="CLARIFICATION",
        title=title,
        html=html,
        scope=scope,
        at=at(call),
        by=call.by,
    )
    return Done({"announcement": shown.id, "title": title})


def _statement(call: Call, sanitise: Sanitise) -> tuple[str, str, str]:
    said: Mapping[str, Any] = dict(call.arguments["statement"])
    return " ".join(str(said["title"]).split()), sanitise(str(said["text"])), str(said["scope"])


def _hash(call: Call, sanitise: Sanitise) -> str:
    """Title, text and scope: what was approved is for exactly these readers."""
    return digest(dump(list(_statement(call, sanitise))))
