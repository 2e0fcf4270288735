"""Who may read, import and put in force. What is or was in force is itself disclosed (Art. 10); a draft is not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from engine.clock import SHANGHAI
from engine.refusals import NotAllowed, NotFound
from processes import organisation as organisations
from processes.catalogue import CatalogueItem, CatalogueVersion
from processes.organisation import Organisation
from web.auth import current

KEEPER = "catalogue_keeper"
DRAFT_READERS = frozenset({"pco_coordinator", "auditor", "audit_admin", "disclosure_supervisor"})


class NotKeeper(NotAllowed):
    """Only the catalogue keeper of {organisation} may do this."""


def today() -> date:
    """The day of this request in Shanghai."""
    return current.now().astimezone(SHANGHAI).date()


def keeps(session: Session, organisation: str) -> bool:
    """Does the person hold the keeper's seat for this organisation?"""
    if not current.holds(KEEPER):
        return False
    return (organisations.seats_of(session, organisation, today())[KEEPER], KEEPER) in current.seats()


def require_keeper(session: Session, organisation: str) -> Organisation:
    """The organisation, where the person keeps its catalogue. NotKeeper, OrganisationUnknown."""
    found = Organisation.of(session, organisation)
    if not keeps(session, organisation):
        raise NotKeeper(organisation=found.name)
    return found


def kept(session: Session) -> list[Organisation]:
    """The organisations whose catalogue the person keeps."""
    if not current.holds(KEEPER):
        return []
    return [each for each in Organisation.all(session) if keeps(session, each.code)]


def may_read(session: Session, version: CatalogueVersion) -> bool:
    """May the signed-in person read this version?"""
    return version.status != "DRAFT" or current.holds(*DRAFT_READERS) or keeps(session, version.organisation)


def version_for(session: Session, version_id: str) -> CatalogueVersion:
    """The version, where the person may read it; NotFound otherwise."""
    current.someone()
    version = CatalogueVersion.of(session, version_id)
    if not may_read(session, version):
        raise NotFound(what="catalogue version", key=version_id)
    return version


def item_for(session: Session, item_id: str) -> CatalogueItem:
    """A row of a version that the person may read; NotFound otherwise."""
    current.someone()
    item = CatalogueItem.of(session, item_id)
    if not may_read(session, item.version):
        raise NotFound(what="catalogue row", key=item_id)
    return item


def units_to_start(item: CatalogueItem, seats: Collection[tuple[str, str]]) -> list[str]:
    """The responsible units for which the person, holding these seats, may open a matter (Art. 11(1))."""
    own = sorted(organisation for organisation, post in seats if post == "handler")
    if item.version.status != "IN_FORCE":
        return []
    return [unit for unit in own if not item.units or unit in item.units]
