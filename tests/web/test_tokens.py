"""Operators let programs in, and shut them out, on a page and from the command line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from web.api import tokens
from web.signing import Signer

from .test_api import Program, letter
from .test_cli import house, run

assert house, "the fixture"
NEW = {"name": "stamps", "messages": "Letter\nOther", "topics": "stamp、seal"}


def spelling(page: str) -> str:
    return re.findall(r'value="(mt_[^"]+)"', page)[0]


def test_a_token_is_shown_once_and_opens_what_it_names(school):
    operator = school.browser("weixitong")
    token = spelling(operator.post("/operations/programs/tokens", data=NEW).get_data(as_text=True))
    page = operator.get("/operations/programs").get_data(as_text=True)
    assert token not in page and "stamps" in page and "seal" in page
    assert Program(school.visitor(), token).post("/messages", **letter())[1]["error"]["code"] == "no_receiver"


def test_the_secret_is_kept_nowhere(school):
    token = spelling(school.browser("weixitong").post("/operations/programs/tokens", data=NEW).get_data(as_text=True))
    with school.parts.database.read() as session:
        row = tokens.ApiToken.all(session)[0]
    assert token.rpartition("_")[2] not in str({**row.__dict__})


def test_an_operator_revokes_a_token(school, text):
    operator = school.browser("weixitong")
    token = spelling(operator.post("/operations/programs/tokens", data=NEW).get_data(as_text=True))
    assert "令牌已吊销" in text(operator.post("/operations/programs/tokens/stamps/revocation", follow_redirects=True))
    assert Program(school.visitor(), token).post("/messages", **letter())[0] == 401
    assert operator.post("/operations/programs/tokens/stamps/revocation").status_code == 409
    assert operator.post("/operations/programs/tokens/nobody/revocation").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "two words"}, "令牌名称须由"),
        ({"messages": "", "topics": ""}, "请写明令牌"),
        ({"topics": "a*b"}, "a*b"),
    ],
)
def test_a_wrong_token_is_refused_and_what_was_typed_stays(school, text, changes, words):
    answer = school.browser("weixitong").post("/operations/programs/tokens", data=NEW | changes)
    assert answer.status_code == 422 and words in text(answer)
    with school.parts.database.read() as session:
        assert tokens.ApiToken.all(session) == []


def test_two_programs_have_two_names(school, text):
    operator = school.browser("weixitong")
    operator.post("/operations/programs/tokens", data=NEW)
    assert "已有名为" in text(operator.post("/operations/programs/tokens", data=NEW))


def test_an_operator_sees_and_renews_the_secret_of_an_address(school):
    operator = school.browser("weixitong")
    said = {"url": "https://example.edu.cn/hook"}
    shown = [operator.post("/operations/programs/secrets", data=said).get_data(as_text=True) for _ in range(2)]
    renewed = operator.post("/operations/programs/secrets", data=said | {"renew": "1"}).get_data(as_text=True)
    first, again, new = (re.findall(r'value="(whsec_[^"]+)"', page)[0] for page in (*shown, renewed))
    assert first == again != new
    signer = Signer(school.parts.settings.secret_key, school.clock)
    with school.parts.database.read() as session:
        assert signer.secrets(session, said["url"], school.clock.now) == [new, first]


@pytest.mark.parametrize("login", ["xuzhihang", "jiyan", "maoxiaolu"])
def test_nobody_else_comes_near(school, login):
    browser = school.browser(login)
    assert browser.get("/operations/programs").status_code == 403
    assert browser.post("/operations/programs/tokens", data=NEW).status_code == 403
    assert browser.post("/operations/programs/secrets", data={"url": "https://x/"}).status_code == 403


def test_the_command_line_lets_in_and_shuts_out(house: Path, tmp_path: Path):
    copy = shutil.copytree(house, tmp_path / "var")
    made = run(copy, "token", "create", "stamps", "--message", "Letter", "--topic", "*")
    assert made.exit_code == 0 and made.stdout.startswith("mt_")
    assert "stamps\tLetter\t*\tnew" in run(copy, "token", "list").stdout
    assert run(copy, "token", "revoke", "stamps").exit_code == 0
    assert "revoked" in run(copy, "token", "list").stdout
    assert run(copy, "token", "revoke", "stamps").exit_code == 1
    assert run(copy, "webhook", "secret", "https://example.edu.cn/").stdout.startswith("whsec_")
    assert run(copy, "webhook", "secret", "nowhere").exit_code == 1
