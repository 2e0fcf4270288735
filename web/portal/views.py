"""The portal: the list, one publication with its feedback, and the desk officer's answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import Select
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

import forms
import processes.expiry
from engine.refusals import Invalid, NotFound, Refusal
from processes.announcements import Announcement
from processes.correction.corrections import Correction, Reprint, reprint
from processes.correction.refusals import ReprintIncomplete
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication, page_of, read_by
from processes.expiry import TakeDown, take_downs
from processes.feedback import Feedback, leave
from processes.feedback.voices import KINDS, LONGEST, MISCONDUCT
from processes.organisation import Person
from processes.secrecy_review.scanning import is_personal
from web import asked as asked_for
from web import i18n, names, refusals
from web.attachments import AttachmentUse, digests
from web.auth import current
from web.portal import desk
from web.portal.limits import Limit, TooOften
from web.tasks import files
from web.wiring import parts, validate

bp = Blueprint("portal", __name__, template_folder="templates")
SIZE = 15
TAKE_DOWN = Path(processes.expiry.__file__).with_name("take_down.form.json").read_bytes()
PUBLIC = "PUBLIC"
REPRINTERS = ("publisher", "desk_officer", "spokesperson")
"""Posts whose holders reprint what others released."""

anonymous = Limit("browser")
by_address = Limit("address", most=30)
"""Several readers may share an address, so it may say more than one browser."""

KIND_NAMES: Mapping[str, Any] = {
    "QUESTION": lazy_gettext("Question"),
    "SUGGESTION": lazy_gettext("Suggestion"),
    "COMPLAINT": lazy_gettext("Complaint"),
    "MISCONDUCT": lazy_gettext("Report of misconduct"),
}
WAYS: Mapping[str, Any] = {
    "WEB": lazy_gettext("Portal"),
    "BOX": lazy_gettext("Suggestion box"),
    "HOTLINE": lazy_gettext("Hotline"),
    "LETTER": lazy_gettext("Letter or visit"),
}
"""How feedback came."""
SCOPE_COLOURS = {"PUBLIC": "green", "ORG_ALL": "blue", "INTRA_PARTY": "red", "UNIT": "yellow", "TARGETED": "orange"}


@bp.record
def install(state: object) -> None:
    """Templates know the kinds of feedback and the colours of scopes."""
    state.app.jinja_env.globals.update(  # type: ignore[attr-defined]
        FEEDBACK_KINDS=KIND_NAMES, FEEDBACK_WAYS=WAYS, SCOPE_COLOURS=SCOPE_COLOURS, web_address=web_address
    )


@bp.after_request
def keep_out_of_indexes(response: Response) -> Response:
    """Search engines may keep what is for the public and shows no personal data; nothing else (table D4)."""
    if not g.get("is_indexable"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@bp.get("/portal")
def index() -> str:
    """What the visitor may read, newest first, narrowed by the address. Without sign-in: what is for the public."""
    asked, number = request.args, asked_for.page_number()
    person = current.person()
    with parts().database.read() as reading:
        visible = Publication.visible(reading, person, current.now())
        units = sorted(set(reading.scalars(visible.with_only_columns(Publication.organisation).distinct())))
        scopes = set(reading.scalars(visible.with_only_columns(Publication.scope).distinct()))
        found, total = Publication.page(reading, _narrowed(visible, asked), number, SIZE)
    _index_if(person is None)
    return render_template(
        "portal/index.html",
        page="portal",
        publications=found,
        total=total,
        number=number,
        count=max(1, -(-total // SIZE)),
        units=units,
        scopes=[scope for scope in SCOPE_COLOURS if scope in scopes],
        asked=asked,
        narrowed=any(asked.get(key) for key in ("text", "organisation", "scope", "since", "until")),
        here=lambda **changes: url_for("portal.index", **{**asked.to_dict(), **changes}),
    )


@bp.get("/portal/<publication_id>")
def show(publication_id: str) -> str:
    """One publication. A named reader's first visit is the receipt (Art. 9(4)); who may not read it finds nothing."""
    if over := _taken_down(publication_id):
        return over
    _record_receipt(publication_id, current.person())
    return _page(publication_id)


