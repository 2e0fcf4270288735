"""What may be left on the portal, by whom, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.disclosure.publications import Publication
from processes.feedback import Feedback, leave
from processes.feedback.refusals import FeedbackClosed, FeedbackEmpty, FeedbackKind, SignInForFeedback
from processes.organisation import Person
from tests.processes.kit import Kit


@pytest.fixture
def publication(kit: Kit) -> str:
    return kit.released()


def leave_it(
    kit: Kit, publication: str, kind: str = "QUESTION", text: str = "？", login: str | None = "tianye", late: int = 0
) -> None:
    with kit.database.write() as session:
        about = session.get_one(Publication, publication)
        person = Person.by_login(session, login) if login else None
        leave(session, kit.engine, about, person, kind, text, kit.clock.now + timedelta(days=late))


def test_anonymous_feedback_is_for_public_releases_only(kit: Kit, publication: str) -> None:
    with pytest.raises(SignInForFeedback):
        leave_it(kit, publication, login=None)


def test_after_the_window_nothing_is_taken(kit: Kit, publication: str) -> None:
    with pytest.raises(FeedbackClosed):
        leave_it(kit, publication, late=20)


@pytest.mark.parametrize(
    ("kind", "text", "refusal"),
    [("QUESTION", "  ", FeedbackEmpty), ("QUESTION", "长" * 5001, FeedbackEmpty), ("PRAISE", "好", FeedbackKind)],
)
def test_bad_feedback_is_refused_and_nothing_begins(
    kit: Kit, publication: str, kind: str, text: str, refusal: type
) -> None:
    with pytest.raises(refusal):
        leave_it(kit, publication, kind, text)
    with kit.database.read() as session:
        assert session.query(Feedback).count() == 0
    assert kit.runs("feedback") == []
