"""From a draft to a version in force: one asks, another who drew nothing of it approves."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine import Version, drafting
from web import names
from web.auth import current
from web.designer.blueprint import DEPLOYS, bp, must_draw, said_json, wants_json
from web.designer.differing import sides, told
from web.wiring import parts


@bp.post("/drafts/<draft_id>/requests")
def ask(draft_id: str) -> Any:
    """Ask that the draft be put in force."""
    by, note = must_draw(), _said("note")
    with parts().database.write() as session:
        asked = drafting.request(session, parts().engine, draft_id, note, by, current.now())
    return _led_to(asked.id, _("The deployment is requested. A colleague who deploys procedures decides."), 201)


@bp.get("/requests/<request_id>")
def asked(request_id: str) -> str:
    """The request with the difference to the version in force, and the decision."""
    with parts().database.read() as session:
        found = drafting.find_request(session, request_id)
        draft = drafting.find(session, found.draft_id)
        names.meet(session, [found.by, found.decided_by, draft.by])
        drew = drafting.authors(session, draft.id) | {found.by}
        return render_template(
            "designer/request.html",
            page="designer",
            asked=found,
            draft=draft,
            authors=sorted(drew),
            difference=told(*sides(session, draft, found)),
            version=session.get(Version, found.version_id) if found.version_id else None,
            may_decide=current.holds(DEPLOYS) and found.state == "open",
            is_own=current.someone().id in drew,
            may_recall=current.someone().id == found.by and found.state == "open",
        )


@bp.post("/requests/<request_id>/approval")
def approve(request_id: str) -> Any:
    """Put it in force. Refused for whoever drew or requested it."""
    by = current.require_post(DEPLOYS).id
    with parts().database.write() as session:
        version = drafting.approve(session, parts().engine, request_id, by, current.now(), _said("reason"))
    if wants_json():
        return jsonify({"state": "approved", "version": {"version": version.id, "number": version.number}})
    return _led_to(
        request_id, _("Version %(number)s is in force. Running matters stay on theirs.", number=version.number)
    )


@bp.post("/requests/<request_id>/rejection")
def reject(request_id: str) -> Any:
    """Send the draft back with a reason."""
    by = current.require_post(DEPLOYS).id
    with parts().database.write() as session:
        drafting.reject(session, request_id, by, current.now(), _said("reason"))
    return _decided(request_id, "rejected", _("The draft has gone back to its designers."))


@bp.post("/requests/<request_id>/recall")
def recall(request_id: str) -> Any:
    """Take one's own request back."""
    by = must_draw()
    with parts().database.write() as session:
        drafting.recall(session, request_id, by, current.now())
    return _decided(request_id, "recalled", _("The request is taken back. The draft can be changed again."))


def _said(name: str) -> str:
    return str(said_json().get(name) or request.form.get(name) or "")[:2000]


def _decided(request_id: str, state: str, message: str) -> Any:
    return jsonify({"state": state}) if wants_json() else _led_to(request_id, message)


def _led_to(request_id: str, message: str, status: int = 200) -> Any:
    url = url_for("designer.asked", request_id=request_id)
    if wants_json():
        return jsonify({"id": request_id, "url": url}), status
    flash(message, "success")
    return redirect(url, 303)