@bp.post("/portal/<publication_id>/feedback")
def give_feedback(publication_id: str) -> AnyResponse | tuple[str, int]:
    """A reader says something about a publication they may read."""
    kind, words = request.form.get("kind", ""), request.form.get("text", "")
    try:
        _say(publication_id, current.person(), kind, words)
    except NotFound:
        raise
    except Refusal as refusal:
        status = 429 if isinstance(refusal, TooOften) else refusals.status(refusal)
        return _page(publication_id, kind=kind, words=words, error=refusals.said(refusal)), status
    flash(
        _("Thank you. The discipline body has received your report.")
        if kind == MISCONDUCT
        else _("Thank you. The desk officer has received your feedback."),
        "success",
    )
    return redirect(url_for("portal.show", publication_id=publication_id) + "#feedback")


@bp.post("/portal/<publication_id>/reprints")
def record_reprint(publication_id: str) -> AnyResponse | tuple[str, int]:
    """Somebody reprinted the release: a correction of it will reach them (Art. 13)."""
    person = current.require_post(*REPRINTERS)
    try:
        with parts().database.write() as writing:
            publication = Publication.read(writing, publication_id, person, current.now())
            reprint(writing, publication, request.form.get("place", ""), person.id, current.now())
    except ReprintIncomplete as refusal:
        return _page(publication_id, error=refusals.said(refusal)), refusals.status(refusal)
    flash(_("The reprint has been recorded."), "success")
    return redirect(url_for("portal.show", publication_id=publication_id))


@bp.get("/feedback")
def inbox() -> str:
    """What was said to the desk officer's units, and how far its handling is."""
    current.require_post(desk.POST)
    with parts().database.read() as reading:
        return render_template("portal/desk.html", **_desk(reading))


def web_address(url: str) -> str:
    """The address, where it is one of the web; else nothing, so that no page links to anything else."""
    return url if urlsplit(url).scheme in ("http", "https") else ""


def _page(publication_id: str, *, kind: str = "", words: str = "", error: str = "") -> str:
    person, now = current.person(), current.now()
    with parts().database.read() as reading:
        publication = Publication.read(reading, publication_id, person, now)
        told = page_of(reading, publication, now)
        said = Feedback.shown_to(reading, publication.id, person)
        corrections, reprints = Correction.shown(reading, publication.id), Reprint.of(reading, publication.id)
        officer = desk.POST in current.posts() and publication.organisation in desk.units(reading)
        spoken = Announcement.about(reading, publication.id)
    is_indexable = publication.scope == PUBLIC and not is_personal(publication.plain)
    _index_if(is_indexable)
    return render_template(
        "portal/show.html",
        page="portal",
        publication=publication,
        told=told,
        text=Markup(forms.sanitise(publication.html)),
        spoken=spoken,
        channels={each.channel: each for each in told.channels},
        receipt=next((each for each in told.recipients if person and each.person_id == person.id), None),
        said=said,
        is_officer=officer,
        corrections=corrections,
        reprints=reprints,
        may_reprint=current.holds(*REPRINTERS),
        longest=LONGEST,
        kinds=KINDS,
        kind=kind or KINDS[0],
        words=words,
        error=error,
        is_public=publication.scope == PUBLIC,
        is_indexable=is_indexable,
    )


@bp.post("/portal/<publication_id>/take-downs/<channel>")
def prove_take_down(publication_id: str, channel: str) -> Any:
    """The desk officer records that a paper was removed by hand, with the photo where it hung on a board."""
    person = current.someone()
    said = files.entered(TAKE_DOWN, "")
    try:
        accepted = validate(TAKE_DOWN, said, {})
        with parts().database.write() as session:
            publication = session.get(Publication, publication_id)
            if publication is None:
                raise NotFound(what="publication", key=publication_id)
            take_downs.prove(session, publication, channel, accepted, person.id, current.now())
            instance = session.get_one(Matter, publication.matter_id).instance_id
            for digest in sorted(set(digests(accepted))):
                session.merge(AttachmentUse(digest=digest, instance_id=instance))
    except Invalid as wrong:
        return _taken_down(publication_id, channel, said, dict(wrong.errors)) or "", 422
    except Refusal as refusal:
        answer = _taken_down(publication_id, channel, said, {}, refusals.said(refusal))
        return answer or "", refusals.status(refusal)
    flash(_("The removal has been recorded."), "success")
    return redirect(url_for("portal.show", publication_id=publication_id))


