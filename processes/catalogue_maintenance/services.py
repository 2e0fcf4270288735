"""What the diagram of a catalogue asks for, in the transaction of the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import escape
from sqlalchemy.orm import Session

from engine import Call, Done, Failed, Service
from engine.clock import SHANGHAI
from engine.refusals import NotFound
from processes import organisation as organisations
from processes.announcements import Announcement
from processes.cases import Case
from processes.cases.observer import holders_for
from processes.cases.services import at, case_of
from processes.catalogue import COLUMNS, CatalogueVersion, draft_after
from processes.catalogue_maintenance.filings import CatalogueFiling, digest_of
from processes.catalogue_maintenance.refusals import CatalogueMoved

Answer = Done | Failed
GUIDES = ("discipline_officer", "pco_coordinator")
"""Posts whose bodies guide the catalogues of lower organisations (Art. 10)."""

KEEPER = "mingtang"
"""Who opens a draft where nobody keeps the catalogue."""

FINAL = frozenset({"catalogue.put_in_force"})
"""What these did is known to others: nobody goes back behind it."""


def services() -> dict[str, Service]:
    """The services of catalogue_maintenance by name."""
    runs: dict[str, Callable[[Session, Call], Answer]] = {
        "catalogue.prepare": prepare,
        "catalogue.compare": compare,
        "catalogue.fix": fix,
        "catalogue.put_in_force": put_in_force,
        "catalogue.hand_in": hand_in,
        "catalogue.record_receipt": record_receipt,
        "catalogue.disclose": disclose,
    }
    return {name: Service(name, run, is_final=name in FINAL) for name, run in runs.items()}


def prepare(session: Session, call: Call) -> Answer:
    """Open the draft that follows the catalogue in force → {version, name, guides: [{organisation}]}."""
    case = case_of(session, call)
    keepers = sorted(holders_for(session, case.organisation, "catalogue_keeper", at(call)))
    by = call.by or next(iter(keepers), KEEPER)
    version = draft_after(session, case.organisation, by=by, at=at(call), source=case.title)
    case.link(session, "catalogue_version", version.id)
    return Done({"version": version.id, "name": _name(version), "guides": _guides(session, case, call)})


def compare(session: Session, call: Call) -> Answer:
    """How the draft differs from the catalogue in force → {added, removed, kept, summary}."""
    version = version_of(session, call)
    before = CatalogueVersion.in_force(session, version.organisation)
    old = [item.written for item in before.items] if before else []
    new = [item.written for item in version.items]
    counts = {
        "added": sum(row not in old for row in new),
        "removed": sum(row not in new for row in old),
        "kept": sum(row in old for row in new),
    }
    words = f"新增或修改 {counts['added']} 条，删除或被替换 {counts['removed']} 条，未变 {counts['kept']} 条"
    return Done({**counts, "summary": words})


def fix(session: Session, call: Call) -> Answer:
    """Fix the text that is to be signed → {digest, summary}."""
    version = version_of(session, call)
    return Done({"digest": digest_of(version), "summary": f"{_name(version)}，{len(version.items)} 条"})


def put_in_force(session: Session, call: Call) -> Answer:
    """Put exactly the signed text in force → {name}. CatalogueMoved; NotADraft; ContentMissing."""
    version = version_of(session, call)
    if digest_of(version) != call.arguments["digest"]:
        raise CatalogueMoved
    version.put_in_force(session, by=call.by or KEEPER, at=at(call))
    return Done({"name": _name(version)})


def hand_in(session: Session, call: Call) -> Answer:
    """File the catalogue with the superior → {at}; it is in force already (Art. 10)."""
    case, version = case_of(session, call), version_of(session, call)
    session.add(
        CatalogueFiling(
            id=case.id, version_id=version.id, organisation=case.organisation, filed_at=at(call), opinion=""
        )
    )
    session.flush()
    return Done({"at": at(call).isoformat()})


def record_receipt(session: Session, call: Call) -> Answer:
    """Record the superior's receipt → {receipt_no}."""
    filing, said = session.get(CatalogueFiling, call.instance), dict(call.arguments["receipt"])
    if filing is None:
        raise NotFound(what="filing", key=call.instance)
    filing.receipt_no, filing.opinion = str(said["receipt_no"]), str(said.get("opinion") or "")
    filing.received_at, filing.received_by = at(call), call.by
    session.flush()
    return Done({"receipt_no": filing.receipt_no})


def disclose(session: Session, call: Call) -> Answer:
    """Show the catalogue to everybody in the organisation → {announcement, title}."""
    case, version = case_of(session, call), version_of(session, call)
    shown = Announcement.publish(
        session,
        call.id,
        case.id,
        case.organisation,
        kind="CATALOGUE",
        title=_name(version),
        html=table_of(version),
        scope="ORG_ALL",
        at=at(call),
        by=call.by,
    )
    return Done({"announcement": shown.id, "title": _name(version)})


def table_of(version: CatalogueVersion) -> str:
    """The annex's ten columns as clean HTML."""
    head = "".join(f"<th>{escape(column.zh)}</th>" for column in COLUMNS)
    rows = ("".join(f"<td>{escape(item.text_of(column.key))}</td>" for column in COLUMNS) for item in version.items)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def version_of(session: Session, call: Call) -> CatalogueVersion:
    """The version that a call is about; VersionUnknown."""
    return CatalogueVersion.of(session, str(call.arguments["version"]))


def _name(version: CatalogueVersion) -> str:
    return f"{version.owner.name}党务公开目录（第{version.number}版）"


def _guides(session: Session, case: Case, call: Call) -> list[dict[str, Any]]:
    """The bodies that guide: each once, where their post is held for this organisation."""
    seats = organisations.seats_of(session, case.organisation, at(call).astimezone(SHANGHAI).date())
    return [{"organisation": place} for place in dict.fromkeys(seats[post] for post in GUIDES)]
