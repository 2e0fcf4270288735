"""How a case begins: with the form of a start event, or with a message that another procedure sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor, Arrival, Beginning, Definition, Element, Program
from engine.clock import SHANGHAI, new_id
from processes import organisation as organisations
from processes import settings
from processes.cases.cases import KINDS, OTHERS, Case, below_of, noun_of, organisation_of, place_of
from processes.cases.refusals import MayNotStart, NoPlaceToStart, NotStartable
from processes.organisation import Organisation, Person

if TYPE_CHECKING:
    from engine import Engine

ANYONE = "anyone"
"""The post of a start event at which every signed-in person may begin."""

FORM = "formJsonSchemaFilename"


@dataclass(frozen=True, slots=True)
class Opening:
    """The start event by whose form a procedure begins, in the version in force."""

    definition: str
    name: str
    version_id: str
    event: Element

    @property
    def post(self) -> str:
        """Who may begin it."""
        return self.event.says("post")

    @property
    def form(self) -> str:
        """The file of its form."""
        return self.event.properties[FORM]

    @property
    def basis(self) -> str:
        """The article it rests on."""
        return self.event.properties.get("basis", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case belongs, whence it came, and what it is about (kind → id)."""

    organisation: str
    home: str
    links: Mapping[str, str]


def start_event(program: Program) -> Element | None:
    """The start event of the main process that names a form and a post; None for a procedure that nobody begins.

    Where a message may begin it too, the plain one is for people.
    """
    events = [event for event in program.elements.values() if event.kind == "startEvent" and not event.within]
    ours = [event for event in events if event.process == program.process_id and event.properties.get(FORM)]
    return min((event for event in ours if event.says("post")), key=lambda event: len(event.events), default=None)


def openings(session: Session, engine: Engine) -> list[Opening]:
    """Every procedure in force that begins with a form, by name."""
    found = []
    for definition in session.scalars(select(Definition).where(Definition.in_force.is_not(None))):
        if opening := _opening(session, engine, definition):
            found.append(opening)
    return sorted(found, key=lambda opening: (opening.name, opening.definition))


def opening_of(session: Session, engine: Engine, key: str) -> Opening:
    """How a procedure begins; NotStartable."""
    definition = session.get(Definition, key)
    opening = _opening(session, engine, definition) if definition and definition.in_force else None
    if opening is None:
        raise NotStartable(what="procedure", key=key)
    return opening


def places(session: Session, opening: Opening, person: Person, actor: Actor) -> list[str]:
    """The organisations for which the person would begin it without being asked; none: not this person."""
    if opening.post == ANYONE:
        return [person.organisation]
    return sorted(place for place, post in actor.seats if post == opening.post)


def reach(session: Session, opening: Opening, person: Person, actor: Actor) -> list[str]:
    """The organisations for which the person may begin it: `places` first, then those below and those served."""
    own = places(session, opening, person, actor)
    if opening.post == ANYONE:
        return own
    others = below_of(session, [seat for seat in actor.seats if seat[1] == opening.post])
    return [*own, *sorted(set(others) - set(own))]


def may_start(session: Session, opening: Opening, organisation: str, actor: Actor) -> bool:
    """Does the person hold the start event's post for this organisation: there, above it, or serving it?"""
    if opening.post == ANYONE:
        return True
    return organisation in below_of(session, [seat for seat in actor.seats if seat[1] == opening.post])


def start(
    session: Session,
    engine: Engine,
    key: str,
    said: Mapping[str, Any],
    person: Person,
    actor: Actor,
    at: datetime,
    *,
    organisation: str = "",
    links: Mapping[str, str] | None = None,
) -> Case:
    """Begin a case with what the start form accepted. NotStartable, MayNotStart, NoPlaceToStart.

    It concerns the organisation that the form's field named by `organisation_field` says, else the one that is given,
    else that of what it is linked with, else the person's. Who may see the links is for the caller to ask.
    """
    opening, given = opening_of(session, engine, key), dict(links or {})
    own = places(session, opening, person, actor)
    named = str(said.get(opening.event.properties.get("organisation_field", "")) or "")
    place = named or organisation or place_of(session, given) or next(iter(own), "")
    if not place:
        raise NoPlaceToStart if opening.post == ANYONE else MayNotStart(organisation="", reason="")
    if not may_start(session, opening, place, actor):
        raise MayNotStart(organisation=Organisation.of(session, place).name, reason="")
    return begin(
        session,
        engine,
        key,
        said,
        person.id,
        at,
        organisation=place,
        links=given,
        home=next(iter(own), place),
        event=opening.event,
    )


