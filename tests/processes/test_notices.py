"""Notices reach each person once and stay unread until read."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from processes import demo
from processes.notices import Notice, notify
from tests.processes.conftest import AT


def remind(session: Session, *logins: str, after: int = 0) -> list[Notice]:
    people = [demo.person(session, login) for login in logins]
    at = AT + timedelta(hours=after)
    return notify(session, people, "remind", "m1", zh="请审核", en="Please review", link="/tasks/1", at=at)


def test_nobody_gets_the_same_notice_twice(school: Session) -> None:
    person = demo.person(school, "fangwenjing")
    assert len(notify(school, [person, person.id], "remind", "m1", zh="请审核", en="Please review", at=AT)) == 1


def test_unread_notices_come_newest_first(school: Session) -> None:
    first, second = remind(school, "xuzhihang")[0], remind(school, "xuzhihang", after=1)[0]
    assert Notice.unread(school, first.person_id) == [second, first]
    assert Notice.unread_count(school, first.person_id) == 2


def test_a_read_notice_stays_in_the_list_with_its_first_time(school: Session) -> None:
    notice = remind(school, "xuzhihang")[0]
    notice.read(AT)
    notice.read(AT + timedelta(days=1))
    school.flush()
    assert Notice.unread(school, notice.person_id) == []
    assert Notice.recent(school, notice.person_id) == [notice]
    assert notice.read_at == AT


def test_reading_all_touches_only_ones_own(school: Session) -> None:
    mine, other = remind(school, "xuzhihang", "fangwenjing")
    Notice.read_all(school, mine.person_id, AT)
    assert Notice.unread_count(school, mine.person_id) == 0
    assert Notice.unread_count(school, other.person_id) == 1


def test_the_notices_about_a_matter_are_found(school: Session) -> None:
    assert len(remind(school, "xuzhihang", "fangwenjing")) == len(Notice.about(school, "m1")) == 2
