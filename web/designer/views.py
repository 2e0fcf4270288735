"""The pages of the designer: procedures and drafts, a draft with its editors, import and export."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import escape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Definition, Instance, Version, authoring, drafting
from engine.canonical import digest
from engine.clock import new_id
from engine.refusals import NotFound
from web import headers, names, versions
from web.attachments.views import download
from web.auth import current
from web.designer import checking, deploying, options, previews, rehearsing
from web.designer.blueprint import DEPLOYS, bp, draft_of, may_draw, must_draw, said_json, who
from web.designer.differing import in_force, main_process
from web.designer.files import listed, title_file
from web.designer.importing import pack, read
from web.wiring import parts

__all__ = ["bp", "checking", "deploying", "options", "previews", "rehearsing"]

EMPTY = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="{key}_definitions"
    targetNamespace="https://mingtang.example/processes/{key}">
  <bpmn:process id="{key}" name="{title}" isExecutable="true">
    <bpmn:startEvent id="{key}_start" name="开始"><bpmn:outgoing>{key}_flow</bpmn:outgoing></bpmn:startEvent>
    <bpmn:endEvent id="{key}_end" name="结束"><bpmn:incoming>{key}_flow</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="{key}_flow" sourceRef="{key}_start" targetRef="{key}_end"/>
  </bpmn:process>
</bpmn:definitions>
"""


@bp.get("")
def index() -> str:
    """Every procedure with its version in force, the drafts and what runs where."""
    with parts().database.read() as session:
        drafts = drafting.drafts(session)
        asked = drafting.requests(session)
        names.meet(session, [each.changed_by for each in drafts] + [each.by for each in asked])
        return render_template(
            "designer/index.html",
            page="designer",
            definitions=list(session.scalars(select(Definition).order_by(Definition.key))),
            versions=_versions(session),
            running=_running(session),
            drafts=drafts,
            requests={each.draft_id: each for each in asked},
            may_draw=may_draw(),
        )


@bp.post("/drafts")
def begin() -> Any:
    """A new draft: of a version, or of a new procedure."""
    by, title = must_draw(), request.form.get("title", "").strip()
    with parts().database.write() as session:
        if version_id := request.form.get("version"):
            draft = drafting.begin_from(session, version_id, title or _named(session, version_id), by, current.now())
        else:
            draft = drafting.begin(session, title or _("New procedure"), _empty(title), by, current.now())
    return redirect(url_for("designer.show", draft_id=draft.id), 303)


@bp.get("/import")
def importing() -> str:
    """Where files are chosen."""
    must_draw()
    return render_template("designer/import.html", page="designer")


@bp.post("/import")
def import_files() -> Any:
    """A draft of the chosen files, a folder or a zip."""
    by = must_draw()
    came = read(file for file in request.files.getlist("files") if file.filename)
    with parts().database.write() as session:
        title = request.form.get("title", "").strip() or _title_of(came.files)
        draft = drafting.begin(session, title, came.files, by, current.now())
        _belong(session, draft, came.files)
    _tell(came)
    return redirect(url_for("designer.show", draft_id=draft.id), 303)


@bp.post("/drafts/<draft_id>/import")
def import_into(draft_id: str) -> Any:
    """Files, a folder or a zip into a draft: they take the place of those of the same names, the others stay."""
    by = must_draw()
    came = read(file for file in request.files.getlist("files") if file.filename)
    with parts().database.write() as session:
        known = {row.path: row.digest for row in drafting.listed(session, draft_id)}
        fresh = {path: data for path, data in came.files.items() if digest(data) != known.get(path)}
        for path, data in fresh.items():
            drafting.save(session, draft_id, path, data, known.get(path), by, current.now())
    _tell(replace(came, files=fresh))
    return redirect(url_for("designer.show", draft_id=draft_id), 303)


@bp.get("/drafts/<draft_id>")
def show(draft_id: str) -> str:
    """The page that hosts the editors; without scripts a list of the files."""
    headers.allow_inline_styles()
    with parts().database.read() as session:
        draft = draft_of(session, draft_id)
        files = drafting.listed(session, draft_id)
        data = drafting.files(session, draft_id)
        names.meet(session, [draft.by, draft.changed_by, *(row.by for row in files)])
        return render_template(
            "designer/draft.html",
            page="designer",
            draft=draft,
            files=files,
            path=request.args.get("path") or authoring.sketch(data).start or title_file(files),
            element=request.args.get("element", ""),
            foreign=authoring.foreign(data),
            requests=drafting.requests(session, draft_id),
            may_edit=may_draw() and draft.state == drafting.OPEN,
        )


