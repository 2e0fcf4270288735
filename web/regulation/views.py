"""The page of the regulation: the text of every article, and what carries it."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from engine import Definition
from web import i18n
from web.auth import current
from web.navigation import DESIGNERS
from web.regulation import tracing
from web.wiring import parts

bp = Blueprint("regulation", __name__, template_folder="templates")


@bp.before_request
def for_designers() -> None:
    """Read by whoever draws, deploys, coordinates, audits or runs procedures."""
    current.require_post(*DESIGNERS)


@bp.get("/regulation")
def index() -> str:
    """Article → rules → elements → forms → tests, with what is missing."""
    with parts().database.read() as session:
        rows = session.execute(select(Definition.key, Definition.in_force, Definition.name)).all()
    return render_template(
        "regulation/index.html",
        page="regulation",
        traces=tracing.traces(),
        in_force={row.key: row.in_force for row in rows},
        called={row.key: row.name for row in rows},
        uncarried=tracing.uncarried(),
        idle=tracing.idle_acts(),
        english=i18n.language().startswith("en"),
        loose=tracing.without_basis(),
    )
