"""The page of the player, and one entry as it was then."""

from __future__ import annotations

import pytest


def test_the_list_tells_the_history_without_scripts(browse, letter) -> None:
    page = browse("li").get(f"/instances/{letter}/playback").text
    assert f'href="/instances/{letter}/entries/2"' in page
    assert "致全体党员的信" in page and "李写信" in page


def test_an_entry_shows_what_was_entered(browse, letter) -> None:
    assert "信已写好" in browse("li").get(f"/instances/{letter}/entries/2").text


def test_the_player_gets_the_part_only(browse, letter) -> None:
    part = browse("li").get(f"/instances/{letter}/entries/2", headers={"HX-Request": "true"}).text
    assert "信已写好" in part and "<html" not in part


def test_a_start_had_nothing_entered(browse, letter) -> None:
    assert "本步骤没有填写内容。" in browse("li").get(f"/instances/{letter}/entries/1").text


def test_an_entry_behind_the_end_is_not_found(browse, letter) -> None:
    assert browse("li").get(f"/instances/{letter}/entries/3").status_code == 404


@pytest.mark.parametrize("login", ["li", "wang", "shen"])
def test_whoever_took_part_or_audits_may_look(browse, letter, login: str) -> None:
    assert browse(login).get(f"/instances/{letter}/playback").status_code == 200


@pytest.mark.parametrize("page", ["playback", "playback.json", "entries/1"])
def test_an_outsider_learns_nothing(browse, letter, page: str) -> None:
    assert browse("guo").get(f"/instances/{letter}/{page}").status_code == 404


def test_a_stranger_is_led_to_the_sign_in(browse, letter) -> None:
    client = browse("li")
    client.delete_cookie("mingtang")
    answer = client.get(f"/instances/{letter}/playback")
    assert answer.status_code == 302 and "/sign-in" in answer.location


def test_the_page_is_english_for_who_reads_english(browse, letter) -> None:
    client = browse("li")
    client.set_cookie("language", "en")
    page = client.get(f"/instances/{letter}/playback").text
    assert "What happened" in page and "Draft the letter" in page
