"""Incidents: the list, reporting one, the page of one with its holds and leads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

import forms
import processes.emergency
from engine import Instance
from engine.refusals import Invalid, Refusal
from processes.disclosure.holds import ReleaseHold
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from processes.emergency import EmergencyIncident, ResponsePlan, decisions, incidents
from processes.organisation import Organisation
from web import asked as asked_for
from web import i18n, names, refusals
from web.attachments import AttachmentUse, digests
from web.auth import current
from web.emergency import plans, words
from web.matters import story
from web.tasks import files
from web.tasks.choices import choices
from web.wiring import parts, validate

bp = Blueprint("emergency", __name__, template_folder="templates", url_prefix="/emergency")
bp.register_blueprint(plans.bp)

FORM = Path(processes.emergency.__file__).with_name("report.form.json").read_bytes()
SIZE = 20
OFFERED = 100
"""How many of the latest releases the report form offers."""

LONGEST = 2000


@bp.record
def install(state: object) -> None:
    """The words of incidents are known on every page."""
    words.install(state.app)  # type: ignore[attr-defined]


@bp.get("")
def index() -> str:
    """The incidents that the person may see, running ones first."""
    person, number = current.someone(), asked_for.page_number()
    with parts().database.read() as session:
        visible = EmergencyIncident.visible_to(session, person.id, current.seats())
        running = list(session.scalars(_newest(visible.where(EmergencyIncident.closed_at.is_(None)))))
        closed = visible.where(EmergencyIncident.closed_at.is_not(None))
        found = list(session.scalars(_newest(closed).limit(SIZE + 1).offset((number - 1) * SIZE)))
        names.meet(session, [incident.reported_by for incident in running + found])
    return render_template(
        "emergency/index.html",
        page="emergency",
        running=running,
        closed=found[:SIZE],
        number=number,
        has_more=len(found) > SIZE,
    )


@bp.get("/new")
def new() -> str:
    """The report form, for the release in the address or one to choose."""
    current.someone()
    return _form({}, {})


@bp.post("/new")
def report() -> Response | tuple[str, int] | str:
    """Begin the handling, or add the report to the incident that runs already."""
    person = current.someone()
    said = files.entered(FORM, "")
    if forms.is_refresh(request.form):
        return _form(said, {})
    try:
        accepted = _accept(said)
        with parts().database.write() as session:
            publication = Publication.read(session, request.form.get("publication", ""), person, current.now())
            incident, is_new = incidents.report(
                session, parts().engine, publication, accepted, person.id, current.now()
            )
            _keep_files(session, incident, accepted)
    except Invalid as wrong:
        return _form(said, dict(wrong.errors)), 422
    except Refusal as refusal:
        return _form(said, {}, refusals.said(refusal)), refusals.status(refusal)
    _thank(incident, is_new)
    return redirect(url_for("emergency.show", incident_id=incident.id))


@bp.get("/<incident_id>")
def show(incident_id: str) -> str:
    """One incident: who was told, plan, measures, progress, holds, review."""
    with parts().database.read() as session:
        return render_template("emergency/show.html", **_page(session, _incident(session, incident_id)))


@bp.post("/<incident_id>/holds")
def hold(incident_id: str) -> Response | tuple[str, int]:
    """Hold one running matter, or an organisation's releases."""
    target, reason = request.form.get("target", ""), request.form.get("reason", "")[:LONGEST]
    kind, _colon, key = target.partition(":")
    chosen = {kind: key} if kind in ("matter", "organisation") else {}
    try:
        with parts().database.write() as session:
            incident = _incident(session, incident_id)
            decisions.decide_hold(session, parts().engine, incident, current.actor(), reason, **chosen)
    except Refusal as refusal:
        return _refused(incident_id, refusal, {"target": target, "reason": reason})
    flash(_("The releases are on hold."), "success")
    return redirect(url_for("emergency.show", incident_id=incident_id) + "#holds")


@bp.post("/<incident_id>/holds/<hold_id>/resumption")
def resume(incident_id: str, hold_id: str) -> Response | tuple[str, int]:
    """Let the held releases go on."""
    reason = request.form.get("reason", "")[:LONGEST]
    try:
        with parts().database.write() as session:
            incident = _incident(session, incident_id)
            decisions.decide_resumption(session, parts().engine, incident, current.actor(), hold_id, reason)
    except Refusal as refusal:
        return _refused(incident_id, refusal, {"hold": hold_id, "resumption": reason})
    flash(_("The releases go on."), "success")
    return redirect(url_for("emergency.show", incident_id=incident_id) + "#holds")


