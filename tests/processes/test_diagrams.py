"""Every diagram of the product: each name has its English one, each element cites its article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from web.procedures_folder import ours

DIAGRAMS = sorted(path for folder in ours() for path in folder.glob("*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ARTICLE = re.compile(r"第[一二三四五六七八九十]+条|附件")
NAMED_ELSEWHERE = ("participant", "escalation", "message", "signal", "error", "definitions")
NODES = ("Event", "Task", "Gateway", "callActivity", "subProcess")

each_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)


def named(path: Path) -> Iterator[Any]:
    """What a diagram shows with a name of its own."""
    for element in etree.parse(path).getroot().iter(f"{BPMN}*"):
        if element.get("name") and etree.QName(element).localname not in NAMED_ELSEWHERE:
            yield element


def properties(element: Any) -> dict[str, str]:
    found = element.iterfind("{*}extensionElements/{*}properties/{*}property")
    return {entry.get("name"): entry.get("value") for entry in found}


@each_diagram
def test_every_name_has_an_english_one(path: Path) -> None:
    assert [element.get("id") for element in named(path) if not properties(element).get("en")] == []


@each_diagram
def test_every_element_cites_its_article(path: Path) -> None:
    for element in (each for each in named(path) if each.tag.endswith(NODES)):
        assert ARTICLE.search(element.findtext(f"{BPMN}documentation") or ""), element.get("id")
        assert ARTICLE.search(properties(element)["basis"]), element.get("id")
