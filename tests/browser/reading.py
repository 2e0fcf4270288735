"""What a careful reader finds wrong with a page: foreign words, codes for names, its width, who cannot use it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from processes import demo
from processes.cases.demo import CASES
from processes.disclosure.demo import STORIES
from processes.staged.demo import plan_on
from web import i18n

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PROCESS = re.compile(r'<bpmn:process [^>]*name="([^"]+)"')
CHINESE = re.compile(r"[\u3400-\u9fff]+.*")
ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,})+.*")
CODE = re.compile(r"\b(?:[0-9a-f]{32,}|[A-Z]{2,}_[A-Z_]+|\d{4}-\d\d-\d\dT\S*|undefined|NaN)\b|^None$|^5\d\d$")
PROGRESS = plan_on(datetime(2026, 3, 2))
SAID = {str(msgid if isinstance(msgid, str) else msgid[0]): text for msgid, text in i18n.messages("zh_Hans_CN")}
UNTRANSLATED = {msgid for msgid, text in SAID.items() if msgid != text}
NAMES = [name for account in demo.ACCOUNTS for name in (account.name, account.name[0])]
NAMES += [each[1] for each in demo._DEMO["organisations"]] + [story.content or "" for story in STORIES]
NAMES += [name for path in (ROOT / "processes").rglob("*.bpmn") for name in PROCESS.findall(path.read_text())]
NAMES += [
    str(step.submission.get(field, ""))
    for story in STORIES
    for step in story.steps
    if isinstance(step.submission, dict)
    for field in ("title", "content")
]
NAMES += [str(told.said.get("title", "")) for told in CASES]
NAMES += [str(plan["title"]) for plan in (PROGRESS, *PROGRESS["stages"])]
NAMES += ["目录外公开事项", "党委常委会纪要", "会后一周内", "同上", "JSON Lines"]
TABLES = ("日期", "上班或休息", "备注", r"每[年季半月][\w-]*", r"\d+月\d+日")
"""What stands in tables that people write, which are Chinese everywhere."""
DATA = re.compile("|".join([*map(re.escape, sorted(filter(None, NAMES), key=len, reverse=True)), *TABLES]))
"""What people and things are called is the same in every language."""

READ = """page => {
  const said = [page.title], skipped = '.data, .rich, code, pre, script, style, noscript, svg.icon, .bjs-powered-by'
  const foreign = page.documentElement.lang.startsWith('zh') ? '[lang=en]' : '[lang|=zh]'
  const isOurs = e => e && !e.closest(skipped) && !e.closest(foreign)
  const walk = document.createTreeWalker(page.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) if (isOurs(walk.currentNode.parentElement)) said.push(walk.currentNode.data)
  for (const name of ['title', 'placeholder', 'aria-label', 'alt'])
    for (const e of page.querySelectorAll(`[${name}]`)) if (isOurs(e)) said.push(e.getAttribute(name))
  const words = [...new Set(said.map(text => text.replace(/\\s+/g, ' ').trim()))].filter(Boolean)
  return { words, links: [...page.querySelectorAll("a[href^='/']")].map(a => a.getAttribute('href')) }
}"""
FETCH = """async path => {
  const answer = await fetch(path), isPage = answer.headers.get('content-type').startsWith('text/html')
  const read = %s
  const { words, links } = read(new DOMParser().parseFromString(isPage ? await answer.text() : '', 'text/html'))
  return { words: answer.status < 500 ? words : [...words, `${answer.status}`], links }
}"""
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= room) return []
  const sticks = e => { const box = e.getBoundingClientRect(); return box.width && box.right > room + 1 }
  const wide = [...document.querySelectorAll('body *')].filter(sticks)
  const names = wide.slice(0, 5).map(e => e.tagName + '.' + (e.getAttribute('class') ?? ''))
  return [`${document.documentElement.scrollWidth} > ${room}: ${names}`]
}"""
USELESS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] })
  return violations.filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`)
}"""


@dataclass(frozen=True, slots=True)
class Text:
    """The words and the links of a page."""

    words: list[str]
    links: list[str]

    def strange(self, language: str) -> list[str]:
        """Words that are not of the language, and codes that stand where a name should."""
        foreign = [text for text in self.words if _is_foreign(text, language)]
        return foreign + [f"code: {text}" for text in self.words if CODE.search(text)]


def text_of(page: Page) -> Text:
    """What the open page says, once it is drawn."""
    return Text(**page.evaluate(f"({READ})(document)"))


def text_behind(page: Page, path: str) -> Text:
    """What another page says to the same person, without opening it."""
    return Text(**page.evaluate(FETCH % READ, path))


def _is_foreign(text: str, language: str) -> bool:
    if language == "en":
        return bool(CHINESE.search(DATA.sub("", text)))
    return text in UNTRANSLATED or bool(ENGLISH.search(DATA.sub("", text)))


def too_wide(page: Page) -> list[str]:
    """How far the page is wider than the screen, and what sticks out."""
    return list(page.evaluate(TOO_WIDE))


def hard_to_use(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    page.evaluate(AXE.read_text())
    found: Any = page.evaluate(USELESS)
    return list(found)
