"""Matters: the list, one matter, the diagram of an instance, the beginning and the withdrawal."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from engine import Task
from engine.refusals import NotFound, Refusal
from processes.cases import Case
from processes.catalogue import CatalogueItem
from processes.disclosure import archive
from processes.disclosure.holds import ReleaseHold
from processes.disclosure.matters import Matter, check_withdrawal, open_matter, withdraw
from processes.disclosure.publications import Publication
from processes.emergency import EmergencyIncident
from processes.organisation import Organisation
from processes.out_of_catalogue import CatalogueFollowup
from processes.secrecy_review import SecrecyFinding
from processes.staged import milestones
from web import asked as asked_for
from web import names
from web.attachments.views import download
from web.auth import current
from web.catalogue import rights as catalogue_rights
from web.matters import diagram, labels, sight, story
from web.norms.using import using
from web.wiring import parts

bp = Blueprint("matters", __name__, template_folder="templates")
SIZE = 20


@bp.record
def install(state: object) -> None:
    """The words of the domain are known on every page."""
    labels.install(state.app)  # type: ignore[attr-defined]


@bp.get("/matters")
def index() -> str:
    """The matters that the person may see, narrowed by the address."""
    person = current.someone()
    asked, number = request.args, asked_for.page_number()
    with parts().database.read() as session:
        visible = Matter.visible_to(session, person.id, current.seats())
        units = sorted(set(session.scalars(visible.with_only_columns(Matter.organisation).distinct())))
        query = Matter.matching(
            visible,
            organisation=asked.get("organisation") or None,
            state=asked.get("state") or None,
            text=asked.get("text", "")[:100],
            since=asked_for.midnight(asked.get("since")),
            until=asked_for.midnight(asked.get("until"), next_day=True),
        )
        found, total = Matter.page(session, query, number, SIZE)
        names.meet(session, [matter.proposer for matter in found])
    return render_template(
        "matters/index.html",
        page="matters",
        matters=found,
        total=total,
        number=number,
        count=max(1, -(-total // SIZE)),
        units=units,
        asked=asked,
        may_open=bool(_own_units()),
        here=lambda **changes: url_for("matters.index", **{**asked.to_dict(), **changes}),
    )


@bp.get("/matters/new")
def new() -> str:
    """Begin a matter: which of the person's units handles it, and for which catalogue row, if any."""
    if not _own_units():
        raise current.OtherPost
    with parts().database.read() as session:
        item = _item(session, request.args.get("item"))
        units = _units_for(item)
        organisations = list(session.scalars(select(Organisation).where(Organisation.code.in_(units))))
    return render_template("matters/new.html", page="matters", item=item, organisations=organisations)


@bp.post("/matters")
def create() -> AnyResponse:
    """Open a matter for a catalogue row or outside the catalogue; go to its first task."""
    person = current.someone()
    with parts().database.write() as session:
        item = _item(session, request.form.get("item"))
        unit = request.form.get("organisation") or next(iter(_units_for(item)), "")
        is_staged = request.form.get("mode") == "staged"
        matter = open_matter(session, parts().engine, unit, item, person.id, current.now(), is_staged=is_staged)
    flash(_("The matter has been opened."), "success")
    return redirect(_first_task(matter) or url_for("matters.show", matter_id=matter.id))


@bp.get("/matters/<matter_id>")
def show(matter_id: str) -> str:
    """One matter: state, plan, opinions, tasks, release, archive."""
    actor = current.actor()
    with parts().database.read() as session:
        matter = sight.matter_for(session, matter_id, actor)
        instance = sight.instance_for(session, matter.instance_id or "", actor)
        publication = Publication.of_matter(session, matter.id)
        holds = ReleaseHold.over(session, matter)
        names.meet(session, [matter.proposer, *(held.held_by for held in holds)])
        return render_template(
            "matters/show.html",
            page="matters",
            matter=matter,
            instance=instance,
            story=story.tell(session, instance, matter),
            publication=publication,
            channels=publication.channels(session) if publication else [],
            package=session.get(archive.ArchivePackage, matter.id),
            followup=(followup := session.get(CatalogueFollowup, matter.id)),
            row=_readable_row(session, followup),
            holds=holds,
            may_withdraw=_may_withdraw(matter, actor.person),
            milestone=milestones.waiting(session, matter) if milestones.may_report(matter, actor) else None,
            released=Publication.all_of_matter(session, matter.id),
            findings=SecrecyFinding.of(session, instance.id),
            using=using(session, instance),
            now=current.now(),
        )


