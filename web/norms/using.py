"""The tables and time limits that one instance was started with, and where each comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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


def limit_of(how: Mapping[str, Any]) -> Limit | None:
    """The time limit that a deadline was counted by: `settings["t.review"]` in its expression.

    Of several that the expression names, it is the one in the unit that was counted in.
    """
    named = [LIMITS[key] for key in KEY.findall(how.get("by") or "") if key in LIMITS]
    alike = [limit for limit in named if _unit(limit.default) == _unit(str(how.get("spec", "")))]
    return next(iter([*alike, *named]), None)


def _unit(period: str) -> str:
    return period.lstrip("0123456789")


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
