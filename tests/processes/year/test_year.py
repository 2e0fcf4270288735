"""A year of the demo school, foretold: releases, demands, escalations, reports, inspections and expiries (Art. 11–24).

The clock is moved, nobody sleeps; two years that are lived in the same way come out the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import Task, verify
from processes import demo as school
from processes.cases import Case
from processes.catalogue import CatalogueVersion
from processes.catalogue.importing import import_catalogue
from processes.disclosure.publications import Publication
from processes.expiry import TakeDown
from processes.notices import Notice
from processes.periodic import schedules
from processes.periodic.schedules import SchedulePeriod
from tests.processes.kit import Kit
from tests.processes.year.office import Office, shanghai

BEGIN = datetime(2025, 12, 1, 1, tzinfo=UTC)
FIRST, LAST = date(2025, 12, 2), date(2026, 12, 31)
HEAD = "序号,公开内容,公开范围,审批程序,公开方式,公开起始时点,公开时长,责任主体,协同单位或人员,备注"
ROWS = (
    "1,党费收缴情况,党内,书记审批,办公网发布,每季度首月15日,30天,组织部,,",
    "2,党建工作进展,党内,书记审批,办公网发布,每半年,30天,宣传部,,",
    "3,纪律教育情况,党内,书记审批,办公网发布,每年3月,30天,纪律检查委员会,,",
    "4,党委常委会纪要,党内,书记签发,纸质印发,会后一周内,永久,党委办公室,,",
)
DUES, PROGRESS, EDUCATION = "党费收缴情况", "党建工作进展", "纪律教育情况"
DEPLOYED = (
    "disclosure",
    "plan_demand",
    "long_term_check",
    "annual_report",
    "inspection",
    "overdue_follow_up",
)

Neglect = Callable[[Task, str, date], bool]


def neglects(task: Task, subject: str, day: date) -> bool:
    """The review of the second quarter's dues lies until 30 April; the supervisor looks at delays on 4 May."""
    if task.element == "review" and subject == DUES:
        return date(2026, 4, 1) <= day < date(2026, 4, 30)
    return task.element == "feedback" and day < _opened(task) + timedelta(days=14)


def _opened(task: Task) -> date:
    return date.fromisoformat(shanghai(task.opened_at))


def lived(url: str, folder: Path) -> Kit:
    """The school with a catalogue of four rows, two of them scheduled, after its year."""
    kit = Kit(url, folder)
    kit.clock.now = BEGIN
    with kit.database.write() as session:
        school.load(session, BEGIN, lambda _login: "")
    kit.deploy(*DEPLOYED)
    kit.released()
    with kit.database.write() as session:
        by = kit.id_of("qiaoxinyu")
        content = "\n".join((HEAD, *ROWS)).encode()
        report = import_catalogue(session, "ccmu", "catalogue.csv", content, by=by, at=kit.clock.now)
        report.version.put_in_force(session, by=by, at=kit.clock.now)
    with kit.database.write() as session:
        version = CatalogueVersion.in_force(session, "ccmu")
        assert version
        for item, unit in zip(version.items, ("orgdept", "propaganda"), strict=False):
            schedules.make(session, item, unit, item.text_of("start_point"), by, kit.clock.now)
    Office(kit, neglects).lives_through(FIRST, LAST)
    return kit


def told(kit: Kit) -> list[tuple[str, str, str]]:
    """(day, what, about) of everything that the regulation foresees, in order."""
    with kit.database.read() as session:
        lines = [(shanghai(one.released_at), "released", one.title) for one in session.scalars(select(Publication))]
        downs = select(TakeDown, Publication.title).join(Publication, Publication.id == TakeDown.publication_id)
        lines += [(shanghai(row[0].at), "taken down", row[1]) for row in session.execute(downs)]
        for case in session.scalars(select(Case)):
            lines.append((shanghai(case.opened_at), f"began {case.definition}", case.title))
            if case.ended_at:
                lines.append((shanghai(case.ended_at), f"ended {case.outcome}", case.title))
        lines += [
            (shanghai(one.at), one.kind, one.text_zh)
            for one in session.scalars(select(Notice).where(Notice.kind.like("overdue%")))
        ]
    return sorted(lines)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, sqlite_copies: Callable[[Path], object]) -> Kit:
    """One year, for all of these tests."""
    folder = tmp_path_factory.mktemp("year")
    kit = lived(next(sqlite_copies(folder)), folder)  # type: ignore[call-overload]
    yield kit
    kit.database.close()


