"""The stories of the procedures' tests, told by clicking: with `pytest --in-browser each` a `Kit` acts in a browser.

What a story says somebody begins or does is then done on the page that this person would open, in the form shown there.
What the page refuses must be refused by the engine as well, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from sqlalchemy import update
from werkzeug.serving import make_server

from processes.organisation import Person as Account
from tests.browser.person import PASSWORD, Person
from tests.processes.kit import Kit
from tests.support.chromium import launch_options
from web import config
from web.app import create_app
from web.auth.accounts import hashed

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
WRITE_RICH = """(field, html) => {
  const surface = field.parentElement.querySelector('.rich-surface')
  if (surface) { surface.innerHTML = html; surface.dispatchEvent(new Event('input', { bubbles: true })) }
  field.value = html
  field.dispatchEvent(new Event('change', { bubbles: true }))
}"""


class Hands:
    """Acts for the people of a story, each in turn at one browser."""

    def __init__(self, kit: Kit, browser: Browser, url: str) -> None:
        self.kit, self.browser, self.url = kit, browser, url

    @contextmanager
    def somebody(self, login: str) -> Iterator[Page]:
        person = Person(self.browser, self.url).signs_in(login)
        yield person.page
        person.context.close()
        assert person.complaints == []

    def begins(self, procedure: str, login: str, said: Mapping[str, Any], organisation: str, links: Any) -> str | None:
        """Fill in the start form; answers the id of the case, None where the page refuses."""
        with self.somebody(login) as page:
            asked = "&".join(f"{kind}={target}" for kind, target in links.items())
            page.goto(f"/cases/new/{procedure}?{asked}")
            place = page.locator("select#organisation")
            if organisation and place.count():
                place.select_option(value=organisation)
            return self._sent(page, said, r"/cases/(?!new/)([0-9a-f]+)")

    def does(self, task_id: str, login: str, said: Mapping[str, Any]) -> bool:
        """Fill in the form of a task; false where the page refuses."""
        with self.somebody(login) as page:
            page.goto(f"/tasks/{task_id}")
            return self._sent(page, said, r"(/inbox)") is not None

    def _sent(self, page: Page, said: Mapping[str, Any], done: str) -> str | None:
        form = page.locator("#task-form, form:has(#form-fields)").first
        if not form.count():
            return None
        self.fill(form, said)
        form.get_by_role("button", name="提交", exact=True).click()
        page.wait_for_load_state()
        found = re.search(done, page.url)
        return found[1] if found else None

    def fill(self, form: Locator, said: Mapping[str, Any], prefix: str = "") -> None:
        """Enter what is said into the fields of these names; what shows only after another answer comes after it."""
        left = {f"{prefix}{key}": value for key, value in said.items() if value not in (None, "", [])}
        for _ in range(3):
            left = {name: value for name, value in left.items() if not self._entered(form, name, value)}
            if not left:
                return

    def _entered(self, form: Locator, name: str, value: Any) -> bool:
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            return self._files(form, name, value) if "digest" in value[0] else self._rows(form, name, value)
        return entered(form, name, value)

    def _files(self, form: Locator, name: str, files: Sequence[Mapping[str, Any]]) -> bool:
        """The files of the store go up anew; what the form has already and is not named is dropped."""
        field = form.locator(f"input[type=file][name='{name}']")
        if not field.count():
            return False
        kept = {one.get_attribute("value") for one in form.locator(f"[name='{name}--kept']").all()}
        wanted = {str(file["digest"]): file for file in files}
        for digest in kept - wanted.keys():
            form.locator(f"[name='{name}--drop'][value='{digest}']").check()
        field.set_input_files(
            [
                {"name": str(file["name"]), "mimeType": "", "buffer": self.kit.parts.store.get(digest)}
                for digest, file in wanted.items()
                if digest not in kept
            ]
        )
        return True

    def _rows(self, form: Locator, name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
        add = form.locator(f"button[name='{name}--add']")
        for number, row in enumerate(rows if add.count() else ()):
            if not form.locator(f"[name='{name}-{number}--row']").count():
                add.click()
                settle(form)
            self.fill(form, row, f"{name}-{number}-")
        return bool(add.count())


def entered(form: Locator, name: str, value: Any) -> bool:
    """Answer one plain field; false where there is none of this name yet."""
    field = form.locator(f'[name="{name}"]').and_(form.locator("input:not([type=hidden]), select, textarea"))
    if not field.count():
        return False
    kind = field.first.evaluate("field => field.type")
    if kind == "file":
        return True
    if kind in ("radio", "checkbox"):
        chosen = value if isinstance(value, list) else [value]
        for one in field.all() if isinstance(value, bool) else []:
            one.set_checked(value)
        for one in [] if isinstance(value, bool) else chosen:
            form.locator(f'[name="{name}"][value="{one}"]').check()
    elif kind == "select-one":
        field.select_option(value=str(value))
    elif field.first.get_attribute("data-rich") is not None:
        field.first.evaluate(WRITE_RICH, str(value))
    else:
        text = str(value)
        field.fill(text[:16] if kind == "datetime-local" and MOMENT.match(text) else text)
        field.blur()
    settle(form)
    return True


def settle(form: Locator) -> None:
    """Wait for what the form makes of an answer."""
    form.page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')")


@contextmanager
def hands(kit: Kit, browser: Browser, folder: Path) -> Iterator[Hands]:
    """The pages of the kit's own parts, and a browser in front of them."""
    with kit.database.write() as session:
        session.execute(update(Account).values(password_hash=hashed(PASSWORD)))
    settings = config.read({"MINGTANG_VAR": str(folder), "MINGTANG_DATABASE_URL": kit.database.url})
    server = make_server("127.0.0.1", 0, create_app(settings, kit.parts), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Hands(kit, browser, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()
