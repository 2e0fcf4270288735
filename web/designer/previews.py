"""Forms and tables as people will see them, before anything is deployed."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, jsonify, render_template

import forms
from engine import authoring, drafting, tables
from engine.refusals import NotDeployable
from web import i18n
from web.designer.blueprint import bp, draft_of, said_json
from web.tasks.choices import context
from web.wiring import check_form, parts


@bp.post("/drafts/<draft_id>/forms/preview")
def form_preview(draft_id: str) -> str:
    """The form as our own renderer draws it, with the lists that a task offers."""
    said = said_json()
    form = _form(draft_id, said.get("definition"))
    if wrong := [finding for finding in check_form("form", form) if finding.level == "error"]:
        raise NotDeployable(wrong)
    data = said.get("data") if isinstance(said.get("data"), dict) else {}
    with parts().database.read() as session:
        offered = context(session, data or {}, form)
    return str(forms.render(form, data or {}, language=i18n.language(), context=offered))


@bp.post("/drafts/<draft_id>/decisions/preview")
def decision_preview(draft_id: str) -> str:
    """The table as the pages of procedures show it."""
    path, data = _table(draft_id, said_json())
    authoring.decision(path, data)
    return render_template("designer/decision.html", table=tables.read_table(data, path))


@bp.post("/drafts/<draft_id>/decisions/answer")
def decision_answer(draft_id: str) -> Response:
    """Which rules fit these variables, and what the table answers."""
    said = said_json()
    decision = authoring.decision(*_table(draft_id, said))
    variables = said.get("variables") if isinstance(said.get("variables"), dict) else {}
    values = tuple(source.value(variables or {}, decision.id) for source in decision.inputs)
    fitting = [rule.number for rule in decision.rules if rule.fits(values)]
    return jsonify({"rules": fitting, "result": decision.result(variables or {})})


def _form(draft_id: str, definition: Any) -> bytes:
    if isinstance(definition, dict) and set(definition) == {"path"}:
        with parts().database.read() as session:
            return drafting.read(session, draft_id, str(definition["path"]))[1]
    with parts().database.read() as session:
        draft_of(session, draft_id)
    return definition.encode() if isinstance(definition, str) else json.dumps(definition).encode()


def _table(draft_id: str, said: dict[str, Any]) -> tuple[str, bytes]:
    path = str(said.get("path") or "table.dmn")
    with parts().database.read() as session:
        draft_of(session, draft_id)
        if said.get("xml"):
            return path, str(said["xml"]).encode()
        return path, drafting.read(session, draft_id, path)[1]
