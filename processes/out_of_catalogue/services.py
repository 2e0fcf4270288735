"""What the diagram of Article 12 asks for beyond the five steps; all of it runs inside the command's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import Call, Done, Service
from engine.clock import SHANGHAI
from engine.refusals import Refusal
from processes import organisation as organisations
from processes.catalogue import CatalogueItem, append, draft_after
from processes.disclosure import plans
from processes.disclosure.notices import seat_holders, tell
from processes.disclosure.refusals import SecrecyMark
from processes.disclosure.services import at, matter_of
from processes.organisation import Organisation
from processes.out_of_catalogue.followups import DECISIONS, CatalogueFollowup
from processes.out_of_catalogue.rows import governed_by, row_of

KEEPER = "catalogue_keeper"
SOURCE = "目录外事项"
"""What a draft of the catalogue is called that began with a matter outside it."""


class ReasonMissing(Refusal):
    """A matter outside the catalogue needs what is disclosed, why the catalogue lacks it, and why it is disclosed."""


class DecisionMissing(Refusal):
    """Please decide whether the catalogue gets a row, and say why."""


def services() -> dict[str, Service]:
    """The services of the diagram by name. Each is safe to ask twice with one call id."""
    runs = {
        "out_of_catalogue.register_reason": register_reason,
        "out_of_catalogue.record_followup": record_followup,
        "out_of_catalogue.draft_row": draft_row,
    }
    return {name: Service(name, run) for name, run in runs.items()}


def register_reason(session: Session, call: Call) -> Done:
    """Name the matter after what is to be disclosed (Art. 12) → {title}."""
    matter, said = matter_of(session, call), call.arguments["outside"]
    content, *why = (str(said.get(key) or "").strip() for key in ("content", "reason", "necessity"))
    if not content or not all(why):
        raise ReasonMissing
    if mark := plans.secrecy_mark({"title": content, "text": "\n".join(why)}):
        raise SecrecyMark(mark=mark)
    matter.title = matter.content = content
    session.flush()
    return Done({"title": content})


def record_followup(session: Session, call: Call) -> Done:
    """Keep the decision whether the catalogue gets a row (Art. 12) → {decision, at}."""
    matter = matter_of(session, call)
    followup = session.get(CatalogueFollowup, matter.id) or _decided(matter.id, call)
    session.add(followup)
    session.flush()
    return Done({"decision": followup.decision, "at": followup.at.isoformat()})


def draft_row(session: Session, call: Call) -> Done:
    """Draft a row from the plan, in a draft of the catalogue that governs the handling unit; tell its keeper.

    → {item, version, organisation}
    """
    matter = matter_of(session, call)
    followup = session.get_one(CatalogueFollowup, matter.id)
    item = followup.row(session) or _drafted(session, matter.organisation, call)
    if followup.item_id is None:
        followup.item_id = item.id
        _tell_keeper(session, matter.id, matter.title, item, call)
    session.flush()
    return Done({"item": item.id, "version": item.version_id, "organisation": item.version.organisation})


def _decided(matter_id: str, call: Call) -> CatalogueFollowup:
    said: Mapping[str, Any] = call.arguments["followup"]
    decision, reason = said.get("result"), str(said.get("reason") or "").strip()
    if decision not in DECISIONS or not reason:
        raise DecisionMissing
    return CatalogueFollowup(
        matter_id=matter_id, call_id=call.id, decision=decision, reason=reason, at=at(call), by=call.by
    )


def _drafted(session: Session, unit: str, call: Call) -> CatalogueItem:
    owner = governed_by(session, unit)
    draft = draft_after(session, owner, by=call.by or "", at=at(call), source=SOURCE)
    return append(session, draft, row_of(session, unit, call.arguments["plan"]))


def _tell_keeper(session: Session, matter_id: str, title: str, item: CatalogueItem, call: Call) -> None:
    owner, now = item.version.organisation, at(call)
    seat = organisations.seats_of(session, owner, now.astimezone(SHANGHAI).date())[KEEPER]
    keepers = seat_holders(session, seat, KEEPER, now)
    name = Organisation.of(session, owner).name
    tell(session, keepers, "row_drafted", matter_id, title, now, link=f"/catalogue/items/{item.id}", task=(name, name))
