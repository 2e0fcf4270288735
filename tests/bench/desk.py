"""The designer in a browser: the largest diagram until it can be edited, a check; and what an inbox loads."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Page, sync_playwright

from tests.bench.table import Row
from tests.browser.person import DESKTOP, Person
from tests.support.chromium import launch_options
from tests.support.servers import Site

PROCESSES = Path(__file__).parents[2] / "processes"
ROUNDS = 7
BUSY = 60_000
SCRIPTS = """() => Object.fromEntries(performance.getEntriesByType('resource')
  .filter(each => each.name.endsWith('.js')).map(each => [each.name, each.decodedBodySize]))"""

STEP = """() => {
  const room = document.querySelector('.designer-canvas').getBoundingClientRect()
  const boxes = [...document.querySelectorAll('.djs-shape')].map(each => each.getBoundingClientRect())
  const steps = boxes.filter(box => box.width > 50 && box.width < 120 && box.height < 100)
  const seen = steps.find(box => box.x > room.x + 150 && box.right < room.right && box.y > room.y + 80)
  return [seen.x + seen.width / 2, seen.y + seen.height / 2]
}"""
"""Where a step is that can be clicked."""


def rows() -> Iterator[Row]:
    """On the demo's SQLite, the server and the browser on the same machine."""
    largest = max(PROCESSES.rglob("*.bpmn"), key=lambda path: path.stat().st_size)
    with (
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder), f"sqlite:///{folder}/desk.db", scheduler=False) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**launch_options())
        page = Person(browser, site.url).signs_in("aiwen").page
        page.goto("/designer")
        card = page.locator(".card", has=page.locator("code", has_text=largest.parent.name))
        card.locator("form button").first.click()
        page.wait_for_url("**/drafts/**")
        desk = f"{page.url.partition('?')[0]}?path={largest.name}"
        opened(page, desk)
        yield Row(f"editor of {largest.name} ready", median(opened(page, desk) for _ in range(ROUNDS)), "s", 1.5)
        yield Row("check of its files while nothing has changed", median(checked(page) for _ in range(ROUNDS)), "s", 1)
        yield Row("check of its files after a change", median(changed(page) for _ in range(ROUNDS)), "s", 1)
        page.goto("/")
        page.wait_for_load_state("networkidle")
        scripts = page.evaluate(SCRIPTS)
        yield Row("scripts that an inbox loads", sum(scripts.values()) / 1024, "kB")
        yield Row("scripts of the designer among them", sum("designer" in name for name in scripts), "", 0)
        browser.close()


def opened(page: Page, desk: str) -> float:
    """Seconds from the address to an editor that takes a change."""
    page.set_viewport_size(DESKTOP)
    page.goto(desk)
    editor = page.locator(".designer-editor[data-ready]")
    editor.wait_for(state="attached", timeout=BUSY)
    return int(editor.get_attribute("data-ready") or 0) / 1000


def checked(page: Page) -> float:
    """Seconds from the click to the findings."""
    begun = perf_counter()
    page.locator("[data-act=check]").click()
    page.locator("[data-act=check]:not([disabled])").wait_for(timeout=BUSY)
    page.locator(".designer-drawer:not([hidden])").wait_for(timeout=BUSY)
    return perf_counter() - begun


def changed(page: Page) -> float:
    """The same after an element has moved, so that nothing is known already."""
    page.mouse.click(*page.evaluate(STEP))
    page.keyboard.press("ArrowDown")
    return checked(page)
