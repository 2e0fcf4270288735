"""A deadline stops while a third party is consulted: asked for on the page of the task, told wherever it is shown."""

from __future__ import annotations

STOP = {"party": "保密委员会办公室", "reason": "请其认定密级"}


def reviewing(school):
    matter = school.matter()
    school.propose(matter)
    return matter, school.task(matter, "review").id


def test_the_clock_stops_and_goes_on(school, text):
    matter, task = reviewing(school)
    browser = school.browser("fangwenjing")
    assert "停止计时" in text(browser.get(f"/tasks/{task}"))
    assert browser.post(f"/tasks/{task}/clock", data=STOP).status_code == 302
    page = text(browser.get(f"/tasks/{task}"))
    assert "已停止计时" in page and "保密委员会办公室：请其认定密级" in page and "原定期限" in page
    assert "已停止计时" in text(browser.get("/inbox?tab=posts"))
    browser.post(f"/tasks/{task}/clock", data={"act": "go_on"})
    page = text(browser.get(f"/tasks/{task}"))
    assert "恢复计时" in page and "已停止计时" not in page.replace("已停止计时，恢复前", "")
    assert "保密委员会办公室" in text(browser.get(f"/matters/{matter.id}"))


def test_what_is_missing_is_named_and_nothing_stops(school, text):
    _, task = reviewing(school)
    browser = school.browser("fangwenjing")
    answer = browser.post(f"/tasks/{task}/clock", data={**STOP, "party": ""})
    assert answer.status_code == 422 and "请写明征求谁的意见" in text(answer)
    assert school.browser("xuzhihang").post(f"/tasks/{task}/clock", data=STOP).status_code == 403
    again = browser.post(f"/tasks/{task}/clock", data={"act": "go_on"})
    assert again.status_code == 422 and "正在计时" in text(again)
    assert "已停止计时" not in text(browser.get(f"/tasks/{task}"))
