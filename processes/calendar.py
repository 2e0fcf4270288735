"""The working days of this school: the published holidays and make-up days, and over them what the office entered.

Every edit is a line of its own and the last one of a day counts, so that it stays known who said what and when. Make-up
Saturdays are working days; a day nobody entered is as published, and where nothing is published weekends are off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from threading import Lock
from time import monotonic

from sqlalchemy import String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import Calendar, Engine, mainland, recounting
from engine.clock import SHANGHAI
from engine.db import Base, Database
from engine.refusals import NotOpen, Refusal
from processes.catalogue.reading import WrongFile, grids

SAID = {
    True: ("上班", "工作日", "补班", "调休上班", "班", "working", "work", "1", "是", "true"),
    False: ("休息", "放假", "节假日", "假日", "休", "off", "holiday", "0", "否", "false"),
}
"""Working or not → the words for it in a file."""
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s*00:00:00)?")
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
MOST = 2000
"""Days that one file may hold."""


class DateUnknown(WrongFile):
    """Row {row} of “{name}”: “{text}” is not a date such as 2027-10-01. Nothing was changed."""


class WordUnknown(WrongFile):
    """Row {row} of “{name}”: “{text}” says neither 上班 nor 休息. Nothing was changed."""


class DayTwice(WrongFile):
    """Row {row} of “{name}”: {day} is in the file twice, once working and once off. Nothing was changed."""


class NoDays(WrongFile):
    """“{name}” has no days. It needs the columns 日期, 上班或休息 and, if you like, 备注. Nothing was changed."""


class TooManyDays(WrongFile):
    """“{name}” has more than {limit} days. Nothing was changed."""


class DayOutOfRange(Refusal):
    """{day} lies outside the years 2000 to 2100."""


class CalendarEdit(Base):
    """Somebody said what a day is. `working` None: it is again as published."""

    __tablename__ = "calendar_edits"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    day: Mapped[str] = mapped_column(String(10), index=True)
    working: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str]
    at: Mapped[datetime]

    @classmethod
    def version(cls, session: Session) -> int:
        """A number that grows with every edit; 0 before the first."""
        return session.scalar(select(func.max(cls.number))) or 0

    @classmethod
    def in_force(cls, session: Session) -> dict[str, CalendarEdit]:
        """ISO day → the last edit of it, where it says something else than what is published."""
        last = select(func.max(cls.number)).group_by(cls.day)
        query = select(cls).where(cls.number.in_(last), cls.working.is_not(None)).order_by(cls.day)
        return {edit.day: edit for edit in session.scalars(query)}

    @classmethod
    def lately(cls, session: Session, limit: int = 30) -> list[CalendarEdit]:
        """The last edits, newest first."""
        return list(session.scalars(select(cls).order_by(cls.number.desc()).limit(limit)))


class CalendarRecount(Base):
    """The open deadlines were counted again after the edit of this number, in so many instances."""

    __tablename__ = "calendar_recounts"
    edit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    instances: Mapped[int]

    @classmethod
    def last(cls, session: Session) -> int:
        """The last edit that was followed; 0 before the first."""
        return session.scalar(select(func.max(cls.edit))) or 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A day to be entered; `working` None: as published."""

    day: date
    working: bool | None
    note: str = ""


class WorkingDays:
    """`calendar()` for the engine: published days and the table over them, kept until an edit changes the version.

    Whether there was an edit, on whatever node, is asked at most every `every` seconds.
    """

    def __init__(self, database: Database, every: float = 1.0) -> None:
        self.database, self.every = database, every
        self.kept, self.version, self.asked_at = mainland(), 0, float("-inf")
        self.lock = Lock()

    def __call__(self) -> Calendar:
        with self.lock:
            if monotonic() - self.asked_at >= self.every:
                self._ask()
            return self.kept

    def _ask(self) -> None:
        with self.database.read() as session:
            version = CalendarEdit.version(session)
            if version != self.version:
                self.kept, self.version = calendar(session), version
        self.asked_at = monotonic()


