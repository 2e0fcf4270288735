"""Two web servers on one database are one system, whichever of them a click reaches."""

from __future__ import annotations

import re

import pytest

from tests.engine.diagrams import end, flows, process, start, user, version
from web import wiring
from web.app import create_app
from web.portal.limits import Limit, TooOften

from .conftest import PASSWORD, School
from .test_api import Program, letter, program_with


@pytest.fixture
def nodes(school) -> tuple[School, School]:
    """The school at two servers, which refuse forged forms, with one key and one database."""
    other = wiring.build(school.parts.settings, clock=school.clock)
    apps = school.app, create_app(school.parts.settings, other, testing=True)
    for app in apps:
        app.config["WTF_CSRF_ENABLED"] = True
    yield School(school.parts, school.clock, apps[0]), School(other, school.clock, apps[1])
    other.database.close()


def token_in(page) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))[0]


def moved(browser, to: School):
    """The same browser at the other server, with all its cookies."""
    there = to.visitor()
    for cookie in browser._cookies.values():
        there.set_cookie(cookie.key, cookie.value, domain=cookie.domain, path=cookie.path)
    return there


def signed_in(node: School, login: str):
    browser = node.visitor()
    said = {"login": login, "password": PASSWORD, "csrf_token": token_in(browser.get("/sign-in"))}
    assert browser.post("/sign-in", data=said).status_code == 302
    return browser


def test_who_signed_in_at_one_is_signed_in_at_the_other_and_a_form_of_one_is_taken_by_the_other(nodes):
    here = signed_in(nodes[0], "weixitong")
    said = {"csrf_token": token_in(here.get("/operations/programs")), "name": "p", "messages": "*"}
    there = moved(here, nodes[1])
    assert there.get("/operations").status_code == 200
    assert there.post("/operations/programs/tokens", data=said).status_code == 200


def test_who_signed_out_at_one_is_out_at_the_other(nodes):
    here = signed_in(nodes[0], "weixitong")
    there = moved(here, nodes[1])
    assert there.get("/inbox").status_code == 200
    here.post("/sign-out", data={"csrf_token": token_in(here.get("/inbox"))})
    assert there.get("/inbox").status_code == 302


def test_what_strangers_say_is_counted_together(nodes):
    limit, now = Limit("browser", most=4), nodes[0].clock.now
    for turn in range(4):
        with nodes[turn % 2].parts.database.write() as session:
            limit.check(session, "a browser", now)
            limit.count(session, "a browser", now)
    for node in nodes:
        with node.parts.database.write() as session, pytest.raises(TooOften):
            limit.check(session, "a browser", now)


def test_a_version_deployed_at_one_is_in_force_at_the_other_at_once(nodes):
    one, other = (node.parts.engine for node in nodes)
    for name in ("a", "b"):
        files = version(process("p", start(), user(name), end(), flows("start", name, "end")))
        deployed = one.deploy(files, "test").id
        assert other.start("p", {"organisation": "org"}, None).version_id == deployed


def test_an_instance_is_moved_on_by_both_in_turn(nodes):
    matter = nodes[0].matter()
    nodes[1].propose(matter)
    assert nodes[0].task(matter, "review").state == "open"


def test_a_token_made_at_one_opens_the_other_until_it_is_revoked(nodes):
    program = program_with(nodes[0], ["Letter"], [])
    there = Program(nodes[1].visitor(), program.token)
    assert there.post("/messages", **letter())[0] == 409
    operator = signed_in(nodes[0], "weixitong")
    said = {"csrf_token": token_in(operator.get("/operations/programs"))}
    operator.post("/operations/programs/tokens/stamps/revocation", data=said)
    assert there.post("/messages", **letter())[0] == 401