@bp.post("/<incident_id>/leads")
def lead(incident_id: str) -> Response | tuple[str, int]:
    """A discipline officer records a lead for accountability."""
    ground, facts = request.form.get("ground", ""), request.form.get("facts", "")[:LONGEST]
    try:
        with parts().database.write() as session:
            incident = _incident(session, incident_id)
            decisions.open_lead(session, parts().engine, incident, current.actor(), ground, facts, current.now())
    except Refusal as refusal:
        return _refused(incident_id, refusal, {"ground": ground, "facts": facts})
    flash(_("The lead has been recorded."), "success")
    return redirect(url_for("emergency.show", incident_id=incident_id) + "#leads")


def _newest(query: Any) -> Any:
    return query.order_by(EmergencyIncident.reported_at.desc(), EmergencyIncident.id)


def _incident(session: Session, incident_id: str) -> EmergencyIncident:
    actor = current.actor()
    return EmergencyIncident.read(session, incident_id, actor.person, actor.seats)


def _accept(said: Mapping[str, Any]) -> dict[str, Any]:
    with parts().database.read() as session:
        return validate(FORM, said, choices(session, [FORM]))


def _keep_files(session: Session, incident: EmergencyIncident, said: Mapping[str, Any]) -> None:
    """Whoever may see the incident may fetch the evidence, that of further reports too."""
    for digest in sorted(set(digests(said))):
        session.merge(AttachmentUse(digest=digest, instance_id=incident.instance_id))


def _thank(incident: EmergencyIncident, is_new: bool) -> None:
    if is_new:
        flash(
            _("Thank you. The leader in charge, the departments and the Party committee office have been told."),
            "success",
        )
        return
    since = i18n.moment(incident.reported_at)
    said = _("This incident is being handled since %(moment)s. Your report has been added to it.", moment=since)
    flash(said, "success")


def _form(said: Mapping[str, Any], errors: Mapping[str, Any], refusal: str = "") -> str:
    chosen = request.values.get("publication", "")
    with parts().database.read() as session:
        visible = Publication.visible(session, current.someone(), current.now())
        found, _total = Publication.page(session, visible, 1, OFFERED)
        named = session.scalar(visible.where(Publication.id == chosen)) if chosen else None
        offered = choices(session, [FORM])
        running = EmergencyIncident.running(session, named.id) if named else None
    fields = forms.render(
        FORM,
        said,
        errors,
        language=i18n.language(),
        context=offered,
        refresh_url=url_for("emergency.report"),
        file_url=files.address,
    )
    return render_template(
        "emergency/new.html",
        page="emergency",
        publications=found if named is None or named in found else [named, *found],
        chosen=named,
        running=running,
        fields=fields,
        refusal=refusal,
    )


def _refused(incident_id: str, refusal: Refusal, typed: Mapping[str, str]) -> tuple[str, int]:
    """The page again with what was typed."""
    with parts().database.read() as session:
        told = _page(session, _incident(session, incident_id))
    return render_template("emergency/show.html", **{**told, **_typed(refusal, typed)}), refusals.status(refusal)


def _typed(refusal: Refusal, typed: Mapping[str, str]) -> dict[str, Any]:
    return {"refusal": refusals.said(refusal), "typed": typed}


def _page(session: Session, incident: EmergencyIncident) -> dict[str, Any]:
    actor, instance = current.actor(), session.get_one(Instance, incident.instance_id)
    holds, leads = ReleaseHold.of_incident(session, incident.id), decisions.leads(session, incident, actor.seats)
    reports, codes = incident.reports(session), decisions.may_hold(session, incident, actor.seats)
    names.meet(session, [*(one.by for one in reports), *(one.held_by for one in holds), *(one.by for one in leads)])
    return {
        "page": "emergency",
        "incident": incident,
        "instance": instance,
        "story": story.tell(session, instance, None),
        "reports": reports,
        "told": incident.first_reports(session),
        "plan": _plan(session, incident),
        "holds": [(held, _held(session, held)) for held in holds],
        "may_hold": bool(codes) and incident.ended_at is None,
        "waiting": list(session.scalars(decisions.waiting_for_release(codes))) if codes else [],
        "organisations": _organisations(session, codes),
        "reads_leads": decisions.reads_leads(actor.seats),
        "leads": leads,
        "publication": session.scalar(
            Publication.visible(session, current.someone(), current.now()).where(
                Publication.id == incident.publication_id
            )
        ),
        "typed": {},
        "refusal": "",
        "now": current.now(),
    }


def _plan(session: Session, incident: EmergencyIncident) -> Any:
    """The response plan in the version that was chosen, or None."""
    if not incident.plan_id:
        return None
    versions = ResponsePlan.of(session, incident.plan_id).versions(session)
    return next(version for version in versions if version.number == incident.plan_number)


def _held(session: Session, held: ReleaseHold) -> str:
    """What is held, in words: a matter's title or an organisation's name."""
    if held.matter_id:
        matter = session.get(Matter, held.matter_id)
        return matter.title if matter else held.matter_id
    return Organisation.of(session, held.organisation or "").name


def _organisations(session: Session, codes: set[str]) -> list[Organisation]:
    return [organisation for organisation in Organisation.all(session) if organisation.code in codes]
