"""Files made wrong on purpose. The same seed makes the same file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from lxml import etree

from engine.bpmn.diagram import EVENTS, GATEWAYS, SCOPES, TASKS
from engine.bpmn.xml import BPMN

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for kind in ("bpmn", "dmn", "form.json") for path in (ROOT / "processes").rglob(f"*.{kind}"))
TAGS = (*TASKS, *SCOPES, *GATEWAYS, *EVENTS, "sequenceFlow", "lane", "association", "dataObject", "choreographyTask")
PARTS = (
    "messageEventDefinition",
    "timerEventDefinition",
    "linkEventDefinition",
    "conditionalEventDefinition",
    "compensateEventDefinition",
    "eventDefinitionRef",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "ioSpecification",
    "conditionExpression",
    "extensionElements",
)
WORDS = (
    "",
    " ",
    "x",
    "Start",
    "End",
    "Root",
    "true",
    "-1",
    "0",
    "99999999999999999999",
    "NaN",
    "\u202e\ufeff",
    "ｏｓ.ｓｙｓｔｅｍ",
    "__import__('os').system('id')",
    "().__class__.__bases__[0].__subclasses__()",
    "{{7*7}}${7*7}",
    "9**9**9",
    "[0]*10**9",
    "'x'*10**9",
    "R/PT0S",
    "R99999999/P1D",
    "P99999Y",
    "PT1S",
    '"R/PT1S"',
    '"P9999Y"',
    "../../etc/passwd",
    "file:///etc/passwd",
    "http://127.0.0.1:9/x",
    "&lt;script&gt;",
    "a" * 30_000,
    "(" * 200 + ")" * 200,
    "if True:\n" * 60,
)
NASTY = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
    b"&b;",
    b"&#0;",
    b"<![CDATA[",
    b"]]>",
    b"<?xml version='1.0' encoding='utf-7'?>",
    b"<?php ?>",
    b"<a>" * 300,
    b'{"a":' * 300,
    b"1e999",
    b"\xed\xa0\x80",
)
TIMES = (1, 1, 1, 2, 5)
ENCODINGS = ("utf-16", "utf-32", "gb18030", "latin-1", "utf-8-sig")


def mutant(seed: int) -> tuple[str, dict[str, bytes]]:
    """A whole procedure in which one file, which is named, was changed in a few places."""
    random = Random(seed)
    path = random.choice(SOURCES)
    return path.name, {**procedure(path.parent), path.name: _changed(random, path.read_bytes(), path.suffix)}


@cache
def procedure(folder: Path) -> dict[str, bytes]:
    """The files of a procedure with those that it shares."""
    uses = folder / "uses.txt"
    shared = [line.partition("#")[0].strip() for line in uses.read_text().splitlines()] if uses.is_file() else []
    paths = [path for path in SOURCES if path.parent == folder] + [folder / line for line in shared if line]
    return {path.name: path.read_bytes() for path in paths}


def _changed(random: Random, data: bytes, suffix: str) -> bytes:
    if suffix == ".json" or random.random() < 0.25:
        for _ in range(random.choice(TIMES)):
            data = random.choice(BYTEWISE)(random, data)
        return data
    root = etree.fromstring(data)
    for _ in range(random.choice(TIMES)):
        random.choice(TREEWISE)(random, root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


# -- bytes


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _drop(random: Random, data: bytes) -> bytes:
    start = random.randrange(len(data) + 1)
    return data[:start] + data[start + random.randint(1, 200) :]


def _repeat(random: Random, data: bytes) -> bytes:
    start = random.randrange(len(data) + 1)
    piece = data[start : start + random.randint(1, 300)]
    return data[:start] + piece * random.choice((2, 3, 100)) + data[start:]


def _insert(random: Random, data: bytes) -> bytes:
    start = random.randrange(len(data) + 1)
    return data[:start] + random.choice(NASTY) + data[start:]


def _flip(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 8)):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _say_otherwise(random: Random, data: bytes) -> bytes:
    """In another encoding than it says."""
    return data.decode("utf-8", "replace").encode(random.choice(ENCODINGS), "replace")


def _swap_words(random: Random, data: bytes) -> bytes:
    strings = data.split(b'"')
    if len(strings) > 3:
        strings[random.randrange(1, len(strings) - 1)] = random.choice(WORDS).encode("utf-8", "replace")
    return b'"'.join(strings)


BYTEWISE: tuple[Callable[[Random, bytes], bytes], ...] = (
    _cut,
    _drop,
    _repeat,
    _insert,
    _flip,
    _say_otherwise,
    _swap_words,
    _swap_words,
)

# -- trees


def _any(random: Random, root: etree._Element) -> etree._Element:
    return random.choice([node for node in root.iter() if isinstance(node.tag, str)])


def _delete(random: Random, root: etree._Element) -> None:
    node = _any(random, root)
    if node.getparent() is not None:
        node.getparent().remove(node)


def _double(random: Random, root: etree._Element) -> None:
    node, place = _any(random, root), _any(random, root)
    if node is not root:
        place.append(etree.fromstring(etree.tostring(node)))


def _move(random: Random, root: etree._Element) -> None:
    node, place = _any(random, root), _any(random, root)
    if node is not root and node not in place.iterancestors() and node is not place:
        place.append(node)


def _retag(random: Random, root: etree._Element) -> None:
    node = _any(random, root)
    if node is not root:
        node.tag = BPMN + random.choice(TAGS)


def _grow(random: Random, root: etree._Element) -> None:
    part = etree.SubElement(_any(random, root), BPMN + random.choice(PARTS))
    part.text = random.choice(WORDS).replace("\x00", "")


def _reattribute(random: Random, root: etree._Element) -> None:
    node = _any(random, root)
    if node.attrib:
        node.set(random.choice(list(node.attrib)), random.choice(WORDS))


def _misname(random: Random, root: etree._Element) -> None:
    """An id or a reference of another element."""
    ids = [node.get("id") for node in root.iter() if isinstance(node.tag, str) and node.get("id")]
    node = _any(random, root)
    names = [name for name in node.attrib if name == "id" or name.endswith("Ref")]
    if names and ids:
        node.set(random.choice(names), random.choice(ids))


def _speak(random: Random, root: etree._Element) -> None:
    told = [node for node in root.iter() if isinstance(node.tag, str) and (node.text or "").strip()]
    if told:
        random.choice(told).text = random.choice(WORDS)


def _give(random: Random, root: etree._Element) -> None:
    names = ("cancelActivity", "isInterrupting", "triggeredByEvent", "default", "attachedToRef", "calledElement")
    _any(random, root).set(random.choice(names), random.choice(("true", "false", "x", "Start", "")))


def _nest(random: Random, root: etree._Element) -> None:
    node = _any(random, root)
    for _ in range(random.choice((5, 60, 150))):
        node = etree.SubElement(node, BPMN + "subProcess")


TREEWISE: tuple[Callable[[Random, etree._Element], None], ...] = (
    _delete,
    _double,
    _move,
    _retag,
    _retag,
    _grow,
    _reattribute,
    _reattribute,
    _misname,
    _misname,
    _speak,
    _give,
    _nest,
)

# -- scripts


def script(seed: int, depth: int = 4) -> str:
    """A script of the language and around its edges, as likely wrong as right."""
    random = Random(seed)
    return "\n".join(_statement(random, depth) for _ in range(random.randint(1, 4)))


STATEMENTS = (
    "y = @",
    "x.k = @",
    "x[@] = @",
    "y += @",
    "for a in @:\n    y = @",
    "for a in r:\n    for b in r:\n        x = @",
    "if @:\n    y = @\nelse:\n    y = @",
    "@",
)
ATOMS = ("1", "0", "-1", "2.5", "10**9", "True", "None", "'a'", "'%s{0}'", "x", "r", "s", "big", "y", "[]", "{}", "()")
CALLS = ("len", "min", "max", "sum", "sorted", "str", "int", "float", "list", "dict", "set", "tuple", "range", "round")
METHODS = ("append", "extend", "join", "replace", "split", "get", "items", "keys", "count", "index", "find")
OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "and", "or", "<", "==", "in")
EXPRESSIONS = (
    *(f"(@ {operator} @)" for operator in OPERATORS),
    *(f"{call}(@)" for call in (*CALLS, "zip", "enumerate", "any")),
    *(f"(@).{method}(@)" for method in METHODS),
    *("[@ for a in @ if @]", "[a for a in @ for b in @ for c in @]", "{@: @}", "(@)[@]", "(@)[@:@:@]") * 3,
    *("(@ if @ else @)", "[@, @] * 2", "[@, @] * 1000", "[@] * 10**8") * 2,
)
OUTSIDE = ("(lambda: @)()", "eval(@)", "(@).__class__", "(@ | @)", "(@ is @)", "(@).format(@)", 'f"{@}"')


def _statement(random: Random, depth: int) -> str:
    return _filled(random, random.choice(STATEMENTS), depth)


def _filled(random: Random, template: str, depth: int) -> str:
    """The template with an expression in each of its places."""
    head, *rest = template.split("@")
    return head + "".join(_expression(random, depth) + part for part in rest)


def _expression(random: Random, depth: int) -> str:
    if depth <= 0 or random.random() < 0.15:
        return random.choice(ATOMS)
    return _filled(random, random.choice(OUTSIDE if random.random() < 0.02 else EXPRESSIONS), depth - 1)
