"""People and posts: who looks, who appoints, and what nobody may do."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from processes.notices import Notice
from processes.organisation import Appointment

SECURITY, READER = "anquanzhi", "maoxiaolu"


def appointments(school, login):
    with school.parts.database.read() as session:
        return Appointment.of_person(session, school.person(login).id)


def give(school, login, post, organisation="ccmu", by=SECURITY, **dates):
    data = {"organisation": organisation, "post": post, "since": "2025-03-03", **dates}
    return school.browser(by).post(f"/people/{school.person(login).id}/appointments", data=data)


def end(school, login, until="2025-03-31", by=SECURITY):
    return school.browser(by).post(
        f"/people/appointments/{appointments(school, login)[0].id}/end", data={"until": until}
    )


@pytest.mark.parametrize("tab", ["organisations", "posts", "people", "nonsense"])
def test_administrators_see_who_holds_which_post(school, text, tab):
    assert "沈国安" in text(school.browser(SECURITY).get(f"/people?tab={tab}"))


def test_others_see_their_own_page_only(school, text):
    reader = school.browser(READER)
    own = text(reader.get("/people/me", follow_redirects=True))
    assert "毛晓璐" in own and "修改密码" in own
    for address in ("/people", "/people/organisations/ccmu", f"/people/{school.person('shenguoan').id}"):
        assert reader.get(address).status_code == 403
    assert school.visitor().get("/people/me").location.startswith("/sign-in")


def test_an_organisation_without_a_desk_officer_is_named(school, text):
    end(school, "panlili", "2025-03-02")
    for each in appointments(school, "panlili"):
        school.browser(SECURITY).post(f"/people/appointments/{each.id}/end", data={"until": "2025-03-02"})
    assert "未明确党务公开专责人员" in text(school.browser(SECURITY).get("/people"))
    assert "尚未明确党务公开专责人员" in text(school.browser(SECURITY).get("/people/organisations/orgdept"))


def test_a_post_is_given_for_a_period_and_the_person_is_told(school, text):
    assert give(school, "tianye", "auditor", until="2025-12-31").status_code == 302
    held = appointments(school, "tianye")[0]
    assert (held.post, held.since, held.until) == ("auditor", date(2025, 3, 3), date(2025, 12, 31))
    with school.parts.database.read() as session:
        notice = session.scalars(select(Notice).where(Notice.person_id == held.person_id)).one()
    assert "审计员" in notice.text_zh
    assert "审计员" in text(school.browser("tianye").get("/people/me", follow_redirects=True))


def test_a_post_is_given_on_the_page_of_an_organisation_too(school):
    data = {"person": school.person("tianye").id, "post": "archivist", "since": "2025-03-03"}
    school.browser("weixitong").post("/people/organisations/orgdept/appointments", data=data)
    assert appointments(school, "tianye")[0].organisation == "orgdept"


def test_a_given_post_opens_its_pages_at_once(school):
    assert school.browser("tianye").get("/procedures").status_code == 403
    give(school, "tianye", "auditor")
    assert school.browser("tianye").get("/procedures").status_code == 200


@pytest.mark.parametrize(
    ("login", "post", "dates", "words"),
    [
        ("weixitong", "audit_admin", {}, "系统管理员"),
        ("shenguoan", "head_approver", {}, "2024-01-01"),
        ("tianye", "auditor", {"until": "2025-03-01"}, "2025-03-01"),
        ("tianye", "auditor", {"since": "soon"}, "填写日期"),
        ("tianye", "emperor", {}, "emperor"),
    ],
)
def test_a_conflict_is_named_and_nothing_is_given(school, text, login, post, dates, words):
    before = len(appointments(school, login))
    answer = give(school, login, post, **dates)
    assert answer.status_code in (404, 422) and words in text(answer)
    assert len(appointments(school, login)) == before


@pytest.mark.parametrize("login", [READER, "jiyan", "fangwenjing", "shenguoan"])
def test_nobody_else_appoints(school, login):
    assert give(school, "tianye", "auditor", by=login).status_code == 403
    assert end(school, "panlili", by=login).status_code == 403
    assert not appointments(school, "tianye") and appointments(school, "panlili")[0].until is None


def test_administrators_neither_appoint_nor_dismiss_themselves(school, text):
    answer = give(school, SECURITY, "auditor")
    assert answer.status_code == 403 and "本人" in text(answer)
    assert end(school, SECURITY).status_code == 403


def test_a_post_ends_on_its_last_day(school):
    end(school, "panlili", "2025-03-31")
    assert appointments(school, "panlili")[0].until == date(2025, 3, 31)
    assert end(school, "panlili", "2025-04-30").status_code == 422
    assert appointments(school, "panlili")[0].until == date(2025, 3, 31)


def test_the_last_administrator_of_a_kind_stays(school, text):
    answer = end(school, "jiyan")
    assert answer.status_code == 422 and "接任者" in text(answer)
    give(school, "tianye", "audit_admin")
    assert end(school, "jiyan").status_code == 302


def test_a_form_from_elsewhere_is_refused(school):
    school.browser(SECURITY)
    school.app.config["WTF_CSRF_ENABLED"] = True
    assert give(school, "tianye", "auditor").status_code == 400
    assert not appointments(school, "tianye")


def test_it_is_kept_and_shown_who_gave_and_who_ended_a_post(school, text):
    give(school, "tianye", "auditor")
    end(school, "tianye", by="weixitong")
    held = appointments(school, "tianye")[0]
    assert (held.made_by, held.ended_by) == (school.person(SECURITY).id, school.person("weixitong").id)
    assert (held.made_at, held.ended_at) == (school.clock.now, school.clock.now)
    page = text(school.browser(SECURITY).get(f"/people/{held.person_id}"))
    assert "登记人 安全之" in page and "终止登记人 卫希彤" in page
