"""Every page for every kind of reader, in both languages, on a desk and on a phone; and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.person import DESKTOP, PHONE, Person
from tests.browser.reading import hard_to_use, strange_words, too_wide
from tests.browser.test_journey import start
from tests.support.servers import Site

READERS = (
    None,
    "xuzhihang",
    "fangwenjing",
    "heyaqin",
    "qiaoxinyu",
    "sikongyi",
    "weixitong",
    "anquanzhi",
    "mozhenyu",
    "tianye",
)
"""Nobody, then people of the demo who between them see every page there is."""
ID = re.compile(r"[0-9a-f]{32,64}|(?<=/)\d+(?=$|/)|(?<=organisations/)[\w-]+|[\w-]+\.(json|bpmn|dmn)")
FILES = re.compile(r"/(static|attachments|.*/(export|archive|files))(/|$)|\.json$|[?&]as=")
EACH = {"/matters/*": 3, "/tasks/*": 3}
"""How many pages of a kind a reader opens, where no reader before has opened them; else, and of any other kind, one."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_whole(browser: Browser, school: Site, language: str):
    reader, known = Person(browser, school.url, language=language), set[str]()
    findings = [finding for login in READERS for finding in read(reader, login, known)] + reader.complaints
    assert not findings, "\n".join(findings)


def read(reader: Person, login: str | None, known: set[str]) -> Iterator[str]:
    """Follow every link that `login` is shown; say what is wrong on the way."""
    reader.context.clear_cookies(name="mingtang")
    if login:
        reader.signs_in(login)
    for path in walk(reader, known):
        yield from (f"{login} {path} ({reader.language}): {finding}" for finding in look(reader, known))


def walk(person: Person, known: set[str]) -> Iterator[str]:
    """Open the start page and everything that can be reached from it, a few of each kind; yields what is open."""
    ahead, seen, opened = ["/", "/password", "/matters/new"], set(), dict[str, int]()
    while ahead:
        path = ahead.pop(0)
        if path in seen or opened.get(kind(path), 0) >= (1 if path in known else EACH.get(kind(path), 1)):
            continue
        seen.add(path)
        known.add(path)
        opened[kind(path)] = opened.get(kind(path), 0) + 1
        if not is_page(person, path):
            continue
        yield path
        ahead += [link for link in links(person) if not FILES.search(link)]


def is_page(person: Person, path: str) -> bool:
    """Open it; false where it is a file to be saved."""
    try:
        person.opens(path)
    except Error as refusal:
        if "Download is starting" not in refusal.message:
            raise
        return False
    return True


def kind(path: str) -> str:
    """A path without the ids in it, and the names of what it asks for."""
    split = urlsplit(path)
    asked = sorted(part.partition("=")[0] for part in split.query.split("&") if part)
    return "?".join([ID.sub("*", split.path), *asked])


def links(person: Person) -> list[str]:
    return list(person.page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.getAttribute('href'))"))


def look(reader: Person, known: set[str]) -> Iterator[str]:
    """The page wide, then narrow. A page that another reader has seen already is only read.

    What axe judges does not depend on the language: it sees the Chinese pages wide and the English ones narrow.
    """
    page, name = reader.page, f"{kind(urlsplit(reader.page.url).path)} {reader.heading.inner_text()}"
    wait_for_drawings(page)
    yield from strange_words(page, reader.language)
    if name not in known:
        known.add(name)
        yield from hard_to_use(page) if reader.language == "zh" else []
        page.set_viewport_size(PHONE)
        narrow = [*too_wide(page), *(hard_to_use(page) if reader.language == "en" else [])]
        yield from (f"at 390 px: {finding}" for finding in narrow)
        page.set_viewport_size(DESKTOP)


def wait_for_drawings(page: Page) -> None:
    for place, sign in (("[data-diagram-url]", ".diagram-trail li"), ("[data-playback-url]", "[aria-current=step]")):
        if page.locator(place).count():
            page.locator(f"{place} {sign}").first.wait_for(state="attached")


def test_a_handler_drafts_and_sends_a_plan_without_scripts(browser: Browser, school: Site):
    handler = Person(browser, school.url, java_script_enabled=False).signs_in("xuzhihang")
    start(handler)
    handler.writes(
        标题="无脚本提交的方案",
        公开内容="工作安排",
        拟公开的文本="各支部按计划开展活动。",
        公开起始时点="会后",
        公开时长="一年",
    )
    handler.chooses("公开范围", "党内")
    handler.ticks("局域网")
    handler.picks("事项性质", "长期性、稳定性（长期公开）")
    handler.submits()
    handler.opens("/matters")
    expect(handler.page.locator("main")).to_contain_text("无脚本提交的方案")
