"""Every refusal has a status and a page in both languages."""

from __future__ import annotations

import pytest

from engine import refusals as engine
from engine.refusals import Refusal
from web import i18n, refusals


def kinds(parent=Refusal):
    return [parent, *(deeper for child in parent.__subclasses__() for deeper in kinds(child))]


def test_every_refusal_of_the_engine_has_its_status():
    ours = {kind for kind in kinds() if kind.__module__ == "engine.refusals" and kind is not Refusal}
    assert {kind for kind in ours if not any(parent in refusals.STATUS for parent in kind.__mro__)} == set()


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (engine.NotFound(what="task", key="7"), 404, "没有这个任务：7"),
        (engine.NotYourTask(), 403, "其他岗位"),
        (engine.Overtaken(), 409, "他人已先行操作"),
        (engine.Broken(what="entry", key="7", reason="x"), 500, "已损坏"),
        (engine.ServiceRefused(reason="外部拒绝"), 422, "外部拒绝"),
    ],
)
def test_a_refusal_is_told_in_chinese_with_its_status(school, text, refusal, code, words):
    def refuse():
        raise refusal

    school.app.add_url_rule("/refuse", "refuse", refuse)
    answer = school.visitor().get("/refuse")
    assert answer.status_code == code and words in text(answer)


def test_a_message_with_a_missing_name_is_still_told(school):
    with school.app.test_request_context():
        assert "{by}" in i18n.refusal(engine.AlreadyDone().template, {})
