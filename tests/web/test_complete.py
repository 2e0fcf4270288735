"""Doing a task: sent once, never lost, and everybody else is told who was faster."""

from __future__ import annotations

import io
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from engine import Task

from .conftest import PLAN

PDF = b"%PDF-1.4\nhello"


def form(**changes):
    """The plan as a browser sends it."""
    return {"channels--shown": "1", "co_units--shown": "1", "attachments--shown": "1", **PLAN, **changes}


def send(browser, task, **changes):
    return browser.post(f"/tasks/{task}/completion", data=form(**changes), content_type="multipart/form-data")


def test_the_handler_sends_the_plan_and_the_reviewer_sees_it(school, text):
    matter = school.matter()
    answer = send(school.browser("xuzhihang"), school.task(matter).id)
    assert answer.location == "/inbox"
    page = text(school.browser("fangwenjing").get(f"/tasks/{school.task(matter, 'review').id}"))
    assert "会议研究了党建工作。" in page and "许志航" in page


def test_a_missing_title_is_named_and_what_was_typed_stays(school, text):
    task = school.task(school.matter()).id
    browser = school.browser("xuzhihang")
    answer = send(browser, task, title="", remarks="不要丢失")
    assert answer.status_code == 422 and "标题" in text(answer) and "请填写" in text(answer)
    assert "不要丢失" in text(answer)
    assert "不要丢失" in text(browser.get(f"/tasks/{task}")), "kept as a draft as well"


def test_a_draft_is_kept_for_its_writer_alone(school, text):
    task = school.task(school.matter(unit="ccmu")).id
    browser = school.browser("xuzhihang")
    assert browser.post(f"/tasks/{task}/draft", data=form(title="", remarks="半成品")).status_code == 204
    assert "半成品" in text(browser.get(f"/tasks/{task}"))
    assert "半成品" not in text(school.browser("fangwenjing").get(f"/tasks/{task}"))


def test_the_draft_button_works_without_scripts(school, text):
    task = school.task(school.matter()).id
    browser = school.browser("xuzhihang")
    answer = browser.post(f"/tasks/{task}/draft", data=form(_action="draft"), follow_redirects=True)
    assert "草稿已保存" in text(answer) and "尚未提交" in text(answer)


def test_a_sent_task_leaves_no_draft(school):
    from web.tasks.drafts import Draft

    task = school.task(school.matter()).id
    browser = school.browser("xuzhihang")
    browser.post(f"/tasks/{task}/draft", data=form())
    send(browser, task)
    with school.parts.database.read() as session:
        assert session.query(Draft).count() == 0


def test_a_file_survives_a_refused_form(school, text):
    matter = school.matter()
    task, browser = school.task(matter).id, school.browser("xuzhihang")
    refused = send(browser, task, title="", attachments=(io.BytesIO(PDF), "纪要.pdf"))
    assert "纪要.pdf" in text(refused)
    kept = refused.get_data(as_text=True).split('name="attachments--kept" value="')[1].split('"')[0]
    send(browser, task, **{"attachments--kept": kept})
    page = text(school.browser("fangwenjing").get(f"/tasks/{school.task(matter, 'review').id}"))
    assert "纪要.pdf" in page


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"MZ", "tool.exe", "不接受"),
        (b"MZ", "纪要.pdf", "内容"),
        (b"%PDF-" + b"x" * 1024 * 1024, "大文件.pdf", "1 MB"),
        (b"", "空.pdf", "空"),
    ],
)
def test_a_file_that_cannot_be_kept_is_named_and_nothing_else_is_lost(school, text, content, name, words):
    task, browser = school.task(school.matter()).id, school.browser("xuzhihang")
    answer = send(browser, task, attachments=(io.BytesIO(content), name), remarks="其余保留")
    assert answer.status_code == 422
    assert name in text(answer) and words in text(answer) and "其余保留" in text(answer)


def test_a_request_beyond_all_limits_gets_a_friendly_page(school, text):
    task = school.task(school.matter()).id
    answer = send(school.browser("xuzhihang"), task, attachments=(io.BytesIO(b"x" * 5 * 1024 * 1024), "x.pdf"))
    assert answer.status_code == 413 and "内容过大" in text(answer)


def test_nobody_attaches_a_file_of_somebody_else_by_its_digest(school, text):
    theirs = school.task(school.matter("panlili", "orgdept")).id
    send(school.browser("panlili"), theirs, title="", attachments=(io.BytesIO(PDF), "机密.pdf"))
    from engine.canonical import digest

    mine = school.task(school.matter()).id
    answer = send(school.browser("xuzhihang"), mine, **{"attachments--kept": digest(PDF)})
    assert answer.status_code == 422 and "机密.pdf" not in text(answer)


