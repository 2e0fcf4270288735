"""The page of a task: its form, what came before, and taking, giving back and taking back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug import Response

import forms
from engine import refusals as engine_refusals
from engine import stopping
from engine.refusals import Refusal
from web import i18n, refusals
from web.auth import current
from web.matters import story
from web.tasks import drafts, files
from web.tasks.choices import context
from web.tasks.desk import Desk, lay
from web.wiring import parts

bp = Blueprint("tasks", __name__, template_folder="templates", url_prefix="/tasks/<task_id>")

Answer = Response | str | tuple[str, int]
TOO_LATE = (
    engine_refusals.AlreadyDone,
    engine_refusals.AlreadyClaimed,
    engine_refusals.NotOpen,
    engine_refusals.Overtaken,
)


@bp.get("")
def show(task_id: str) -> str:
    """The task with its form, or with what became of it."""
    actor = current.actor()
    with parts().database.read() as session:
        desk = lay(session, task_id, actor)
        if desk.is_open:
            desk.draft = drafts.Draft.of(session, task_id, actor.person)
        return _page(session, desk, desk.beginning, {})


@bp.post("/form")
def refresh(task_id: str) -> str:
    """The same form with what was typed, after something that shows or hides fields was chosen. Keeps nothing."""
    with parts().database.read() as session:
        desk = lay(session, task_id, current.actor())
        if not desk.is_open or desk.form is None:
            raise desk.obstacle or engine_refusals.NotOpen(what=desk.task.name)
        said = files.entered(desk.form, desk.instance.id)
        if "HX-Request" in request.headers:
            return str(_form(desk, said, {}))
        return _page(session, desk, said, {})


@bp.post("/draft")
def draft(task_id: str) -> Answer:
    """Keep what was typed without checking it."""
    actor = current.actor()
    with parts().database.read() as session:
        desk = lay(session, task_id, actor)
    if not desk.is_open or desk.form is None:
        return _too_late(desk, desk.obstacle or engine_refusals.NotOpen(what=desk.task.name))
    said = files.entered(desk.form, desk.instance.id)
    with parts().database.write() as session:
        drafts.keep(session, task_id, actor.person, said, current.now())
    if request.form.get("_action") != "draft":
        return Response(status=204)
    flash(_("Your draft has been saved."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/completion")
def complete(task_id: str) -> Answer:
    """Complete the task, or say what is wrong and keep what was typed."""
    with parts().database.looking(), parts().database.read() as session:
        actor = current.actor()
        desk = lay(session, task_id, actor)
    if isinstance(desk.obstacle, TOO_LATE):
        return _too_late(desk, desk.obstacle)
    if desk.obstacle:
        raise desk.obstacle
    if forms.is_refresh(request.form):
        return refresh(task_id)
    said = files.entered(desk.form, desk.instance.id) if desk.form else {}
    try:
        with parts().database.write() as writing:
            parts().engine.complete(task_id, actor, said, desk.offered, writing)
            drafts.drop(writing, task_id)
    except engine_refusals.Invalid as wrong:
        return _wrong(desk, said, dict(wrong.errors))
    except TOO_LATE as late:
        return _too_late(desk, late)
    except Refusal as refusal:
        return _wrong(desk, said, {}, refusals.said(refusal), refusals.status(refusal))
    flash(_("Done: %(step)s", step=i18n.named({"name": desk.task.name, **desk.properties})), "success")
    return redirect(url_for("inbox.index"))


@bp.route("/claim", methods=["POST", "PUT", "DELETE"])
def claim(task_id: str) -> Response:
    """Take the task (PUT) or give it back (DELETE); a form says which in `_method`."""
    method = request.form.get("_method", request.method)
    if method == "PUT":
        parts().engine.claim(task_id, current.actor())
        flash(_("You have taken this task."), "success")
        return redirect(url_for("tasks.show", task_id=task_id), 303)
    if method == "DELETE":
        parts().engine.release(task_id, current.actor())
        flash(_("You have given this task back."), "success")
        return redirect(url_for("inbox.index"), 303)
    abort(405)


@bp.post("/withdrawal")
def withdraw(task_id: str) -> Response:
    """Take one's own completion back while nothing has happened since."""
    with parts().database.read() as session:
        lay(session, task_id, current.actor())
    parts().engine.withdraw(task_id, current.actor())
    flash(_("You have taken it back. The task is open again."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@bp.post("/clock")
def clock(task_id: str) -> Response:
    """Stop the task's clock while somebody outside is asked, or let it go on."""
    if request.form.get("act") == "go_on":
        stopping.go_on(parts().engine, task_id, current.actor())
        flash(_("The clock goes on. The days of the pause do not count."), "success")
    else:
        said = request.form.get("party", ""), request.form.get("reason", "")
        stopping.stop(parts().engine, task_id, current.actor(), *said)
        flash(_("The clock stands until you let it go on."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


def _page(session: Any, desk: Desk, said: Any, errors: Any, refusal: str = "") -> str:
    told = story.tell(session, desk.instance, desk.matter)
    return render_template(
        "tasks/show.html",
        page="inbox",
        desk=desk,
        task=desk.task,
        instance=desk.instance,
        matter=desk.matter,
        story=told,
        mine=told.opinion_of(desk.task.id),
        form=_form(desk, said, errors) if desk.is_open else None,
        refusal=refusal,
        obstacle=refusals.said(desk.obstacle) if desk.obstacle and desk.task.state == "open" else "",
        now=current.now(),
    )


def _form(desk: Desk, said: Any, errors: Any) -> Markup:
    if desk.form is None:
        return Markup("")
    return forms.render(
        desk.form,
        said,
        errors,
        language=i18n.language(),
        context=desk.data,
        refresh_url=url_for("tasks.refresh", task_id=desk.task.id),
        file_url=files.address,
    )


def _wrong(desk: Desk, said: Any, errors: Any, refusal: str = "", status: int = 422) -> tuple[str, int]:
    """The page again with what was typed, which is kept as a draft as well."""
    with parts().database.write() as session:
        drafts.keep(session, desk.task.id, current.someone().id, said, current.now())
    with parts().database.read() as session:
        return _page(session, desk, said, errors, refusal), status


def _too_late(desk: Desk, refusal: Refusal) -> tuple[str, int]:
    """Who was faster, and what was typed, to be copied. The draft is kept until the person leaves it."""
    said = files.entered(desk.form, desk.instance.id) if desk.form else {}
    with parts().database.read() as session:
        told = story.tell(session, desk.instance, desk.matter)
    page = render_template(
        "tasks/too_late.html",
        page="inbox",
        desk=desk,
        task=desk.task,
        matter=desk.matter,
        message=refusals.said(refusal),
        winner=told.opinion_of(desk.task.id),
        typed=_typed(desk, said),
    )
    return page, refusals.status(refusal)


def _typed(desk: Desk, said: Any) -> Markup:
    """What was typed, to be read and copied."""
    if desk.form is None:
        return Markup("")
    with parts().database.read() as session:
        offered = dict(desk.data) or context(session, {}, desk.form)
    return forms.show(desk.form, said, language=i18n.language(), context=offered, file_url=files.address)
