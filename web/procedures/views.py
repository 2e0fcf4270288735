"""Procedures: the definitions, one version with its diagrams, tables, forms and steps, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import forms
from engine import Definition, Instance, Version, VersionFile, tables
from engine.refusals import NotFound
from processes.organisation import Organisation, Person
from web import i18n, names, versions
from web.attachments.views import download
from web.auth import current
from web.navigation import DESIGNERS
from web.procedures import steps
from web.wiring import parts

bp = Blueprint("procedures", __name__, template_folder="templates")
TYPES = {".bpmn": "application/xml", ".dmn": "application/xml", ".json": "application/json"}
SHOWN_PEOPLE = 12


@bp.before_request
def for_designers() -> None:
    """Diagrams are read here by whoever draws, deploys, coordinates, audits or runs them."""
    current.require_post(*DESIGNERS)


@bp.record
def install(state: object) -> None:
    """Templates know the kinds of elements."""
    state.app.jinja_env.globals.update(ELEMENT_KINDS=steps.KINDS)  # type: ignore[attr-defined]


@bp.get("/procedures")
def index() -> str:
    """Every definition with its versions and how many instances run on each."""
    with parts().database.read() as session:
        found = list(session.scalars(select(Definition).order_by(Definition.key)))
        deployed = list(session.scalars(select(Version).order_by(Version.definition, Version.number.desc())))
        names.meet(session, [version.deployed_by for version in deployed])
        return render_template(
            "procedures/index.html",
            page="procedures",
            definitions=found,
            versions={each.key: [v for v in deployed if v.definition == each.key] for each in found},
            running=_counts(session),
        )


@bp.get("/procedures/versions/<version_id>")
def version(version_id: str) -> str:
    """One version: diagrams, decision tables, forms, steps, digests."""
    everything = bool(request.args.get("everything"))
    with parts().database.read() as session:
        found = _version(session, version_id)
        files = versions.files_of(session, version_id)
        program = versions.program_of(session, version_id)
        names.meet(session, [found.deployed_by])
        return render_template(
            "procedures/version.html",
            page="procedures",
            version=found,
            definition=session.get_one(Definition, found.definition),
            running=_counts(session).get(version_id, {}),
            tables=[tables.read_table(data) for path, data in sorted(files.items()) if path.endswith(".dmn")],
            forms=_forms(files),
            steps=steps.steps(program, everything=everything),
            everything=everything,
            processes=_called(program),
            digests=_digests(session, version_id),
        )


@bp.get("/procedures/versions/<version_id>/diagram.json")
def diagram(version_id: str) -> Response:
    """The diagrams of a version for the viewer, with nothing marked."""
    with parts().database.read() as session:
        _version(session, version_id)
        files = versions.files_of(session, version_id)
        main = versions.program_of(session, version_id)
    nothing: dict[str, list[str]] = {"active": [], "done": [], "cancelled": [], "flows": []}
    drawn = [{"path": path, "xml": data.decode(), **nothing} for path, data in sorted(files.items()) if _is_drawn(path)]
    return jsonify({"files": drawn, "start": main.processes.get(main.process_id)})


@bp.get("/procedures/versions/<version_id>/forms/<path:path>")
def form(version_id: str, path: str) -> str:
    """A form as people get it, locked: nothing can be entered or sent."""
    with parts().database.read() as session:
        found = _version(session, version_id)
        files = versions.files_of(session, version_id)
        if path not in files or not path.endswith(".form.json"):
            raise NotFound(what="form", key=path)
        drawn = forms.render(files[path], {}, language=i18n.language(), context=_choices(session))
        return render_template(
            "procedures/form.html",
            page="procedures",
            version=found,
            definition=session.get_one(Definition, found.definition),
            path=path,
            drawn=drawn,
            forms=_forms(files),
        )


@bp.get("/procedures/versions/<version_id>/files/<path:path>")
def file(version_id: str, path: str) -> Response:
    """A file of the version, byte for byte."""
    with parts().database.read() as session:
        _version(session, version_id)
        files = versions.files_of(session, version_id)
    if path not in files:
        raise NotFound(what="file", key=path)
    kind = next((kind for ending, kind in TYPES.items() if path.endswith(ending)), "application/octet-stream")
    return download(files[path], path.rpartition("/")[2], kind)


def _version(session: Session, version_id: str) -> Version:
    found = session.get(Version, version_id)
    if found is None:
        raise NotFound(what="version", key=version_id)
    return found


def _counts(session: Session) -> dict[str, dict[str, int]]:
    """Version → state → how many instances."""
    query = select(Instance.version_id, Instance.state, func.count()).group_by(Instance.version_id, Instance.state)
    found: dict[str, dict[str, int]] = {}
    for version_id, state, count in session.execute(query):
        found.setdefault(version_id, {})[state] = count
    return found


def _forms(files: Mapping[str, bytes]) -> list[str]:
    return sorted(path for path in files if path.endswith(".form.json"))


def _called(program: Any) -> dict[str, str]:
    """File → the process that it draws."""
    return {path: process for process, path in program.processes.items()}


def _digests(session: Session, version_id: str) -> list[tuple[str, str]]:
    query = select(VersionFile.path, VersionFile.digest).where(VersionFile.version_id == version_id)
    return [(path, digest) for path, digest in session.execute(query.order_by(VersionFile.path))]


def _choices(session: Session) -> dict[str, list[dict[str, str]]]:
    """Some of what the lists of the forms offer."""
    people = session.scalars(select(Person).where(Person.active).order_by(Person.login).limit(SHOWN_PEOPLE))
    return {
        "people": [{"value": each.id, "label": each.name} for each in people],
        "organisations": [{"value": each.code, "label": each.name} for each in Organisation.all(session)],
    }


def _is_drawn(path: str) -> bool:
    return path.endswith(".bpmn")
