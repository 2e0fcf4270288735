"""Text with marks: what people write in an editor (HTML) and what designers write above fields (Markdown)."""

from __future__ import annotations

import re
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "ul",
    "ol",
    "li",
    "a",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
SCHEMES = {"http", "https", "mailto"}
NUMERIC = re.compile(r"[1-9][0-9]?\Z")

HAS_TAG = re.compile(r"<[A-Za-z/!?]")
ANY_TAG = re.compile(r"<[^>]*>")
CLOSING = re.compile(r"</(p|h[2-4]|blockquote)>\Z")
BLANK_LINES = re.compile(r"\n\s*\n")

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def sanitise(html: str) -> str:
    """HTML with only the marks an editor offers; links to http, https and mailto; no empty lines at the end.

    Twice is the same as once.
    """
    kept = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener",
    )
    return _ended(kept)


def _ended(html: str) -> str:
    """Without the empty lines that the Enter key leaves behind the last word."""
    while html := html.rstrip().removesuffix("<br>").rstrip():
        closing = CLOSING.search(html[-20:])
        last = html.rfind(f"<{closing[1]}>") if closing else 0
        if not closing or not is_blank(html[last:]):
            break
        html = html[:last]
    return html


def _attribute(tag: str, name: str, value: str) -> str | None:
    return None if name.endswith("span") and not NUMERIC.match(value) else value


def from_input(text: str) -> str:
    """What a person entered, from the editor (HTML) or without it (plain text with line breaks), sanitised."""
    if HAS_TAG.search(text):
        html = sanitise(text)
        if HAS_TAG.search(html):
            return html
        text = unescape(html)
    return sanitise(_paragraphs(text))


def _paragraphs(text: str) -> str:
    parts = (str(escape(part.strip())) for part in BLANK_LINES.split(text) if part.strip())
    return "".join("<p>" + part.replace("\n", "<br>") + "</p>" for part in parts)


def is_blank(html: str) -> bool:
    return not ANY_TAG.sub("", html).replace("&nbsp;", " ").strip()


def plain_length(html: str) -> int:
    """Characters a reader sees."""
    return len(Markup(html).striptags())


def markdown(text: str) -> Markup:
    return Markup(
        nh3.clean(
            _markdown.render(text),
            tags=TAGS | {"hr", "code", "pre"},
            attributes={"a": {"href"}},
            url_schemes=SCHEMES,
            link_rel="noopener",
        )
    )
