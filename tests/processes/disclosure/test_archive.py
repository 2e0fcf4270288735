from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import update

from engine import Entry
from engine.canonical import digest
from processes.disclosure.archive import ArchivePackage
from processes.disclosure.publications import Publication
from processes.disclosure.refusals import ArchiveNumberMissing, ArchiveNumberTaken
from processes.feedback.voices import answer, record

from .conftest import NOW, new_matter

QUESTION = {"channel": "WEB", "kind": "QUESTION", "title": "纪要", "text": "何时？"}
ARCHIVE = {"archive_no": "DB-2026-001", "retention": "Y30"}


@pytest.fixture
def finished(session, ask, released, files, journal, who, matter):
    """A matter whose journal, proofs and feedback are there, waiting for the archivist."""
    journal(matter, ("draft", "han", {}), ("review", "lin", {"result": "PASS", "opinion": "同意"}))
    journal(matter, ("approve_head", "wang", {"result": "AGREE"}))
    variable = released(attachments=[files.put(b"annex", "annex.txt")])
    ask("record_proofs", publication=variable, proofs=[{"channel": "MEETING", "meeting": "全体会"}])
    publication = session.get(Publication, variable["id"])
    feedback = record(session, "office", {**QUESTION, "person": who("nurse").id}, publication.id, NOW)
    answer(session, feedback, "下月。", who("desk").id, NOW, public=False)
    return matter


def package(session, matter):
    return session.get(ArchivePackage, matter.id)


def content(files, package):
    with ZipFile(BytesIO(files.get(package.digest))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def results(package):
    return {check.name: check.result for check in package.report}


def test_everything_is_in_the_package_under_its_digest(session, ask, files, finished):
    ask("archive", archive=ARCHIVE)
    kept = package(session, finished)
    inside = content(files, kept)
    assert {part["path"]: part["digest"] for part in kept.inventory["parts"]} == {
        path: digest(data) for path, data in inside.items() if path not in ("目录.txt", "inventory.json")
    }
    assert {path.split("/")[0] for path in inside} >= {"plans", "publication", "feedback", "journal", "attachments"}
    assert json.loads(inside["inventory.json"]) == kept.inventory


def test_the_listing_is_readable(session, ask, files, finished):
    ask("archive", archive=ARCHIVE)
    inside = content(files, package(session, finished))
    assert "档号：DB-2026-001" in inside["目录.txt"].decode()
    assert "第1轮\t2026-03-02 09:00\treview\tlin\tPASS\t同意" in inside["办理意见.txt"].decode()


def test_a_sound_matter_passes_and_says_what_was_not_looked_at(session, ask, finished):
    ask("archive", archive=ARCHIVE)
    kept = package(session, finished)
    assert kept.passed and finished.state == "ARCHIVED"
    assert {name: result for name, result in results(kept).items() if result != "PASS"} == {"malware_scan": "NOT_DONE"}


def test_a_released_text_that_was_changed_is_found(session, ask, finished):
    Publication.of_matter(session, finished.id).html = "<p>篡改</p>"
    ask("archive", archive=ARCHIVE)
    assert results(package(session, finished))["text_is_approved"] == "FAIL"


def test_a_plan_that_was_changed_is_found(session, ask, finished):
    finished.plans(session)[0].body = "{}"
    ask("archive", archive=ARCHIVE)
    assert results(package(session, finished))["plans_unchanged"] == "FAIL"


def test_a_journal_that_was_changed_is_found(session, ask, finished):
    session.execute(update(Entry).where(Entry.position == 2).values(by="somebody"))
    ask("archive", archive=ARCHIVE)
    chain = next(check for check in package(session, finished).report if check.name == "journal_chain")
    assert (chain.result, chain.detail) == ("FAIL", "2")


def test_a_lost_attachment_is_found_and_named(session, ask, files, finished):
    next(path for path in Path(files.url.removeprefix("file://")).rglob("*") if path.is_file()).unlink()
    ask("archive", archive=ARCHIVE)
    lost = next(check for check in package(session, finished).report if check.name == "attachments_present")
    assert (lost.result, lost.detail) == ("FAIL", "annex.txt")


def test_feedback_without_a_reply_is_pointed_out(session, ask, finished, who):
    record(session, "office", QUESTION, Publication.of_matter(session, finished.id).id, NOW)
    ask("archive", archive=ARCHIVE)
    assert results(package(session, finished))["feedback_answered"] == "WARNING"


def test_an_archive_number_is_used_once(session, ask, finished, who):
    new_matter(session, "m2", "office", who("han").id)
    session.add(ArchivePackage(**OTHER))
    session.flush()
    with pytest.raises(ArchiveNumberTaken):
        ask("archive", archive=ARCHIVE)


def test_an_archive_number_is_needed(ask, finished):
    with pytest.raises(ArchiveNumberMissing):
        ask("archive", archive={"archive_no": " "})


@pytest.mark.parametrize(("outcome", "state"), [("REJECTED", "REJECTED"), ("NOT_DISCLOSED", "NOT_DISCLOSED")])
def test_what_is_not_disclosed_is_kept_as_evidence(session, ask, matter, journal, outcome, state):
    journal(matter, ("draft", "han", {}))
    ask("close", outcome=outcome)
    kept = package(session, matter)
    assert (matter.state, kept.kind, kept.archive_no) == (state, "EVIDENCE", "EV-2026-office-m1")
    assert results(kept)["text_is_approved"] == "NOT_APPLICABLE"


def test_what_is_withdrawn_is_kept_as_evidence(session, ask, matter, journal):
    journal(matter, ("draft", "han", {}))
    ask("withdraw", by=matter.proposer)
    assert (matter.state, package(session, matter).kind) == ("WITHDRAWN", "EVIDENCE")


OTHER = {
    "matter_id": "m2",
    "call_id": "other",
    "kind": "RELEASED",
    "archive_no": "DB-2026-001",
    "retention": "Y30",
    "digest": "0",
    "size": 0,
    "at": NOW,
    "by": None,
    "inventory_json": "{}",
    "report_json": "[]",
}
