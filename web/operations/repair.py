"""Setting one instance right: every act is written into its journal with a reason; nothing is edited."""

from __future__ import annotations

import json
from typing import Any

from flask import Response as Answer
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug import Response

from engine import Definition, Incident, Instance, Task, Version, repairing
from engine.refusals import NotFound, Refusal
from processes.disclosure.matters import Matter
from processes.organisation import POSTS, Organisation, Person
from web import i18n, names
from web.auth import current
from web.matters import diagram, sight, story
from web.navigation import OPERATORS
from web.operations.blueprint import bp
from web.wiring import parts


class NotAValue(Refusal):
    """ "{text}" is not a value of the kind that stands there now. Write numbers, true, false and lists as JSON."""


@bp.get("/instances/<instance_id>")
def repair(instance_id: str) -> str:
    """Where the instance stands and what can be done about it."""
    current.require_post(*OPERATORS)
    with parts().database.read() as session:
        instance = _instance(session, instance_id)
        goes_on = instance.state in ("open", "suspended")
        may_see = sight.may_see(session, instance, current.actor())
        corrections = repairing.Correction.of_instance(session, instance_id)
        told = story.tell(session, instance, None)
        names.meet(session, [person for each in corrections for person in (each.asked_by, each.decided_by)])
        return render_template(
            "operations/repair.html",
            page="operations",
            instance=instance,
            goes_on=goes_on,
            matter=Matter.of_instance(session, instance_id),
            definition=session.get_one(Definition, instance.definition),
            version=session.get_one(Version, instance.version_id),
            story=told,
            incidents=_incidents(session, instance_id),
            places=repairing.places(parts().engine, session, instance_id) if goes_on else [],
            named=lambda place: _named(told, place),
            may_see=may_see,
            variables=_variables(session, instance_id) if may_see and goes_on else [],
            corrections=corrections,
            me=current.someone().id,
            posts=POSTS,
            organisations=Organisation.all(session),
            people=Person.all(session),
            now=current.now(),
        )


@bp.get("/instances/<instance_id>/diagram.json")
def stands(instance_id: str) -> Answer:
    """Its diagrams with what is active, done and cancelled."""
    current.require_post(*OPERATORS)
    with parts().database.read() as session:
        return jsonify(diagram.position(session, _instance(session, instance_id)))


@bp.post("/instances/<instance_id>/<any(suspend, resume, cancel):act>")
def hold(instance_id: str, act: str) -> Response:
    """Suspend, resume or end it."""
    acts: dict[str, tuple[Any, str]] = {
        "suspend": (repairing.suspend, _("Suspended. Nothing happens in it until somebody resumes it.")),
        "resume": (repairing.resume, _("It goes on.")),
        "cancel": (repairing.cancel, _("It is ended.")),
    }
    do, said = acts[act]
    do(parts().engine, instance_id, current.actor(), _reason())
    return _back(instance_id, said)


@bp.post("/instances/<instance_id>/jump")
def jump(instance_id: str) -> Response:
    """Go back to an earlier step."""
    repairing.jump(parts().engine, instance_id, request.form.get("element", ""), current.actor(), _reason())
    return _back(instance_id, _("It stands at the earlier step again. What was done since stays as history."))


@bp.post("/instances/<instance_id>/corrections")
def correct(instance_id: str) -> Response:
    """Ask for a correction."""
    current.require_post(*OPERATORS)
    path, text = request.form.get("path", "").strip(), request.form.get("value", "")
    with parts().database.read() as session:
        instance = _instance(session, instance_id)
        if not sight.may_see(session, instance, current.actor()):
            raise current.OtherPost(reason="")
        value = _read(text, dict(_variables(session, instance_id)).get(path))
    repairing.ask_correction(parts().engine, instance_id, path, value, current.actor(), _reason())
    return _back(instance_id, _("Asked. A colleague must confirm the correction."))


@bp.post("/instances/<instance_id>/corrections/<correction_id>/<any(confirmation, refusal):decision>")
def decide(instance_id: str, correction_id: str, decision: str) -> Response:
    """The second person confirms a correction, or does not."""
    if decision == "confirmation":
        repairing.confirm_correction(parts().engine, correction_id, current.actor())
        return _back(instance_id, _("Corrected."))
    repairing.decline_correction(parts().engine, correction_id, current.actor())
    return _back(instance_id, _("The value stays as it is."))


@bp.post("/tasks/<task_id>/assignment")
def assign(task_id: str) -> Response:
    """Give a task to a person or another post."""
    current.require_post(*OPERATORS)
    with parts().database.read() as session:
        task = session.get(Task, task_id)
        if task is None:
            raise NotFound(what="task", key=task_id)
    asked = {name: request.form.get(name, "") for name in ("organisation", "post")}
    person = request.form.get("person") or None
    repairing.reassign(parts().engine, task_id, current.actor(), _reason(), **asked, person=person)
    return _back(task.instance_id, _("The task was given to another."))


@bp.post("/incidents/<incident_id>/skip")
def skip(incident_id: str) -> Response:
    """Leave out what failed, with the answer it would have given."""
    current.require_post(*OPERATORS)
    with parts().database.read() as session:
        incident = session.get(Incident, incident_id)
        if incident is None:
            raise NotFound(what="incident", key=incident_id)
    text = request.form.get("result", "").strip()
    repairing.skip(parts().engine, incident_id, _json(text) if text else None, current.actor(), _reason())
    return _back(incident.instance_id, _("Left out. It goes on."))


@bp.app_template_global()
def may_repair() -> bool:
    """May the reader set instances right?"""
    return current.holds(*OPERATORS)


def _instance(session: Session, instance_id: str) -> Instance:
    found = session.get(Instance, instance_id)
    if found is None:
        raise NotFound(what="instance", key=instance_id)
    return found


def _incidents(session: Session, instance_id: str) -> list[Incident]:
    query = select(Incident).where(Incident.instance_id == instance_id, Incident.resolved_at.is_(None))
    return list(session.scalars(query.order_by(Incident.opened_at)))


def _variables(session: Session, instance_id: str) -> list[tuple[str, Any]]:
    return list(repairing.paths(repairing.variables(parts().engine, session, instance_id)))


def _named(told: story.Story, place: repairing.Place) -> str:
    element = told.program.elements.get(place.element)
    return i18n.named({"name": place.name, **(element.properties if element else {})})


def _read(text: str, before: Any) -> Any:
    """Text stays text where text stands; everything else is JSON."""
    return text if isinstance(before, str) else _json(text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise NotAValue(text=text[:60]) from None


def _reason() -> str:
    return request.form.get("reason", "")


def _back(instance_id: str, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("operations.repair", instance_id=instance_id), 303)
