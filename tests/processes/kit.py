"""What a test of a procedure reads like: somebody begins it, people do their tasks, time passes, an end is reached.

    run = kit.begin("correction", "zhulin", {"what": "…"}, publication=kit.released())
    run.as_("yubin").does("check", {"result": "MINOR", "opinion": "…"})
    kit.passes(days=3)
    assert run.end == "corrected"

Ask for the fixture `kit` (tests/processes/conftest.py): the demo school on every store, with every service and observer
of the product. A procedure is deployed when it is first begun, or with `kit.deploy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select, update

from engine import Actor, Definition, Task, Timer, deliver, tick
from engine.clock import SHANGHAI
from processes import cases
from processes import demo as school
from processes import organisation as organisations
from processes.cases import Case
from processes.disclosure import demo as matters
from processes.disclosure.matters import Matter
from processes.disclosure.publications import Publication
from processes.notices import Notice
from web import config, procedures_folder, wiring
from web.tasks.choices import LISTS, choices

PROCESSES = Path(school.__file__).parent
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MOST_BEATS = 20


class Hands(Protocol):
    """Who acts for the people of a story; see tests/browser/hands.py."""

    def begins(
        self, procedure: str, login: str, said: Mapping[str, Any], organisation: str, links: Mapping[str, str]
    ) -> str | None: ...

    def does(self, task_id: str, login: str, said: Mapping[str, Any]) -> bool: ...


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Kit:
    """The demo school, moved by hand."""

    def __init__(self, url: str, folder: Path) -> None:
        self.clock = Clock()
        given = {"MINGTANG_VAR": str(folder), "MINGTANG_DATABASE_URL": url}
        self.parts = wiring.build(config.read(given), clock=self.clock)
        self.engine, self.database = self.parts.engine, self.parts.database
        self.hands: Hands | None = None

    # procedures and people

    def deploy(self, *folders: str) -> None:
        """Put procedures of the product in force, unless they are."""
        for folder in folders:
            with self.database.read() as session:
                known = session.get(Definition, folder)
            if known is None:
                self.engine.deploy(procedures_folder.files_in(PROCESSES / folder), "test")

    def id_of(self, login: str) -> str:
        with self.database.read() as session:
            return school.person(session, login).id

    def actor(self, login: str) -> Actor:
        with self.database.read() as session:
            person = school.person(session, login).id
            return Actor(person, organisations.seats(session, person, self.clock.now.astimezone(SHANGHAI).date()))

    def appoint(self, login: str, organisation: str, post: str) -> None:
        """Somebody gets one more post."""
        with self.database.write() as session:
            person = school.person(session, login).id
            organisations.appoint(session, person, organisation, post, self.clock.now.date())

    def choices(self) -> dict[str, Any]:
        """What the lists of forms offer."""
        with self.database.read() as session:
            return {name: listed(session) for name, listed in LISTS.items()}

    # beginnings

    def begin(self, procedure: str, login: str, said: Mapping[str, Any], organisation: str = "", **links: str) -> Run:
        """Somebody fills in the start form of a procedure in force; its folder is deployed where there is one."""
        if (PROCESSES / procedure).is_dir():
            self.deploy(procedure)
        if self.hands and (case := self.hands.begins(procedure, login, said, organisation, links)):
            return Run(self, case)
        actor = self.actor(login)
        with self.database.write() as session:
            opening = cases.opening_of(session, self.engine, procedure)
            form = self.engine.definitions.form(session.connection(), opening.version_id, opening.form)
            accepted = wiring.validate(form, said, choices(session, [form]))
            person = school.person(session, login)
            case = cases.start(
                session,
                self.engine,
                procedure,
                accepted,
                person,
                actor,
                self.clock.now,
                organisation=organisation,
                links=links,
            )
            run = Run(self, case.id)
        assert not self.hands, f"the page refuses to begin {procedure} for {login}"
        return run

    def message(self, name: str, key: str, payload: Mapping[str, Any], login: str | None = None) -> Any:
        """A message comes from outside; the run that it starts, or the line of the one that it reaches."""
        came = deliver(self.engine, name, key, payload, self.id_of(login) if login else None)
        return Run(self, came.id) if hasattr(came, "id") else came

    def runs(self, procedure: str) -> list[Run]:
        """Every case of a procedure, the oldest first."""
        with self.database.read() as session:
            found = session.scalars(select(Case).where(Case.definition == procedure).order_by(Case.opened_at, Case.id))
            return [Run(self, case.id) for case in found]

    def released(self) -> str:
        """The id of a publication of the Party committee office, for everybody in the school. Nobody has news then."""
        matters.tell(self.engine, STORY)
        with self.database.read() as session:
            matter = session.get_one(Matter, STORY.matter_id)
            waiting = select(Task.element).where(Task.instance_id == matter.instance_id, Task.state == "open")
            element = session.scalars(waiting).one()
        matters.carry_out(self.engine, matter.instance_id, matters.Step(element, *AGREED[element]))
        with self.database.write() as session:
            session.execute(update(Notice).values(read_at=self.clock.now))
            publication = Publication.of_matter(session, STORY.matter_id)
            assert publication, "the plan was not released"
            return publication.id

    # time

    def passes(self, to: str = "", **time: float) -> None:
        """Time passes, by so much or `to` a moment in Shanghai (`2026-03-09T10:00`); each timer acts when it is due."""
        end = datetime.fromisoformat(to).replace(tzinfo=SHANGHAI) if to else self.clock.now + timedelta(**time)
        while (due := self._next_timer()) and due <= end:
            self.clock.now = max(self.clock.now, due)
            self.beats()
        self.clock.now = max(self.clock.now, end)
        self.beats()

    def beats(self) -> None:
        """The scheduler does what is due, messages between procedures too, until nothing is left."""
        for _ in range(MOST_BEATS):
            if not tick(self.engine, now=self.clock.now):
                return

    def _next_timer(self) -> datetime | None:
        with self.database.read() as session:
            return session.scalar(select(Timer.due_at).order_by(Timer.due_at).limit(1))

    def notices(self, login: str) -> list[str]:
        """The kinds of notices that a person has not read, the oldest first."""
        with self.database.read() as session:
            return [notice.kind for notice in reversed(Notice.unread(session, self.id_of(login)))]


STORY = next(story for story in matters.STORIES if story.key == "yearly-work-programme")

AGREED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
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


@dataclass(frozen=True)
class Run:
    """One case under way."""

    kit: Kit
    id: str

    def as_(self, login: str) -> Somebody:
        """Who acts next."""
        return Somebody(self, login)

    @property
    def case(self) -> Case:
        with self.kit.database.read() as session:
            return session.get_one(Case, self.id)

    @property
    def waits(self) -> list[str]:
        """The elements whose tasks are open."""
        with self.kit.database.read() as session:
            waiting = select(Task.element).where(Task.instance_id == self.id, Task.state == "open")
            return sorted(session.scalars(waiting))

    @property
    def end(self) -> str | None:
        """The end event that was reached; None while it runs."""
        return self.case.outcome

    def task(self, element: str, actor: Actor | None = None) -> Task:
        """The first open task of an element; of several parallel ones that of the actor's post."""
        with self.kit.database.read() as session:
            waiting = select(Task).where(Task.instance_id == self.id, Task.element == element, Task.state == "open")
            found = session.scalars(waiting.order_by(Task.opened_position, Task.id)).all()
            assert found, f"{element} is not open; {self.waits} are"
            own = (task for task in found if actor and (task.organisation, task.post) in actor.seats)
            return next(own, found[0])

    def linked(self) -> set[tuple[str, str]]:
        """What the case is linked with: (kind, id)."""
        with self.kit.database.read() as session:
            return {(link.kind, link.target) for link in self.case.links(session)}


@dataclass(frozen=True)
class Somebody:
    """A person at a run."""

    run: Run
    login: str

    def does(self, element: str, said: Mapping[str, Any] | None = None) -> Run:
        """Complete the first open task of an element; its form validates what is said."""
        kit, actor = self.run.kit, self.run.kit.actor(self.login)
        task = self.run.task(element, actor).id
        if not (kit.hands and kit.hands.does(task, self.login, said or {})):
            kit.engine.complete(task, actor, said or {}, kit.choices())
            assert not kit.hands, f"the page refuses {element} to {self.login}"
        kit.beats()
        return self.run

    @property
    def sees(self) -> bool:
        """May the person look at the case?"""
        actor = self.run.kit.actor(self.login)
        with self.run.kit.database.read() as session:
            visible = Case.visible_to(session, actor.person, actor.seats).where(Case.id == self.run.id)
            return session.scalar(visible) is not None


def furnish(url: str, folder: Path) -> None:
    """The demo school, with the five steps and feedback in force."""
    kit = Kit(url, folder)
    with kit.database.write() as session:
        school.load(session, NOW, lambda _login: "")
    kit.deploy("disclosure", "feedback")
    if kit.database.is_sqlite:
        with kit.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kit.database.close()
