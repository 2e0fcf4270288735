"""Every page for every kind of reader, in both languages, on a desk and on a phone; and without scripts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser.person import DESKTOP, PHONE, Person
from tests.browser.reading import Text, hard_to_use, text_behind, text_of, too_wide
from tests.browser.test_journey import start
from tests.support.servers import Site

READERS = (
    None,
    "xuzhihang",
    "fangwenjing",
    "heyaqin",
    "qiaoxinyu",
    "luozhengping",
    "shenguoan",
    "sikongyi",
    "weixitong",
    "anquanzhi",
    "mozhenyu",
    "tianye",
)
"""Nobody, then people of the demo who between them see every page there is."""
ID = re.compile(
    r"[0-9a-f]{32,64}|(?<=/)\d+(?=$|/)|(?<=organisations/)[\w-]+|(?<=(?:norms|ables|imits)/)[\w.-]+|[\w-]+\.(json|bpmn|dmn)"
)
FILES = re.compile(r"/(static|attachments|.*/(export|archive|files))(/|$)|\.json$|[?&]as=")
EACH = {"/matters/*": 2, "/tasks/*": 2}
"""How many pages of a kind a reader opens, where no reader before has opened them; else, and of any other kind, one."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_whole(browser: Browser, school: Site, language: str):
    reader, known = Person(browser, school.url, language=language), set[str]()
    findings = [finding for login in READERS for finding in read(reader, login, known)] + reader.complaints
    assert not findings, "\n".join(findings)


def read(reader: Person, login: str | None, known: set[str]) -> Iterator[str]:
    """Follow every link that `login` is shown, a few of each kind; say what is wrong on the way."""
    reader.context.clear_cookies(name="mingtang")
    reader.signs_in(login) if login else reader.opens("/portal")
    ahead, seen, opened = ["/", "/password", "/matters/new"], set(), Counter[str]()
    while ahead:
        path = ahead.pop(0)
        if path in seen or opened[kind(path)] >= (1 if path in known else EACH.get(kind(path), 1)):
            continue
        seen.add(path)
        opened[kind(path)] += 1
        findings, text = glance(reader, path) if path in known else look(reader, path, known)
        yield from (f"{login} {path} ({reader.language}): {finding}" for finding in findings)
        ahead += [link for link in text.links if not FILES.search(link)]


def glance(reader: Person, path: str) -> tuple[list[str], Text]:
    """Only read what another reader has looked at already."""
    text = text_behind(reader.page, path)
    return text.strange(reader.language), text


def look(reader: Person, path: str, known: set[str]) -> tuple[list[str], Text]:
    """Open the page, wide and then narrow.

    What axe judges does not depend on the language: it sees the Chinese pages wide and the English ones narrow.
    """
    known.add(path)
    if not is_page(reader, path):
        return [], Text([], [])
    page = reader.page
    wait_for_drawings(page)
    text = text_of(page)
    wide = hard_to_use(page) if reader.language == "zh" and is_new(reader, known) else []
    page.set_viewport_size(PHONE)
    narrow = too_wide(page) + (hard_to_use(page) if reader.language == "en" and is_new(reader, known) else [])
    page.set_viewport_size(DESKTOP)
    return [*text.strange(reader.language), *wide, *(f"at 390 px: {finding}" for finding in narrow)], text


def is_new(reader: Person, known: set[str]) -> bool:
    """Is this the first page of its kind and heading?"""
    name = f"{kind(urlsplit(reader.page.url).path)} {reader.heading.inner_text()}"
    return name not in known and not known.add(name)


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