@bp.post("/matters/<matter_id>/milestone")
def milestone(matter_id: str) -> AnyResponse:
    """A handler says that the milestone of the next stage is reached (Art. 16)."""
    actor = current.actor()
    with parts().database.read() as session:
        matter = sight.matter_for(session, matter_id, actor)
    milestones.reach(
        parts().engine, matter, request.form.get("key", ""), actor, request.form.get("note", "").strip()[:1000]
    )
    flash(_("The stage begins: its text waits for you."), "success")
    return redirect(_first_task(matter) or url_for("matters.show", matter_id=matter_id))


@bp.post("/matters/<matter_id>/withdrawal")
def withdrawal(matter_id: str) -> AnyResponse:
    """The proposer takes the matter back before its approval."""
    actor = current.actor()
    with parts().database.read() as session:
        matter = sight.matter_for(session, matter_id, actor)
    withdraw(parts().engine, matter, actor, request.form.get("reason", "").strip()[:1000])
    flash(_("The matter has been withdrawn."), "success")
    return redirect(url_for("matters.show", matter_id=matter_id))


@bp.get("/matters/<matter_id>/archive")
def package(matter_id: str) -> Response:
    """The archive package as a zip."""
    with parts().database.read() as session:
        sight.matter_for(session, matter_id, current.actor())
        kept = session.get(archive.ArchivePackage, matter_id)
        if kept is None:
            raise NotFound(what="archive package", key=matter_id)
    return download(parts().store.get(kept.digest), f"{kept.archive_no}.zip", "application/zip")


@bp.get("/instances/<instance_id>")
def instance(instance_id: str) -> str | AnyResponse:
    """An instance of any procedure; that of a matter, an incident or a case is shown as such."""
    with parts().database.read() as session:
        found = sight.instance_for(session, instance_id, current.actor())
        if matter := Matter.of_instance(session, instance_id):
            return redirect(url_for("matters.show", matter_id=matter.id))
        if incident := EmergencyIncident.of_instance(session, instance_id):
            return redirect(url_for("emergency.show", incident_id=incident.id))
        if Case.of_instance(session, instance_id):
            return redirect(url_for("cases.show", case_id=instance_id))
        told = story.tell(session, found, None)
        return render_template(
            "matters/instance.html",
            page="matters",
            instance=found,
            story=told,
            using=using(session, found),
            now=current.now(),
        )


@bp.get("/instances/<instance_id>/diagram.json")
def position(instance_id: str) -> Response:
    """The diagrams of the instance's version with what is active, done and cancelled."""
    with parts().database.read() as session:
        return jsonify(diagram.position(session, sight.instance_for(session, instance_id, current.actor())))


def _own_units() -> list[str]:
    return sorted({organisation for organisation, post in current.seats() if post == "handler"})


def _item(session: Session, item_id: str | None) -> CatalogueItem | None:
    if not item_id:
        return None
    item = session.get(CatalogueItem, item_id)
    if item is None:
        raise NotFound(what="catalogue row", key=item_id)
    return item


def _units_for(item: CatalogueItem | None) -> list[str]:
    """The person's units that the row makes responsible; all of them where it names none or there is no row."""
    own = _own_units()
    return [unit for unit in own if item and unit in item.units] or own


def _first_task(matter: Matter) -> str | None:
    with parts().database.read() as session:
        open_one = select(Task.id).where(Task.instance_id == matter.instance_id, Task.state == "open").limit(1)
        task_id = session.scalar(open_one)
    return url_for("tasks.show", task_id=task_id) if task_id else None


def _readable_row(session: Session, followup: CatalogueFollowup | None) -> CatalogueItem | None:
    """The catalogue row that was drafted for the matter, where the person may read it."""
    item = followup.row(session) if followup else None
    return item if item and catalogue_rights.may_read(session, item.version) else None


def _may_withdraw(matter: Matter, person: str) -> bool:
    try:
        check_withdrawal(matter, person)
    except Refusal:
        return False
    return True
