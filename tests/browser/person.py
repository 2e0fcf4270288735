"""Somebody at a browser: opens pages, fills in forms by their labels, looks and sends."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

PASSWORD = "mingtang-demo"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ALBUM = Path(__file__).parents[2] / "var" / "screenshots"
PATIENCE = 45_000
"""Milliseconds that a page may take on a machine with other things to do."""
ROWS = "[role=group]:has(> input[name$='--row'])"
LOOKS = "MINGTANG_TEST_SCREENSHOTS"
"""Set this variable to get a picture of every step, wide and narrow, into var/screenshots."""


class Person:
    """One person with a browser of their own. What the browser complains about gathers in `complaints`."""

    def __init__(self, browser: Browser, url: str, *, screen: dict[str, int] = DESKTOP, language: str = "zh", **more):
        self.context = browser.new_context(base_url=url, viewport=screen, locale="zh-CN", **more)
        self.context.set_default_timeout(PATIENCE)
        self.language = language
        if language == "en":
            self.context.add_cookies([{"name": "language", "value": "en", "url": url}])
        self.page: Page = self.context.new_page()
        self._part: Locator | None = None
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._answered)

    def signs_in(self, login: str) -> Person:
        self.opens("/sign-in")
        self.page.locator("#login").fill(login)
        self.page.locator("#password").fill(PASSWORD)
        self.page.locator("main form button").click()
        expect(self.page).not_to_have_url(re.compile("/sign-in"))
        return self

    def opens(self, path: str) -> Response | None:
        return self.page.goto(path)

    def follows(self, words: str, within: str = "main, header") -> None:
        """Click the link of these words."""
        self.page.locator(within).get_by_role("link", name=words).first.click()

    def presses(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=words, exact=True).first.click()

    def opens_task(self, step: str, title: str, tab: str = "posts") -> None:
        """From the inbox, the task of this step for this matter; the tab `mine` has those for oneself alone."""
        self.opens(f"/inbox?tab={tab}")
        row = self.page.get_by_role("row").filter(has_text=title).filter(has_text=step)
        row.get_by_role("link", name=title).click()
        expect(self.heading).to_contain_text(step)

    def writes(self, **texts: str) -> None:
        """Type into fields by their labels, and wait each time for what the form makes of it."""
        for label, text in texts.items():
            field = self._form.get_by_label(label, exact=True).and_(self.page.locator("input, textarea"))
            field.fill(text)
            field.blur()
            self._settles()

    def writes_rich(self, label: str, heading: str, text: str) -> None:
        """A heading and a paragraph, in place of whatever the editor holds."""
        surface = self._form.get_by_role("textbox", name=label).and_(self.page.locator(".rich-surface"))
        surface.click()
        surface.press("Control+a")
        surface.press("Delete")
        for tool, words in (("标题", heading), ("正文", text)):
            self._form.get_by_role("toolbar").get_by_label(tool, exact=True).click()
            self.page.keyboard.type(words)
            self.page.keyboard.press("Enter")

    def chooses(self, question: str, answer: str) -> None:
        """Choose the one answer to a question, and wait for what the form makes of it."""
        asked = self._form.get_by_role("radiogroup", name=re.compile(f"^{question}"))
        asked.get_by_label(answer, exact=True).check()
        self._settles()

    def picks(self, label: str, option: str) -> None:
        self._form.get_by_label(label, exact=True).select_option(label=option)
        self._settles()

    def ticks(self, *labels: str) -> None:
        for label in labels:
            self._form.get_by_label(label, exact=True).check()
            self._settles()

    def attaches(self, label: str, name: str, data: bytes) -> None:
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        self._form.locator(f"input[type=file]:near(:text('{label}'))").first.set_input_files(file)

    def adds_a_row(self, label: str) -> None:
        """One more row in a list of the form."""
        self._form.get_by_role("group", name=label).locator("button[name$='--add']").click()
        self._settles()

    def rows(self) -> int:
        """How many rows the list of the form has."""
        return self.page.locator(ROWS).count()

    @contextmanager
    def in_row(self, number: int) -> Iterator[None]:
        """What is written and chosen meanwhile goes into this row of the form's list, from 1."""
        self._part = self.page.locator(ROWS).nth(number - 1)
        yield
        self._part = None

    def submits(self) -> None:
        """Send the task's form; the step is done and the inbox is back."""
        self.presses("提交")
        expect(self.page).to_have_url(re.compile(r"/inbox"))
        expect(self.page.get_by_role("status").first).to_contain_text("已办")

    def looks(self, name: str) -> None:
        """Keep a picture of the page, wide and narrow, when somebody wants to see them."""
        if LOOKS in os.environ:
            for wide, screen in (("1440", DESKTOP), ("390", PHONE)):
                self._keeps(f"{name}-{wide}", screen)
            self.page.set_viewport_size(DESKTOP)

    def sees(self, *words: str) -> None:
        for each in words:
            expect(self.page.locator("body")).to_contain_text(each)

    def waits_for(self, words: str, within: Locator) -> None:
        """Look again until the page says it there: what a scheduler does comes a moment after its time."""
        end = time.monotonic() + PATIENCE / 1000
        while not within.filter(has_text=words).count():
            assert time.monotonic() < end, f"{self.page.url} does not say “{words}”: {within.all_inner_texts()}"
            self.page.wait_for_timeout(200)
            self.page.reload()

    @property
    def heading(self) -> Locator:
        return self.page.locator("h1.page-title")

    @property
    def _form(self) -> Locator:
        if self._part:
            return self._part
        return self.page.locator("main form").filter(has=self.page.locator("input[name=csrf_token]")).first

    def _settles(self) -> None:
        self.page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')")

    def _keeps(self, name: str, screen: dict[str, int]) -> None:
        ALBUM.mkdir(parents=True, exist_ok=True)
        self.page.set_viewport_size(screen)
        self.page.wait_for_timeout(400)  # diagrams draw themselves anew
        self.page.screenshot(path=ALBUM / f"{name}.png", full_page=True, caret="initial")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url}: {response.status}")
