"""What every page keeps: the token, the headers, no text of a person taken for markup."""

from __future__ import annotations

import re

import pytest

PAGES = ("/sign-in", "/inbox", "/inbox?tab=posts", "/inbox/notices", "/matters", "/matters/new", "/password")


def test_a_form_without_its_token_is_refused(school, text):
    browser = school.browser("xuzhihang")
    school.app.config["WTF_CSRF_ENABLED"] = True
    answer = browser.post("/sign-out")
    assert answer.status_code == 400 and "重新载入" in text(answer)
    assert browser.get("/inbox").status_code == 200


def test_a_form_with_its_token_is_accepted(school):
    browser = school.browser("xuzhihang")
    school.app.config["WTF_CSRF_ENABLED"] = True
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/inbox").get_data(as_text=True))[1]
    assert browser.post("/sign-out", data={"csrf_token": token}).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_pages_run_no_script_and_no_style_of_their_own(school, page):
    answer = school.browser("xuzhihang").get(page, follow_redirects=True)
    policy, html = answer.headers["Content-Security-Policy"], answer.get_data(as_text=True)
    assert "script-src 'self';" in policy and "style-src 'self';" in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", html)


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_not_kept_and_not_framed(school, page):
    headers = school.browser("xuzhihang").get(page, follow_redirects=True).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_people_write_is_never_markup(school):
    matter = school.matter()
    school.propose(matter, title="<script>alert(1)</script>", text="<p onclick=x()>好</p><img src=x onerror=x()>")
    reviewer = school.browser("fangwenjing")
    review = school.task(matter, "review").id
    for page in ("/inbox?tab=posts", f"/matters/{matter.id}", f"/tasks/{review}"):
        html = reviewer.get(page).get_data(as_text=True)
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html and "onclick" not in html and "onerror" not in html


def test_unknown_pages_and_wrong_methods_get_a_friendly_page(school, text):
    browser = school.browser("xuzhihang")
    assert "没有这个页面" in text(browser.get("/nowhere"))
    assert browser.delete("/matters").status_code == 405
    assert "Traceback" not in text(browser.delete("/matters"))


def test_a_bug_shows_nothing_of_itself(school, text):
    school.app.testing = False
    school.app.config["PROPAGATE_EXCEPTIONS"] = False
    school.app.add_url_rule("/bug", "bug", lambda: 1 / 0)
    answer = school.browser("xuzhihang").get("/bug")
    assert answer.status_code == 500
    assert "系统出现错误" in text(answer) and "ZeroDivision" not in text(answer)
