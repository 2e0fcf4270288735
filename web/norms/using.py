"""The tables and time limits that one instance was started with, and where each comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Entry, Instance
from processes import settings
from processes.decisions import Used, used
from processes.settings import LIMITS, Effective, Limit
from web import names, versions

KEY = re.compile(r"settings\[(?:\"|'|&quot;)(t\.[a-z_]+)(?:\"|'|&quot;)\]")


@dataclass(frozen=True, slots=True)
class Using:
    """What an instance used: the tables it asked so far, and the time limits that its diagrams name."""

    tables: list[Used]
    limits: list[Effective]


def using(session: Session, instance: Instance) -> Using:
    """What the pages of an instance show of its tables and time limits."""
    limits = list(_limits(session, instance))
    names.meet(session, [found.change.by for found in limits if found.change])
    return Using(used(session, instance), limits)


def limit_of(by: str | None) -> Limit | None:
    """The time limit that the expression of a deadline names: `settings["t.review"]`."""
    found = KEY.search(by or "")
    return LIMITS.get(found[1]) if found else None


def _limits(session: Session, instance: Instance) -> Iterator[Effective]:
    """The values of the start, each with the change or the default that made it so at that moment."""
    given, named = _given(session, instance), _named(session, instance)
    for found in settings.explained(session, instance.organisation, instance.started_at) if given else []:
        if found.limit.key in named and found.limit.key in given:
            value = given[found.limit.key]
            yield found if found.value == value else Effective(found.limit, value, None)


def _given(session: Session, instance: Instance) -> Mapping[str, str]:
    first = session.scalar(select(Entry).where(Entry.instance_id == instance.id, Entry.position == 1))
    return dict(json.loads(first.body)["command"].get("data", {}).get("settings") or {}) if first else {}


def _named(session: Session, instance: Instance) -> set[str]:
    drawn = versions.files_of(session, instance.version_id).items()
    return {key for path, data in drawn if path.endswith(".bpmn") for key in KEY.findall(data.decode())}