def of(kit: Kit, what: str) -> Counter[str]:
    return Counter(about for _day, said, about in told(kit) if said == what)


def days(kit: Kit, what: str, about: str) -> list[str]:
    return [day for day, said, title in told(kit) if said == what and title == about]


def test_the_dues_are_released_in_every_quarter_and_the_late_one_late(year: Kit) -> None:
    assert days(year, "released", DUES) == ["2026-01-15", "2026-04-30", "2026-07-15", "2026-10-15"]


def test_progress_is_released_every_half_year(year: Kit) -> None:
    assert days(year, "released", PROGRESS) == ["2026-01-04", "2026-07-01"]


def test_what_nobody_scheduled_is_demanded_once_and_released(year: Kit) -> None:
    assert days(year, "began plan_demand", EDUCATION) == ["2026-04-01"]
    assert days(year, "released", EDUCATION) == ["2026-04-01"]


def test_every_release_of_thirty_days_is_taken_down_when_they_are_over(year: Kit) -> None:
    shown = {(date.fromisoformat(day), title) for day, what, title in told(year) if what == "released"}
    down = {(date.fromisoformat(day), title) for day, what, title in told(year) if what == "taken down"}
    due = {(day + timedelta(days=31), title) for day, title in shown if title in (DUES, PROGRESS, EDUCATION)}
    assert down == {(day, title) for day, title in due if day <= LAST}


def test_every_period_was_started_and_none_missed(year: Kit) -> None:
    with year.database.read() as session:
        periods = list(session.scalars(select(SchedulePeriod).order_by(SchedulePeriod.starts_at)))
        assert Counter(bool(one.missed_at) for one in periods) == {False: 6}
        assert all(one.released_at for one in periods)


def test_the_neglected_review_climbs_step_by_step_to_the_superior(year: Kit) -> None:
    steps = [(day, kind) for day, kind, _ in told(year) if kind.startswith("overdue_")]
    assert sorted({kind for _, kind in steps}) == [
        "overdue_head",
        "overdue_remind",
        "overdue_superior",
        "overdue_supervisor",
    ]
    first = {kind: min(day for day, one in steps if one == kind) for _, kind in steps}
    assert first == {
        "overdue_remind": "2026-04-18",
        "overdue_head": "2026-04-21",
        "overdue_supervisor": "2026-04-23",
        "overdue_superior": "2026-04-27",
    }
    assert list(of(year, "began overdue_follow_up")) == [f"{DUES}：保密审查与审核"]
    assert of(year, "ended handled_end").total() == 1


def test_every_organisation_reports_once_and_is_inspected_once(year: Kit) -> None:
    assert of(year, "began annual_report").total() == of(year, "ended report_done").total() == 6
    assert of(year, "began inspection").total() == of(year, "ended inspection_ended").total() == 6
    quarters = Counter(day[:7] for day, what, _ in told(year) if what == "began inspection")
    assert set(quarters) <= {"2026-01", "2026-04", "2026-07", "2026-10"}


def test_what_was_released_for_good_is_checked_after_a_year(year: Kit) -> None:
    assert [day for day, what, _ in told(year) if what == "began long_term_check"] == ["2026-12-02"]
    assert of(year, "ended still_valid").total() == 1


def test_nothing_but_the_late_review_is_left_or_late(year: Kit) -> None:
    with year.database.read() as session:
        left = session.scalars(select(Task.element).where(Task.state == "open")).all()
    assert sorted(set(left)) in ([], ["feedback"])


def test_every_journal_of_the_year_is_whole(year: Kit) -> None:
    with year.database.read() as session:
        assert [broken for broken in verify(session) if broken] == []


def test_a_year_lived_again_comes_out_the_same(
    year: Kit, tmp_path_factory: pytest.TempPathFactory, sqlite_copies: Callable[[Path], object]
) -> None:
    folder = tmp_path_factory.mktemp("again")
    again = lived(next(sqlite_copies(folder)), folder)  # type: ignore[call-overload]
    assert told(again) == told(year)
    again.database.close()
