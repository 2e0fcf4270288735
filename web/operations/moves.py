"""A version and everything that runs on it: moved to another version, suspended, resumed; shown first, with results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response as Answer
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug import Response

from engine import Definition, Instance, Version, moving
from engine.db import Transaction
from engine.refusals import NotFound
from web import i18n, names, refusals
from web.auth import current
from web.matters import diagram
from web.navigation import MOVERS
from web.operations.blueprint import bp
from web.wiring import parts

SHOWN = 10
"""So many instances are tried out on the page of a version."""


@bp.get("/versions/<version_id>")
def version(version_id: str) -> str:
    """What runs on a version, where it can go, and how the first of them would fare there."""
    current.require_post(*MOVERS)
    after = request.args.get("to", "")
    with parts().database.write() as session:
        found = _version(session, version_id)
        others = _others(session, found)
        running = moving.running(version_id).order_by(Instance.id)
        tried = _tried(session, running, after) if any(other.id == after for other in others) else []
        return render_template(
            "operations/version.html",
            page="operations",
            version=found,
            definition=session.get_one(Definition, found.definition),
            others=others,
            after=session.get(Version, after) if tried else None,
            running=session.scalar(select(func.count()).select_from(running.subquery())) or 0,
            instances=list(session.scalars(running.limit(SHOWN))),
            tried=tried,
            said=refusals.said,
            name_for=_namer,
            acts=_acts(session, version_id),
            may_suspend=bool(current.posts() & set(parts().engine.keepers["repair"])),
            may_move=bool(current.posts() & set(parts().engine.keepers["move"])),
        )


@bp.post("/versions/<version_id>/acts")
def act(version_id: str) -> Response:
    """Begin a move, a suspension or a resumption of everything that runs on the version."""
    wanted, after = request.form.get("act", ""), request.form.get("after") or None
    if wanted not in moving.NEEDS:
        raise NotFound(what="act", key=wanted)
    reason = request.form.get("reason", "")
    begun = moving.ask(parts().engine, wanted, version_id, current.actor(), reason, after)
    moving.go_on(parts().engine, begun.id)
    return redirect(url_for("operations.version_act", act_id=begun.id), 303)


@bp.get("/acts/<act_id>")
def version_act(act_id: str) -> str:
    """How far it has come, and what became of each instance."""
    current.require_post(*MOVERS)
    with parts().database.read() as session:
        found = moving.VersionAct.of(session, act_id)
        results = found.results(session)
        names.meet(session, [found.asked_by])
        return render_template(
            "operations/act.html",
            page="operations",
            act=found,
            before=session.get_one(Version, found.before),
            after=session.get(Version, found.after) if found.after else None,
            definition=session.get_one(Definition, session.get_one(Version, found.before).definition),
            results=results,
            subjects=_subjects(session, results),
            said=lambda result: i18n.refusal(result.template, result.parameters),
        )


@bp.post("/acts/<act_id>/next")
def next_part(act_id: str) -> Response:
    """Do the next part now, for where no scheduler runs."""
    current.require_post(*MOVERS)
    if moving.go_on(parts().engine, act_id):
        flash(_("The next part is done."), "success")
    return redirect(url_for("operations.version_act", act_id=act_id), 303)


@bp.get("/instances/<instance_id>/move")
def move(instance_id: str) -> str:
    """What a move would change, on both diagrams and in words."""
    current.require_post(*MOVERS)
    after = request.args.get("to", "")
    with parts().database.write() as session:
        shown = moving.preview(parts().engine, session, instance_id, after)
        instance = session.get_one(Instance, instance_id)
        return render_template(
            "operations/move.html",
            page="operations",
            instance=instance,
            definition=session.get_one(Definition, instance.definition),
            before=session.get_one(Version, shown.before),
            after=session.get_one(Version, shown.after),
            asked=after,
            shown=shown,
            named=_namer(shown),
            refusal=refusals.said(shown.refusal) if shown.refusal else "",
            may_move=bool(current.posts() & set(parts().engine.keepers["move"])),
        )


@bp.get("/instances/<instance_id>/move.json")
def moved_diagram(instance_id: str) -> Answer:
    """`?side=before`: the diagrams as it stands on them now; `after`: as it would stand on the other version."""
    current.require_post(*MOVERS)
    with parts().database.write() as session:
        shown = moving.preview(parts().engine, session, instance_id, request.args.get("to", ""))
        if request.args.get("side") == "after":
            return jsonify(diagram.drawn(session, shown.after, shown.trace, set(shown.waits_after)))
        return jsonify(diagram.position(session, session.get_one(Instance, instance_id)))


@bp.post("/instances/<instance_id>/move")
def do_move(instance_id: str) -> Response:
    """Move it."""
    to, reason = request.form.get("to", ""), request.form.get("reason", "")
    moving.move(parts().engine, instance_id, to, current.actor(), reason)
    flash(_("It runs on the other version now."), "success")
    return redirect(url_for("operations.version", version_id=to), 303)


@bp.app_template_global()
def may_look_at_moves() -> bool:
    """May the reader see what runs on a version, and try where it could go?"""
    return current.holds(*MOVERS)


def _version(session: Session, version_id: str) -> Version:
    found = session.get(Version, version_id)
    if found is None:
        raise NotFound(what="version", key=version_id)
    return found


def _others(session: Session, version: Version) -> list[Version]:
    """The versions to which it can be moved, the newest first; not those with an organisation's own files."""
    same = (Version.definition == version.definition, Version.id != version.id, Version.base.is_(None))
    return list(session.scalars(select(Version).where(*same).order_by(Version.number.desc())))


def _tried(session: Transaction, running: Any, after: str) -> list[tuple[Instance, moving.Preview]]:
    found = session.scalars(running.limit(SHOWN)).all()
    return [(each, moving.preview(parts().engine, session, each.id, after)) for each in found]


def _namer(shown: moving.Preview) -> Callable[..., str]:
    """What the diagrams call an element; `new` says which of the two versions."""

    def named(element_id: str, new: bool = True) -> str:
        program = parts().engine.definitions.programs[shown.after if new else shown.before]
        element = program.elements.get(element_id)
        return i18n.named({"name": element.name or element_id, **element.properties}) if element else element_id

    return named


def _acts(session: Session, version_id: str) -> list[moving.VersionAct]:
    found = [act for act in moving.VersionAct.latest(session, 200) if version_id in (act.before, act.after)]
    names.meet(session, [act.asked_by for act in found])
    return found


def _subjects(session: Session, results: list[moving.VersionActResult]) -> dict[str, str]:
    ids = [result.instance_id for result in results]
    return dict(session.execute(select(Instance.id, Instance.subject).where(Instance.id.in_(ids))).all())
