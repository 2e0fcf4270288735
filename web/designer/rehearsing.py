"""Dry runs of drafts: tasks are done with their forms, services are answered, the clock is moved by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, jsonify, render_template, request, url_for

import forms
from engine import Rehearsal, authoring, deadline
from engine.canonical import digest, dump
from engine.clock import SHANGHAI, new_id
from engine.refusals import Invalid, Refusal
from processes.organisation import POSTS, seats_of
from processes.settings import LIMITS
from web import i18n, names
from web.auth import current
from web.designer import rehearsals
from web.designer.blueprint import answer, bp, draft_of, overlaid, said_json
from web.designer.rehearsals import KeptRehearsal, Live, Rehearsals
from web.tasks.choices import context
from web.wiring import parts, validate

HOLDER = "designer_rehearsals"


@dataclass(frozen=True, slots=True)
class Kept:
    """A rehearsal: what is kept of it, and how it stands."""

    row: KeptRehearsal
    live: Live

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def rehearsal(self) -> Rehearsal:
        return self.live.rehearsal

    @property
    def files(self) -> Mapping[str, bytes]:
        return self.live.files


class BadMoment(Refusal):
    """ "{text}" is no moment and no period."""


@bp.get("/drafts/<draft_id>/rehearsals/beginning.json")
def beginning(draft_id: str) -> Response:
    """Suggested start variables, the moment, and which process may be rehearsed."""
    with parts().database.read() as session:
        files = overlaid(session, draft_id, {})
    sketch = authoring.sketch(files)
    ordered = sorted(sketch.processes.items(), key=lambda each: each[1][1] != sketch.start)
    processes = [{"value": key, "label": name} for key, (name, _) in ordered]
    return jsonify({"data": suggested(), "now": current.now().isoformat(), "processes": processes})


@bp.post("/drafts/<draft_id>/rehearsals")
def start(draft_id: str) -> tuple[Response, int]:
    """Compile the draft and start it."""
    person, said, now = current.someone().id, said_json(), current.now()
    with parts().database.read() as session:
        draft = draft_of(session, draft_id)
        files = overlaid(session, draft_id, said)
    beginning = {
        "now": (_moment(said["now"]) if said.get("now") else now).isoformat(),
        "data": _mapping(said["data"]) if "data" in said else suggested(),
        "process": said.get("process") or None,
        "answers": _mapping(said.get("answers")),
        "automatic": bool(said.get("automatic", True)),
    }
    live = rehearsals.begin(parts().engine, key := new_id(), files, beginning)
    row = KeptRehearsal(
        id=key,
        person=person,
        draft_id=draft_id,
        title=draft.title,
        files=dump({path: data.decode() for path, data in files.items()}),
        beginning=dump(beginning),
        commands="[]",
        started_at=now,
        touched_at=now,
    )
    with parts().database.write() as session:
        rehearsals.keep(session, row)
    return _told(Kept(row, live)), 201


@bp.get("/rehearsals/<key>")
def shown(key: str) -> Response:
    """Where it stands."""
    return _told(_find(key))


@bp.delete("/rehearsals/<key>")
def forgotten(key: str) -> tuple[str, int]:
    """Forget it."""
    with parts().database.write() as session:
        session.delete(rehearsals.find(session, key, current.someone().id, current.now()))
    return "", 204


@bp.get("/rehearsals/<key>/tasks/<task_id>/form")
def task_form(key: str, task_id: str) -> str:
    """The task's form with its button."""
    return _form(_find(key), task_id, {}, {})


@bp.post("/rehearsals/<key>/tasks/<task_id>")
def task_done(key: str, task_id: str) -> Any:
    """Complete the task; 422 with the form again where something is wrong."""
    kept = _find(key)
    form = _definition(kept, task_id)
    if form is not None and not request.is_json and forms.is_refresh(request.form):
        return _form(kept, task_id, _read(form), {})
    raw = _read(form) if form is not None and not request.is_json else _mapping(said_json().get("data"))
    try:
        data = validate(form, raw, _offered(kept, task_id)) if form is not None else {}
    except Invalid as wrong:
        again = _form(kept, task_id, raw, wrong.errors)
        return jsonify({**answer(wrong).get_json(), "html": again}), 422
    return _act(key, {"do": "complete", "task": task_id, "data": data})


