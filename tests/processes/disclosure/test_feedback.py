from __future__ import annotations

from datetime import timedelta

import pytest

from engine import Actor
from processes.disclosure.feedback import Feedback, leave, reply
from processes.disclosure.publications import Publication
from processes.disclosure.refusals import (
    AlreadyReplied,
    FeedbackClosed,
    FeedbackEmpty,
    FeedbackKind,
    NotDeskOfficer,
    SignInForFeedback,
)
from processes.notices import Notice

from .conftest import NOW


@pytest.fixture
def publication(session, released):
    return session.get(Publication, released(scope="PUBLIC")["id"])


@pytest.fixture
def desk(who):
    return Actor(who("desk").id, frozenset({("office", "desk_officer")}))


def kinds(session, person):
    return [notice.kind for notice in Notice.unread(session, person.id)]


def test_a_reader_asks_and_the_desk_officer_is_told(session, publication, who):
    leave(session, publication, who("nurse"), "QUESTION", "何时执行？", NOW)
    assert [one.text for one in Feedback.of(session, publication.id)] == ["何时执行？"]
    assert "feedback_arrived" in kinds(session, who("desk"))


def test_an_answer_reaches_the_reader(session, publication, who, desk):
    feedback = leave(session, publication, who("nurse"), "QUESTION", "何时执行？", NOW)
    reply(session, feedback, "下月起。", desk, NOW)
    assert (feedback.reply, feedback.replied_by) == ("下月起。", desk.person)
    assert kinds(session, who("nurse")) == ["feedback_replied"]


def test_an_anonymous_question_is_answered_in_public(session, publication, desk):
    feedback = leave(session, publication, None, "QUESTION", "何时执行？", NOW)
    assert Feedback.shown_to(session, publication.id, None) == []
    reply(session, feedback, "下月起。", desk, NOW)
    assert [one.reply for one in Feedback.shown_to(session, publication.id, None)] == ["下月起。"]


def test_a_signed_question_is_shown_to_its_author_only(session, publication, who):
    leave(session, publication, who("nurse"), "COMPLAINT", "看不清", NOW)
    assert [len(Feedback.shown_to(session, publication.id, who(login))) for login in ("nurse", "ma")] == [1, 0]


def test_anonymous_feedback_is_for_public_releases_only(session, released):
    publication = session.get(Publication, released(scope="ORG_ALL")["id"])
    with pytest.raises(SignInForFeedback):
        leave(session, publication, None, "QUESTION", "？", NOW)


def test_after_the_window_nothing_is_taken(session, publication, who):
    with pytest.raises(FeedbackClosed):
        leave(session, publication, who("nurse"), "QUESTION", "？", NOW + timedelta(days=20))


@pytest.mark.parametrize(
    ("kind", "text", "refusal"),
    [("QUESTION", "  ", FeedbackEmpty), ("QUESTION", "长" * 5001, FeedbackEmpty), ("PRAISE", "好", FeedbackKind)],
)
def test_bad_feedback_is_refused(session, publication, who, kind, text, refusal):
    with pytest.raises(refusal):
        leave(session, publication, who("nurse"), kind, text, NOW)


def test_only_the_desk_officer_of_the_unit_replies(session, publication, who):
    feedback = leave(session, publication, None, "QUESTION", "？", NOW)
    with pytest.raises(NotDeskOfficer):
        reply(session, feedback, "答", Actor(who("ma").id, frozenset({("hospital", "desk_officer")})), NOW)


def test_feedback_is_answered_once(session, publication, desk):
    feedback = leave(session, publication, None, "QUESTION", "？", NOW)
    reply(session, feedback, "答", desk, NOW)
    with pytest.raises(AlreadyReplied):
        reply(session, feedback, "再答", desk, NOW)
    assert feedback.reply == "答"
