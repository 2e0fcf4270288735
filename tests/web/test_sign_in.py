"""Who comes in, who stays out, and for how long."""

from __future__ import annotations

from datetime import timedelta

from web.auth import accounts

from .conftest import PASSWORD


def sign_in(browser, login="xuzhihang", password=PASSWORD, **more):
    return browser.post("/sign-in", data={"login": login, "password": password, **more})


def test_a_handler_signs_in_and_sees_the_inbox(school):
    browser = school.visitor()
    assert sign_in(browser).status_code == 302
    assert browser.get("/inbox").status_code == 200


def test_a_visitor_is_led_to_the_sign_in_page_and_back(school):
    browser = school.visitor()
    answer = browser.get("/matters")
    assert answer.location == "/sign-in?next=/matters?"
    assert sign_in(browser, next="/matters").location == "/matters"


def test_nobody_is_led_to_another_site(school):
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        assert sign_in(school.visitor(), next=wanted).location == "/"


def test_a_wrong_password_and_an_unknown_login_are_told_the_same(school, text):
    wrong = sign_in(school.visitor(), password="wrong")
    unknown = sign_in(school.visitor(), login="nobody")
    assert wrong.status_code == unknown.status_code == 422
    assert "登录名或密码不正确" in text(wrong) and "登录名或密码不正确" in text(unknown)


def test_five_failures_lock_the_login_for_a_while_even_for_the_right_password(school, text):
    browser = school.visitor()
    for _ in range(accounts.FREE_ATTEMPTS):
        sign_in(browser, password="wrong")
    locked = sign_in(browser)
    assert locked.status_code == 429 and "登录失败次数过多" in text(locked)
    school.clock.pass_by(seconds=31)
    assert sign_in(browser).status_code == 302


def test_each_further_failure_locks_for_longer_up_to_an_hour():
    waits = [accounts.delay(count).total_seconds() for count in (4, 5, 6, 7, 40)]
    assert waits == [0, 30, 60, 120, 3600]


def test_a_success_forgets_earlier_failures(school):
    for _ in range(2):
        for _ in range(accounts.FREE_ATTEMPTS - 1):
            sign_in(school.visitor(), password="wrong")
        assert sign_in(school.visitor()).status_code == 302


def test_a_session_prepared_by_somebody_else_does_not_become_the_persons(school):
    browser = school.visitor()
    with browser.session_transaction() as session:
        session["sign_in"] = "prepared"
        session["left"] = "behind"
    sign_in(browser)
    with browser.session_transaction() as session:
        assert session["sign_in"] != "prepared" and "left" not in session


def test_signing_out_ends_a_copied_cookie_too(school):
    browser, thief = school.browser("xuzhihang"), school.visitor()
    thief.set_cookie("mingtang", browser.get_cookie("mingtang").value)
    assert thief.get("/inbox").status_code == 200
    browser.post("/sign-out")
    assert thief.get("/inbox").status_code == 302


def test_whoever_has_left_the_school_is_out_at_once(school):
    browser = school.browser("xuzhihang")
    with school.parts.database.write() as session:
        session.get_one(type(school.person("xuzhihang")), school.person("xuzhihang").id).active = False
    assert browser.get("/inbox").status_code == 302
    assert sign_in(school.visitor()).status_code == 422


def test_a_session_without_a_click_runs_out(school):
    browser = school.browser("xuzhihang")
    school.app.permanent_session_lifetime = timedelta(seconds=-1)
    assert browser.get("/inbox").status_code == 302


def change(browser, old=PASSWORD, new="a much better password", again=None):
    return browser.post("/password", data={"old": old, "new": new, "again": new if again is None else again})


def test_a_new_password_ends_all_other_sign_ins(school):
    here, elsewhere = school.browser("xuzhihang"), school.visitor()
    sign_in(elsewhere)
    assert change(here).status_code == 302
    assert here.get("/inbox").status_code == 200
    assert elsewhere.get("/inbox").status_code == 302
    assert sign_in(school.visitor(), password="a much better password").status_code == 302


def test_a_weak_wrong_or_mistyped_new_password_changes_nothing(school, text):
    browser = school.browser("xuzhihang")
    assert "至少需要 10 个字符" in text(change(browser, new="short"))
    assert "不正确" in text(change(browser, old="wrong"))
    assert "不一致" in text(change(browser, again="something else"))
    assert sign_in(school.visitor()).status_code == 302


def test_the_cookie_is_for_our_pages_only(school):
    answer = sign_in(school.visitor())
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("mingtang="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_the_language_is_remembered_in_a_cookie(school, text):
    browser = school.visitor()
    assert "登录" in text(browser.get("/sign-in"))
    browser.post("/language", data={"language": "en", "next": "/sign-in"})
    assert "Sign in" in text(browser.get("/sign-in"))
