"""The files of a draft: read, saved over what one has read, taken out, and their history."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request, url_for

from engine import authoring, drafting
from web import names, refusals
from web.auth import current
from web.designer.blueprint import bp, draft_of, must_draw, said_json, who
from web.wiring import parts

KINDS = {".bpmn": "bpmn", ".dmn": "dmn", ".form.json": "form"}
TYPES = {"bpmn": "application/xml", "dmn": "application/xml", "form": "application/json"}


@bp.get("/drafts/<draft_id>/files/<path:path>")
def file(draft_id: str, path: str) -> Response:
    """The bytes, with their digest as ETag; `?digest=` asks for an older state."""
    with parts().database.read() as session:
        draft_of(session, draft_id)
        digest, data = drafting.read(session, draft_id, path, request.args.get("digest"))
    answer = Response(data, content_type=TYPES.get(kind(path), "application/octet-stream"))
    answer.set_etag(digest)
    return answer


@bp.put("/drafts/<draft_id>/files/<path:path>")
def save(draft_id: str, path: str) -> tuple[Response, int]:
    """Save over the state that the editor had loaded; 412 names who saved in between."""
    by, expected = must_draw(), _expected()
    with parts().database.write() as session:
        row = drafting.save(session, draft_id, path, request.get_data(), expected, by, current.now())
        draft = draft_of(session, draft_id)
    answer = jsonify({**listed(row), "draft_changed_at": draft.changed_at.isoformat()})
    answer.set_etag(row.digest)
    return answer, 201 if expected is None else 200


@bp.delete("/drafts/<draft_id>/files/<path:path>")
def remove(draft_id: str, path: str) -> Response:
    """Take the file out; its states stay in the history."""
    by, expected = must_draw(), _expected() or ""
    with parts().database.write() as session:
        drafting.remove(session, draft_id, path, expected, by, current.now())
    return jsonify({"path": path})


@bp.get("/drafts/<draft_id>/history.json")
def history(draft_id: str) -> Response:
    """Every saved state, newest first."""
    with parts().database.read() as session:
        draft_of(session, draft_id)
        found = drafting.history(session, draft_id, request.args.get("path"))
        names.meet(session, [each.by for each in found])
    return jsonify({"history": [_state(each) for each in found]})


@bp.post("/drafts/<draft_id>/layout")
def layout(draft_id: str) -> Response:
    """The diagram with a new drawing; nothing is saved."""
    said = said_json()
    path = str(said.get("path") or "diagram.bpmn")
    data = str(said["xml"]).encode() if said.get("xml") else None
    with parts().database.read() as session:
        draft_of(session, draft_id)
        data = data or drafting.read(session, draft_id, path)[1]
    return jsonify({"xml": authoring.lay_out(path, data).decode()})


def kind(path: str) -> str:
    """bpmn, dmn, form or other."""
    return next((kind for ending, kind in KINDS.items() if path.endswith(ending)), "other")


def listed(row: drafting.DraftFile) -> dict[str, Any]:
    """A file of the list."""
    return {
        "path": row.path,
        "kind": kind(row.path),
        "digest": row.digest,
        "size": row.size,
        "changed_at": row.at.isoformat(),
        "changed_by": who(row.by),
        "is_inherited": row.is_inherited,
        "url": url_for("designer.file", draft_id=row.draft_id, path=row.path),
    }


def title_file(files: list[drafting.DraftFile]) -> str:
    """The file that the editor opens first."""
    paths = [row.path for row in files]
    return next((path for path in paths if path.endswith(".bpmn")), paths[0] if paths else "")


def _state(change: drafting.DraftChange) -> dict[str, Any]:
    said = {"path": change.path, "digest": change.digest, "size": change.size}
    return {**said, "at": change.at.isoformat(), "by": who(change.by)}


def _expected() -> str | None:
    """The digest that the editor had loaded; None for a new file."""
    if request.if_match:
        return next(iter(request.if_match.as_set()), "")
    if request.if_none_match.star_tag:
        return None
    raise refusals.ConditionMissing
