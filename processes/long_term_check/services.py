"""What the diagram of a check asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from processes.cases.services import at as moment_of
from processes.cases.services import case_of
from processes.disclosure.publications import Publication
from processes.expiry import OBSOLETE, take_down
from processes.long_term_check.checks import ValidityCheck
from processes.long_term_check.refusals import NoRelease

Answer = Done | Failed

FINAL = frozenset({"validity.take_down"})
"""What these did is known to others: nobody goes back behind it."""


def services() -> dict[str, Service]:
    """`validity.record` and `validity.take_down`."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "validity.record": record,
        "validity.take_down": remove,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def record(session: Session, call: Call) -> Answer:
    """Enter that the release stays, because it holds or because the head keeps it → {result}."""
    said = dict(call.arguments["checked"])
    result = "VALID" if said["result"] == "VALID" else "KEPT"
    _enter(session, call, result, str(said["opinion"]))
    return Done({"result": result})


def remove(session: Session, call: Call) -> Answer:
    """Take the release down, as the head agreed; the archive stays (Art. 16) → {result}."""
    publication = _enter(session, call, OBSOLETE, str(dict(call.arguments["checked"])["opinion"]))
    if publication.taken_down_at is None:
        publication.taken_down_at = moment_of(call)
        take_down(session, publication, OBSOLETE, moment_of(call))
    return Done({"result": OBSOLETE})


def _enter(session: Session, call: Call, result: str, opinion: str) -> Publication:
    case = case_of(session, call)
    linked = next((link.target for link in case.links(session) if link.kind == "publication"), None)
    publication = session.get(Publication, linked) if linked else None
    if publication is None:
        raise NoRelease
    session.add(
        ValidityCheck(
            id=case.id,
            publication_id=publication.id,
            result=result,
            opinion=opinion,
            by=call.by or "",
            at=moment_of(call),
        )
    )
    session.flush()
    return publication
