"""The content classes that Articles 6 to 8 oblige the three kinds of organisations to disclose."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ContentClass:
    """A class: its code (`A1`…`A9`, `D1`…`D7`, `W1`…`W5`), article, the kind of organisation, the words of the rule."""

    code: str
    article: str
    kind: str
    content: str


@cache
def content_classes() -> Mapping[str, ContentClass]:
    """Code → class, in the order of the articles."""
    text = (files("processes") / "data" / "content_classes.csv").read_text(encoding="utf-8")
    return {row["code"]: ContentClass(**row) for row in csv.DictReader(text.splitlines())}


def classes_of(kind: str) -> list[ContentClass]:
    """The classes that an organisation of this kind has to cover."""
    return [each for each in content_classes().values() if each.kind == kind]
