"""The register of cases in words, for the page and to take away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Instance, Task
from engine import lines as journal
from processes.cases import Case
from processes.catalogue import table_xlsx
from web import i18n, names, versions
from web.attachments.views import download as sent
from web.audit import tables

KINDS = ("csv", "xlsx")
MOST_ROWS = tables.MOST_ROWS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Line:
    """One case: `stands` is what it waits for, or the end that it reached; `due_at` the nearest deadline."""

    case: Case
    procedure: str
    stands: str
    due_at: Any


def lines(session: Session, found: Sequence[Case], procedures: Mapping[str, str]) -> list[Line]:
    """The cases with where they stand."""
    ids = [case.id for case in found]
    waiting, on = _waiting(session, ids), _versions(session, ids)
    names.meet(session, [case.opened_by for case in found])
    return [_line(session, case, procedures, waiting.get(case.id, []), on[case.id]) for case in found]


def _line(session: Session, case: Case, procedures: Mapping[str, str], tasks: Sequence[Task], version_id: str) -> Line:
    steps = "、".join(dict.fromkeys(names.step(task) for task in tasks))
    due = min((task.due_at for task in tasks if task.due_at), default=None)
    stands = steps or outcome(session, case, version_id)
    return Line(case, procedures.get(case.definition, case.definition), stands, due)


def _versions(session: Session, ids: Sequence[str]) -> dict[str, str]:
    return dict(session.execute(select(Instance.id, Instance.version_id).where(Instance.id.in_(ids))).all())


def outcome(session: Session, case: Case, version_id: str) -> str:
    """The end that the case reached, in the reader's language; "" while it runs."""
    element = versions.program_of(session, version_id).elements.get(case.outcome or "")
    return i18n.named({"name": element.name, **element.properties}) if element else ""


def results(session: Session, instance: Instance) -> list[tuple[str, str]]:
    """What services entered elsewhere: (step, what came of it), as far as a step's property `shows` names it."""
    program = versions.program_of(session, instance.version_id)
    found = []
    for entry in journal(session.connection(), instance.id):
        body = json.loads(entry.body)
        steps = {step[4]: program.elements.get(step[1]) for step in body["trace"]}
        found += [_result(steps[call], answer) for call, answer in body["answers"] if steps.get(call)]
    return [(step, said) for step, said in found if said]


def _result(element: Any, answer: Mapping[str, Any]) -> tuple[str, str]:
    done, keys = answer.get("done"), element.properties.get("shows", "").split(",")
    said = [str(done[key.strip()]) for key in keys if isinstance(done, dict) and done.get(key.strip())]
    return i18n.named({"name": element.name, **element.properties}), "；".join(said)


def download(kind: str, rows: Sequence[Line]) -> Response:
    """The register as a file."""
    head = (
        _("Number"),
        _("Procedure"),
        _("Case"),
        _("Organisation"),
        _("State"),
        _("Stands at"),
        _("Opened by"),
        _("Opened"),
        _("Ended"),
    )
    written = [_cells(row) for row in rows]
    if kind == "csv":
        return tables.csv_of("cases.csv", head, written)
    safe = [[tables.cell(value) for value in row] for row in (head, *written)]
    return sent(table_xlsx(safe), "cases.xlsx", XLSX)


def _cells(row: Line) -> tuple[Any, ...]:
    case = row.case
    return (
        case.code,
        row.procedure,
        case.title,
        names.organisation(case.organisation),
        _("Under way") if case.state == "open" else _("Ended"),
        row.stands,
        names.person(case.opened_by),
        i18n.moment(case.opened_at),
        i18n.moment(case.ended_at),
    )


def _waiting(session: Session, ids: Sequence[str]) -> dict[str, list[Task]]:
    query = select(Task).where(Task.instance_id.in_(ids), Task.state == "open")
    found: dict[str, list[Task]] = {}
    for task in session.scalars(query.order_by(Task.due_at.is_(None), Task.due_at, Task.id)):
        found.setdefault(task.instance_id, []).append(task)
    return found
