"""What the pages say of a matter whose journal lies in an archive."""

from __future__ import annotations

import io

import pytest

from engine import archive

PLAIN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d">
 <bpmn:process id="plain" name="简单" isExecutable="true">
  <bpmn:startEvent id="begin"/><bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="end"/><bpmn:endEvent id="end"/>
 </bpmn:process>
</bpmn:definitions>""".encode()
PAGES = ("/instances/{id}", "/instances/{id}/playback", "/audit/instances/{id}")
FILES = ("ledger.pdf", "journal.jsonl", "journal.zip")


@pytest.fixture
def moved(school):
    """An instance that has ended and whose journal was moved out."""
    school.parts.engine.deploy({"plain.bpmn": PLAIN}, "test")
    instance = school.parts.engine.start("plain", {}, None, organisation="ccmu", subject="旧事项").id
    target = io.BytesIO()
    archive.write(school.parts.engine, [instance], target)
    target.seek(0)
    archive.move_out(school.parts.engine, target, "2018.mtj", "archivist")
    return instance


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_where_the_journal_is(school, text, moved, page):
    assert "移出存档" not in text(school.browser("jiyan").get(page.format(id=finished(school)), follow_redirects=True))
    assert "移出存档" in text(school.browser("jiyan").get(page.format(id=moved), follow_redirects=True))


@pytest.mark.parametrize("name", FILES)
def test_no_file_is_made_of_a_journal_that_is_not_here(school, text, moved, name):
    answer = school.browser("jiyan").get(f"/audit/instances/{moved}/{name}")
    assert answer.status_code == 422 and "取回后方可导出" in text(answer)


def finished(school):
    """An instance whose journal is here."""
    return school.parts.engine.start("plain", {}, None, organisation="ccmu").id
