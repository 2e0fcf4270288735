"""XML that would harm is refused before anybody reads it."""

import pytest

from engine.bpmn import compile_version, parse_xml
from engine.refusals import NotDeployable

HARMFUL = {
    "xml.doctype": b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>',
    "xml.syntax": b"<d><e></d>",
    "xml.size": b"<d>" + b" " * 5_000_001 + b"</d>",
    "xml.depth": b"<d>" * 150 + b"</d>" * 150,
}


@pytest.mark.parametrize("code", HARMFUL)
def test_it_is_refused_by_name(code: str) -> None:
    with pytest.raises(NotDeployable) as refused:
        parse_xml(HARMFUL[code], "x.bpmn")
    assert [(finding.code, finding.path) for finding in refused.value.findings] == [(code, "x.bpmn")]


def test_a_file_outside_is_never_read() -> None:
    data = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>'
    with pytest.raises(NotDeployable):
        parse_xml(data)


@pytest.mark.parametrize("name", ["a.bpmn", "a.dmn"])
def test_deploying_it_is_refused_too(name: str) -> None:
    with pytest.raises(NotDeployable, match="document type"):
        compile_version({name: HARMFUL["xml.doctype"]})


def test_comments_and_text_in_any_language_are_harmless() -> None:
    assert parse_xml("<!-- 一 --><d>明堂</d>".encode()).text == "明堂"
