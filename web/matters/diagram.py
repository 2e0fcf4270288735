"""Where an instance stands on its diagrams."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Instance, Task, lines
from web import versions

ENTERED, LEFT = "entered", {"completed", "cancelled"}


def position(session: Session, instance: Instance) -> dict[str, Any]:
    """`{files: [{path, name, xml, active, done, cancelled, flows}], start}`: each diagram with its marks."""
    trace = [step for entry in _on_this_version(session, instance) for step in json.loads(entry.body)["trace"]]
    waiting = set(session.scalars(select(Task.element).where(Task.instance_id == instance.id, Task.state == "open")))
    return drawn(session, instance.version_id, trace, waiting if instance.state in ("open", "suspended") else set())


def drawn(session: Session, version_id: str, trace: Iterable[list[str]], waiting: set[str]) -> dict[str, Any]:
    """The same for any trace on a version."""
    program, files = versions.program_of(session, version_id), versions.files_of(session, version_id)
    marks = _marks(trace, waiting)
    return {
        "files": [_file(program, path, data, marks) for path, data in sorted(files.items()) if path.endswith(".bpmn")],
        "start": None,
    }


def _on_this_version(session: Session, instance: Instance) -> Sequence[Any]:
    """The entries since the last move; the move itself tells the whole way on the new version."""
    entries = lines(session.connection(), instance.id)
    moves = [place for place, entry in enumerate(entries) if entry.kind == "migrate"]
    return entries[moves[-1] :] if moves else entries


def _file(program: Any, path: str, data: bytes, marks: dict[str, dict[str, list[str]]]) -> dict[str, Any]:
    drawn = [process for process, where in program.processes.items() if where == path]
    kinds = ("active", "done", "cancelled", "flows")
    of_file = {kind: sorted({mark for process in drawn for mark in marks[process][kind]}) for kind in kinds}
    return {"path": path, "xml": data.decode(), **of_file}


def _marks(trace: Iterable[list[str]], waiting: set[str]) -> dict[str, dict[str, list[str]]]:
    """Process → what is active, done, cancelled, and which flows were taken."""
    inside: Counter[tuple[str, str]] = Counter()
    seen: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    opened: dict[str, tuple[str, str]] = {}
    for kind, element, process, scope, task in trace:
        seen[process][kind].add(element)
        if kind == ENTERED:
            inside[process, element] += 1
            opened[task] = (process, scope)
        elif kind in LEFT:
            inside[process, element] -= 1
    calling = {process_element for process_element, count in inside.items() if count > 0}
    return defaultdict(
        _nothing, {process: _sorted(process, kinds, calling, waiting) for process, kinds in seen.items()}
    )


def _sorted(
    process: str, kinds: dict[str, set[str]], inside: set[tuple[str, str]], waiting: set[str]
) -> dict[str, list[str]]:
    active = {element for element in kinds[ENTERED] if element in waiting or (waiting and (process, element) in inside)}
    done = kinds["completed"] - active
    return {
        "active": sorted(active),
        "done": sorted(done),
        "cancelled": sorted(kinds["cancelled"] - done - active),
        "flows": sorted(kinds["flow"]),
    }


def _nothing() -> dict[str, list[str]]:
    return {"active": [], "done": [], "cancelled": [], "flows": []}
