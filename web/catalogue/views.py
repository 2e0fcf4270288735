"""Catalogues: what is in force, versions and their differences, rows, import, putting in force, export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from engine.canonical import digest, dump
from engine.refusals import NotAllowed, NotFound, Refusal
from processes import catalogue as catalogues
from processes.catalogue import CatalogueItem, CatalogueVersion, Report
from processes.catalogue.reading import CELL_LIMIT, FILE_LIMIT
from processes.disclosure.matters import Matter
from processes.organisation import Organisation, ancestry
from web import asked as asked_for
from web import names, refusals
from web.attachments.views import download
from web.auth import current
from web.catalogue import meaning, rights
from web.catalogue.changes import Change, changes
from web.wiring import parts

bp = Blueprint("catalogue", __name__, template_folder="templates")
SIZE = 50
LEFT_OUT_SHOWN = 8
EXPORTS = {
    "xlsx": (catalogues.export_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": (catalogues.export_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


@bp.record
def install(state: object) -> None:
    """Templates say what a row means."""
    state.app.jinja_env.globals.update(  # type: ignore[attr-defined]
        catalogue_meaning=meaning.of,
        catalogue_not_understood=meaning.not_understood,
        catalogue_status=meaning.status,
        CATALOGUE_COLUMNS=meaning.HEADINGS,
        CATALOGUE_COLOURS=meaning.STATUS_COLOURS,
    )


@bp.get("/catalogue")
def index() -> str:
    """The catalogues in force, and what the person keeps."""
    current.someone()
    with parts().database.read() as session:
        in_force = select(CatalogueVersion).where(CatalogueVersion.status == "IN_FORCE")
        versions = {version.organisation: version for version in session.scalars(in_force)}
        kept = rights.kept(session)
        return render_template(
            "catalogue/index.html",
            page="catalogue",
            versions=sorted(versions.values(), key=lambda version: (version.owner.parent or "", version.organisation)),
            kept=kept,
            drafts=_drafts(session, [each.code for each in kept]),
            own=_governing(session),
        )


@bp.get("/catalogue/organisations/<code>")
def organisation(code: str) -> str:
    """One organisation's versions, newest first."""
    current.someone()
    with parts().database.read() as session:
        owner = Organisation.of(session, code)
        versions = [each for each in CatalogueVersion.all(session, code) if rights.may_read(session, each)]
        names.meet(session, [person for each in versions for person in (each.made_by, each.in_force_by)])
        return render_template(
            "catalogue/organisation.html",
            page="catalogue",
            owner=owner,
            versions=versions,
            keeps=rights.keeps(session, code),
            governing=CatalogueVersion.governing(session, code),
        )


