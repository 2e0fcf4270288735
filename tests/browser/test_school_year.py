"""A year at the demo school by clicking: an incident, stages, a redrawn procedure, quarters.

The tests share one installation, whose clock they move on; each has its matters to itself. All four run on SQLite; the
redrawn procedure and the quarters also on PostgreSQL, because they lean most on the store and all four take too long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from engine.clock import SHANGHAI
from tests import conftest
from tests.browser import drawing, incident, quarters, stages
from tests.browser.person import Person
from tests.support.servers import Site

At = Callable[..., Person]
BEGIN = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def site(store: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One school for all of these tests, on the first Monday of March 2026."""
    folder = tmp_path_factory.mktemp("year")
    for url in conftest.bare_urls(store, request, folder):
        with Site(folder, url, at=BEGIN) as site:
            yield site


def test_an_incident_is_handled_from_its_report_to_its_close(at: At, site: Site):
    incident.report(at)
    incident.acknowledge(at, "有关部门签收", "gaojianping")
    incident.acknowledge(at, "党委办公室签收", "fangwenjing")
    incident.leave_the_leader_waiting(at, site)
    incident.hold_a_running_release(at)
    incident.choose_no_plan_and_let_the_leader_decide(at)
    incident.carry_out_a_measure(at)
    incident.resume_the_release(at, site)
    incident.clarify(at)
    incident.close(at)
    incident.review(at)


def test_a_release_in_three_stages(at: At, site: Site):
    stages.plan(at)
    stages.review_and_approve(at)
    stages.release_the_first(at)
    stages.reach_the_milestone_and_release_the_second(at)
    stages.wait_for_the_day_and_release_the_third(at, site)
    stages.archive(at)


def test_a_redrawn_procedure_is_rehearsed_and_deployed_by_a_colleague(at: At, site: Site):
    running = drawing.open_a_matter(at)
    drawing.add_a_step_with_two_mistakes(at)
    drawing.mend_them(at)
    drawing.rehearse(at)
    drawing.ask_for_deployment(at)
    drawing.deploy(at)
    drawing.the_next_matter_takes_the_new_way(at, running)


def test_a_quarterly_row_starts_four_matters_in_a_year_whatever_becomes_of_the_scheduler(at: At, site: Site):
    schedule = quarters.make_a_schedule(at, site)
    quarters.live_through_a_year(at, site, schedule)
    quarters.count_the_matters(at, site, schedule)
