"""The demo school with a released matter and one that waits for its approval, on the real engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import forms
from engine import Actor, Engine, Task, tick
from engine.refusals import Invalid
from processes import demo as school
from processes import organisation
from processes.attachments import Store
from processes.disclosure import demo
from processes.disclosure.matters import Matter
from processes.disclosure.observer import matter_observer
from processes.disclosure.publications import Publication
from processes.disclosure.services import services as disclosure
from processes.emergency import EmergencyIncident, ResponsePlan, incidents
from processes.emergency.observer import incident_observer
from processes.emergency.services import services as emergency
from processes.notices import Notice
from processes.postponement.services import services as postponement
from processes.secrecy_review.services import services as secrecy
from web import procedures_folder

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PROCESSES = Path(school.__file__).parent
SAID = {"what": "公示数据有误，引发误解", "where": "校内论坛", "severity": "MAJOR", "departments": [], "evidence": []}
NONE_FITS = {"basis": "NONE", "severity": "MAJOR", "opinion": "无适用预案"}
AGREED = {
    "approve_head": ("shenguoan", {"result": "AGREE", "opinion": "同意。"}),
    "approve_collective": (
        "heyaqin",
        {
            "meeting_no": "第8次",
            "meeting_date": "2026-02-27",
            "present": 9,
            "votes_for": 9,
            "votes_against": 0,
            "minutes_ref": "纪要〔2026〕8号",
            "result": "AGREE",
        },
    ),
}
MEASURES = {"actions": [{"what": "核实数据", "unit": "orgdept"}]}


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


def files(folder):
    return procedures_folder.files_in(PROCESSES / folder)


def validate(form, submission, context):
    try:
        return forms.validate(form, submission, context)
    except forms.Invalid as error:
        raise Invalid(error.errors) from None


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def engine(database, tmp_path, clock):
    """The engine with both procedures in force and the demo school."""
    store = Store((tmp_path / "attachments").as_uri())
    engine = Engine(
        database,
        services=disclosure(store, forms.sanitise) | emergency() | secrecy(store) | postponement(),
        validate=validate,
        observers=[matter_observer, incident_observer],
        clock=clock,
    )
    with database.write() as session:
        school.load(session, NOW, lambda login: "")
    engine.deploy(files("disclosure"), "aiwen")
    engine.deploy(files("emergency"), "aiwen")
    return engine


@pytest.fixture
def staff(engine, database, clock):
    return Staff(engine, database, clock)


class Staff:
    """Does by sign-in name what people do."""

    def __init__(self, engine, database, clock):
        self.engine, self.database, self.clock = engine, database, clock

    def actor(self, login):
        with self.database.read() as session:
            person = school.person(session, login)
            return Actor(person.id, organisation.seats(session, person.id, self.clock.now.date()))

    def matter(self, key):
        """A story of the demo."""
        story = next(story for story in demo.STORIES if story.key == key)
        demo.tell(self.engine, story)
        return story.matter_id

    def approve(self, matter):
        """Whoever approves agrees, and the text is released unless a hold is in force."""
        with self.database.read() as session:
            instance = session.get(Matter, matter).instance_id
            element = session.scalars(
                select(Task.element).where(Task.instance_id == instance, Task.state == "open")
            ).one()
        demo.carry_out(self.engine, instance, demo.Step(element, *AGREED[element]))

    def released(self):
        """The publication of the yearly work programme, which the president's office confirmed."""
        matter = self.matter("yearly-work-programme")
        self.approve(matter)
        with self.database.read() as session:
            return Publication.of_matter(session, matter)

    def minutes(self):
        """The minutes, reviewed: they wait for their approval."""
        matter = self.matter("standing-committee-minutes")
        with self.database.read() as session:
            instance = session.get(Matter, matter).instance_id
        demo.carry_out(self.engine, instance, demo.Step("review", "fangwenjing", demo.passed("同意公开。")))
        return matter

    def report(self, publication, login="zhulin", **changes):
        with self.database.write() as session:
            by = school.person(session, login).id
            said = {**SAID, **changes}
            return incidents.report(session, self.engine, publication, said, by, self.clock.now)

    def do(self, incident, element, login, submission, offered=None):
        """Complete the first open task of an element; `offered` is what lists of its form offer besides."""
        with self.database.read() as session:
            waiting = select(Task).where(Task.instance_id == incident.instance_id, Task.element == element)
            task = session.scalars(waiting.where(Task.state == "open").order_by(Task.id)).first()
        return self.engine.complete(task.id, self.actor(login), submission, {**self.choices(), **(offered or {})})

    def choices(self):
        with self.database.read() as session:
            return {
                "people": [{"value": one.id, "label": one.name} for one in organisation.Person.all(session)],
                "organisations": [{"value": "orgdept", "label": "组织部"}],
                "response_plans": ResponsePlan.choices(session),
            }

    def tick(self, **time):
        """Time passes; a signal is spread in one step of the scheduler and handed over in the next."""
        self.clock.pass_by(**time)
        for _ in range(2):
            tick(self.engine, self.clock.now)

    def again(self, incident):
        with self.database.read() as session:
            return session.get(EmergencyIncident, incident.id)

    def told(self, incident):
        with self.database.read() as session:
            return {one.receiver: one for one in self.again(incident).first_reports(session)}

    def waiting(self, incident):
        with self.database.read() as session:
            waiting = select(Task.element).where(Task.instance_id == incident.instance_id, Task.state == "open")
            return sorted(session.scalars(waiting))

    def notices(self, login):
        with self.database.read() as session:
            return {notice.kind for notice in Notice.unread(session, school.person(session, login).id)}

    def instance(self, matter):
        with self.database.read() as session:
            return session.get(Matter, matter).instance_id

    def state(self, matter):
        with self.database.read() as session:
            return session.get(Matter, matter).state