@bp.post("/rehearsals/<key>/clock")
def clock(key: str) -> Response:
    """Let time pass: a period, until a moment, or until the next timer."""
    return _act(key, _wait(said_json()))


@bp.post("/rehearsals/<key>/calls/<call_id>")
def call(key: str, call_id: str) -> Response:
    """Answer for a service, with a result or an error."""
    said = said_json()
    failed, reason = str(said.get("error") or ""), str(said.get("reason") or "")
    return _act(key, {"do": "answer", "call": call_id, "result": said.get("result"), "error": failed, "reason": reason})


@bp.post("/rehearsals/<key>/subscriptions/<subscription_id>")
def subscription(key: str, subscription_id: str) -> Response:
    """Let the message or signal arrive."""
    payload = _mapping(said_json().get("payload"))
    return _act(key, {"do": "deliver", "subscription": subscription_id, "payload": payload})


@bp.post("/rehearsals/<key>/undo")
def undo(key: str) -> Response:
    """One step back."""
    return _act(key, {"do": "undo"})


def suggested() -> dict[str, Any]:
    """What a matter of the person's organisation would start with."""
    person = current.someone()
    with parts().database.read() as session:
        seats = seats_of(session, person.organisation, current.now().astimezone(SHANGHAI).date())
    return {
        "matter": "rehearsal",
        "organisation": person.organisation,
        "superior": "",
        "seats": {post: seats.get(post, person.organisation) for post in POSTS},
        "settings": {key: limit.default for key, limit in LIMITS.items()},
        "item": None,
    }


def _act(key: str, command: rehearsals.Command) -> Response:
    with parts().database.write() as session:
        row = rehearsals.find(session, key, current.someone().id, current.now(), lock=True)
        kept = Kept(row, _store().play(parts().engine, row))
        with kept.live.lock:
            rehearsals.carry_out(row, kept.live, command, current.now())
    return _told(kept)


def _store() -> Rehearsals:
    return current_app.extensions.setdefault(HOLDER, Rehearsals())  # type: ignore[no-any-return]


def _find(key: str) -> Kept:
    with parts().database.read() as session:
        row = rehearsals.find(session, key, current.someone().id, current.now())
        return Kept(row, _store().play(parts().engine, row))


def _wait(said: Mapping[str, Any]) -> dict[str, Any]:
    if said.get("to") == "next":
        return {"do": "wait_for_next"}
    if said.get("to"):
        return {"do": "wait_until", "to": _moment(said["to"]).isoformat()}
    by = str(said.get("by") or "")
    try:
        deadline(by, current.now(), parts().engine.calendar())
    except (ValueError, OverflowError):
        raise BadMoment(text=by) from None
    return {"do": "wait", "by": by}


