"""A staged release on the real engine: the demo's school, a clock that a test moves, and what people say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

import forms
from engine import Actor, Engine, Task, tick
from engine.refusals import Invalid
from processes import demo as school
from processes import organisation
from processes.attachments import Store
from processes.catalogue import CatalogueItem
from processes.disclosure import demo
from processes.disclosure.matters import Matter, open_matter
from processes.disclosure.observer import matter_observer
from processes.disclosure.publications import Publication
from processes.disclosure.services import services as five_steps
from processes.expiry import take_down_expired
from processes.postponement.services import services as postponement
from processes.secrecy_review.services import services as secrecy
from processes.staged.services import services as staged
from processes.staged.stages import as_one
from processes.staged.stages import check as check_stages
from web.procedures_folder import files_in

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FOLDER = Path(__file__).parents[3] / "processes" / "staged"
HANDLER, OFFICER, HEAD = "xuzhihang", "fangwenjing", "shixiaomin"


def a_stage(title="启动", on="2026-03-10", scope="INTRA_PARTY", **changes):
    stage = {"title": title, "trigger": "DATE", "on": on, "scope": scope, "channels": ["LAN"],
             "text": f"<p>{title}：工作按计划进行。</p>"}  # fmt: skip
    return {**stage, **changes}


def a_plan(*stages, **changes):
    first = a_stage("启动", "2026-03-10")
    second = a_stage("中期", "2026-06-30", trigger="MILESTONE", milestone="工程过半")
    third = a_stage("完成", "2026-09-30", "ORG_ALL")
    plan = {"title": "校园改造", "content": "校园改造进展", "nature": "PROGRESSIVE", "display_duration": "P30D",
            "stages": list(stages or (first, second, third))}  # fmt: skip
    return {**plan, **changes}


class Clock:
    """Stands still until it is moved."""

    now = NOW

    def __call__(self):
        return self.now


class Release:
    """A staged matter and everybody who works on it."""

    def __init__(self, engine, clock, matter_id):
        self.engine, self.clock, self.id = engine, clock, matter_id

    @property
    def matter(self):
        with self.engine.database.read() as session:
            return session.get_one(Matter, self.id)

    @property
    def waits_at(self):
        with self.engine.database.read() as session:
            query = select(Task.element).where(Task.instance_id == self.matter.instance_id, Task.state == "open")
            return sorted(session.scalars(query))

    @property
    def released(self):
        with self.engine.database.read() as session:
            query = select(Publication).where(Publication.matter_id == self.id).order_by(Publication.released_at)
            return list(session.scalars(query))

    def reader(self, login):
        """The id of somebody who holds no post."""
        with self.engine.database.read() as session:
            return school.person(session, login).id

    def actor(self, task):
        """Somebody who holds the task's post."""
        with self.engine.database.read() as session:
            on = self.clock.now.date()
            person = organisation.holders(session, task.organisation, task.post, on)[0]
            return Actor(person.id, organisation.seats(session, person.id, on))

    def task(self, element):
        """The open task there."""
        with self.engine.database.read() as session:
            query = select(Task).where(
                Task.instance_id == self.matter.instance_id, Task.element == element, Task.state == "open"
            )
            return session.scalars(query).one()

    def do(self, element, submission):
        task = self.task(element)
        offered = {"people": self.people(), "organisations": []}
        self.engine.complete(task.id, self.actor(task), submission, offered)

    def people(self):
        with self.engine.database.read() as session:
            return [{"value": key, "label": key} for key in session.scalars(select(organisation.Person.id))]

    def approve(self, plan):
        """Propose, review and approve the whole."""
        self.do("draft", plan)
        self.do("review", demo.passed("同意"))
        self.do("approve_head", {"result": "AGREE", "opinion": "同意"})

    def day(self, *date):
        """It is ten in the morning in Shanghai on that day, and a scheduler looks."""
        self.clock.now = datetime(*date, 2, tzinfo=UTC)
        tick(self.engine, now=self.clock.now)

    def carry(self, stage, **changes):
        """The handler confirms the text of the stage and the principal officer passes it."""
        self.do("prepare_stage", {key: stage[key] for key in ("title", "text", "channels")} | changes)
        self.do("review_stage", {"result": "PASS", "opinion": "一致"})


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def files(tmp_path):
    return Store((tmp_path / "attachments").as_uri())


@pytest.fixture
def served(files):
    """The services by name; a test may put another in place of one."""
    steps = five_steps(files, forms.sanitise, complete=as_one, examine=check_stages)
    shared = secrecy(files) | postponement()
    return steps | staged(steps["disclosure.release"], forms.sanitise) | shared


@pytest.fixture
def engine(database, served, clock):
    engine = Engine(
        database,
        services=served,
        validate=validate,
        observers=[matter_observer],
        duties=[take_down_expired],
        clock=clock,
    )
    with database.write() as session:
        school.load(session, NOW, lambda login: "")
    engine.deploy(files_in(FOLDER), "aiwen")
    return engine


@pytest.fixture
def release(engine, clock):
    """A staged release that the handler has just opened for the first row of the catalogue."""
    with engine.database.write() as session:
        by = school.person(session, HANDLER).id
        item = next(row for row in session.scalars(select(CatalogueItem)) if not row.units or "pco" in row.units)
        matter = open_matter(session, engine, "pco", item, by, NOW, is_staged=True)
        return Release(engine, clock, matter.id)


def validate(form, submission, context):
    try:
        return forms.validate(form, submission, context)
    except forms.Invalid as error:
        raise Invalid(error.errors) from None
