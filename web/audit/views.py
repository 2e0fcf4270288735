"""The auditor's desk: search, history of an instance, findings, verification, exports."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from engine import Definition, Instance, Version, archive, verify_instances
from engine.refusals import NotFound
from processes import audit
from processes.audit import AUDITORS, Reach, Verification, Wanted
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from web import asked as asked_for
from web import i18n, judging, names, refusals
from web.attachments.views import download
from web.audit import drawing, findings, history, ledger, package, reasons, tables
from web.auth import current
from web.matters import sight, story
from web.norms.using import using
from web.playback.recording import Recording
from web.wiring import parts

bp = Blueprint("audit", __name__, template_folder="templates", url_prefix="/audit")
SIZE = 20
ENTRIES = 50
MOST_PRINTED = 1000
"""Entries of a printed ledger; a longer journal is exported whole as JSON Lines."""


@bp.before_request
def for_auditors() -> None:
    """Only who audits comes here; what is shown then depends on the organisations that they audit."""
    current.require_post(*AUDITORS)


@bp.get("")
def index() -> str | Response:
    """Instances and matters that fit a search; the search is the address. `?as=csv` downloads them."""
    number, wanted = asked_for.page_number(), _wanted()
    with parts().database.read() as session:
        reach = _reach(session)
        query = wanted.query(session, reach)
        if request.args.get("as") == "csv":
            return _csv(session, query)
        total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        found = list(session.execute(query.limit(SIZE).offset((number - 1) * SIZE)))
        names.meet(session, [instance.started_by for instance, _matter in found])
        return render_template(
            "audit/index.html",
            page="audit",
            found=found,
            total=total,
            number=number,
            count=max(1, -(-total // SIZE)),
            units=_units(reach),
            definitions=_definitions(session),
            asked=request.args,
            narrowed=wanted != Wanted(),
            here=lambda **changes: url_for("audit.index", **{**request.args.to_dict(), **changes}),
        )


@bp.get("/instances/<instance_id>")
def instance(instance_id: str) -> str:
    """The journal of one instance as a table with filters, and what it is linked with."""
    number = asked_for.page_number()
    with parts().database.read() as session:
        reach, found = _instance(session, instance_id)
        matter = Matter.of_instance(session, instance_id)
        recording = Recording.of(session, found)
        told = history.told(session, recording, story.tell(session, found, matter), _filter(), number, ENTRIES)
        return render_template(
            "audit/instance.html",
            page="audit",
            instance=found,
            matter=matter,
            version=session.get_one(Version, found.version_id),
            history=told,
            using=using(session, found),
            judgements=[each for each in judging.of(session, parts(), instance_id) if each.positions],
            english=i18n.language().startswith("en"),
            linked=history.linked(session, found, matter, reach),
            number=number,
            count=max(1, -(-told.total // ENTRIES)),
            kinds=history.KINDS,
            asked=request.args,
            now=current.now(),
            here=lambda **changes: url_for(
                "audit.instance", instance_id=instance_id, **{**request.args.to_dict(), **changes}
            ),
        )


@bp.get("/instances/<instance_id>/ledger.pdf")
def printed(instance_id: str) -> Response | tuple[str, int]:
    """The ledger of one instance as a PDF; a page that says what is missing where none can be made."""
    with parts().database.read() as session:
        facts = _ledger(session, instance_id)
        try:
            pdf = ledger.printed(**facts)
        except ledger.CannotPrint as refusal:
            return refusals.page(503, refusals.said(refusal))
    return download(pdf, f"{facts['title'][:60]}-台账.pdf", "application/pdf")


@bp.get("/instances/<instance_id>/journal.jsonl")
def json_lines(instance_id: str) -> Response:
    """The journal of one instance, one line an entry."""
    with parts().database.read() as session:
        found = _whole(session, instance_id)
        said = package.json_lines(session, found)
    return download(said.encode(), f"journal-{instance_id}.jsonl", "application/x-ndjson")


@bp.get("/instances/<instance_id>/journal.zip")
def packed(instance_id: str) -> Response:
    """Journal, instance and version with a script that verifies them without this product."""
    with parts().database.read() as session:
        found = _whole(session, instance_id)
        zipped = package.packed(session, found, Matter.of_instance(session, instance_id), current.now())
    return download(zipped, f"journal-{instance_id}.zip", "application/zip")


@bp.get("/findings")
def questions() -> str:
    """Every list with how many stand on it."""
    with parts().database.read() as session:
        asked = _asked(session)
        counts = {name: found.count(session, asked) for name, found in findings.LISTS.items()}
    return render_template("audit/findings.html", page="audit", lists=findings.LISTS, counts=counts)


@bp.get("/findings/<name>")
def finding(name: str) -> str | Response:
    """One list; `?as=csv` downloads it."""
    if name not in findings.LISTS:
        raise NotFound(what="list", key=name)
    listed, number = findings.LISTS[name], asked_for.page_number()
    with parts().database.read() as session:
        asked = _asked(session)
        if request.args.get("as") == "csv":
            rows, _total = listed.page(session, asked, 1, tables.MOST_ROWS)
            return _finding_csv(session, name, listed, rows)
        rows, total = listed.page(session, asked, number)
        names.meet(session, [row.person for row in rows])
    return render_template(
        "audit/finding.html",
        page="audit",
        name=name,
        listed=listed,
        rows=rows,
        total=total,
        days=asked.days,
        number=number,
        count=max(1, -(-total // findings.SIZE)),
        kinds=history.KINDS,
        now=current.now(),
        here=lambda **changes: url_for("audit.finding", name=name, **{**request.args.to_dict(), **changes}),
    )


@bp.get("/verifications")
def verifications() -> str:
    """What was verified lately, and the buttons that begin another."""
    with parts().database.read() as session:
        found = Verification.latest(session, _reach(session))
        names.meet(session, [each.asked_by for each in found])
    return render_template("audit/verifications.html", page="audit", verifications=found)


@bp.post("/verifications")
def verify() -> AnyResponse:
    """Verify the instances of a search: a first part at once, the rest by the scheduler."""
    person, now = current.someone(), current.now()
    with parts().database.write() as session:
        asked = audit.ask(session, request.form.get("kind", ""), _wanted(), _reach(session), person.id, now)
    audit.go_on(parts().engine, asked.id, now)
    return redirect(url_for("audit.verification", verification_id=asked.id))


@bp.get("/verifications/<verification_id>")
def verification(verification_id: str) -> str:
    """One verification: how far it has come, and everything broken by name."""
    with parts().database.read() as session:
        found = Verification.of(session, verification_id, _reach(session))
        names.meet(session, [found.asked_by])
    return render_template(
        "audit/verification.html",
        page="audit",
        verification=found,
        wanted=found.wanted,
        findings=[(each["instance"], reasons.said(each)) for each in found.findings],
    )


@bp.post("/verifications/<verification_id>/next")
def go_on(verification_id: str) -> AnyResponse:
    """Do the next part now, for where no scheduler runs."""
    with parts().database.read() as session:
        Verification.of(session, verification_id, _reach(session))
    if audit.go_on(parts().engine, verification_id, current.now()):
        flash(_("The next part has been verified."), "success")
    return redirect(url_for("audit.verification", verification_id=verification_id))


def _reach(session: Session) -> Reach:
    return audit.reach(session, current.seats())


def _instance(session: Session, instance_id: str) -> tuple[Reach, Instance]:
    """The instance, where the person audits its organisation; NotFound otherwise."""
    reach, found = _reach(session), session.get(Instance, instance_id)
    if found is None or not sight.audits(session, found, current.actor()):
        raise NotFound(what="instance", key=instance_id)
    return reach, found


def _whole(session: Session, instance_id: str) -> Instance:
    """The same, with its journal; InAnArchive where that was moved out."""
    _reach_of, found = _instance(session, instance_id)
    archive.require_here(session, instance_id)
    return found


def _wanted() -> Wanted:
    """The search in the address, or in a form; nonsense counts as not given."""
    given = request.values
    since = asked_for.midnight(given.get("since"))
    until = asked_for.midnight(given.get("until"), next_day=True)
    return Wanted(
        organisation=given.get("organisation", "")[:40],
        definition=given.get("definition", "")[:100],
        person=given.get("person", "").strip()[:50],
        state=given.get("state", "")[:40],
        text=given.get("text", "").strip()[:100],
        since=since.isoformat() if since else None,
        until=until.isoformat() if until else None,
        instance=given.get("instance", "")[:32],
    )


def _filter() -> history.Filter:
    given = request.args
    return history.Filter(
        by=given.get("by", ""),
        element=given.get("element", ""),
        kind=given.get("kind", ""),
        since=asked_for.midnight(given.get("since")),
        until=asked_for.midnight(given.get("until"), next_day=True),
    )


def _asked(session: Session) -> findings.Asked:
    days = min(max(1, request.args.get("days", findings.QUIET_DAYS, int)), 3650)
    return findings.Asked(_reach(session), current.now(), days)


def _units(reach: Reach) -> dict[str, str]:
    return {code: name for code, name in names.organisations().items() if reach is None or code in reach}


def _definitions(session: Session) -> dict[str, str]:
    return dict(session.execute(select(Definition.key, Definition.name).order_by(Definition.name)).all())


def _csv(session: Session, query: Any) -> Response:
    procedures = _definitions(session)
    found = session.execute(query.limit(tables.MOST_ROWS)).all()
    names.meet(session, [instance.started_by for instance, _matter in found])
    head = (_("Matter"), _("Procedure"), _("Organisation"), _("State"), _("Opened by"), _("Opened"), _("Ended"))
    rows = (
        (
            matter.title if matter else instance.subject,
            procedures.get(instance.definition, instance.definition),
            names.organisation(instance.organisation),
            matter.state if matter else instance.state,
            names.person(instance.started_by),
            i18n.moment(instance.started_at),
            i18n.moment(instance.ended_at),
            instance.id,
            instance.position,
            instance.head,
        )
        for instance, matter in found
    )
    return tables.csv_of("matters.csv", (*head, _("Instance"), _("Entries"), _("Last hash")), rows)


def _finding_csv(session: Session, name: str, listed: findings.List, rows: list[Any]) -> Response:
    names.meet(session, [row.person for row in rows])
    head = (_("Matter"), _("Organisation"), listed.person, listed.detail, listed.at, _("Instance"))
    lines = (
        (
            row.title,
            names.organisation(row.organisation),
            names.person(row.person),
            row.detail,
            i18n.moment(row.at),
            row.instance,
        )
        for row in rows
    )
    return tables.csv_of(f"{name}.csv", head, lines)


def _ledger(session: Session, instance_id: str) -> dict[str, Any]:
    found = _whole(session, instance_id)
    matter = Matter.of_instance(session, instance_id)
    told = story.tell(session, found, matter)
    recording = Recording.of(session, found)
    rows = history.told(session, recording, told, history.Filter(), 1, MOST_PRINTED)
    publication = Publication.of_matter(session, matter.id) if matter else None
    names.meet(session, [matter.proposer if matter else None, current.someone().id])
    return {
        "title": (matter.title if matter else found.subject) or recording.program.name,
        "instance": found,
        "matter": matter,
        "version": session.get_one(Version, found.version_id),
        "procedure": recording.program.name,
        "story": told,
        "history": rows,
        "publication": publication,
        "channels": publication.channels(session) if publication else [],
        "broken": _broken(instance_id),
        "diagrams": drawing.of_instance(session, found),
        "revision": audit.revision(),
        "using": using(session, found),
        "now": current.now(),
        "kinds": history.KINDS,
    }


def _broken(instance_id: str) -> str:
    """What is broken in the chain of an instance, as a sentence; empty where it holds."""
    with parts().database.read() as session:
        found = next((broken for _, broken in verify_instances(session, [instance_id]) if broken), None)
    return reasons.said({"template": found.template, "parameters": found.parameters}) if found else ""
