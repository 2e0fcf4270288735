"""Three stages by date and by milestone, from the plan to the archive, on the real engine."""

from __future__ import annotations

from sqlalchemy import select

from engine import Actor, Task, replay
from processes.disclosure.archive import ArchivePackage
from processes.staged import reach, waiting

from .conftest import a_plan, a_stage


def milestone(release):
    with release.engine.database.read() as session:
        return waiting(session, release.matter)


def say_reached(release):
    reach(release.engine, release.matter, milestone(release).key, Actor(release.matter.proposer, {("pco", "handler")}))


def test_three_stages_go_out_by_date_and_by_milestone(release):
    plan = a_plan()
    release.approve(plan)
    assert (release.waits_at, release.released) == ([], [])
    release.day(2026, 3, 9)
    assert release.waits_at == []
    release.day(2026, 3, 10)
    release.carry(plan["stages"][0])
    assert milestone(release).milestone == "工程过半"
    say_reached(release)
    release.carry(plan["stages"][1], text="<p>工程过半。增加了一项。</p>")
    release.day(2026, 9, 30)
    release.carry(plan["stages"][2])
    assert [one.title for one in release.released] == ["启动", "中期", "完成"]
    assert [one.scope for one in release.released] == ["INTRA_PARTY", "INTRA_PARTY", "ORG_ALL"]
    assert release.waits_at == ["feedback"]
