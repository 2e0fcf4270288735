from __future__ import annotations

from processes.disclosure.opinions import opinions


def test_opinions_are_listed_by_round(session, matter, journal):
    journal(matter, ("draft", "han", {"title": "题"}), ("review", "lin", {"result": "RETURN", "opinion": "请补充"}))
    journal(matter, ("draft", "han", {}), ("review", "lin", {"result": "PASS", "opinion": "同意"}))
    said = [(one.round, one.element, one.result, one.opinion) for one in opinions(session, matter.instance_id)]
    assert said == [
        (1, "draft", None, ""),
        (1, "review", "RETURN", "请补充"),
        (2, "draft", None, ""),
        (2, "review", "PASS", "同意"),
    ]


def test_an_opinion_names_who_in_which_post(session, matter, journal, who):
    journal(matter, ("co_confirm", "ma", {"consistent": "NO", "opinion": "数据不一致"}))
    [one] = opinions(session, matter.instance_id)
    assert (one.person, one.organisation, one.post, one.result) == (who("ma").id, "office", "handler", "NO")


def test_a_completion_that_was_taken_back_shows_as_such(session, matter, journal):
    journal(matter, ("draft", "han", {}), ("review", "lin", {"result": "PASS"}), ("withdraw", "lin", 2))
    assert [(one.element, one.taken_back) for one in opinions(session, matter.instance_id)] == [
        ("draft", False),
        ("review", True),
    ]


def test_a_round_is_told_where_a_step_was_done_more_than_once(session, matter, journal):
    journal(matter, ("draft", "han", {}), ("review", "lin", {"result": "RETURN"}), ("draft", "han", {}))
    journal(matter, ("co_confirm", "ma", {"consistent": "YES"}))
    told = [(one.element, one.is_repeated) for one in opinions(session, matter.instance_id)]
    assert told == [("draft", True), ("review", False), ("draft", True), ("co_confirm", False)]
