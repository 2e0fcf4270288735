"""The histories of instances, judged rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Instance, lines
from engine.refusals import NotFound
from engine.regulation import Judgement, judge
from web.wiring import Parts

PAGE = 200


def of(session: Session, parts: Parts, instance_id: str) -> list[Judgement]:
    """What every rule says of one instance; NotFound where there is none."""
    instance = session.get(Instance, instance_id)
    if instance is None:
        raise NotFound(what="instance", key=instance_id)
    program = parts.engine.definitions.program(session.connection(), instance.version_id)
    entries = lines(session.connection(), instance_id)
    regulation = parts.engine.checker.regulation
    return judge(program, regulation, entries, instance.state != "open", parts.clock())


def all_of(session: Session, parts: Parts) -> Iterator[tuple[str, list[Judgement]]]:
    """Every instance with what the rules say of it."""
    last = ""
    while page := session.scalars(_page(last)).all():
        for instance_id in page:
            yield instance_id, of(session, parts, instance_id)
        last = page[-1]
        session.expunge_all()


def _page(last: str) -> Any:
    return select(Instance.id).where(Instance.id > last).order_by(Instance.id).limit(PAGE)
