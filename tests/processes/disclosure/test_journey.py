"""The whole procedure on the real engine, with the real diagrams and forms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import forms
from engine import Actor, Engine, Task, replay, tick, verify
from engine.refusals import Invalid
from processes import demo as school
from processes.cases import welcome
from processes.cases.observer import case_observer
from processes.cases.services import services as cases
from processes.disclosure import demo
from processes.disclosure.archive import ArchivePackage
from processes.disclosure.matters import Matter, open_matter, withdraw
from processes.disclosure.observer import matter_observer
from processes.disclosure.opinions import opinions
from processes.disclosure.publications import Publication
from processes.disclosure.refusals import AlreadyApproved, ChannelUnfit
from processes.disclosure.services import services
from processes.feedback.services import services as feedback
from processes.notices import Notice
from processes.out_of_catalogue.services import services as outside
from processes.postponement.services import services as postponement
from processes.secrecy_review.services import services as secrecy
from web import procedures_folder

from .conftest import NOW

FOLDERS = Path(demo.__file__).parents[1]


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def validate(form, submission, context):
    try:
        return forms.validate(form, submission, context)
    except forms.Invalid as error:
        raise Invalid(error.errors) from None


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def engine(database, files, clock):
    """The engine with both procedures of matters in force and the demo school."""
    engine = Engine(
        database,
        services=services(files, forms.sanitise) | outside() | cases() | feedback() | secrecy(files) | postponement(),
        validate=validate,
        observers=[matter_observer, case_observer],
        welcome=welcome,
        clock=clock,
    )
    with database.write() as session:
        school.load(session, NOW, lambda login: "")
    for folder in ("disclosure", "out_of_catalogue", "feedback"):
        engine.deploy(procedures_folder.files_in(FOLDERS / folder), "aiwen")
    return engine


def matter_of(session, key):
    return session.get(Matter, next(story.matter_id for story in demo.STORIES if story.key == key))


def tell(engine, key, steps=None):
    """Tell a story of the demo as far as asked; answers its matter."""
    story = next(story for story in demo.STORIES if story.key == key)
    demo.tell(engine, demo.Story(story.key, story.organisation, story.login, story.content, story.steps[:steps]))
    with engine.database.read() as session:
        return session.get(Matter, story.matter_id)


def told(session, login):
    return {notice.kind for notice in Notice.unread(session, school.person(session, login).id)}


def test_the_demo_stands_where_it_should(engine, database):
    demo.load_matters(engine)
    with database.read() as session:
        states = {key: matter_of(session, key).state for key in ("standing-committee-minutes", "yearly-work-programme")}
        assert states == {"standing-committee-minutes": "IN_REVIEW", "yearly-work-programme": "IN_APPROVAL"}
        assert matter_of(session, "party-dues").state == "ARCHIVED"


def test_the_demo_is_told_once(engine, database):
    demo.load_matters(engine)
    demo.load_matters(engine)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Matter)) == 3


def test_every_matter_replays_and_every_chain_holds(engine, database):
    demo.load_matters(engine)
    with database.read() as session:
        for matter in session.scalars(select(Matter)).all():
            replay(engine, session, matter.instance_id)
        assert [broken for broken in verify(session) if broken] == []


def test_the_archived_matter_passes_its_check(engine, database):
    matter = tell(engine, "party-dues")
    with database.read() as session:
        package = session.get(ArchivePackage, matter.id)
        assert [check for check in package.report if check.result not in ("PASS", "NOT_DONE")] == []
        assert len(package.inventory["parts"]) > 10


def test_members_see_the_release_and_others_do_not(engine, database, clock):
    tell(engine, "party-dues")
    with database.read() as session:
        seen = {
            login: Publication.page(session, Publication.visible(session, school.person(session, login), clock()))[1]
            for login in ("zhulin", "maoxiaolu")
        }
    assert seen == {"zhulin": 1, "maoxiaolu": 0}


def test_the_opinions_are_those_of_the_steps(engine, database):
    matter = tell(engine, "party-dues")
    with database.read() as session:
        said = [(one.element, one.result) for one in opinions(session, matter.instance_id)]
    assert said[1:4] == [("draft", None), ("review", "PASS"), ("approve_head", "AGREE")]


def test_who_is_next_is_told(engine, database):
    tell(engine, "standing-committee-minutes")
    with database.read() as session:
        assert "task_opened" in told(session, "fangwenjing")


def test_a_late_review_is_reminded_and_then_escalated(engine, database, clock):
    tell(engine, "standing-committee-minutes")
    clock.now = NOW + timedelta(days=30)
    tick(engine, clock.now)
    with database.read() as session:
        assert {"remind", "overdue"} <= told(session, "fangwenjing")
        assert "overdue" in told(session, "shixiaomin")


def test_the_proposer_withdraws_before_the_approval(engine, database):
    matter = tell(engine, "standing-committee-minutes")
    withdraw(engine, matter, Actor(matter.proposer), "重复")
    with database.read() as session:
        after = session.get(Matter, matter.id)
        assert (after.state, after.ended_at) == ("WITHDRAWN", NOW)
        assert session.get(ArchivePackage, matter.id).kind == "EVIDENCE"


def test_what_was_released_is_not_withdrawn(engine):
    matter = tell(engine, "party-dues", 4)
    with pytest.raises(AlreadyApproved):
        withdraw(engine, matter, Actor(matter.proposer))


def test_a_returned_plan_goes_a_second_round(engine, database):
    matter = tell(engine, "standing-committee-minutes")
    returned = {**demo.passed("请补充"), "result": "RETURN"}
    demo.carry_out(engine, matter.instance_id, demo.Step("review", "fangwenjing", returned))
    with database.read() as session:
        assert session.get(Matter, matter.id).state == "RETURNED"
        assert "returned" in told(session, "xuzhihang")
    again = demo.STORIES[0].steps[0].submission
    demo.carry_out(engine, matter.instance_id, demo.Step("draft", "xuzhihang", again))
    with database.read() as session:
        assert [version.number for version in session.get(Matter, matter.id).plans(session)] == [1, 2]
        assert session.get(Matter, matter.id).state == "IN_REVIEW"


def test_a_rejected_matter_is_closed_and_kept(engine, database):
    matter = tell(engine, "party-dues", 3)
    demo.carry_out(
        engine, matter.instance_id, demo.Step("approve_head", "shenguoan", {"result": "REJECT", "opinion": "暂缓"})
    )
    with database.read() as session:
        after = session.get(Matter, matter.id)
        assert (after.state, session.get(ArchivePackage, matter.id).kind) == ("REJECTED", "EVIDENCE")
        assert Publication.of_matter(session, matter.id) is None


def test_a_matter_outside_the_catalogue_starts_without_a_row(engine, database):
    with database.write() as session:
        by = school.person(session, "panlili").id
        matter = open_matter(session, engine, "orgdept", None, by, NOW)
        assert session.scalar(select(Task.element).where(Task.instance_id == matter.instance_id)) == "give_reason"


def dues(**changes):
    """The story of the dues up to its approval, with another plan."""
    story = next(story for story in demo.STORIES if story.key == "party-dues")
    reason, draft, *rest = story.steps[:4]
    other = demo.Step("draft", "panlili", {**draft.submission, **changes})
    return demo.Story("changed", story.organisation, story.login, None, [reason, other, *rest])


def test_an_urgent_plan_takes_all_steps_and_each_is_counted_in_hours(engine, database, clock):
    story = dues(nature="URGENT", channels=["LAN", "DOCUMENT"])
    demo.tell(engine, story)
    with database.read() as session:
        instance_id = session.get(Matter, story.matter_id).instance_id
        tasks = list(session.scalars(select(Task).where(Task.instance_id == instance_id)))
        given = {task.element: task.due_at - task.opened_at for task in tasks}
        assert given["draft"] > timedelta(days=1)
        assert {given[step] for step in ("review", "approve_head", "prove")} == {timedelta(hours=4)}
    clock.now = NOW + timedelta(hours=5)
    tick(engine, clock.now)
    with database.read() as session:
        assert {"remind", "overdue"} <= told(session, "caiyunfei")


def test_an_urgent_release_is_pushed_to_those_it_is_for_and_to_nobody_else(engine, database):
    demo.tell(engine, dues(nature="URGENT", channels=["LAN", "DOCUMENT"]))
    with database.read() as session:
        assert "urgent" in told(session, "zhulin") and "urgent" not in told(session, "maoxiaolu")


def test_an_ordinary_release_is_pushed_to_nobody(engine, database):
    tell(engine, "party-dues")
    with database.read() as session:
        assert "urgent" not in told(session, "zhulin")


def test_every_channel_gets_the_proof_that_was_entered_for_it(engine, database):
    story = dues(channels=["DOCUMENT", "BULLETIN_PAPER"])
    demo.tell(engine, story)
    with database.read() as session:
        instance_id = session.get(Matter, story.matter_id).instance_id
        tasks = list(session.scalars(select(Task).where(Task.element == "prove", Task.state == "open")))
        actor = demo.actor_for(engine, session, "caiyunfei")
        channels = {engine.data(session, task)["channel"]: task.id for task in tasks}
    for channel in ("BULLETIN_PAPER", "DOCUMENT"):
        engine.complete(channels[channel], actor, {"doc_no": channel, "at": "2026-03-02T09:00"})
    with database.read() as session:
        publication = Publication.of_matter(session, story.matter_id)
        kept = {channel.channel: channel.doc_no for channel in publication.channels(session)}
        assert kept == {"BULLETIN_PAPER": "BULLETIN_PAPER", "DOCUMENT": "DOCUMENT"}
        assert replay(engine, session, instance_id).state == "open"


def test_a_damaged_attachment_stops_the_release_until_it_is_restored(engine, database, files):
    story = dues(attachments=[files.put(b"as approved", "annex.txt")])
    demo.tell(engine, demo.Story(story.key, story.organisation, story.login, None, story.steps[:3]))
    stored = next(path for path in Path(files.url.removeprefix("file://")).rglob("*") if path.is_file())
    stored.write_bytes(b"damaged")
    demo.tell(engine, story)
    with database.read() as session:
        matter = session.get(Matter, story.matter_id)
        assert (matter.state, Publication.of_matter(session, matter.id)) == ("RELEASING", None)
    stored.write_bytes(b"as approved")
    restored = {"cause": "存储故障", "restored": True}
    demo.carry_out(engine, matter.instance_id, demo.Step("check_mismatch", "caiyunfei", restored))
    with database.read() as session:
        assert Publication.of_matter(session, story.matter_id).text_hash == matter.approved_hash


def test_a_channel_that_does_not_fit_cannot_even_be_proposed(engine, database):
    with pytest.raises(ChannelUnfit):
        demo.tell(engine, dues(channels=["TV"]))
    with database.read() as session:
        assert session.scalar(select(Matter.state)) == "DRAFT"
