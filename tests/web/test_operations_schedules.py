"""The scheduler's duties, the schedules of periodic release and the working days, as operators see and change them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from engine import tick
from processes.catalogue import CatalogueVersion
from processes.disclosure.matters import Matter
from processes.periodic.schedules import Schedule

OPERATOR = "fangwenjing"


@pytest.fixture
def item(school) -> str:
    """A row of the catalogue in force for which the Party committee office is responsible."""
    with school.parts.database.read() as session:
        version = CatalogueVersion.in_force(session, "ccmu")
        return next(item.id for item in version.items if "pco" in item.units)


@pytest.fixture
def made(school, item) -> str:
    """A quarterly schedule: the address of its page."""
    form = {"item": item, "unit": "pco", "words": "每季度首月15日"}
    return school.browser(OPERATOR).post("/operations/schedules", data=form).location


def test_an_operator_sees_what_the_scheduler_does(school, text):
    school.matter()
    page = text(school.browser(OPERATOR).get("/operations"))
    assert "执行定时" in page and "启动定期公开事项" in page and "运行中" in page


def test_a_failure_is_told_with_its_reason(school, text):
    def broken(engine, now):
        raise ValueError("no room left")

    school.parts.engine.duties["broken"] = broken
    tick(school.parts.engine)
    page = text(school.browser(OPERATOR).get("/operations"))
    assert "失败的任务" in page and "no room left" in page


def test_an_operator_pauses_a_duty_and_lets_it_go_on(school, text):
    browser = school.browser(OPERATOR)
    data = {"reason": "系统升级"}
    page = text(browser.post("/operations/duties/timers/pause", data=data, follow_redirects=True))
    assert "已暂停" in page and "系统升级" in page and "方文静" in page
    assert "已恢复" in text(browser.post("/operations/duties/timers/resume", follow_redirects=True))


def test_a_pause_without_a_reason_is_refused(school):
    assert school.browser(OPERATOR).post("/operations/duties/timers/pause").status_code == 422


def test_an_operator_runs_a_duty_now(school, text, made):
    school.clock.pass_by(days=60)
    page = text(school.browser(OPERATOR).post("/operations/duties/start_periods/run", follow_redirects=True))
    assert "已完成1项" in page and "方文静" in page


def test_an_unknown_duty_is_not_found(school):
    assert school.browser(OPERATOR).post("/operations/duties/nothing/run").status_code == 404


def test_a_preview_shows_the_next_twelve_dates(school, text, item):
    page = text(school.browser(OPERATOR).get(f"/operations/schedules/new?item={item}&words=每季度首月15日"))
    assert "2025年4月15日 08:00" in page and "2028Q1" in page and "2028Q2" not in page


@pytest.mark.parametrize(("words", "said"), [("每年2月30日", "永远不会到来"), ("及时", "未说明周期")])
def test_a_preview_says_what_is_wrong(school, text, item, words, said):
    assert said in text(school.browser(OPERATOR).get(f"/operations/schedules/new?item={item}&words={words}"))


def test_a_schedule_that_never_comes_is_not_made(school, text, item):
    form = {"item": item, "unit": "pco", "words": "每年2月30日"}
    answer = school.browser(OPERATOR).post("/operations/schedules", data=form)
    assert answer.status_code == 422 and "永远不会到来" in text(answer)


def test_a_schedule_shows_its_dates_and_its_matters(school, text, made):
    school.clock.pass_by(days=60)
    tick(school.parts.engine)
    page = text(school.browser(OPERATOR).get(made))
    assert "2025Q2" in page and "自动启动" in page and "2025年7月15日 08:00" in page


def test_an_operator_starts_the_running_period_once(school, made):
    browser = school.browser(OPERATOR)
    assert browser.post(f"{made}/run").status_code == 302
    assert browser.post(f"{made}/run").status_code == 422
    with school.parts.database.read() as session:
        assert len(session.scalars(select(Matter)).all()) == 1


def test_a_schedule_is_paused_and_resumed(school, text, made):
    browser = school.browser(OPERATOR)
    page = text(browser.post(f"{made}/pause", data={"reason": "机构调整"}, follow_redirects=True))
    assert "机构调整" in page
    school.clock.pass_by(days=60)
    tick(school.parts.engine)
    browser.post(f"{made}/resume")
    with school.parts.database.read() as session:
        assert session.scalars(select(Matter)).all() == []
        assert session.scalars(select(Schedule)).one().next_at > school.clock.now


def test_the_list_offers_rows_without_a_schedule(school, text, made):
    assert "尚无计划的目录项" in text(school.browser(OPERATOR).get("/operations/schedules"))


def test_the_calendar_shows_published_holidays_and_make_up_days(school, text):
    page = text(school.browser(OPERATOR).get("/operations/calendar?month=2025-10"))
    assert "2025年10月" in page and "补班" in page and "休息" in page


def test_an_entered_day_counts_and_is_shown(school, text):
    browser = school.browser(OPERATOR)
    data = {"day": "2025-03-10", "said": "off", "note": "校庆放假"}
    assert "校庆放假" in text(browser.post("/operations/calendar/days", data=data, follow_redirects=True))
    calendar = school.parts.engine.calendar
    calendar.asked_at = float("-inf")
    assert not calendar().is_working(school.clock.now.date() + timedelta(days=7))


def test_a_day_that_is_none_is_refused(school, text):
    answer = school.browser(OPERATOR).post("/operations/calendar/days", data={"day": "soon", "said": "off"})
    assert answer.status_code == 422 and "请选择日期" in text(answer)


def test_a_file_of_days_is_imported(school, text):
    file = (BytesIO("日期,类型\n2027-10-01,休息\n".encode()), "2027.csv")
    page = text(
        school.browser(OPERATOR).post("/operations/calendar/import", data={"file": file}, follow_redirects=True)
    )
    assert "登记了1天" in page and "2027年10月" in page


def test_a_wrong_file_is_refused_by_its_row_and_changes_nothing(school, text):
    file = (BytesIO("2027-10-01,休息\n2027-13-01,休息\n".encode()), "2027.csv")
    answer = school.browser(OPERATOR).post("/operations/calendar/import", data={"file": file})
    assert answer.status_code == 422 and "第2行" in text(answer)
    assert "近期登记" not in text(school.browser(OPERATOR).get("/operations/calendar"))


@pytest.mark.parametrize("page", ["/operations/calendar", "/operations/schedules"])
def test_nobody_else_sees_these_pages(school, page):
    assert school.browser("xuzhihang").get(page).status_code == 403
    assert school.browser("xuzhihang").post("/operations/calendar/days").status_code == 403
