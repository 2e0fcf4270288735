"""What the lists of a form offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.emergency import ResponsePlan
from processes.organisation import Organisation, Person

Options = list[dict[str, str]]


def choices(session: Session, forms: Iterable[bytes]) -> dict[str, Options]:
    """`people`, `organisations`, `response_plans` as [{value, label}]: those that the forms name (`valuesKey`)."""
    named = b"".join(form for form in forms if b"valuesKey" in form)
    return {name: listed(session) for name, listed in LISTS.items() if name.encode() in named}


def context(session: Session, data: Mapping[str, Any], form: bytes | None) -> dict[str, Any]:
    """What a form may look at: the task's data and the lists."""
    return {**data, **choices(session, [form] if form else [])}


def _people(session: Session) -> Options:
    homes = Organisation.names(session)
    people = session.execute(
        select(Person.id, Person.name, Person.organisation)
        .where(Person.active)
        .order_by(Person.organisation, Person.login)
    )
    return [{"value": key, "label": f"{name}（{homes.get(home, home)}）"} for key, name, home in people]


def _organisations(session: Session) -> Options:
    return [{"value": code, "label": name} for code, name in Organisation.names(session).items()]


LISTS = {"people": _people, "organisations": _organisations, "response_plans": ResponsePlan.choices}
"""The name that a form gives as `valuesKey` → the list."""
