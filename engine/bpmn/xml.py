"""XML from people: no entities, no DTD, no network, no huge or deep trees, no tags that take an hour to read."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.refusals import Finding, NotDeployable

LARGEST = 5_000_000
DEEPEST = 100
MOST = 20_000
"""So many elements a file may have: a drawn diagram of a thousand tasks has about half of them."""
LONGEST_TAG = 50_000
"""A parser compares each attribute of a tag with every other one."""
BEGINNINGS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00<", b"\x00\x00\x00<", b"\x00\x00\xfe\xff")
"""What XML may begin with in an encoding whose tags can be measured before they are parsed."""
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"


def parse_xml(data: bytes, path: str = "") -> Any:
    """The root element (lxml). NotDeployable with one finding when the data is not harmless, well-formed XML."""
    if len(data) > LARGEST:
        raise _refused(path, "xml.size", "The file is larger than {most} bytes.", most=LARGEST)
    if not data.lstrip().startswith(BEGINNINGS):
        raise _refused(path, "xml.syntax", "This is not well-formed XML: {reason}", 1, reason="it begins with no <")
    if any(len(piece) > LONGEST_TAG and _tag(piece) > LONGEST_TAG for piece in data.split(b"<")):
        raise _refused(path, "xml.tag", "A tag is longer than {most} bytes.", most=LONGEST_TAG)
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or None
        raise _refused(path, "xml.syntax", "This is not well-formed XML: {reason}", line, reason=str(error)) from None
    return _harmless(root, path)


def _tag(piece: bytes) -> int:
    end = piece.find(b">")
    return len(piece) if end < 0 else end


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
    )


def _harmless(root: Any, path: str) -> Any:
    if root.getroottree().docinfo.doctype:
        raise _refused(path, "xml.doctype", "A document type declaration is not allowed.", 1)
    depth = count = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if count > MOST:
            raise _refused(path, "xml.many", "The file has more than {most} elements.", node.sourceline, most=MOST)
        if depth > DEEPEST:
            message = "The elements are nested deeper than {most}."
            raise _refused(path, "xml.depth", message, node.sourceline, most=DEEPEST)
        if event == "start" and isinstance(node, etree._Entity):
            raise _refused(path, "xml.entity", "An entity is not allowed.", node.sourceline)
    return root


def _refused(path: str, code: str, message: str, line: int | None = None, **parameters: Any) -> NotDeployable:
    return NotDeployable([Finding(path, code, message, line=line, parameters=parameters)])
