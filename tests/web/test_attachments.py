"""Who may fetch a file."""

from __future__ import annotations

import io

import pytest

from engine.canonical import digest

from .test_complete import PDF, send


@pytest.fixture
def matter(school):
    matter = school.matter()
    send(school.browser("xuzhihang"), school.task(matter).id, attachments=(io.BytesIO(PDF), "纪要.pdf"))
    return matter


def test_people_of_the_matter_fetch_its_files_to_be_saved(school, matter):
    answer = school.browser("fangwenjing").get(f"/attachments/{digest(PDF)}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_chinese_name_travels_in_a_header_that_every_server_accepts(school, matter):
    header = school.browser("fangwenjing").get(f"/attachments/{digest(PDF)}").headers["Content-Disposition"]
    assert header == "attachment; filename*=UTF-8''%E7%BA%AA%E8%A6%81.pdf"


def test_others_and_strangers_do_not_learn_that_it_exists(school, matter):
    for browser in (school.browser("maoxiaolu"), school.visitor()):
        assert browser.get(f"/attachments/{digest(PDF)}").status_code == 404


def test_a_made_up_digest_is_not_found(school):
    assert school.browser("xuzhihang").get("/attachments/" + "0" * 64).status_code == 404


def test_a_changed_file_is_not_handed_out(school, matter, tmp_path):
    stored = next((tmp_path / "store").rglob(digest(PDF)))
    stored.write_bytes(b"%PDF-1.4\nchanged")
    assert school.browser("fangwenjing").get(f"/attachments/{digest(PDF)}").status_code == 500
