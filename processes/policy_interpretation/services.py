"""What the diagram of an interpretation asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import escape
from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.canonical import digest
from processes.announcements import Announcement
from processes.cases.services import at as moment_of
from processes.cases.services import case_of
from processes.disclosure.plans import mark_in
from processes.disclosure.publications import Publication, plain_text
from processes.disclosure.refusals import OtherText, SecrecyMark
from processes.policy_interpretation.refusals import NothingToInterpret

Answer = Done | Failed
Sanitise = Callable[[str], str]

PARTS = (("background", "出台背景"), ("meaning", "意义"), ("points", "要点"), ("focus", "关注的焦点"))
"""Field of the form → heading of the text (Art. 21(4))."""

FINAL = frozenset({"interpretation.publish"})
"""What these did is known to others: nobody goes back behind it."""


def services(sanitise: Sanitise = str) -> dict[str, Service]:
    """`interpretation.check` and `.publish`; `sanitise` cleans rich text."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "interpretation.check": lambda session, call: check(session, call, sanitise),
        "interpretation.publish": lambda session, call: publish(session, call, sanitise),
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def check(session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """The text as it will be shown → {text_hash}. SecrecyMark; NothingToInterpret."""
    _release(session, call)
    html = text_of(dict(call.arguments["interpretation"]), sanitise)
    if mark := mark_in(plain_text(html)):
        raise SecrecyMark(mark=mark)
    return Done({"text_hash": digest(html)})


def publish(session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """Show the approved text with its release → {announcement}. OtherText where it is another than the approved one."""
    case, publication = case_of(session, call), _release(session, call)
    html = text_of(dict(call.arguments["interpretation"]), sanitise)
    if digest(html) != call.arguments["approved_hash"]:
        raise OtherText
    shown = Announcement.publish(
        session,
        call.id,
        case.id,
        publication.organisation,
        kind="INTERPRETATION",
        title=case.title,
        html=html,
        scope=publication.scope,
        at=moment_of(call),
        by=call.by,
        publication_id=publication.id,
    )
    return Done({"announcement": shown.id})


def text_of(said: Mapping[str, Any], sanitise: Sanitise) -> str:
    """The four parts under their headings, as clean HTML."""
    parts = [(heading, str(said.get(key) or "")) for key, heading in PARTS]
    return "".join(f"<h2>{escape(heading)}</h2>{sanitise(html)}" for heading, html in parts if plain_text(html))


def _release(session: Session, call: Call) -> Publication:
    linked = next((link.target for link in case_of(session, call).links(session) if link.kind == "publication"), None)
    found = session.get(Publication, linked) if linked else None
    if found is None:
        raise NothingToInterpret
    return found