def _taken_down(
    publication_id: str,
    channel: str = "",
    said: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    refusal: str = "",
) -> str | None:
    """What those who may see the matter find where readers find nothing: a word on the end of the display (Art. 10)."""
    person = current.person()
    if person is None:
        return None
    with parts().database.read() as reading:
        publication = reading.get(Publication, publication_id)
        if publication is None or publication.taken_down_at is None:
            return None
        seen = Matter.visible_to(reading, person.id, current.seats()).where(Matter.id == publication.matter_id)
        if reading.scalar(seen) is None:
            return None
        taken = reading.get(TakeDown, publication_id)
        proofs = take_downs.TakeDownProof.of(reading, publication_id)
        may_prove = take_downs.may_prove(reading, publication, person.id, current.now())
        names.meet(reading, [proof.by for proof in proofs.values()])
    open_ones = [board for board in taken.boards if board not in proofs] if taken else []
    asked = channel if channel in open_ones else next(iter(open_ones), "")
    fields = forms.render(TAKE_DOWN, said or {}, errors or {}, language=i18n.language(), file_url=files.address)
    return render_template(
        "portal/taken_down.html",
        page="portal",
        publication=publication,
        taken=taken,
        proofs=proofs,
        asked=asked if may_prove else "",
        fields=fields,
        refusal=refusal,
    )


def _record_receipt(publication_id: str, person: Person | None) -> None:
    if person is None:
        return
    with parts().database.read() as reading:
        publication = Publication.read(reading, publication_id, person, current.now())
    if publication.scope == "TARGETED":
        with parts().database.write() as writing:
            read_by(writing, publication, person, current.now())


def _say(publication_id: str, person: Person | None, kind: str, words: str) -> None:
    now = current.now()
    with parts().database.write() as writing:
        if person is None:
            _count_stranger(writing, now)
        publication = Publication.read(writing, publication_id, person, now)
        leave(writing, parts().engine, publication, person, kind, words.replace("\r\n", "\n"), now)


def _count_stranger(writing: Session, now: datetime) -> None:
    """TooOften; what is refused after this is not counted, for it is the same transaction."""
    for limit, key in ((by_address, request.remote_addr or ""), (anonymous, _browser())):
        limit.check(writing, key, now)
        limit.count(writing, key, now)


def _browser() -> str:
    """What tells the browser of a stranger from others: the token in its session, which the form needs anyway."""
    return str(session.get("csrf_token") or request.remote_addr or "")


def _desk(reading: Session) -> dict[str, Any]:
    number, everything = asked_for.page_number(), request.args.get("tab") == "all"
    units = desk.units(reading)
    found, total = desk.page(reading, units, open_only=not everything, number=number)
    visible = Publication.visible(reading, current.person(), current.now())
    names.meet(reading, [line.feedback.person_id for line in found])
    return {
        "page": "feedback",
        "lines": found,
        "total": total,
        "waiting": desk.unanswered(reading, units),
        "readable": set(reading.scalars(visible.with_only_columns(Publication.id))),
        "everything": everything,
        "number": number,
        "count": max(1, -(-total // desk.SIZE)),
        "now": current.now(),
        "here": lambda **changes: url_for("portal.inbox", **{**request.args.to_dict(), **changes}),
    }


def _narrowed(visible: Select[Publication], asked: Mapping[str, str]) -> Select[Publication]:
    return Publication.matching(
        visible,
        organisation=asked.get("organisation") or None,
        scope=asked.get("scope") or None,
        text=asked.get("text", "")[:100],
        since=asked_for.midnight(asked.get("since")),
        until=asked_for.midnight(asked.get("until"), next_day=True),
    )


def _index_if(is_indexable: bool) -> None:
    g.is_indexable = is_indexable
