"""An office with four approvers of the same post, and as many approvals waiting as a test wants."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import select

from engine import Entry, Task, replay, verify
from processes.organisation import Organisation, Person, appoint
from tests.support.servers import Site
from tests.support.visitor import Form, Page, Visitor
from web import config, wiring
from web.auth.accounts import hashed

FOLDER = Path(__file__).parent / "approval"
PASSWORD = "one of the four approvers"
NAMES = {"zhao": "赵一", "qian": "钱二", "sun": "孙三", "li": "李四"}


class Office:
    """The office at a running site, seen from inside: makes tasks and looks at what became of them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.parts = wiring.build(config.read(site.settings))
        self.engine = self.parts.engine
        secret = hashed(PASSWORD)
        with self.parts.database.write() as session:
            Organisation.add(session, "office", "办公室", "PARTY_ORG")
            for login, name in NAMES.items():
                person = Person.add(session, login, name, "office", password_hash=secret)
                appoint(session, person.id, "office", "head_approver", date(2000, 1, 1))
        self.engine.deploy({path.name: path.read_bytes() for path in FOLDER.iterdir()}, by="office")

    def close(self) -> None:
        self.parts.database.close()

    def visitor(self, login: str, server: int = 0) -> Visitor:
        """An approver, signed in."""
        visitor = Visitor(self.site.urls[server])
        visitor.sign_in(login, PASSWORD)
        return visitor

    def task(self) -> str:
        """A new approval that waits: the id of its task."""
        data = {"organisation": "office"}
        instance = self.engine.start("approval", data, None, organisation="office", subject="审批")
        with self.parts.database.read() as session:
            return str(session.scalar(select(Task.id).where(Task.instance_id == instance.id)))

    def tasks(self, count: int) -> list[str]:
        return [self.task() for _ in range(count)]

    def done(self) -> dict[str, list[str]]:
        """Task → who completed it, once for each entry in a journal that says so."""
        query = select(Task.id, Entry.by).join(Entry, Entry.instance_id == Task.instance_id)
        found: dict[str, list[str]] = {}
        with self.parts.database.read() as session:
            for task, person in session.execute(query.where(Entry.kind == "complete")):
                found.setdefault(task, []).append(Person.of(session, str(person)).login)
        return found

    def unharmed(self) -> bool:
        """Does every chain hold, and does every instance that was touched replay to the same bytes?"""
        with self.parts.database.read() as session:
            for instance in session.scalars(select(Task.instance_id)).all():
                replay(self.engine, session, instance)
            return not any(verify(session))


def filled(visitor: Visitor, task: str) -> Form:
    """The task's form on this visitor's page, ready to be sent."""
    return visitor.open(f"/tasks/{task}").form("/completion").filled(opinion="同意")


def is_done(page: Page) -> bool:
    """Was the visitor told that the step is done, and brought back to the inbox?"""
    return page.status == 200 and page.url.endswith("/inbox")
