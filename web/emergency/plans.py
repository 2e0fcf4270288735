"""The pages of response plans: read by whoever is signed in, kept by the coordinator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from engine.refusals import Refusal
from processes.emergency import ResponsePlan, response_plans
from processes.emergency.refusals import NotPlanKeeper, PlanChanged
from web import names, refusals
from web.auth import current
from web.wiring import parts

bp = Blueprint("plans", __name__, url_prefix="/plans")

FIELDS = ("title", "purpose", "steps")
LONGEST = 8000


@bp.get("")
def index() -> str:
    """Every plan with its last version."""
    current.someone()
    with parts().database.read() as session:
        listed = ResponsePlan.listed(session)
        names.meet(session, [version.by for _plan, version in listed])
    return render_template("emergency/plans.html", page="emergency", plans=listed, keeps=_keeps())


@bp.get("/new")
def new() -> str:
    """An empty plan to write."""
    _require()
    return _sheet(None, {})


@bp.post("")
def create() -> Response | tuple[str, int]:
    """Keep a new plan; it is in force at once."""
    return _save(None)


@bp.get("/<plan_id>")
def show(plan_id: str) -> str:
    """One plan: its text, to be changed by its keeper, and its versions."""
    current.someone()
    return _sheet(plan_id, {})


@bp.post("/<plan_id>/versions")
def change(plan_id: str) -> Response | tuple[str, int]:
    """Keep the next version."""
    return _save(plan_id)


@bp.post("/<plan_id>/force")
def force(plan_id: str) -> Response:
    """Put a plan out of force, or in force again."""
    _require()
    with parts().database.write() as session:
        found = ResponsePlan.of(session, plan_id)
        if request.form.get("_method") == "DELETE":
            found.end(current.someone().id, current.now())
        else:
            found.renew()
    flash(_("The response plan has been saved."), "success")
    return redirect(url_for("emergency.plans.show", plan_id=plan_id))


def _save(plan_id: str | None) -> Response | tuple[str, int]:
    _require()
    typed = {name: request.form.get(name, "")[:LONGEST] for name in FIELDS}
    after = request.form.get("after", type=int)
    try:
        with parts().database.write() as session:
            found = ResponsePlan.of(session, plan_id) if plan_id else None
            by, at = current.someone().id, current.now()
            kept = response_plans.write(session, **typed, by=by, at=at, plan=found, after=after)
    except PlanChanged as refusal:
        return _sheet(plan_id, typed, refusals.said(refusal)), 409
    except Refusal as refusal:
        return _sheet(plan_id, typed, refusals.said(refusal)), refusals.status(refusal)
    flash(_("The response plan has been saved."), "success")
    return redirect(url_for("emergency.plans.show", plan_id=kept.id))


def _sheet(plan_id: str | None, typed: dict[str, Any], refusal: str = "") -> str:
    with parts().database.read() as session:
        found = ResponsePlan.of(session, plan_id) if plan_id else None
        versions = found.versions(session) if found else []
        names.meet(session, [version.by for version in versions])
    return render_template(
        "emergency/plan.html",
        page="emergency",
        plan=found,
        versions=versions,
        last=versions[-1] if versions else None,
        typed=typed,
        refusal=refusal,
        keeps=_keeps(),
    )


def _keeps() -> bool:
    return current.holds(response_plans.KEEPER)


def _require() -> None:
    current.someone()
    if not _keeps():
        raise NotPlanKeeper(reason="")
