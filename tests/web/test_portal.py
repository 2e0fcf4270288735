"""The portal: each release is read by exactly the people it is for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import Task
from processes.disclosure.publications import Publication, Recipient
from processes.feedback import Feedback

from .portal import release

MEMBER, STAFF, UNIT_MEMBER = "pengchao", "maoxiaolu", "panlili"


@pytest.mark.parametrize(
    ("scope", "readers"),
    [
        ("PUBLIC", {None, MEMBER, STAFF, UNIT_MEMBER}),
        ("ORG_ALL", {MEMBER, STAFF, UNIT_MEMBER}),
        ("INTRA_PARTY", {MEMBER, UNIT_MEMBER}),
        ("UNIT", {UNIT_MEMBER}),
        ("TARGETED", {STAFF}),
    ],
)
@pytest.mark.parametrize("login", [None, MEMBER, STAFF, UNIT_MEMBER])
def test_a_release_is_there_for_its_readers_and_nowhere_for_others(school, text, scope, readers, login):
    number = release(school, scope, to=(STAFF,) if scope == "TARGETED" else ())
    browser = school.browser(login) if login else school.visitor()
    assert ("党费收缴情况" in text(browser.get("/portal"))) is (login in readers)
    assert ("党费收缴情况" in text(browser.get("/portal?text=党费"))) is (login in readers)
    page = browser.get(f"/portal/{number}")
    assert page.status_code == (200 if login in readers else 404)
    assert ("党费收缴情况" in text(page)) is (login in readers)


def test_a_page_says_who_when_for_whom_and_how_to_check(school, text):
    number = release(school)
    page = text(school.visitor().get(f"/portal/{number}"))
    for words in ("上年度党费收缴情况。", "组织部", "2025年3月3日", "第十一条", "校验码", "局域网"):
        assert words in page
    with school.parts.database.read() as session:
        assert session.get_one(Publication, number).text_hash in page


def test_search_engines_keep_only_what_is_for_the_public(school):
    visitor, member = school.visitor(), school.browser(MEMBER)
    assert "X-Robots-Tag" not in visitor.get(f"/portal/{release(school)}").headers
    assert "X-Robots-Tag" not in visitor.get("/portal").headers
    answers = [member.get("/portal"), member.get(f"/portal/{release(school, 'INTRA_PARTY')}"), visitor.get("/portal/x")]
    assert all("noindex" in answer.headers["X-Robots-Tag"] for answer in answers)


@pytest.mark.parametrize(("words", "is_kept_out"), [("电话13812345678", True), ("电话138****5678", False)])
def test_search_engines_keep_no_personal_data(school, words, is_kept_out):
    answer = school.visitor().get(f"/portal/{release(school, html=f'<p>捐赠人{words}</p>')}")
    assert ("X-Robots-Tag" in answer.headers) is is_kept_out
    assert ("noindex" in answer.get_data(as_text=True)) is is_kept_out


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("text=党费 收缴", True),
        ("text=100%25", False),
        ("organisation=orgdept", True),
        ("organisation=pco", False),
        ("scope=INTRA_PARTY", True),
        ("scope=TARGETED", False),
        ("since=2025-03-03&until=2025-03-03", True),
        ("until=2025-03-02", False),
        ("since=0001-01-01&until=9999-12-31&page=-3", True),
        ("page=99999999999999999999", False),
    ],
)
def test_the_list_is_narrowed(school, text, query, is_found):
    release(school, "INTRA_PARTY")
    assert ("党费收缴情况" in text(school.browser(MEMBER).get(f"/portal?{query}"))) is is_found


def test_hostile_words_are_shown_and_never_run(school):
    number = release(school, title="<script>alert(1)</script>", html='<p onclick="x()">好<script>alert(2)</script></p>')
    visitor = school.visitor()
    visitor.post(f"/portal/{number}/feedback", data={"kind": "QUESTION", "text": "<img src=x onerror=alert(3)>"})
    for address in ("/portal", f"/portal/{number}", "/portal?text=%22%3E%3Cscript%3Ealert(4)"):
        page = visitor.get(address).get_data(as_text=True)
        assert "<script>alert" not in page and "onclick" not in page and "<img src=x" not in page
    desk = school.browser("panlili").get("/feedback").get_data(as_text=True)
    assert "&lt;img src=x" in desk and "<img src=x" not in desk


def test_the_first_reading_by_name_is_the_receipt(school):
    number = release(school, "TARGETED", to=(STAFF,))
    school.browser(UNIT_MEMBER).get(f"/portal/{number}")
    assert receipt(school, number) is None
    school.browser(STAFF).get(f"/portal/{number}")
    first = school.clock.now
    school.clock.pass_by(minutes=5)
    school.browser(STAFF).get(f"/portal/{number}")
    assert receipt(school, number) == first


def test_a_reader_asks_and_the_desk_officer_answers(school, text):
    number = release(school, "INTRA_PARTY")
    reader, officer = school.browser(MEMBER), school.browser("panlili")
    answer = reader.post(f"/portal/{number}/feedback", data={"kind": "QUESTION", "text": "何时公布明细？"})
    assert answer.location == f"/portal/{number}#feedback"
    assert "何时公布明细？" in text(officer.get("/feedback")) and "彭超" in text(officer.get("/feedback"))
    does(school, "panlili", "triage", {"result": "ANSWER"})
    does(school, "panlili", "reply", {"reply": "下月。"})
    assert "下月。" in text(reader.get(f"/portal/{number}"))
    assert "何时公布明细？" not in text(school.browser("zhulin").get(f"/portal/{number}"))


def test_the_list_leads_to_what_waits(school):
    number = release(school)
    school.visitor().post(f"/portal/{number}/feedback", data={"kind": "QUESTION", "text": "何时？"})
    desk = school.browser("panlili").get("/feedback").get_data(as_text=True)
    assert f"/cases/{said(school)[0].case_id}" in desk and f"/tasks/{task(school, 'triage').id}" in desk
    assert school.browser(MEMBER).get("/feedback").status_code == 403


def test_a_report_of_misconduct_never_reaches_the_desk(school, text):
    number = release(school)
    school.visitor().post(f"/portal/{number}/feedback", data={"kind": "MISCONDUCT", "text": "挪用党费"})
    assert "挪用党费" not in text(school.browser("panlili").get("/feedback?tab=all"))
    assert "挪用党费" in text(school.browser("yanweidong").get(f"/tasks/{task(school, 'verify').id}"))


def test_the_desk_officer_registers_what_came_by_letter(school, text):
    given = {"channel": "LETTER", "title": "党费收据", "kind": "SUGGESTION", "text": "请公开收据。"}
    answer = school.browser("panlili").post("/cases/new/feedback", data=given)
    assert answer.status_code == 302
    assert "党费收据" in text(school.browser("panlili").get("/feedback"))


def test_nobody_without_a_name_speaks_where_only_readers_with_names_read(school):
    number = release(school, "ORG_ALL")
    answer = school.visitor().post(f"/portal/{number}/feedback", data={"kind": "QUESTION", "text": "你好"})
    assert answer.status_code == 404 and not said(school)


def test_feedback_after_the_window_is_refused_and_what_was_written_stays(school, text):
    number = release(school)
    school.clock.pass_by(days=15)
    answer = school.visitor().post(f"/portal/{number}/feedback", data={"kind": "QUESTION", "text": "迟到的一段话"})
    assert answer.status_code == 409 and "迟到的一段话" in text(answer) and not said(school)


@pytest.mark.parametrize("data", [{"kind": "QUESTION", "text": " "}, {"kind": "QUESTION", "text": "长" * 5001}])
def test_empty_and_endless_feedback_is_refused(school, data):
    answer = school.visitor().post(f"/portal/{release(school)}/feedback", data=data)
    assert answer.status_code == 422 and not said(school)


def test_feedback_of_no_kind_is_refused_and_kept_for_another_try(school, text):
    answer = school.visitor().post(f"/portal/{release(school)}/feedback", data={"kind": "SPAM", "text": "保留"})
    assert answer.status_code == 422 and "保留" in text(answer) and not said(school)


def test_a_form_from_elsewhere_is_refused(school):
    school.app.config["WTF_CSRF_ENABLED"] = True
    answer = school.visitor().post(f"/portal/{release(school)}/feedback", data={"kind": "QUESTION", "text": "你好"})
    assert answer.status_code == 400 and not said(school)


def test_a_stranger_who_floods_is_asked_to_wait(school, text):
    number, visitor = release(school), school.visitor()
    for _ in range(5):
        say(visitor, number, "192.0.2.1")
    late = say(visitor, number, "192.0.2.1")
    assert late.status_code == 429 and "稍" in text(late) or "几分钟" in text(late)
    school.clock.pass_by(minutes=11)
    assert say(visitor, number, "192.0.2.1").status_code == 302
    assert len(said(school)) == 6


def test_the_page_is_there_in_english_too(school, text):
    visitor = school.visitor()
    visitor.post("/language", data={"language": "en"})
    page = text(visitor.get(f"/portal/{release(school)}"))
    assert "Verification code" in page and "Send feedback" in page


def say(browser, number, address):
    data = {"kind": "QUESTION", "text": "你好"}
    return browser.post(f"/portal/{number}/feedback", data=data, environ_base={"REMOTE_ADDR": address})


def task(school, element):
    with school.parts.database.read() as session:
        return session.scalars(select(Task).where(Task.element == element, Task.state == "open")).one()


def does(school, login, element, data):
    answer = school.browser(login).post(f"/tasks/{task(school, element).id}/completion", data=data)
    assert answer.status_code == 302, answer.get_data(as_text=True)


def said(school):
    with school.parts.database.read() as session:
        return list(session.scalars(select(Feedback)))


def receipt(school, number):
    with school.parts.database.read() as session:
        return session.scalars(select(Recipient.read_at).where(Recipient.publication_id == number)).one()


def test_a_reprint_is_recorded_by_who_may_reprint(school, text):
    number = release(school)
    assert school.browser(MEMBER).post(f"/portal/{number}/reprints", data={"place": "学院网站"}).status_code == 403
    publisher = school.browser("caiyunfei")
    assert publisher.post(f"/portal/{number}/reprints", data={"place": " "}).status_code == 422
    publisher.post(f"/portal/{number}/reprints", data={"place": "学院网站"})
    assert "学院网站" in text(publisher.get(f"/portal/{number}"))
