"""What a draft changes in the version in force, for the diagram and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from engine import Definition, Version, authoring, comparison, drafting
from web import versions
from web.designer.blueprint import bp, draft_of
from web.procedures.steps import KINDS
from web.wiring import parts

LABELS: Mapping[str, Any] = {
    "kind": _("Kind"),
    "name": _("What it is called"),
    "en": _("English name"),
    "documentation": _("Description"),
    "lane": _("Lane"),
    "post": _("Post"),
    "organisation": _("Organisation"),
    "person": _("Person"),
    "due": _("limit"),
    "state": _("State of the matter"),
    "act": _("Act"),
    "basis": _("Basis"),
    "variable": _("Variable"),
    "separate_from": _("Not by whoever did"),
    "formJsonSchemaFilename": _("Form"),
    "calledDecisionId": _("Decision table"),
    "calledElement": _("Called procedure"),
    "conditionExpression": _("Condition"),
    "script": _("Script"),
    "serviceTaskOperator.id": _("Service"),
    "serviceTaskOperator.resultVariable": _("Result variable"),
    "sourceRef": _("Leads from"),
    "targetRef": _("Leads to"),
    "default": _("Default flow"),
    "attachedToRef": _("Attached to"),
    "cancelActivity": _("Interrupts"),
    "hitPolicy": _("Hit policy"),
    "columns": _("Columns"),
    "note": _("Note"),
    "label": _("Label"),
    "validate": _("Rules of entry"),
    "values": _("Options"),
    "conditional": _("Shown when"),
    "correlation": _("Key of the message"),
}
DRAWN: Mapping[str, Any] = {
    **KINDS,
    "process": _("Procedure"),
    "participant": _("Pool"),
    "lane": _("Lane"),
    "sequenceFlow": _("Sequence flow"),
    "message": _("Message"),
    "signal": _("Signal"),
    "error": _("Error"),
    "escalation": _("Escalation"),
}
SIDES = {"added": "after", "removed": "before", "changed": "both", "moved": "both"}


@bp.get("/drafts/<draft_id>/difference.json")
def of_draft(draft_id: str) -> Response:
    """The draft as it stands against the version in force."""
    with parts().database.read() as session:
        return jsonify(told(*sides(session, draft_of(session, draft_id))))


@bp.get("/requests/<request_id>/difference.json")
def of_request(request_id: str) -> Response:
    """The request against the version in force, or against the one that was when it was decided."""
    with parts().database.read() as session:
        asked = drafting.find_request(session, request_id)
        draft = drafting.find(session, asked.draft_id)
        return jsonify(told(*sides(session, draft, asked)))


def sides(
    session: Session, draft: drafting.ProcedureDraft, asked: drafting.DeploymentRequest | None = None
) -> tuple[Version | None, Mapping[str, bytes], Mapping[str, bytes]]:
    """The version compared with, its files and those of the draft."""
    after = drafting.files(session, draft.id)
    before = asked.against if asked and asked.version_id else in_force(session, draft, after)
    version = session.get(Version, before) if before else None
    return version, versions.files_of(session, version.id) if version else {}, after


def in_force(session: Session, draft: drafting.ProcedureDraft, files: Mapping[str, bytes]) -> str | None:
    """The version that the draft would replace."""
    key = draft.definition or main_process(files)
    found = session.get(Definition, key) if key else None
    return found.in_force if found else None


def main_process(files: Mapping[str, bytes]) -> str | None:
    """The process that no other calls."""
    sketch = authoring.sketch(files)
    return next((key for key, (_name, path) in sketch.processes.items() if path == sketch.start), None)


def told(version: Version | None, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, Any]:
    """The difference as JSON; the pages show the same."""
    found = comparison.compare(before, after)
    by_kind = {kind: [each for each in found if each.kind == kind] for kind in ("bpmn", "dmn", "form")}
    return {
        "against": {"version": version.id, "number": version.number} if version else None,
        "is_same": not found,
        "files": [{"path": each.path, "kind": each.kind, "change": each.change} for each in found],
        "diagrams": [_diagram(each, before, after) for each in by_kind["bpmn"]],
        "decisions": [_decision(each) for each in by_kind["dmn"]],
        "forms": [_form(each) for each in by_kind["form"]],
    }


def _diagram(
    each: comparison.FileDifference, before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> dict[str, Any]:
    return {
        "path": each.path,
        "name": each.name,
        "change": each.change,
        "before": before[each.path].decode() if each.path in before else None,
        "after": after[each.path].decode() if each.path in after else None,
        "marks": [
            {
                "element": mark.key,
                "side": SIDES[mark.change],
                "change": mark.change,
                "type": mark.kind,
                "kind": str(DRAWN.get(mark.kind, mark.kind)),
                "name": mark.name,
                "properties": _properties(mark),
            }
            for mark in each.marks
        ],
    }


def _decision(each: comparison.FileDifference) -> dict[str, Any]:
    rules = [mark for mark in each.marks if mark.kind == "rule"]
    head = [mark for mark in each.marks if mark.kind == "decision"]
    return {
        "path": each.path,
        "name": each.name,
        "change": each.change,
        "properties": [said for mark in head for said in _properties(mark)],
        "rules": [_rule(mark) for mark in rules],
    }


def _rule(mark: comparison.Mark) -> dict[str, Any]:
    return {
        "number": int(mark.name),
        "change": mark.change,
        "before": list(mark.before.values()) if mark.before is not None else None,
        "after": list(mark.after.values()) if mark.after is not None else None,
        "properties": _properties(mark),
    }


def _form(each: comparison.FileDifference) -> dict[str, Any]:
    fields = [
        {"key": mark.key, "label": mark.name, "change": mark.change, "properties": _properties(mark)}
        for mark in each.marks
    ]
    return {"path": each.path, "title": each.name, "change": each.change, "fields": fields}


def _properties(mark: comparison.Mark) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "label": _label(each.name), "before": each.before, "after": each.after}
        for each in mark.properties
    ]


def _label(name: str) -> str:
    return str(LABELS.get(name, name.removeprefix("parameter.")))
