"""The server is killed while four people work: nothing that was acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.races.office import NAMES, Office, filled, is_done
from tests.support.servers import Site
from tests.support.visitor import Visitor

TASKS = 200
KILLED_AFTER = (40, 90, 150)
"""Acknowledged completions at which the server is killed."""


@pytest.fixture
def office(bare_database_url: str, tmp_path: Path) -> Iterator[Office]:
    with Site(tmp_path, bare_database_url, scheduler=False, demo=False) as site:
        office = Office(site)
        yield office
        office.close()


def test_a_killed_server_loses_no_acknowledged_step_and_doubles_none(office: Office):
    acknowledged: list[str] = []
    tasks = office.tasks(TASKS)
    with ThreadPoolExecutor(len(NAMES)) as people:
        shares = [(office.visitor(login), tasks[n :: len(NAMES)]) for n, login in enumerate(NAMES)]
        work = [people.submit(complete, *share, acknowledged) for share in shares]
        for count in KILLED_AFTER:
            wait_for(count, acknowledged, work)
            office.site.kill()
            assert set(acknowledged) <= office.done().keys()
            office.site.start()
        for share in work:
            share.result()
    assert office.done().keys() == set(tasks)
    assert all(len(by) == 1 for by in office.done().values())
    assert office.unharmed()


def complete(visitor: Visitor, tasks: list[str], acknowledged: list[str]) -> None:
    """Work through the tasks; whoever gets no answer looks at the task again and goes on from there."""
    for task in tasks:
        while not is_answered(visitor, task, acknowledged):
            time.sleep(0.1)


def is_answered(visitor: Visitor, task: str, acknowledged: list[str]) -> bool:
    try:
        form = filled(visitor, task)
        page = visitor.send(form)
    except LookupError:
        return True  # the page has no form any more: the step was done before the server could say so
    except (OSError, HTTPException):
        return False
    if is_done(page):
        acknowledged.append(task)
    return is_done(page)


def wait_for(count: int, acknowledged: list[str], work: list[Future[None]]) -> None:
    end = time.monotonic() + 60
    while len(acknowledged) < count and not all(share.done() for share in work):
        assert time.monotonic() < end, f"only {len(acknowledged)} of {count} came"
        time.sleep(0.002)
