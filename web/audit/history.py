"""The journal of one instance as a table: who, what, when, the submission, the deadlines it opened, the hash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import Entry, Instance, Task, lines, says
from processes.audit import Reach, shown
from processes.disclosure.matters import Matter
from web import names
from web.matters.story import Event, Story, spoken
from web.playback.recording import Recording

KINDS: Mapping[str, Any] = {
    "start": _("opened"),
    "complete": _("task done"),
    "withdraw": _("taken back"),
    "fire": _("timer"),
    "deliver": _("message"),
    "answer": _("service"),
    "recount": _("counted again"),
    "stop": _("clock stopped"),
    "go_on": _("clock goes on"),
    "cancel": _("ended"),
    "correct": _("corrected"),
    "reassign": _("given to another"),
    "skip": _("left out"),
    "retry": _("tried again"),
    "jump": _("gone back"),
    "suspend": _("suspended"),
    "resume": _("resumed"),
    "migrate": _("moved to another version"),
}
"""Kind of an entry → word."""
MOST_LINKED = 20


@dataclass(frozen=True, slots=True)
class Deadline:
    """A task that an entry opened, with the arithmetic of its deadline."""

    name: str
    due_at: datetime | None
    how: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the auditor reads it. `submission` is its form filled in, `said` what no form shows, as JSON."""

    position: int
    at: datetime
    by: str | None
    kind: str
    sentence: str
    element: str
    task: Task | None
    submission: Markup
    said: str
    deadlines: list[Deadline]
    hash: str
    previous: str


@dataclass(frozen=True, slots=True)
class Filter:
    """How the table is narrowed: a person's id, an element's id, a kind, and days."""

    by: str = ""
    element: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, entry: Any, element: str) -> bool:
        """Does an entry belong into the table?"""
        return (
            self.by in ("", entry.by)
            and self.element in ("", element)
            and self.kind in ("", entry.kind)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


@dataclass(frozen=True, slots=True)
class History:
    """The entries that fit, and what the filters offer."""

    rows: list[Row]
    total: int
    people: list[str]
    elements: dict[str, str]
    kinds: list[str]


def told(session: Session, recording: Recording, story: Story, wanted: Filter, number: int, size: int) -> History:
    """One page of the entries that fit, in the order of the journal."""
    stored = lines(session.connection(), recording.instance.id)
    bodies = {entry.position: json.loads(entry.body) for entry in stored}
    elements = [str(bodies[entry.position]["command"].get("element", "")) for entry in stored]
    fitting = [entry for entry, element in zip(stored, elements, strict=True) if wanted.fits(entry, element)]
    page = fitting[(number - 1) * size : number * size]
    return History(
        rows=[_row(entry, bodies[entry.position], recording, story) for entry in page],
        total=len(fitting),
        people=sorted({entry.by for entry in stored if entry.by}, key=names.person),
        elements={element: recording.named(element) for element in dict.fromkeys(elements) if element},
        kinds=list(dict.fromkeys(entry.kind for entry in stored)),
    )


def _row(entry: Any, body: Mapping[str, Any], recording: Recording, story: Story) -> Row:
    command = body["command"]
    element = recording.named(str(command.get("element", "")))
    task = next((task for task in story.tasks if task.id == command.get("task")), None)
    is_filled_in = task is not None and task.form and entry.kind == "complete"
    return Row(
        position=entry.position,
        at=entry.at,
        by=entry.by,
        kind=entry.kind,
        sentence=spoken(Event(entry.position, entry.at, entry.by, entry.kind, element)),
        element=element,
        task=task,
        submission=story.form_shown(task.form, command["data"]) if task and is_filled_in else Markup(""),
        said="" if is_filled_in else _spelled(command),
        deadlines=[_deadline(recording, opened) for opened in body["effects"].get("opened", [])],
        hash=entry.hash,
        previous=entry.previous,
    )


def _spelled(command: Mapping[str, Any]) -> str:
    """What was said besides a form: the data of a start, a message's content, a service's answer, a reason."""
    kept = ("data", "payload", "answer", "party", "reason", "name", "key")
    said = {key: command[key] for key in kept if command.get(key)}
    return json.dumps(said, ensure_ascii=False, indent=1) if said else ""


def _deadline(recording: Recording, opened: Mapping[str, Any]) -> Deadline:
    how, due_at = opened.get("due_how"), opened.get("due_at")
    how = json.loads(how) if isinstance(how, str) else how
    return Deadline(recording.named(opened["element"]), datetime.fromisoformat(due_at) if due_at else None, how)


def linked(
    session: Session, instance: Instance, matter: Matter | None, reach: Reach
) -> list[tuple[Instance, Any, str]]:
    """Other instances that belong to this one, with their matters: `row`, `names` or `message` says why."""
    why = {
        **dict.fromkeys(_of_row(session, matter), "row"),
        **dict.fromkeys(_naming(session, instance, matter), "names"),
        **dict.fromkeys(_named_in(session, instance), "message"),
    }
    query = select(Instance, Matter).outerjoin(Matter, Matter.instance_id == Instance.id)
    query = query.where(Instance.id.in_(why), Instance.id != instance.id, *shown(reach))
    newest = query.order_by(Instance.started_at.desc()).limit(MOST_LINKED)
    return [(each, its_matter, why[each.id]) for each, its_matter in session.execute(newest)]


def _of_row(session: Session, matter: Matter | None) -> Iterable[str]:
    """Matters of the same catalogue row."""
    if matter is None or matter.item_id is None:
        return []
    same = select(Matter.instance_id).where(Matter.item_id == matter.item_id)
    return session.scalars(same.order_by(Matter.started_at.desc()).limit(MOST_LINKED + 1)).all()


def _naming(session: Session, instance: Instance, matter: Matter | None) -> Sequence[str]:
    """Instances that began with the id of this one or of its matter in their data, or as their subject."""
    ids = [instance.id, *([matter.id] if matter else [])]
    said = or_(*(says(f'"{each}"') for each in ids))
    query = select(Entry.instance_id).where(Entry.position == 1, Entry.instance_id != instance.id, said)
    return session.scalars(query.limit(MOST_LINKED)).all()


def _named_in(session: Session, instance: Instance) -> list[str]:
    """Instances that this one names in what it began with, was told or threw."""
    mentioned: set[str] = set()
    for entry in lines(session.connection(), instance.id):
        body = json.loads(entry.body)
        command, thrown = body["command"], body["effects"].get("thrown", [])
        told = [command.get("data") if entry.kind == "start" else None, command.get("payload"), command.get("key")]
        mentioned |= set(_ids([*told, *([each.get("key"), each.get("payload")] for each in thrown)]))
    of_matters = select(Matter.instance_id).where(Matter.id.in_(sorted(mentioned)))
    of_instances = select(Instance.id).where(Instance.id.in_(sorted(mentioned)))
    return [*session.scalars(of_matters), *session.scalars(of_instances)]


def _ids(value: Any) -> Iterator[str]:
    """Everything in JSON-able data that looks like an id."""
    if isinstance(value, str) and len(value) == 32:
        yield value
    elif isinstance(value, Mapping):
        yield from _ids(list(value.values()))
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)