def begin(
    session: Session,
    engine: Engine,
    key: str,
    said: Mapping[str, Any],
    by: str | None,
    at: datetime,
    *,
    organisation: str,
    links: Mapping[str, str] | None = None,
    home: str = "",
    event: Element | None = None,
) -> Case:
    """Begin a case whoever asks: a person (`by`) or the clock (None). Rights are the caller's business.

    `said` is what its start form would say; `event` the start event, without it the one with a form.
    """
    instance_id = new_id()
    event = event or opening_of(session, engine, key).event
    place = Place(organisation, home or organisation, dict(links or {}))
    case = _open(session, key, instance_id, event, said, place, by, at)
    engine.start(
        key,
        {**_kept(event, said), **beginning(session, case.id, place, by, at)},
        by,
        organisation=organisation,
        subject=case.title,
        instance_id=case.id,
        event=event.id,
        session=session,
    )
    return case


def welcome(session: Session, arrival: Arrival) -> Beginning:
    """What a procedure begins with that a message starts: what every case has, and the payload.

    The payload may name the `organisation`, a `title` and `links` {kind: id}; without the first the sender's counts,
    else the school's. The case is linked with what sent the message.
    """
    said, starter = dict(arrival.payload), None if arrival.sender else _person(session, arrival.by)
    place = _place_of(session, arrival, said)
    if arrival.definition in OTHERS:
        title = title_of(arrival.event, said)
    else:
        case = _open(
            session,
            arrival.definition,
            arrival.instance_id,
            arrival.event,
            said,
            place,
            starter,
            arrival.at,
        )
        title = case.title
    data = beginning(session, arrival.instance_id, place, starter, arrival.at)
    return Beginning({**_kept(arrival.event, said), **data}, place.organisation, title)


def _person(session: Session, by: str | None) -> str | None:
    """A program that delivers a message is nobody whom one could tell how it went."""
    return by if by and session.get(Person, by) else None


def _place_of(session: Session, arrival: Arrival, said: Mapping[str, Any]) -> Place:
    """Where a case that a message starts belongs, and what it is about: whatever sent the message too."""
    links = {kind: str(target) for kind, target in dict(said.get("links") or {}).items() if kind in KINDS and target}
    sent_from = organisation_of(session, arrival.sender) if arrival.sender else ""
    if arrival.sender:
        kind, target = noun_of(session, arrival.sender)
        links.setdefault(kind, target)
    named = str(said.get("organisation") or sent_from or place_of(session, links)) or Organisation.root(session).code
    return Place(named, sent_from or named, links)


def beginning(session: Session, case_id: str, place: Place, by: str | None, at: datetime) -> dict[str, Any]:
    """What every case starts with: {case, starter, organisation, superior, seats, settings, links, home}.

    `home` is where its starter's post lies, or whence the message came.
    """
    on = at.astimezone(SHANGHAI).date()
    return {
        "case": case_id,
        "starter": by,
        "organisation": place.organisation,
        "superior": organisations.superior(session, place.organisation),
        "seats": organisations.seats_of(session, place.organisation, on),
        "settings": dict(settings.effective(session, place.organisation, at)),
        "links": dict(place.links),
        "home": place.home,
    }


def _open(
    session: Session,
    key: str,
    instance_id: str,
    event: Element,
    said: Mapping[str, Any],
    place: Place,
    by: str | None,
    at: datetime,
) -> Case:
    return Case.open(
        session,
        instance_id,
        key,
        place.organisation,
        title=title_of(event, said),
        at=at,
        by=by,
        seen_by=event.properties.get("seen_by", "").split(","),
        links=place.links,
    )


def title_of(event: Element, said: Mapping[str, Any]) -> str:
    """What the field named by the start event's property `title` says, on one line; else the event's name."""
    words = " ".join(str(said.get(event.properties.get("title") or "title") or "").split())
    return words[:120] or event.name or event.id


def _kept(event: Element, said: Mapping[str, Any]) -> dict[str, Any]:
    variable = event.properties.get("variable")
    return {variable: dict(said)} if variable else dict(said)


def _opening(session: Session, engine: Engine, definition: Definition) -> Opening | None:
    if definition.key in OTHERS:
        return None
    version = str(definition.in_force)
    event = start_event(engine.definitions.program(session.connection(), version))
    return Opening(definition.key, definition.name, version, event) if event else None
