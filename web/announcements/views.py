"""Bulletins and interpretations: the list, and one text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import lazy_gettext
from markupsafe import Markup

import forms
from processes import articles
from processes.announcements import Announcement
from processes.disclosure.publications import Publication
from processes.rule_interpretation.answers import RuleAnswer
from web import asked as asked_for
from web.auth import current
from web.wiring import parts

bp = Blueprint("announcements", __name__, template_folder="templates", url_prefix="/announcements")
SIZE = 20
KIND_NAMES: Mapping[str, Any] = {
    "BULLETIN": lazy_gettext("Bulletin"),
    "INTERPRETATION": lazy_gettext("Interpretation"),
    "CLARIFICATION": lazy_gettext("Clarification"),
    "CATALOGUE": lazy_gettext("Catalogue"),
    "CONSULTATION": lazy_gettext("Consultation"),
}


@bp.record
def install(state: object) -> None:
    """Templates know the kinds."""
    state.app.jinja_env.globals.update(ANNOUNCEMENT_KINDS=KIND_NAMES)  # type: ignore[attr-defined]


@bp.after_request
def keep_out_of_indexes(response: Response) -> Response:
    """Search engines keep none of these."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@bp.get("")
def index() -> str:
    """What the reader may read, newest first."""
    number = asked_for.page_number()
    with parts().database.read() as session:
        visible = Announcement.visible(session, current.person(), current.now())
        found, total = Announcement.page(session, visible, number, SIZE)
    return render_template(
        "announcements/index.html",
        page="announcements",
        announcements=found,
        total=total,
        number=number,
        count=max(1, -(-total // SIZE)),
        here=lambda **changes: url_for("announcements.index", **changes),
    )


@bp.get("/rule-answers")
def rule_answers() -> str:
    """What the articles of the regulation were explained to mean (Art. 26), for everybody who is signed in."""
    current.someone()
    with parts().database.read() as session:
        found = RuleAnswer.by_article(session)
    return render_template(
        "announcements/rule_answers.html",
        page="announcements",
        articles=[(article, found[article.name]) for article in articles.articles() if article.name in found],
        clean=lambda html: Markup(forms.sanitise(html)),
    )


@bp.get("/<key>")
def show(key: str) -> str:
    """One text, with the release that it speaks of."""
    with parts().database.read() as session:
        found = Announcement.read(session, key, current.person(), current.now())
        spoken_of = session.get(Publication, found.publication_id) if found.publication_id else None
    return render_template(
        "announcements/show.html",
        page="announcements",
        announcement=found,
        publication=spoken_of,
        text=Markup(forms.sanitise(found.html)),
    )
