"""What the journal of an instance has recorded, ready to be played and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import Instance, lines
from engine.refusals import NotFound
from web import i18n, names, versions
from web.matters import story


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the journal. `trace` holds [kind, element, process, scope, task]; `opened` elements then waited."""

    position: int
    at: datetime
    by: str | None
    kind: str
    hash: str
    command: Mapping[str, Any]
    trace: list[list[str]]
    opened: list[str]
    ended: bool

    @classmethod
    def read(cls, row: Any) -> Step:
        """From a row with the columns of `Entry`."""
        body = json.loads(row.body)
        effects = body["effects"]
        opened = [task["element"] for task in effects.get("opened", [])]
        ended = effects.get("completed", False)
        return cls(row.position, row.at, row.by, row.kind, row.hash, body["command"], body["trace"], opened, ended)

    @property
    def element(self) -> str:
        """The element that the command was about; empty for a start."""
        return str(self.command.get("element", ""))


@dataclass(frozen=True, slots=True)
class Recording:
    """All steps of an instance, in order, with the program they ran on."""

    instance: Instance
    program: Any
    steps: list[Step]

    @classmethod
    def of(cls, session: Session, instance: Instance) -> Recording:
        """Read the whole journal of an instance."""
        steps = [Step.read(row) for row in lines(session.connection(), instance.id)]
        names.meet(session, [step.by for step in steps])
        return cls(instance, names.program_of(instance.id), steps)

    def step(self, position: int) -> Step:
        """The step at a position, from 1; NotFound behind the end."""
        if not 1 <= position <= len(self.steps):
            raise NotFound(what="entry", key=f"{self.instance.id}/{position}")
        return self.steps[position - 1]

    def said(self, step: Step) -> str:
        """What happened, as a sentence in the reader's language."""
        detail = story.detail(step.command)
        return story.spoken(story.Event(step.position, step.at, step.by, step.kind, self.named(step.element), detail))

    def waiting(self, step: Step) -> list[str]:
        """The names of the tasks that the step opened, each once."""
        return list(dict.fromkeys(self.named(element) for element in step.opened))

    def named(self, element_id: str) -> str:
        """An element as the diagram calls it; a nameless boundary event is called after what it sits on."""
        element = self.program.elements.get(element_id)
        if element is None:
            return element_id
        own = i18n.named({"name": element.name, **element.properties})
        return own or (self.named(element.attached_to) if element.attached_to else element_id)

    def playable(self, session: Session) -> dict[str, Any]:
        """`{entries: [{position, at, by, kind, trace}], files: [{path, xml}]}`: what the player asks for."""
        given = versions.files_of(session, self.instance.version_id)
        moved = max((step.position for step in self.steps if step.kind == "migrate"), default=0)
        entries = [_entry(step, is_drawn=step.position >= moved) for step in self.steps]
        return {"entries": entries, "files": _diagrams(given)}


def _entry(step: Step, is_drawn: bool) -> dict[str, Any]:
    """What came before the last move stands in the list; on the diagram the move itself shows the whole way."""
    by, trace = names.person(step.by), step.trace if is_drawn else []
    return {"position": step.position, "at": step.at.isoformat(), "by": by, "kind": step.kind, "trace": trace}


def _diagrams(given: Mapping[str, bytes]) -> list[dict[str, str]]:
    return [{"path": path, "xml": given[path].decode()} for path in sorted(given) if path.endswith(".bpmn")]
