"""What lies in front of whom."""

from __future__ import annotations

from engine import tick


def test_an_opened_matter_lies_with_the_handlers_of_its_unit(school, text):
    school.matter()
    handler, reviewer = school.browser("xuzhihang"), school.browser("fangwenjing")
    assert "提出公开方案" in text(handler.get("/inbox?tab=posts"))
    assert "提出公开方案" not in text(reviewer.get("/inbox?tab=posts"))


def test_a_taken_task_moves_to_mine_and_back(school, text):
    task = school.task(school.matter()).id
    browser = school.browser("xuzhihang")
    browser.post(f"/tasks/{task}/claim", data={"_method": "PUT"})
    assert "提出公开方案" in text(browser.get("/inbox?tab=mine"))
    browser.delete(f"/tasks/{task}/claim")
    assert "没有等您办理的事项" in text(browser.get("/inbox?tab=mine"))


def test_a_task_that_a_colleague_took_cannot_be_taken(school, text):
    task = school.task(school.matter(unit="ccmu")).id
    _second_handler(school)
    school.browser("xuzhihang").put(f"/tasks/{task}/claim")
    answer = school.browser("heyaqin").put(f"/tasks/{task}/claim")
    assert answer.status_code == 409 and "许志航" in text(answer)


def test_done_tasks_and_started_matters_are_listed(school, text):
    matter = school.matter()
    school.propose(matter)
    browser = school.browser("xuzhihang")
    assert "提出公开方案" in text(browser.get("/inbox?tab=done"))
    assert "党委常委会纪要" in text(browser.get("/inbox?tab=started"))


def test_the_deadline_shows_its_arithmetic(school, text):
    school.matter()
    words = text(school.browser("xuzhihang").get("/inbox?tab=posts"))
    assert "个工作日" in words and "计入的工作日" in words


def test_overdue_tasks_can_be_picked_out(school, text):
    school.matter()
    browser = school.browser("xuzhihang")
    assert "没有符合条件的内容" in text(browser.get("/inbox?tab=posts&overdue=1"))
    school.clock.pass_by(days=40)
    browser = school.browser("xuzhihang")
    assert "已超期" in text(browser.get("/inbox?tab=posts&overdue=1"))


def test_words_narrow_the_list(school, text):
    matter = school.matter()
    school.propose(matter)
    browser = school.browser("fangwenjing")
    assert "保密审查" in text(browser.get("/inbox?tab=posts&text=常委会"))
    assert "没有符合条件的内容" in text(browser.get("/inbox?tab=posts&text=招生"))


def test_a_long_list_has_pages(school, text):
    for _ in range(21):
        school.matter()
    browser = school.browser("xuzhihang")
    assert "第 1 页，共 2 页" in text(browser.get("/inbox?tab=posts"))
    assert browser.get("/inbox?tab=posts&page=2").get_data(as_text=True).count('<td class="title data"') == 1
    assert browser.get("/inbox?tab=posts&page=abc&sort=x").status_code == 200


def test_a_new_task_rings_the_bell_until_it_is_read(school, text):
    matter = school.matter()
    school.propose(matter)
    browser = school.browser("fangwenjing")
    assert "条未读通知" in browser.get("/inbox").get_data(as_text=True)
    assert "保密审查" in text(browser.get("/inbox/notices"))
    browser.post("/inbox/notices/reading")
    assert "0 条未读通知" in browser.get("/inbox").get_data(as_text=True)


def test_nobody_reads_the_notices_of_another(school):
    from sqlalchemy import select

    from processes.notices import Notice

    school.propose(school.matter())
    with school.parts.database.read() as session:
        notice = session.scalars(select(Notice).where(Notice.person_id == school.person("fangwenjing").id)).first()
    assert school.browser("xuzhihang").post(f"/inbox/notices/{notice.id}/reading").status_code == 404
    assert "/tasks/" in school.browser("fangwenjing").post(f"/inbox/notices/{notice.id}/reading").location


def test_a_reminder_comes_half_way_to_the_deadline(school, text):
    school.matter()
    school.clock.pass_by(days=6)
    tick(school.parts.engine)
    assert "unread" not in text(school.browser("xuzhihang").get("/inbox/notices"))
    assert "提出公开方案" in text(school.browser("xuzhihang").get("/inbox/notices"))


def _second_handler(school):
    from datetime import date

    from processes.organisation import appoint

    with school.parts.database.write() as session:
        appoint(session, school.person("heyaqin").id, "ccmu", "handler", date(2024, 1, 1))