def calendar(session: Session) -> Calendar:
    """The calendar that counts now."""
    entered = {day: bool(edit.working) for day, edit in CalendarEdit.in_force(session).items()}
    if not entered:
        return mainland()
    return Calendar(dict(sorted({**mainland().exceptions, **entered}.items())))


def recount_deadlines(engine: Engine, now: datetime) -> int:
    """A duty: after an edit the open deadlines in working days are counted again, in the name of who made it.

    Each instance learns of it by a command of its own; a new deadline keeps how it was counted before.
    """
    with engine.database.read() as session:
        edit, done = CalendarEdit.version(session), CalendarRecount.last(session)
        if edit == done or calendar(session).digest != engine.calendar().digest:
            return 0
        edits = list(session.scalars(select(CalendarEdit).where(CalendarEdit.number > done)))
        first = min(date.fromisoformat(each.day) for each in edits)
        since = datetime.combine(first, time(), SHANGHAI)
        instances = list(recounting.affected(session, engine.calendar(), since))
        by = max(edits, key=lambda each: each.number).by
    for instance in instances:
        with suppress(NotOpen), engine.database.write() as session:
            recounting.recount(engine, session, instance, by)
    with engine.database.write() as session:
        session.merge(CalendarRecount(edit=edit, at=now, instances=len(instances)))
    return len(instances)


def published_until() -> date:
    """The last day of the years that the state has published."""
    return date(int(max(mainland().exceptions)[:4]), 12, 31)


def enter(session: Session, entries: Iterable[Entry], by: str, at: datetime) -> int:
    """Enter days; what is entered so already is left out. Answers how many edits were made. DayOutOfRange."""
    known = CalendarEdit.in_force(session)
    fresh = [entry for entry in entries if _differs(entry, known)]
    for entry in fresh:
        if not EARLIEST <= entry.day <= LATEST:
            raise DayOutOfRange(day=entry.day.isoformat())
        said = {"working": entry.working, "note": entry.note.strip()}
        session.add(CalendarEdit(day=entry.day.isoformat(), by=by, at=at, **said))
    session.flush()
    return len(fresh)


def read(name: str, data: bytes) -> list[Entry]:
    """The days of a CSV, XLSX or DOCX table: date, working or off, note. Refused by row; see the refusals above."""
    found: dict[date, Entry] = {}
    for row, entry in _rows(name, data):
        before = found.setdefault(entry.day, entry)
        if before.working != entry.working:
            raise DayTwice(name=name, row=row, day=entry.day.isoformat())
    if not found:
        raise NoDays(name=name)
    if len(found) > MOST:
        raise TooManyDays(name=name, limit=MOST)
    return list(found.values())


def _differs(entry: Entry, known: Mapping[str, CalendarEdit]) -> bool:
    before = known.get(entry.day.isoformat())
    if before is None:
        return entry.working is not None
    return (before.working, before.note) != (entry.working, entry.note.strip())


def _rows(name: str, data: bytes) -> Iterator[tuple[int, Entry]]:
    for _place, grid in grids(name, data):
        lines = [[_plain(cell) for cell in cells] for cells in grid]
        for number, cells in enumerate(lines, 1):
            if any(cells) and not (number == 1 and _is_heading(cells)):
                yield number, _entry(name, number, [*cells, "", "", ""])


def _is_heading(cells: list[str]) -> bool:
    return not DATE.fullmatch(cells[0]) and not any(character.isdigit() for character in cells[0])


def _entry(name: str, number: int, cells: list[str]) -> Entry:
    return Entry(_date(name, number, cells[0]), _working(name, number, cells[1]), cells[2])


def _date(name: str, number: int, text: str) -> date:
    found = DATE.fullmatch(text)
    try:
        day = date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise DateUnknown(name=name, row=number, text=text)
    return day


def _working(name: str, number: int, text: str) -> bool:
    for working, words in SAID.items():
        if text.lower() in words:
            return working
    raise WordUnknown(name=name, row=number, text=text)


def _plain(cell: str | None) -> str:
    return unicodedata.normalize("NFKC", cell or "").strip()
