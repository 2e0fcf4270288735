"""The area of the designers: who may come in, and refusals as JSON for the editors."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from engine import drafting
from engine.refusals import Finding, Refusal
from web import names, refusals
from web.auth import current
from web.designer.mending import spoken
from web.navigation import DESIGNERS

bp = Blueprint("designer", __name__, template_folder="templates", url_prefix="/designer")
DRAWS, DEPLOYS = "process_designer", "process_deployer"


@bp.before_request
def for_designers() -> None:
    """Whoever draws, deploys, coordinates, audits or runs procedures may look."""
    current.require_post(*DESIGNERS)


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> Any:
    """A page, or JSON for the editors."""
    if not wants_json():
        return refusals.refused(refusal)
    return answer(refusal), refusals.status(refusal)


@bp.errorhandler(HTTPException)
def failed(error: HTTPException) -> Any:
    """Errors of HTTP likewise; redirects to the sign-in page stay what they are for pages."""
    if not wants_json() or error.code is None or error.code < 400:
        return refusals.failed(error)
    heading = refusals.HEADINGS.get(error.code, refusals.HEADINGS[400])
    return jsonify({"error": str(heading), "code": error.name}), error.code


def wants_json() -> bool:
    """Does the request come from an editor?"""
    return request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "application/json"


def answer(refusal: Refusal) -> Response:
    """A refusal for an editor: sentence, class, findings, fields and where."""
    said: dict[str, Any] = {"error": refusals.said(refusal), "code": type(refusal).__name__}
    findings: tuple[Finding, ...] = getattr(refusal, "findings", ())
    if findings:
        said["findings"] = [spoken(finding) for finding in findings]
    if hasattr(refusal, "errors"):
        said["fields"] = refusal.errors
    said.update(
        {key: refusal.parameters[key] for key in ("element", "line", "path", "digest") if key in refusal.parameters}
    )
    if isinstance(refusal, drafting.Outdated):
        said.update(by=who(refusal.parameters["by"]), at=refusal.parameters["at"].isoformat())
    return jsonify(said)


def who(person_id: str | None) -> dict[str, str] | None:
    """A person for an editor."""
    return {"id": person_id, "name": names.person(person_id)} if person_id else None


def may_draw() -> bool:
    """May the reader change drafts?"""
    return current.holds(DRAWS)


def must_draw() -> str:
    """The id of the person, refused unless a designer."""
    return current.require_post(DRAWS).id


def draft_of(session: Session, draft_id: str) -> drafting.ProcedureDraft:
    """The draft; NotFound where there is none."""
    return drafting.find(session, draft_id)


def said_json() -> dict[str, Any]:
    """The JSON object of the request; {} where there is none."""
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def overlaid(session: Session, draft_id: str, said: dict[str, Any]) -> dict[str, bytes]:
    """The files of the draft, with what the editor has not saved yet laid over them."""
    drafting.find(session, draft_id)
    unsaved = said.get("files")
    files = drafting.files(session, draft_id)
    if isinstance(unsaved, dict):
        files |= {
            str(path): str(text).encode() for path, text in unsaved.items() if str(path).endswith(drafting.ENDINGS)
        }
    return files