@bp.get("/catalogue/versions/<version_id>")
def version(version_id: str) -> str:
    """A version as the annex's table, each cell as written with what it means."""
    asked, number = request.args, asked_for.page_number()
    with parts().database.read() as session:
        found = rights.version_for(session, version_id)
        items = _matching(found.items, asked.get("text", ""), asked.get("unit"), bool(asked.get("unresolved")))
        return render_template(
            "catalogue/version.html",
            page="catalogue",
            version=found,
            items=items[(number - 1) * SIZE : number * SIZE],
            total=len(items),
            number=number,
            count=max(1, -(-len(items) // SIZE)),
            units=sorted({unit for item in found.items for unit in item.units}),
            unresolved=sum(bool(item.unresolved) for item in found.items),
            asked=asked,
            narrowed=any(asked.get(key) for key in ("text", "unit", "unresolved")),
            keeps=rights.keeps(session, found.organisation),
            before=_before(session, found),
            here=lambda **said: url_for("catalogue.version", version_id=version_id, **{**asked.to_dict(), **said}),
        )


@bp.get("/catalogue/versions/<version_id>/report")
def report(version_id: str) -> str:
    """What an import understood, row by row, and what stays as written."""
    with parts().database.read() as session:
        found = rights.version_for(session, version_id)
        return render_template(
            "catalogue/report.html",
            page="catalogue",
            version=found,
            understood=sum(not item.notes for item in found.items),
            pieces=sum(len(item.notes) for item in found.items),
            keeps=rights.keeps(session, found.organisation),
        )


@bp.get("/catalogue/versions/<version_id>/changes")
def differences(version_id: str) -> str:
    """The rows added, removed and changed since another version of the organisation."""
    with parts().database.read() as session:
        found = rights.version_for(session, version_id)
        others = [each for each in CatalogueVersion.all(session, found.organisation) if each.id != found.id]
        others = [each for each in others if rights.may_read(session, each)]
        since = next((each for each in others if each.id == request.args.get("since")), _before(session, found))
        return render_template(
            "catalogue/changes.html",
            page="catalogue",
            version=found,
            others=others,
            since=since,
            **_counted(changes(since.items if since else [], found.items)),
        )


@bp.get("/catalogue/versions/<version_id>/in-force")
def confirm(version_id: str) -> str:
    """The last look before a draft counts: what changes, what was not understood."""
    with parts().database.read() as session:
        found = _kept_version(session, version_id)
        since = CatalogueVersion.in_force(session, found.organisation)
        return render_template(
            "catalogue/confirm.html",
            page="catalogue",
            version=found,
            since=since,
            unresolved=sum(bool(item.unresolved) for item in found.items),
            **_counted(changes(since.items if since else [], found.items)),
        )


@bp.post("/catalogue/versions/<version_id>/in-force")
def put_in_force(version_id: str) -> AnyResponse:
    """The draft takes the place of the version in force."""
    with parts().database.write() as session:
        found = _kept_version(session, version_id)
        found.put_in_force(session, by=current.someone().id, at=current.now())
    flash(_("Version %(number)s is in force.", number=found.number), "success")
    flash(_("The annex asks to file it with the Party committee office."), "info")
    return redirect(url_for("catalogue.version", version_id=version_id))


@bp.get("/catalogue/versions/<version_id>/export/<kind>")
def export(version_id: str, kind: str) -> Response:
    """The version in the annex's layout, to print, sign and seal."""
    if kind not in EXPORTS:
        raise NotFound(what="file type", key=kind)
    write, content_type = EXPORTS[kind]
    with parts().database.read() as session:
        found = rights.version_for(session, version_id)
        name = f"{found.owner.name}党务公开目录v{found.number}.{kind}"
        return download(write(found), name, content_type)


@bp.get("/catalogue/items/<item_id>")
def item(item_id: str) -> str:
    """One row: as written, what it means, its matters, and the way to a new one."""
    with parts().database.read() as session:
        found = rights.item_for(session, item_id)
        visible = Matter.visible_to(session, current.someone().id, current.seats())
        theirs = visible.where(Matter.item_id == item_id).order_by(Matter.started_at.desc()).limit(SIZE)
        return render_template(
            "catalogue/item.html",
            page="catalogue",
            item=found,
            units=rights.units_to_start(found, current.seats()),
            may_edit=found.version.status == "DRAFT" and rights.keeps(session, found.version.organisation),
            matters=list(session.scalars(theirs)),
        )


@bp.get("/catalogue/items/<item_id>/edit")
def edit(item_id: str) -> str:
    """The ten cells of a draft's row, for its keeper to write."""
    with parts().database.read() as session:
        found = _kept_item(session, item_id)
        catalogues.must_be_draft(found.version)
        return _edit_page(found, found.written)


@bp.post("/catalogue/items/<item_id>")
def rewrite(item_id: str) -> AnyResponse | tuple[str, int]:
    """The keeper's words for a draft's row; what is refused comes back with all that was typed."""
    texts = {key: request.form.get(key, "").replace("\r\n", "\n").strip() for key in catalogues.KEYS}
    try:
        with parts().database.write() as session:
            found = _kept_item(session, item_id)
            seen = found.written if request.form.get("seen") == _seen(found) else {}
            catalogues.rewrite(session, found, texts, before=seen)
    except Refusal as refusal:
        if isinstance(refusal, NotAllowed | NotFound):
            raise
        with parts().database.read() as session:
            return _edit_page(_kept_item(session, item_id), texts, refusals.said(refusal)), refusals.status(refusal)
    flash(_("The row has been saved."), "success")
    return redirect(url_for("catalogue.item", item_id=item_id))


@bp.post("/catalogue/items/<item_id>/removal")
def remove(item_id: str) -> AnyResponse:
    """Take a row out of a draft."""
    with parts().database.write() as session:
        found = _kept_item(session, item_id)
        version_id = found.version_id
        catalogues.remove(session, found)
    flash(_("The row has been taken out of the draft."), "success")
    return redirect(url_for("catalogue.version", version_id=version_id))


@bp.get("/catalogue/organisations/<code>/import")
def choose(code: str) -> str:
    """Choose a file to import."""
    with parts().database.read() as session:
        return _import_page(rights.require_keeper(session, code))


@bp.post("/catalogue/organisations/<code>/versions")
def import_(code: str) -> AnyResponse | tuple[str, int]:
    """A new draft from a file; a wrong file is refused by place, row and column, and changes nothing."""
    file, by = request.files.get("file"), current.someone().id
    with parts().database.read() as session:
        owner = rights.require_keeper(session, code)
    if file is None or not file.filename:
        return _import_page(owner, _("Please choose a file first.")), 422
    data = file.stream.read(FILE_LIMIT + 1)
    try:
        with parts().database.write() as session:
            made = catalogues.import_catalogue(session, code, file.filename, data, by=by, at=current.now())
    except catalogues.WrongFile as refusal:
        return _import_page(owner, refusals.said(refusal)), refusals.status(refusal)
    _tell(made)
    return redirect(url_for("catalogue.report", version_id=made.version.id))


def _import_page(owner: Organisation, error: str = "") -> str:
    return render_template(
        "catalogue/import.html", page="catalogue", owner=owner, error=error, megabytes=FILE_LIMIT // 1024 // 1024
    )


def _tell(made: Report) -> None:
    count = len(made.rows)
    flash(ngettext("A draft with %(num)d row was made.", "A draft with %(num)d rows was made.", count), "success")
    if made.left_out:
        texts = [each.text.replace("\n", " ")[:60] for each in made.left_out[:LEFT_OUT_SHOWN]]
        said = " / ".join(texts) + (" …" if len(made.left_out) > LEFT_OUT_SHOWN else "")
        flash(_("Not part of any row, so left out: %(texts)s", texts=said), "info")


def _kept_version(session: Session, version_id: str) -> CatalogueVersion:
    found = rights.version_for(session, version_id)
    rights.require_keeper(session, found.organisation)
    return found


def _kept_item(session: Session, item_id: str) -> CatalogueItem:
    found = rights.item_for(session, item_id)
    rights.require_keeper(session, found.version.organisation)
    return found


def _edit_page(item: CatalogueItem, texts: Mapping[str, str], error: str = "") -> str:
    return render_template(
        "catalogue/edit.html",
        page="catalogue",
        item=item,
        texts=texts,
        seen=_seen(item),
        error=error,
        limit=CELL_LIMIT,
    )


def _seen(item: CatalogueItem) -> str:
    """What the writer has before their eyes, as a digest: so that two keepers never overwrite each other."""
    return digest(dump(item.written))


def _drafts(session: Session, organisations: Sequence[str]) -> dict[str, list[CatalogueVersion]]:
    """Organisation → its drafts, newest first."""
    query = select(CatalogueVersion).where(
        CatalogueVersion.status == "DRAFT", CatalogueVersion.organisation.in_(organisations)
    )
    found: dict[str, list[CatalogueVersion]] = {}
    for draft in session.scalars(query.order_by(CatalogueVersion.number.desc())):
        found.setdefault(draft.organisation, []).append(draft)
    return found


def _governing(session: Session) -> CatalogueVersion | None:
    """The catalogue that counts at the person's home."""
    for above in ancestry(session, current.someone().organisation):
        if found := CatalogueVersion.in_force(session, above.code):
            return found
    return None


def _before(session: Session, version: CatalogueVersion) -> CatalogueVersion | None:
    """The version that this one follows: the last with a lower number that was in force, or any earlier one."""
    earlier = [each for each in CatalogueVersion.all(session, version.organisation) if each.number < version.number]
    earlier = [each for each in earlier if rights.may_read(session, each)]
    return next((each for each in earlier if each.in_force_at), next(iter(earlier), None))


def _matching(items: list[CatalogueItem], text: str, unit: str | None, unresolved: bool) -> list[CatalogueItem]:
    words = text[:100].split()
    return [
        item
        for item in items
        if (not unit or unit in item.units)
        and (not unresolved or item.unresolved)
        and all(any(word in text for text in item.written.values()) for word in words)
    ]


def _counted(found: list[Change]) -> dict[str, object]:
    kinds = ("added", "removed", "changed")
    return {"changes": found, "counts": {kind: sum(change.kind == kind for change in found) for kind in kinds}}
