from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine import Failed
from processes.disclosure.matters import PlanVersion
from processes.disclosure.publications import Publication, PublicationChannel
from processes.disclosure.refusals import (
    ChannelUnfit,
    OtherText,
    PlanEmpty,
    ProofMissing,
    RecipientsMissing,
    SecrecyMark,
)
from processes.notices import Notice

from .conftest import NOW, a_plan


def test_every_registered_plan_is_kept(session, ask, matter):
    first = ask("register_plan", plan=a_plan()).result
    second = ask("register_plan", plan=a_plan(title="改")).result
    assert [version.plan["title"] for version in matter.plans(session)] == ["第3次常委会纪要", "改"]
    assert (first["number"], second["number"], matter.text_hash) == (1, 2, second["text_hash"])


def test_a_plan_is_registered_once_for_one_call(session, ask):
    assert ask("register_plan", call="c", plan=a_plan()) == ask("register_plan", call="c", plan=a_plan())
    assert session.scalar(select(func.count()).select_from(PlanVersion)) == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"title": " "}, PlanEmpty),
        ({"text": "<p> </p>"}, PlanEmpty),
        ({"scope": "TARGETED", "recipients": []}, RecipientsMissing),
        ({"text": "<p>机密★</p>"}, SecrecyMark),
    ],
)
def test_a_plan_that_could_not_be_released_is_refused(ask, change, refusal):
    with pytest.raises(refusal):
        ask("register_plan", plan=a_plan(**change))


@pytest.mark.parametrize("change", [{"scope": "PUBLIC"}, {"co_units": ["hospital"]}, {"important": True}])
def test_some_matters_are_important_whatever_the_reviewer_says(ask, change):
    assert ask("register_plan", plan=a_plan(**change)).result["important"]


def test_an_approval_is_for_the_text_registered_last(ask, matter):
    old = ask("register_plan", plan=a_plan()).result["text_hash"]
    ask("register_plan", plan=a_plan(title="改"))
    with pytest.raises(OtherText):
        ask("record_approval", text_hash=old)
    assert matter.approved_hash is None


def test_the_approved_text_goes_out(session, released, matter):
    variable = released()
    publication = session.get(Publication, variable["id"])
    assert (variable["portal_channels"], variable["proof_channels"]) == (["LAN"], ["MEETING"])
    assert publication.text_hash == matter.approved_hash == variable["text_hash"]
    assert (publication.units, publication.released_at, matter.state) == (["党委办公室"], NOW, "RELEASED")


@pytest.mark.parametrize("change", [{"text": "<p>另一文本</p>"}, {"title": "另题"}])
def test_a_text_that_was_not_approved_does_not_go_out(session, ask, change):
    text_hash = ask("register_plan", plan=a_plan()).result["text_hash"]
    ask("record_approval", text_hash=text_hash)
    answer = ask("release", plan=a_plan(**change), approved_hash=text_hash, channels=[])
    assert isinstance(answer, Failed) and answer.code == "HashMismatch"
    assert Publication.of_matter(session, "m1") is None


def test_a_changed_attachment_does_not_go_out(session, ask, files):
    plan = a_plan(attachments=[files.put(b"as approved", "a.txt")])
    text_hash = ask("register_plan", plan=plan).result["text_hash"]
    ask("record_approval", text_hash=text_hash)
    next(path for path in Path(files.url.removeprefix("file://")).rglob("*") if path.is_file()).write_bytes(b"changed")
    assert ask("release", plan=plan, approved_hash=text_hash, channels=[]).code == "HashMismatch"
    assert Publication.of_matter(session, "m1") is None


def test_nothing_goes_out_without_an_approval(ask):
    text_hash = ask("register_plan", plan=a_plan()).result["text_hash"]
    assert ask("release", plan=a_plan(), approved_hash=text_hash, channels=[]).code == "HashMismatch"


def test_a_release_asked_twice_happens_once(session, ask):
    text_hash = ask("register_plan", plan=a_plan()).result["text_hash"]
    ask("record_approval", text_hash=text_hash)
    asked = {"plan": a_plan(), "approved_hash": text_hash, "channels": []}
    assert ask("release", call="r", **asked) == ask("release", call="r", **asked)
    assert session.scalar(select(func.count()).select_from(Publication)) == 1


def test_a_channel_that_does_not_fit_the_scope_stops_the_approval(session, ask):
    plan = a_plan(scope="INTRA_PARTY", channels=["TV"])
    text_hash = ask("register_plan", plan=plan).result["text_hash"]
    ask("record_approval", text_hash=text_hash)
    unfit = [{"channel": "TV", "allowed": False, "proof": "URL", "portal": False}]
    with pytest.raises(ChannelUnfit):
        ask("release", plan=plan, approved_hash=text_hash, channels=unfit)


def test_named_people_are_told(session, released, who):
    variable = released(scope="TARGETED", recipients=[who("nurse").id], channels=["DOCUMENT"])
    notice = next(one for one in Notice.unread(session, who("nurse").id) if one.kind == "delivered")
    assert notice.link == f"/portal/{variable['id']}"


def test_every_channel_outside_the_system_needs_its_proof(ask, released):
    variable = released()
    with pytest.raises(ProofMissing):
        ask("record_proofs", publication=variable, proofs=[])


def test_a_proof_is_bound_to_the_released_text(session, ask, released):
    variable = released()
    proof = {"channel": "MEETING", "doc_no": "3", "attachments": []}
    ask("record_proofs", publication=variable, proofs=[proof])
    kept = session.get(PublicationChannel, (variable["id"], "MEETING"))
    assert (kept.doc_no, kept.proof, kept.text_hash) == ("3", "MEETING", variable["text_hash"])


def test_the_portal_proves_itself(session, released):
    variable = released()
    kept = session.get(PublicationChannel, (variable["id"], "LAN"))
    assert kept.url == f"/portal/{variable['id']}"


def test_the_desk_officer_ends_the_window_with_a_summary(session, ask, released):
    variable = released()
    ask(
        "close_feedback",
        publication=variable,
        feedback={"summary": "两条", "outcome": "已采纳", "disclose_outcome": True},
    )
    publication = session.get(Publication, variable["id"])
    assert not publication.takes_feedback(NOW)
    assert (publication.feedback_summary, publication.outcome_disclosed) == ("两条", True)
