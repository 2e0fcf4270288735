"""The inbox in four lists, and the notices behind the bell."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

from engine import definitions
from processes.notices import Notice
from web import names
from web.auth import current
from web.inbox import lists
from web.wiring import parts

bp = Blueprint("inbox", __name__, template_folder="templates", url_prefix="/inbox")


@bp.record
def install(state: object) -> None:
    """Every page shows how much waits."""
    app: Flask = state.app  # type: ignore[attr-defined]
    app.jinja_env.globals.update(open_tasks=open_tasks, unread_notices=unread_notices)


@bp.get("")
def index() -> str:
    """One of the lists, narrowed by the address."""
    actor, wanted = current.actor(), lists.Wanted.read(request.args)
    tab = request.args.get("tab") or ""
    with parts().database.read() as session:
        counts = lists.counts(session, actor)
        g.open_tasks = counts["mine"] + counts["posts"]
        chosen = tab if tab in lists.TABS else _first_with_work(counts)
        page = lists.page(session, chosen, actor, wanted, current.now(), counts[chosen])
        units, procedures = lists.choices(session, chosen, actor)
        known = {definition.key: definition.name for definition in definitions(session)}
        _meet(session, page, units)
    return render_template(
        "inbox/index.html",
        page="inbox",
        tab=chosen,
        tabs=labels(),
        counts=counts,
        listed=page,
        wanted=wanted,
        units=units,
        procedures={key: known.get(key, key) for key in procedures},
        now=current.now(),
        here=_here,
    )


@bp.get("/notices")
def notices() -> str:
    """What was sent to the person, newest first."""
    person = current.someone()
    with parts().database.read() as session:
        return render_template("inbox/notices.html", page="inbox", notices=Notice.recent(session, person.id))


@bp.post("/notices/reading")
def read_all() -> Response:
    """The person has seen all of them."""
    person = current.someone()
    with parts().database.write() as session:
        Notice.read_all(session, person.id, current.now())
    return redirect(url_for("inbox.notices"))


@bp.post("/notices/<notice_id>/reading")
def read(notice_id: str) -> Response:
    """The person has seen this one and goes to what it is about."""
    person = current.someone()
    with parts().database.write() as session:
        notice = session.get(Notice, notice_id)
        if notice is None or notice.person_id != person.id:
            abort(404)
        notice.read(current.now())
        link = notice.link
    return redirect(link if link.startswith("/") and not link.startswith("//") else url_for("inbox.notices"))


def labels() -> dict[str, str]:
    """The names of the lists."""
    return {
        "mine": _("With me"),
        "posts": _("For my posts"),
        "done": _("Done by me"),
        "started": _("Started by me"),
    }


def open_tasks() -> int:
    """How many tasks wait for the person or the person's posts."""
    if not current.person():
        return 0
    if "open_tasks" not in g:
        with parts().database.read() as session:
            counts = lists.counts(session, current.actor(), ("mine", "posts"))
        g.open_tasks = sum(counts.values())
    return int(g.open_tasks)


def unread_notices() -> int:
    """How many notices the person has not read."""
    person = current.person()
    if person is None:
        return 0
    with parts().database.read() as session:
        return Notice.unread_count(session, person.id)


def _first_with_work(counts: dict[str, int]) -> lists.Tab:
    return "posts" if counts["posts"] and not counts["mine"] else "mine"


def _meet(session: Session, page: lists.Page, units: list[str]) -> None:
    tasks = [row.task for row in page.rows if row.task]
    names.meet(session, [row.claim.person for row in page.rows if row.claim] + [task.person for task in tasks])
    names.meet_organisations(session, [*units, *(row.instance.organisation for row in page.rows)])


def _here(**changes: object) -> str:
    """The address of this list with some of its parameters changed."""
    asked: dict[str, Any] = {**request.args.to_dict(), **changes}
    return url_for("inbox.index", **asked)
