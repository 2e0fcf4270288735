"""The inbox page, with filters and counts, among a million open tasks and ten thousand people."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from sqlalchemy import text

from engine import Database, migrate
from tests.bench.stores import url
from tests.bench.table import Row
from tests.races.office import FOLDER
from web import config, wiring
from web.app import create_app
from web.auth.accounts import SignIn
from web.auth.current import KEY

FEW, MANY = 1_000, 1_000_000
EACH = 100
"""So many of the tasks are for each person."""
ROUNDS = 25
SIGN_IN = "bench"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ADDRESSES = {
    "page": "/inbox?tab=posts",
    "filtered": f"/inbox?tab=posts&organisation=o7&procedure=approval&overdue=1&sort=newest&text={quote('审批')}",
}


def rows(store: str, many: int = MANY) -> Iterator[Row]:
    """The figures of one store: the same person's page in a small and in a large house."""
    taken: dict[str, list[float]] = {}
    with ExitStack() as open_ones:
        houses = {count: open_ones.enter_context(house(store, count)) for count in (FEW, many)}
        for number in range(ROUNDS + 5):
            for count, browser in houses.items():
                for name, address in ADDRESSES.items():
                    milliseconds = _open(browser, address)
                    if number >= 5:
                        taken.setdefault(f"{name} {count}", []).append(milliseconds)
    ms = {name: median(times) for name, times in taken.items()}
    people = f"{many:,} open tasks, {many // EACH:,} people"
    for name, said in (("page", "inbox page"), ("filtered", "the same narrowed by four filters")):
        yield Row(f"{store} {said}, {people}", ms[f"{name} {many}"], "ms")
        yield Row(f"{store} {said} / among {FEW:,}", ms[f"{name} {many}"] / ms[f"{name} {FEW}"], "x", 1.3)


@contextmanager
def house(store: str, tasks: int) -> Iterator[FlaskClient]:
    """A browser of one approver in a house with so many open tasks."""
    with url(store) as address, tempfile.TemporaryDirectory() as folder:
        settings = config.read({"MINGTANG_VAR": folder, "MINGTANG_DATABASE_URL": address})
        parts = wiring.build(settings, clock=lambda: NOW)
        migrate(parts.database)
        parts.engine.deploy({path.name: path.read_bytes() for path in Path(FOLDER).iterdir()}, by="bench")
        parts.engine.start("approval", {"organisation": "o7"}, None, organisation="o7", subject="审批")
        _fill(parts.database, tasks)
        browser = create_app(settings, parts, testing=True).test_client()
        with browser.session_transaction() as session:
            session[KEY] = SIGN_IN
        yield browser
        parts.database.close()


def _fill(database: Database, tasks: int) -> None:
    numbers = _SQLITE_NUMBERS if database.is_sqlite else _POSTGRESQL_NUMBERS
    moment = _SQLITE_MOMENT if database.is_sqlite else _POSTGRESQL_MOMENT
    people = tasks // EACH
    with database.engine.begin() as connection:
        for statement, count in ((_UNITS, people), (_PEOPLE, people), (_SEATS, people)):
            connection.execute(text(statement.replace("NUMBERS", numbers)), {"count": count})
        for statement in (_INSTANCES, _TASKS):
            sql = statement.replace("NUMBERS", numbers).replace("MOMENT", moment)
            connection.execute(text(sql), {"count": tasks, "people": people})
    with database.write() as session:
        session.add(SignIn(id=SIGN_IN, person_id="p7", at=NOW, address="127.0.0.1", ended_at=None))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _open(browser: Any, address: str) -> float:
    begun = perf_counter()
    answer = browser.get(address)
    milliseconds = (perf_counter() - begun) * 1000
    assert answer.status_code == 200 and "审批" in answer.get_data(as_text=True), answer.status
    return milliseconds


_SQLITE_NUMBERS = "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count) SELECT n FROM n)"
_POSTGRESQL_NUMBERS = "(SELECT n FROM generate_series(1, :count) AS n)"
_SQLITE_MOMENT = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', '2026-02-01', '+' || (numbers.n % 5000000) || ' seconds')"
_POSTGRESQL_MOMENT = "timestamptz '2026-02-01 00:00:00+00' + (numbers.n % 5000000) * interval '1 second'"
_UNITS = """
INSERT INTO organisations (code, name, kind, relation) SELECT 'o' || numbers.n, '单位' || numbers.n, 'PARTY_ORG',
 'SUBORDINATE' FROM NUMBERS AS numbers"""
_PEOPLE = """
INSERT INTO people (id, login, name, is_member, organisation, password_hash, active)
SELECT 'p' || numbers.n, 'p' || numbers.n, '人' || numbers.n, TRUE, 'o' || numbers.n, '', TRUE
 FROM NUMBERS AS numbers"""
_SEATS = """
INSERT INTO appointments (id, person_id, organisation, post, since) SELECT 'a' || numbers.n, 'p' || numbers.n,
 'o' || numbers.n, 'head_approver', '2000-01-01' FROM NUMBERS AS numbers"""
_INSTANCES = """
INSERT INTO instances (id, definition, version_id, organisation, subject, state, position, head, started_at, started_by)
SELECT 'i' || numbers.n, i.definition, i.version_id, 'o' || (numbers.n % :people + 1), i.subject, i.state, i.position,
 i.head, MOMENT, 'p' || ((numbers.n * 7) % :people + 1) FROM instances AS i, NUMBERS AS numbers"""
_TASKS = """
INSERT INTO tasks (id, instance_id, element, name, scope, organisation, post, form, state, separate_from, opened_at,
 opened_position, due_at) SELECT 't' || numbers.n, 'i' || numbers.n, t.element, t.name, t.scope,
 'o' || (numbers.n % :people + 1), t.post, t.form, t.state, t.separate_from, MOMENT, 1, MOMENT
 FROM tasks AS t, NUMBERS AS numbers"""
