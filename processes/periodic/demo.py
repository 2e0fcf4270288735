"""A schedule to try the product on: the yearly work programme, every March (Art. 16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from processes.demo import person
from processes.disclosure.demo import row_of
from processes.periodic.schedules import Schedule, make

if TYPE_CHECKING:
    from engine import Engine

CONTENT, UNIT, RULE = "年度党政工作要点", "president-office", "每年3月"


def load_schedule(engine: Engine) -> None:
    """Schedule the row if it is not scheduled. The demo organisation must be there."""
    with engine.database.write() as session:
        there = select(Schedule.id).where(Schedule.content == CONTENT, Schedule.organisation == UNIT)
        item = row_of(session, UNIT, CONTENT)
        if item is not None and session.scalar(there) is None:
            make(session, item, UNIT, RULE, person(session, "qiaoxinyu").id, engine.clock())
