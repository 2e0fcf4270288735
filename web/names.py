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

KINDS = {"organisations": (Organisation.code, Organisation.name), "people": (Person.id, Person.name)}
"""What is called by a name: its key and its name."""


def install(app: Flask) -> None:
    """Templates get the filters `organisation`, `post`, `person` and `step`."""
    app.jinja_env.filters.update(organisation=organisation, post=post, person=person, step=step)


def organisation(code: str | None) -> str:
    """The name of an organisation; the code where it is unknown."""
    return _named("organisations", code)


def organisations() -> dict[str, str]:
    """Code → name of every organisation, in the order of codes."""
    with parts().database.read() as session:
        return Organisation.names(session)


def meet_organisations(session: Session, codes: Iterable[str | None]) -> None:
    """Look up many names at once, for a list."""
    _meet(session, "organisations", codes)


def post(code: str | None) -> str:
    """The name of a post in the reader's language."""
    return i18n.named(POSTS.get(code or "")) or code or ""


def person(person_id: str | None) -> str:
    """The name of a person; the id where nobody has it."""
    return _named("people", person_id)


def meet(session: Session, person_ids: Iterable[str | None]) -> None:
    """Look up many names at once, for a list."""
    _meet(session, "people", person_ids)


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


def _named(kind: str, key: str | None) -> str:
    if not key:
        return ""
    known = _known(kind)
    if key not in known:
        with parts().database.read() as session:
            _meet(session, kind, [key])
    return known[key]


def _meet(session: Session, kind: str, keys: Iterable[str | None]) -> None:
    (key, name), known = KINDS[kind], _known(kind)
    if wanted := {each for each in keys if each} - known.keys():
        found: dict[str, str] = dict(session.execute(select(key, name).where(key.in_(wanted))).all())
        known.update({each: found.get(each, each) for each in wanted})


def _known(kind: str) -> dict[str, str]:
    """Names looked up in this request, by key."""
    known: dict[str, str] = g.setdefault(f"names_of_{kind}", {})
    return known
