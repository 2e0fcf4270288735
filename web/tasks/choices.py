"""What the lists of a form offer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.emergency import ResponsePlan
from processes.organisation import Organisation, Person


def choices(session: Session) -> dict[str, list[dict[str, str]]]:
    """`people`, `organisations`, `response_plans` as [{value, label}]: a form's `valuesKey` names one of them."""
    homes = dict(session.execute(select(Organisation.code, Organisation.name)).all())
    people = session.execute(
        select(Person.id, Person.name, Person.organisation)
        .where(Person.active)
        .order_by(Person.organisation, Person.login)
    )
    return {
        "people": [{"value": key, "label": f"{name}（{homes.get(home, home)}）"} for key, name, home in people],
        "organisations": [{"value": code, "label": name} for code, name in sorted(homes.items())],
        "response_plans": ResponsePlan.choices(session),
    }


def context(session: Session, data: dict[str, Any]) -> dict[str, Any]:
    """What a form may look at: the task's data and the lists."""
    return {**data, **choices(session)}
