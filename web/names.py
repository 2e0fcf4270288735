"""How people, organisations, posts and steps are called on pages; each is looked up once in a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, g
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Instance
from processes.organisation import POSTS, Organisation, Person
from web import i18n, versions
from web.wiring import parts


def install(app: Flask) -> None:
    """Templates get the filters `organisation`, `post`, `person` and `step`."""
    app.jinja_env.filters.update(organisation=organisation, post=post, person=person, step=step)


def organisation(code: str | None) -> str:
    """The name of an organisation; the code where it is unknown."""
    return organisations().get(code or "", code or "")


def organisations() -> dict[str, str]:
    """Code → name of every organisation, in the order of codes."""
    if "organisations" not in g:
        with parts().database.read() as session:
            rows = session.execute(select(Organisation.code, Organisation.name).order_by(Organisation.code))
            g.organisations = dict(rows.all())
    found: dict[str, str] = g.organisations
    return found


def post(code: str | None) -> str:
    """The name of a post in the reader's language."""
    return i18n.named(POSTS.get(code or "")) or code or ""


def person(person_id: str | None) -> str:
    """The name of a person; the id where nobody has it."""
    if not person_id:
        return ""
    known = _people()
    if person_id not in known:
        with parts().database.read() as session:
            meet(session, [person_id])
    return known.get(person_id, person_id)


def meet(session: Session, person_ids: Iterable[str | None]) -> None:
    """Look up many names at once, for a list."""
    known = _people()
    wanted = {person_id for person_id in person_ids if person_id} - known.keys()
    if wanted:
        known.update(session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).all())
        known.update({person_id: person_id for person_id in wanted if person_id not in known})


def step(task: Any) -> str:
    """The name of a task's step in the reader's language, as its diagram says."""
    if i18n.language() == "zh":
        return str(task.name)
    return element(task.instance_id, task.element).get("en") or str(task.name)


def element(instance_id: str, element_id: str) -> dict[str, str]:
    """Names and properties of an element of the diagram that an instance runs on: `name` and, where given, `en`."""
    program = program_of(instance_id)
    found = program.elements.get(element_id)
    return {"name": found.name or element_id, **found.properties} if found else {"name": element_id}


def program_of(instance_id: str) -> Any:
    """The compiled version that an instance runs on."""
    programs = g.setdefault("programs", {})
    if instance_id not in programs:
        with parts().database.read() as session:
            instance = session.get_one(Instance, instance_id)
            programs[instance_id] = versions.program_of(session, instance.version_id)
    return programs[instance_id]


def _people() -> dict[str, str]:
    if "people" not in g:
        g.people = {}
    known: dict[str, str] = g.people
    return known
