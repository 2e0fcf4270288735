"""XML that would do harm to a careless reader: entities, inclusions, sizes, depths, encodings."""

from __future__ import annotations

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
BODY = '<process id="p" isExecutable="true">{}<startEvent id="s"/></process></definitions>'
PLAIN = HEAD + BODY.format("")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def _with(dtd: str, text: str = "") -> bytes:
    return f"<!DOCTYPE definitions [{dtd}]>{HEAD}<documentation>{text}</documentation>{BODY.format('')}".encode()


HARMFUL: dict[str, bytes] = {
    "billion laughs": _with('<!ENTITY l0 "lol">' + LAUGHS, "&l9;"),
    "quadratic blow-up": _with(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 20_000),
    "file as an entity": _with('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    "address as an entity": _with('<!ENTITY a SYSTEM "http://127.0.0.1:9/a">', "&a;"),
    "parameter entity": _with('<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;'),
    "document type from a file": b'<!DOCTYPE definitions SYSTEM "file:///etc/passwd">' + PLAIN.encode(),
    "document type from an address": b'<!DOCTYPE definitions PUBLIC "-//x" "http://127.0.0.1:9/x.dtd">'
    + PLAIN.encode(),
    "inclusion": PLAIN.replace(
        "<startEvent",
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/><startEvent',
    ).encode(),
    "style sheet": b'<?xml-stylesheet href="file:///etc/passwd" type="text/xsl"?>' + PLAIN.encode(),
    "schema location": PLAIN.replace(
        ' id="d"',
        ' id="d" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x file:///etc/passwd"',
    ).encode(),
    "deep": (HEAD + BODY.format("<subProcess>" * 5000 + "</subProcess>" * 5000)).encode(),
    "wide": (HEAD + BODY.format("<task/>" * 200_000)).encode(),
    "many attributes": (HEAD + BODY.format("<task " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>")).encode(),
    "long attribute": (HEAD + BODY.format(f'<task id="{"a" * 4_000_000}"/>')).encode(),
    "long text": (HEAD + f"<documentation>{'a' * 4_900_000}</documentation>" + BODY.format("")).encode(),
    "many flows": (
        HEAD + BODY.format("".join(f'<sequenceFlow id="f{n}" sourceRef="s" targetRef="s"/>' for n in range(3000)))
    ).encode(),
    "many name spaces": (HEAD + BODY.format("".join(f'<a{n}:b xmlns:a{n}="u{n}"/>' for n in range(5000)))).encode(),
    "too large": b"<a>" + b" " * 6_000_000 + b"</a>",
    "utf-16": PLAIN.encode("utf-16"),
    "utf-32": PLAIN.encode("utf-32"),
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?>' + PLAIN.encode(),
    "another encoding than it says": b'<?xml version="1.0" encoding="utf-16"?>' + PLAIN.encode(),
    "an encoding that is none": b'<?xml version="1.0" encoding="no-such"?>' + PLAIN.encode(),
    "EBCDIC": PLAIN.encode("cp500"),
    "nothing": b"",
    "zeros": b"\x00" * 1000,
    "marks of order only": b"\xff\xfe\xff\xfe",
    "half surrogates": b"<a>\xed\xa0\x80</a>",
    "XML 1.1": b'<?xml version="1.1"?><a>&#1;</a>',
    "another root": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "HTML": b"<html><script>alert(1)</script></html>",
}
