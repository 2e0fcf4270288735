"""What the diagram of a correction asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.refusals import NotFound
from processes.cases.services import at, case_of
from processes.correction.corrections import Correction, Reprint
from processes.correction.refusals import NothingChanged, NothingToCorrect, TextMoved
from processes.disclosure import plans
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication, plain_text
from processes.disclosure.refusals import OtherText, PlanEmpty, SecrecyMark
from processes.notices import notify

Answer = Done | Failed
Sanitise = Callable[[str], str]

FINAL = frozenset({"correction.withdraw", "correction.republish", "correction.archive"})
"""What these did is known to others: nobody goes back behind it."""


def services(sanitise: Sanitise = str) -> dict[str, Service]:
    """The services of correction by name; `sanitise` cleans rich text."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "correction.look_up": look_up,
        "correction.withdraw": withdraw,
        "correction.register": lambda session, call: register(session, call, sanitise),
        "correction.dismiss": dismiss,
        "correction.republish": republish,
        "correction.tell_reprinters": tell_reprinters,
        "correction.archive": archive,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def look_up(session: Session, call: Call) -> Answer:
    """The text that is shown → {title, text, text_hash}. NothingToCorrect."""
    publication = publication_of(session, call)
    return Done({"title": publication.title, "text": publication.html, "text_hash": publication.text_hash})


def withdraw(session: Session, call: Call) -> Answer:
    """Take the release down until it is corrected → {at}; {at: ""} where it is down already."""
    publication = publication_of(session, call)
    if publication.taken_down_at is not None:
        return Done({"at": ""})
    publication.taken_down_at = at(call)
    session.flush()
    return Done({"at": at(call).isoformat()})


def register(session: Session, call: Call, sanitise: Sanitise) -> Answer:
    """Keep both texts → {text_hash}. PlanEmpty, SecrecyMark, NothingChanged."""
    case, publication, said = case_of(session, call), publication_of(session, call), dict(call.arguments["correction"])
    title, html = " ".join(str(said["title"]).split()), sanitise(str(said["text"]))
    _check(title, html)
    digest = _hash(publication, title, html)
    if digest == publication.text_hash:
        raise NothingChanged
    values = {
        "publication_id": publication.id,
        "severity": str(call.arguments["severity"]),
        "title_before": publication.title,
        "html_before": publication.html,
        "text_hash_before": publication.text_hash,
        "title": title,
        "html": html,
        "text_hash": digest,
        "note": str(said["note"]),
        "registered_at": at(call),
    }
    session.merge(Correction(id=case.id, **values))
    session.flush()
    return Done({"text_hash": digest})


def dismiss(session: Session, call: Call) -> Answer:
    """Nothing is corrected: what this case took down is shown again → {}."""
    _show_again(publication_of(session, call), call)
    session.flush()
    return Done({})


def republish(session: Session, call: Call) -> Answer:
    """Show the approved text in the place of the other → {at, approved_hash}. OtherText, TextMoved.

    What goes out is what was registered under the approved hash, computed anew, and it replaces the text for which it
    was approved and no other.
    """
    publication, correction = publication_of(session, call), correction_of(session, call)
    approved = str(call.arguments["approved_hash"])
    if not correction.text_hash == approved == _hash(publication, correction.title, correction.html):
        raise OtherText
    if publication.text_hash != correction.text_hash_before:
        raise TextMoved
    _replace(publication, correction)
    correction.released_at, correction.released_by = at(call), call.by
    _show_again(publication, call)
    _follow(session.get(Matter, publication.matter_id), correction)
    session.flush()
    return Done({"at": at(call).isoformat(), "approved_hash": approved})


def tell_reprinters(session: Session, call: Call) -> Answer:
    """Tell who recorded a reprint that it must be corrected (Art. 13) → {reprints: how many}."""
    publication = publication_of(session, call)
    reprints = Reprint.of(session, publication.id)
    for one in reprints:
        zh = f"“{publication.title}”已更正，请更正转载于{one.place}的内容"
        en = f"“{publication.title}” was corrected: please correct what was reprinted at {one.place}"
        link = f"/portal/{publication.id}"
        notify(session, [one.by], "reprint_to_correct", publication.matter_id, zh=zh, en=en, at=at(call), link=link)
    return Done({"reprints": len(reprints)})


def archive(session: Session, call: Call) -> Answer:
    """Record under which number both texts are filed → {archive_no}."""
    correction = correction_of(session, call)
    correction.archive_no, correction.archived_at = str(call.arguments["archive_no"]), at(call)
    session.flush()
    return Done({"archive_no": correction.archive_no})


def publication_of(session: Session, call: Call) -> Publication:
    """The release that the case is about. NothingToCorrect."""
    linked = next((link.target for link in case_of(session, call).links(session) if link.kind == "publication"), "")
    found = session.get(Publication, linked)
    if found is None:
        raise NothingToCorrect
    return found


def correction_of(session: Session, call: Call) -> Correction:
    """The correction of the case; NotFound before one is registered."""
    if found := session.get(Correction, call.instance):
        return found
    raise NotFound(what="correction", key=call.instance)


def _show_again(publication: Publication, call: Call) -> None:
    """Only what this case took down comes back."""
    if call.arguments["taken_down"]:
        publication.taken_down_at = None


def _replace(publication: Publication, correction: Correction) -> None:
    publication.title, publication.html = correction.title, correction.html
    publication.plain, publication.text_hash = plain_text(correction.html), correction.text_hash


def _follow(matter: Matter | None, correction: Correction) -> None:
    """The matter's approved text is the corrected one now."""
    if matter is None or matter.approved_hash != correction.text_hash_before:
        return
    matter.approved_hash = correction.text_hash
    if matter.state == "RELEASED":
        matter.state = "CORRECTED"


def _check(title: str, html: str) -> None:
    if not title or not plain_text(html):
        raise PlanEmpty
    if mark := plans.secrecy_mark({"title": title, "text": html}):
        raise SecrecyMark(mark=mark)


def _hash(publication: Publication, title: str, html: str) -> str:
    files: Mapping[str, Any] = {"attachments": publication.attachments}
    return plans.text_hash(title, html, plans.digests(files))