def test_a_stale_form_names_the_winner_and_shows_what_was_typed(school, text):
    matter = school.matter()
    task, browser = school.task(matter).id, school.browser("xuzhihang")
    assert send(browser, task).status_code == 302
    late = send(browser, task, remarks="我刚写的一大段话")
    assert late.status_code == 409
    assert "许志航已于" in text(late) and "我刚写的一大段话" in text(late)


def test_two_at_once_are_one_success_and_one_friendly_refusal(school, text):
    task = school.task(school.matter()).id
    browsers = [school.visitor(), school.visitor()]
    for browser in browsers:
        browser.set_cookie("mingtang", school.browser("xuzhihang").get_cookie("mingtang").value)
    answers, ready = [], Barrier(2)

    def go(browser):
        ready.wait()
        answers.append(send(browser, task))

    threads = [Thread(target=go, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert "许志航" in text(next(answer for answer in answers if answer.status_code == 409))


def test_an_outsider_sees_and_does_nothing(school):
    task, outsider = school.task(school.matter()).id, school.browser("maoxiaolu")
    assert outsider.get(f"/tasks/{task}").status_code == 404
    assert send(outsider, task).status_code == 404
    assert outsider.post(f"/tasks/{task}/draft", data=form()).status_code == 404
    assert outsider.put(f"/tasks/{task}/claim").status_code == 403
    assert outsider.post(f"/tasks/{task}/withdrawal").status_code == 404


def test_the_proposer_does_not_review_the_own_plan(school, text):
    matter = school.matter()
    school.propose(matter)
    answer = school.browser("xuzhihang").post(f"/tasks/{school.task(matter, 'review').id}/completion", data={})
    assert answer.status_code == 403 and "其他岗位" in text(answer)


@pytest.fixture
def confirmed(school):
    """A confirmation that one of two co-units has given, and the browser of who gave it."""
    matter = school.matter()
    units = [{"value": code, "label": code} for code in ("orgdept", "discipline")]
    plan = {**PLAN, "co_units": ["orgdept", "discipline"]}
    school.parts.engine.complete(
        school.task(matter).id, school.actor("xuzhihang"), plan, {"organisations": units, "people": []}
    )
    with school.parts.database.read() as session:
        waiting = select(Task.id).where(Task.element == "co_confirm", Task.organisation == "orgdept")
        task = session.scalars(waiting).one()
    browser = school.browser("panlili")
    browser.post(f"/tasks/{task}/completion", data={"consistent": "YES", "opinion": "与我部掌握的情况一致"})
    return task, browser


def test_a_completion_is_taken_back_while_nobody_has_acted(school, text, confirmed):
    task, browser = confirmed
    assert "撤回" in text(browser.get(f"/tasks/{task}"))
    answer = browser.post(f"/tasks/{task}/withdrawal", follow_redirects=True)
    assert "任务重新打开" in text(answer) and "提交" in text(answer)


def test_nobody_takes_back_what_another_did(school, confirmed):
    task, _browser = confirmed
    assert school.browser("xuzhihang").post(f"/tasks/{task}/withdrawal").status_code == 403


def test_a_completion_that_a_service_has_answered_is_not_taken_back(school):
    matter = school.matter()
    task, browser = school.task(matter).id, school.browser("xuzhihang")
    send(browser, task)
    assert browser.post(f"/tasks/{task}/withdrawal").status_code == 403


def test_fields_appear_and_disappear_without_losing_what_was_typed(school, text):
    task, browser = school.task(school.matter()).id, school.browser("xuzhihang")
    part = browser.post(
        f"/tasks/{task}/form",
        data=form(scope="TARGETED", remarks="保留", action="refresh"),
        headers={"HX-Request": "true"},
    )
    assert "特定对象" in text(part) and "保留" in text(part) and "<html" not in part.get_data(as_text=True)
    whole = send(browser, task, scope="TARGETED", remarks="保留", action="refresh")
    assert whole.status_code == 200 and "保留" in text(whole)


def test_the_page_of_a_task_is_there_in_english_too(school, text):
    matter = school.matter()
    browser = school.browser("xuzhihang")
    browser.post("/language", data={"language": "en"})
    page = text(browser.get(f"/tasks/{school.task(matter).id}"))
    assert "Draft the disclosure plan" in page and "Submit" in page