@bp.get("/drafts/<draft_id>/draft.json")
def draft(draft_id: str) -> Response:
    """The draft for the editor."""
    with parts().database.read() as session:
        found = draft_of(session, draft_id)
        rows = drafting.listed(session, draft_id)
        data = drafting.files(session, draft_id)
        names.meet(session, [found.by, found.changed_by, *(row.by for row in rows)])
        return jsonify(
            {
                "id": found.id,
                "title": found.title,
                "definition": found.definition,
                "base": _numbered(session, found.base),
                "in_force": _numbered(session, in_force(session, found, data)),
                "state": found.state,
                "may_edit": may_draw() and found.state == drafting.OPEN,
                "may_approve": current.holds(DEPLOYS),
                "by": who(found.by),
                "created_at": found.created_at.isoformat(),
                "changed_at": found.changed_at.isoformat(),
                "changed_by": who(found.changed_by),
                "start": authoring.sketch(data).start,
                "files": [listed(row) for row in rows],
                "foreign": [_foreign(each) for each in authoring.foreign(data)],
                "request": _request(session, draft_id),
            }
        )


@bp.put("/drafts/<draft_id>/title")
def rename(draft_id: str) -> Response:
    """Another title."""
    must_draw()
    with parts().database.write() as session:
        return jsonify({"title": drafting.rename(session, draft_id, str(said_json().get("title") or "")).title})


@bp.post("/drafts/<draft_id>/withdrawal")
def withdraw(draft_id: str) -> Any:
    """Put the draft away. Nothing of it is lost."""
    by = must_draw()
    with parts().database.write() as session:
        title = drafting.withdraw(session, draft_id, by, current.now()).title
    flash(_("The draft “%(title)s” is put away. It can still be read under its address.", title=title), "success")
    return redirect(url_for("designer.index"), 303)


@bp.get("/drafts/<draft_id>/export.zip")
def export(draft_id: str) -> Response:
    """All files of the draft."""
    with parts().database.read() as session:
        found, data = draft_of(session, draft_id), drafting.files(session, draft_id)
    return download(pack(data), f"{found.title}.zip", "application/zip")


@bp.get("/versions/<version_id>/export.zip")
def export_version(version_id: str) -> Response:
    """All files of a deployed version."""
    with parts().database.read() as session:
        version = session.get(Version, version_id)
        if version is None:
            raise NotFound(what="version", key=version_id)
        data = versions.files_of(session, version_id)
    return download(pack(data), f"{version.definition}-{version.number}.zip", "application/zip")


def _versions(session: Session) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for version in session.scalars(select(Version).order_by(Version.definition, Version.number.desc())):
        found.setdefault(version.definition, []).append(version)
    return found


def _running(session: Session) -> dict[str, int]:
    query = select(Instance.version_id, func.count()).where(Instance.state == "open").group_by(Instance.version_id)
    return dict(session.execute(query).all())


def _named(session: Session, version_id: str) -> str:
    version = session.get(Version, version_id)
    definition = session.get(Definition, version.definition) if version else None
    return definition.name if definition else version_id


def _empty(title: str) -> dict[str, bytes]:
    key = f"procedure_{new_id()[:8]}"
    data = EMPTY.format(key=key, title=escape(title or _("New procedure"))).encode()
    path = f"{key}.bpmn"
    return {path: authoring.lay_out(path, data)}


def _title_of(files: Any) -> str:
    sketch = authoring.sketch(files)
    key = main_process(files)
    return sketch.processes[key][0] if key else _("New procedure")


def _belong(session: Session, draft: drafting.ProcedureDraft, files: Any) -> None:
    """A draft whose main process is known is a draft of that procedure."""
    key = main_process(files)
    definition = session.get(Definition, key) if key else None
    if definition is not None:
        draft.definition, draft.base = definition.key, definition.in_force


def _tell(came: Any) -> None:
    flash(ngettext("%(num)d file was imported.", "%(num)d files were imported.", len(came.files)), "success")
    if came.drawn:
        flash(_("These diagrams had no drawing and were laid out: %(paths)s", paths="、".join(came.drawn)), "info")
    if came.foreign:
        count = len(came.foreign)
        flash(
            ngettext(
                "%(num)d extension of another tool was kept. It is listed below and not executed.",
                "%(num)d extensions of other tools were kept. They are listed below and not executed.",
                count,
            ),
            "warning",
        )


def _numbered(session: Session, version_id: str | None) -> dict[str, Any] | None:
    version = session.get(Version, version_id) if version_id else None
    return {"version": version.id, "number": version.number} if version else None


def _foreign(each: authoring.Foreign) -> dict[str, Any]:
    said = {"path": each.path, "element": each.element, "line": each.line}
    return {**said, "name": each.name, "namespace": each.namespace}


def _request(session: Session, draft_id: str) -> dict[str, Any] | None:
    found = next(iter(drafting.requests(session, draft_id)), None)
    if found is None:
        return None
    return {
        "id": found.id,
        "url": url_for("designer.asked", request_id=found.id),
        "by": who(found.by),
        "at": found.at.isoformat(),
        "note": found.note,
        "state": found.state,
        "decided_by": who(found.decided_by),
        "decided_at": found.decided_at.isoformat() if found.decided_at else None,
        "reason": found.reason,
    }
