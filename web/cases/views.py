"""Cases: the procedures that the person may begin, their start forms, the register, and one case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

import forms
from engine import Instance, definitions
from engine.refusals import Invalid, Refusal
from processes import cases
from processes.cases import Case, Opening, starting
from processes.organisation import Person
from processes.secrecy_review import SecrecyFinding
from web import asked as asked_for
from web import i18n, names, refusals, versions
from web.auth import current
from web.cases import linking, register
from web.matters import story
from web.norms.using import using
from web.tasks import drafts, files
from web.tasks.choices import choices
from web.wiring import parts, validate

bp = Blueprint("cases", __name__, template_folder="templates", url_prefix="/cases")
SIZE = 20


@bp.record
def install(state: object) -> None:
    """Any page may show the cases that concern what it shows."""
    state.app.jinja_env.globals.update(  # type: ignore[attr-defined]
        LINK_NAMES=linking.NAMES, cases_about=cases_about, has_openings=has_openings
    )


@bp.get("")
def index() -> str | Response:
    """The register: the cases that the person may see, narrowed by the address. `?as=csv` and `?as=xlsx` download."""
    person, asked, number = current.someone(), request.args, asked_for.page_number()
    with parts().database.read() as session:
        visible = Case.visible_to(session, person.id, current.seats())
        query = Case.matching(
            visible,
            definition=asked.get("procedure", ""),
            organisation=asked.get("organisation", ""),
            state=asked.get("state", ""),
            text=asked.get("text", "")[:100],
            since=asked_for.midnight(asked.get("since")),
            until=asked_for.midnight(asked.get("until"), next_day=True),
        )
        known = {definition.key: definition.name for definition in definitions(session)}
        if (kind := asked.get("as", "")) in register.KINDS:
            found, _total = Case.page(session, query, 1, register.MOST_ROWS)
            return register.download(kind, register.lines(session, found, known))
        found, total = Case.page(session, query, number, SIZE)
        lines = register.lines(session, found, known)
        procedures = set(session.scalars(visible.with_only_columns(Case.definition).distinct()))
        units = sorted(set(session.scalars(visible.with_only_columns(Case.organisation).distinct())))
    return render_template(
        "cases/index.html",
        page="cases",
        lines=lines,
        total=total,
        number=number,
        count=max(1, -(-total // SIZE)),
        procedures={key: known.get(key, key) for key in sorted(procedures)},
        units=units,
        asked=asked,
        narrowed=any(asked.get(key) for key in ("procedure", "organisation", "state", "text", "since", "until")),
        here=lambda **changes: url_for("cases.index", **{**asked.to_dict(), **changes}),
    )


@bp.get("/new")
def new() -> str:
    """The procedures that the person may begin, each with what it is for and its article."""
    person = current.someone()
    with parts().database.read() as session:
        found = [each for each in cases.openings(session, parts().engine) if _may_begin(session, each, person)]
        about = linking.asked(session, request.args)
    return render_template(
        "cases/new.html", page="cases", openings=found, about=about, links={each.kind: each.target for each in about}
    )


@bp.get("/new/<definition>")
def begin(definition: str) -> str:
    """The start form of a procedure, with the draft of an earlier visit."""
    person = current.someone()
    with parts().database.read() as session:
        opening = _opening(session, definition, person)
        draft = drafts.StartDraft.of(session, definition, person.id)
        return _form(session, opening, draft.data if draft else {}, {}, draft=draft)


@bp.post("/new/<definition>")
def start(definition: str) -> AnyResponse | tuple[str, int] | str:
    """Begin the case, or say what is wrong and keep what was typed."""
    person = current.someone()
    with parts().database.read() as session:
        opening = _opening(session, definition, person)
        form = versions.files_of(session, opening.version_id)[opening.form]
        said = files.entered(form, "")
        if forms.is_refresh(request.form):
            if "HX-Request" in request.headers:
                return str(_fields(session, opening, said, {}))
            return _form(session, opening, said, {})
        offered = choices(session, [form])
    if request.form.get("_action") == "draft":
        return _keep(definition, person, said)
    try:
        accepted = validate(form, said, offered)
        with parts().database.write() as session:
            case = cases.start(
                session,
                parts().engine,
                definition,
                accepted,
                person,
                current.actor(),
                current.now(),
                organisation=request.form.get("organisation", ""),
                links={each.kind: each.target for each in linking.asked(session, request.form)},
            )
            drafts.drop_start(session, definition, person.id)
    except Invalid as wrong:
        return _wrong(opening, said, dict(wrong.errors))
    except Refusal as refusal:
        return _wrong(opening, said, {}, refusals.said(refusal), refusals.status(refusal))
    flash(_("The case has been opened under the number %(code)s.", code=case.code), "success")
    return redirect(url_for("cases.show", case_id=case.id))


@bp.get("/<case_id>")
def show(case_id: str) -> str:
    """One case: what began it, what was said, where it stands, what it is linked with."""
    actor = current.actor()
    with parts().database.read() as session:
        case = Case.read(session, case_id, actor.person, actor.seats)
        instance = session.get_one(Instance, case.id)
        names.meet(session, [case.opened_by])
        return render_template(
            "cases/show.html",
            page="cases",
            case=case,
            instance=instance,
            story=story.tell(session, instance, None),
            procedure=versions.program_of(session, instance.version_id).name,
            outcome=register.outcome(session, case, instance.version_id),
            links=linking.shown(session, case.links(session)),
            cases=linking.about(session, "case", case.id),
            findings=SecrecyFinding.of(session, instance.id),
            using=using(session, instance),
            results=register.results(session, instance),
            now=current.now(),
        )


def cases_about(kind: str, target: str) -> list[Case]:
    """The cases that concern something, for the page of it."""
    with parts().database.read() as session:
        return linking.about(session, kind, target)


def has_openings() -> bool:
    """Is there a procedure that the person may begin?"""
    person = current.person()
    if person is None:
        return False
    with parts().database.read() as session:
        return any(_may_begin(session, each, person) for each in cases.openings(session, parts().engine))


def _may_begin(session: Session, opening: Opening, person: Person) -> bool:
    return bool(starting.places(session, opening, person, current.actor()))


def _opening(session: Session, definition: str, person: Person) -> Opening:
    """The opening, where the person may use it."""
    opening = cases.opening_of(session, parts().engine, definition)
    if not _may_begin(session, opening, person):
        raise current.OtherPost
    return opening


def _keep(definition: str, person: Person, said: Mapping[str, Any]) -> AnyResponse:
    with parts().database.write() as session:
        drafts.keep_start(session, definition, person.id, said, current.now())
        about: dict[str, Any] = {each.kind: each.target for each in linking.asked(session, request.form)}
    flash(_("Your draft has been saved."), "success")
    return redirect(url_for("cases.begin", definition=definition, **about))


def _wrong(
    opening: Opening, said: Mapping[str, Any], errors: Mapping[str, Any], refusal: str = "", status: int = 422
) -> tuple[str, int]:
    """The page again with what was typed, which is kept as a draft as well."""
    with parts().database.write() as session:
        drafts.keep_start(session, opening.definition, current.someone().id, said, current.now())
    with parts().database.read() as session:
        return _form(session, opening, said, errors, refusal), status


def _form(
    session: Session,
    opening: Opening,
    said: Mapping[str, Any],
    errors: Mapping[str, Any],
    refusal: str = "",
    draft: drafts.StartDraft | None = None,
) -> str:
    about = linking.asked(session, request.values)
    own = starting.reach(session, opening, current.someone(), current.actor())
    return render_template(
        "cases/start.html",
        page="cases",
        opening=opening,
        about=about,
        links={each.kind: each.target for each in about},
        places=[] if about or opening.event.properties.get("organisation_field") else own,
        chosen=request.values.get("organisation", ""),
        fields=_fields(session, opening, said, errors),
        refusal=refusal,
        draft=draft,
    )


def _fields(session: Session, opening: Opening, said: Mapping[str, Any], errors: Mapping[str, Any]) -> Any:
    form = versions.files_of(session, opening.version_id)[opening.form]
    return forms.render(
        form,
        said,
        errors,
        language=i18n.language(),
        context=choices(session, [form]),
        refresh_url=url_for("cases.start", definition=opening.definition),
        file_url=files.address,
    )
