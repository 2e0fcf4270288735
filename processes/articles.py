"""The articles of the regulation with their text, and what carries those that no diagram speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.regulation import Reader

FILE = "articles.yaml"
ARTICLE = re.compile(r"第[一二三四五六七八九十]+条")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A file of the product that carries an article, and what it holds."""

    file: str
    says: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its name, its chapter, its paragraphs."""

    name: str
    chapter: str
    text: tuple[str, ...]
    carriers: tuple[Carrier, ...]


@cache
def articles() -> tuple[Article, ...]:
    """Every article in its order. BadRegulation names every mistake in the file."""
    reader = Reader(FILE)
    top = reader.fields(reader.compose((Path(__file__).parent / FILE).read_bytes()), {"articles"})
    return tuple(reader.items(top["articles"], lambda node: _article(reader, node)))


def named_in(basis: str) -> Iterator[str]:
    """The articles that a basis such as 第十一条（三）、第十二条 names."""
    yield from dict.fromkeys(ARTICLE.findall(basis))


def _article(reader: Reader, node: Any) -> Article:
    found = reader.fields(node, {"article", "chapter", "text"}, {"carriers"})
    text = tuple(reader.items(found["text"], reader.text))
    carriers = tuple(reader.items(found["carriers"], lambda n: _carrier(reader, n))) if "carriers" in found else ()
    return Article(reader.text(found["article"]), reader.text(found["chapter"]), text, carriers)


def _carrier(reader: Reader, node: Any) -> Carrier:
    found = reader.fields(node, {"file", "says"})
    return Carrier(reader.text(found["file"]), reader.text(found["says"]))
