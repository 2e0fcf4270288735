"""What a case is about, and which cases are about something, as far as the reader may see either."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from engine.refusals import NotFound
from processes.cases import Case, CaseLink
from processes.catalogue import CatalogueVersion
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from processes.emergency import EmergencyIncident
from web import names
from web.auth import current
from web.catalogue import rights

NAMES = {
    "matter": _("Matter"),
    "publication": _("Release"),
    "incident": _("Emergency incident"),
    "case": _("Case"),
    "catalogue_version": _("Catalogue"),
}
"""Kind of link → what it is called."""


@dataclass(frozen=True, slots=True)
class Linked:
    """One end of a link, ready to be shown: `url` is empty where the reader may know of it but not open it."""

    kind: str
    target: str
    title: str
    url: str
    organisation: str


def find(session: Session, kind: str, target: str) -> Linked | None:
    """What a link leads to, where the reader may see it."""
    look = _LOOKS.get(kind)
    return look(session, target) if look else None


def asked(session: Session, given: Mapping[str, str]) -> list[Linked]:
    """The links that an address or a form names. NotFound for what the reader may not see."""
    wanted = [(kind, given[kind]) for kind in NAMES if given.get(kind)]
    found = [(kind, target, find(session, kind, target)) for kind, target in wanted]
    for kind, target, seen in found:
        if seen is None:
            raise NotFound(what=kind, key=target)
    return [seen for _kind, _target, seen in found if seen]


def shown(session: Session, links: Iterable[CaseLink]) -> list[Linked]:
    """What a case is linked with, without what the reader may not see."""
    found = (find(session, link.kind, link.target) for link in links)
    return [each for each in found if each]


def about(session: Session, kind: str, target: str) -> list[Case]:
    """The cases that concern something, as far as the reader may see them."""
    person = current.person()
    if person is None:
        return []
    visible = Case.visible_to(session, person.id, current.seats())
    return list(session.scalars(Case.linked_with(visible, kind, target)))


def _matter(session: Session, target: str) -> Linked | None:
    seen = Matter.visible_to(session, current.someone().id, current.seats()).where(Matter.id == target)
    found = session.scalar(seen)
    url = url_for("matters.show", matter_id=target)
    return Linked("matter", target, found.title, url, found.organisation) if found else None


def _publication(session: Session, target: str) -> Linked | None:
    """What the portal shows them; and the release of a matter that they may see, whatever became of it."""
    visible = Publication.visible(session, current.person(), current.now()).where(Publication.id == target)
    if found := session.scalar(visible):
        url = url_for("portal.show", publication_id=target)
        return Linked("publication", target, found.title, url, found.organisation)
    kept = session.get(Publication, target)
    matter = _matter(session, kept.matter_id) if kept else None
    return Linked("publication", target, kept.title, matter.url, kept.organisation) if kept and matter else None


def _incident(session: Session, target: str) -> Linked | None:
    seen = EmergencyIncident.visible_to(session, current.someone().id, current.seats())
    found = session.scalar(seen.where(EmergencyIncident.id == target))
    url = url_for("emergency.show", incident_id=target)
    return Linked("incident", target, found.title, url, found.organisation) if found else None


def _case(session: Session, target: str) -> Linked | None:
    seen = Case.visible_to(session, current.someone().id, current.seats()).where(Case.id == target)
    found = session.scalar(seen)
    url = url_for("cases.show", case_id=target)
    return Linked("case", target, f"{found.title}（{found.code}）", url, found.organisation) if found else None


def _catalogue(session: Session, target: str) -> Linked | None:
    found = session.get(CatalogueVersion, target)
    if found is None or not rights.may_read(session, found):
        return None
    url = url_for("catalogue.version", version_id=target)
    title = f"{names.organisation(found.organisation)} · {found.number}"
    return Linked("catalogue_version", target, title, url, found.organisation)


_LOOKS: Mapping[str, Callable[[Session, str], Linked | None]] = {
    "matter": _matter,
    "publication": _publication,
    "incident": _incident,
    "case": _case,
    "catalogue_version": _catalogue,
}