def _moment(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise BadMoment(text=text) from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


# -- forms


def _definition(kept: Kept, task_id: str) -> bytes | None:
    task = kept.rehearsal.task(task_id)
    return kept.files[task.form] if task.form else None


def _offered(kept: Kept, task_id: str) -> dict[str, Any]:
    with parts().database.read() as session:
        return context(session, dict(kept.rehearsal.task(task_id).data), _definition(kept, task_id))


def _read(form: bytes) -> dict[str, Any]:
    """What was entered; files are described and thrown away, for nothing is kept of a rehearsal."""
    return forms.read(form, request.form, request.files, _described, lambda digest: None)


def _described(file: Any) -> dict[str, Any]:
    data = file.read()
    return {"digest": digest(data), "name": file.filename, "type": file.mimetype, "size": len(data)}


def _form(kept: Kept, task_id: str, data: Mapping[str, Any], errors: Any) -> str:
    task, form = kept.rehearsal.task(task_id), _definition(kept, task_id)
    drawn = None
    if form is not None:
        drawn = forms.render(form, data, errors, language=i18n.language(), context=_offered(kept, task_id))
    return render_template("designer/task.html", task=task, kept=kept, drawn=drawn)


# -- as JSON


def _told(kept: Kept) -> Response:
    rehearsal, standing = kept.rehearsal, kept.rehearsal.standing
    marks = rehearsal.marks()
    drawn = [path for path in sorted(kept.files) if path.endswith(".bpmn")]
    nothing: dict[str, list[str]] = {"active": [], "done": [], "cancelled": [], "flows": []}
    return jsonify(
        {
            "id": kept.id,
            "url": url_for("designer.shown", key=kept.id),
            "draft": kept.row.draft_id,
            "title": kept.row.title,
            "state": standing.state,
            "now": standing.now.isoformat(),
            "now_words": i18n.moment(standing.now),
            "started_at": kept.row.started_at.isoformat(),
            "start": rehearsal.program.processes[rehearsal.process],
            "files": [{"path": p, "xml": kept.files[p].decode(), **marks.get(p, nothing)} for p in drawn],
            "tasks": [_task(kept, each) for each in standing.tasks.values()],
            "timers": [_timer(kept, each) for each in sorted(standing.timers.values(), key=lambda timer: timer.due_at)],
            "subscriptions": [
                {**_place(kept, each), "kind": each.kind, "message": each.name, "key": each.key}
                for each in standing.subscriptions.values()
            ],
            "calls": [
                {
                    **_place(kept, each),
                    "service": each.service,
                    "arguments": dict(each.arguments),
                    "suggestion": rehearsal.suggestion(each),
                }
                for each in standing.calls.values()
            ],
            "thrown": [
                {"kind": each.kind, "element": each.element, "name": each.name, "key": each.key, "at": at.isoformat()}
                for at, each in standing.thrown
            ],
            "variables": rehearsal.variables,
            "may_undo": bool(rehearsal.earlier),
            "steps": [
                {
                    "number": step.number,
                    "at": step.at.isoformat(),
                    "at_words": i18n.moment(step.at),
                    "what": step.what,
                    "element": step.element,
                    "words": _name(kept, step.element),
                    "trace": step.trace,
                }
                for step in standing.steps
            ],
        }
    )


def _place(kept: Kept, thing: Any) -> dict[str, Any]:
    element = kept.rehearsal.program.elements[thing.element]
    return {"id": thing.id, "element": thing.element, "name": _name(kept, thing.element), "path": element.path}


def _name(kept: Kept, element_id: str) -> str:
    element = kept.rehearsal.program.elements.get(element_id)
    if element is None:
        return element_id
    return i18n.named({"name": element.name or element_id, "en": element.properties.get("en")})


def _task(kept: Kept, task: Any) -> dict[str, Any]:
    due = datetime.fromisoformat(task.due_at) if task.due_at else None
    return {
        **_place(kept, task),
        "scope": task.scope,
        "post": task.post,
        "post_name": names.post(task.post),
        "organisation": task.organisation,
        "organisation_name": names.organisation(task.organisation),
        "person": task.person,
        "form": task.form,
        "due_at": task.due_at,
        "due_words": i18n.deadline(due),
        "separate_from": task.separate_from,
        "data": task.data,
        "form_url": url_for("designer.task_form", key=kept.id, task_id=task.id),
        "url": url_for("designer.task_done", key=kept.id, task_id=task.id),
    }


def _timer(kept: Kept, timer: Any) -> dict[str, Any]:
    words = i18n.deadline(datetime.fromisoformat(timer.due_at))
    return {**_place(kept, timer), "due_at": timer.due_at, "due_words": words, "how": timer.how}
