"""Every sentence that the product says: from templates, from code, and from the docstrings of refusals."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from babel.messages.extract import extract_from_file

import engine
import forms
import processes
import web
from engine.bpmn import words
from engine.bpmn.standard import RULES
from engine.refusals import Refusal

ROOT = Path(__file__).parent.parent.parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "pgettext": ((1, "c"), 2)}
OPTIONS = {"extensions": "jinja2.ext.do", "silent": "false"}
CHECKS = ("lint", "limits", "decisions", "parse", "program", "xml", "sandbox")
METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract"}


def of_pages() -> dict[str, set[str]]:
    """msgid → the files that say it, from Python and templates of the web."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "web").rglob("*")):
        if path.suffix in METHODS and "node_modules" not in path.parts:
            told = extract_from_file(METHODS[path.suffix], path, KEYWORDS, options=OPTIONS)
            for _line, message, _comments, _context in told:
                found[message if isinstance(message, str) else message[0]].add(str(path.relative_to(ROOT)))
    return found


def of_refusals() -> dict[str, str]:
    """Template of each refusal → where it is defined."""
    for package in (engine, forms, processes, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                import_module(module.name)
    return {_template(kind): kind.__module__ for kind in _below(Refusal)}


def _template(kind: type[Refusal]) -> str:
    return " ".join((kind.__doc__ or "").split())


def _below(kind: type[Refusal]) -> list[type[Refusal]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _below(child))]


def of_findings() -> dict[str, str]:
    """What the checks of diagrams and decision tables say → the module that says it."""
    found = {}
    for name in CHECKS:
        tree = ast.parse((ROOT / "engine" / "bpmn" / f"{name}.py").read_text())
        spoken = set(_docstrings(tree))
        texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in spoken)
        found |= {node.value: name for node in texts if re.match(r"[A-Z{].* .*\.$", str(node.value))}
    return found | {rule.message: rule.code for rule in RULES}


def of_phrases() -> dict[str, str]:
    """What is said within a message, such as why a script is refused → the module that says it."""
    found = {}
    for path in sorted((ROOT / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="Saying"), args=[ast.Constant(value=str(said))]):
                    found[said] = path.stem
    return found | dict.fromkeys([*words.NAMES.values(), "a value of another kind"], "words")


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
