"""Which variables are known at an element: from forms, tables, services and scripts that come before it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from engine import Element, authoring

FORM = "formJsonSchemaFilename"
TYPES = {
    "number": "number",
    "checkbox": "boolean",
    "checklist": "list",
    "taglist": "list",
    "filepicker": "list",
    "dynamiclist": "list",
    "group": "object",
}
SILENT = {"text", "html", "button", "separator", "spacer", "image", "documentPreview", "table", "iframe"}
GIVEN = (
    ("matter", "string"),
    ("organisation", "string"),
    ("superior", "string"),
    ("seats", "object"),
    ("settings", "object"),
    ("item", "object"),
)
"""What every matter starts with."""

Variable = dict[str, Any]


def known(
    files: Mapping[str, bytes], element: str | None, answers: Mapping[str, list[str]] | None = None
) -> list[Variable]:
    """The variables, each once, in the order of the diagrams. `answers`: service → names in its answer."""
    sketch = authoring.sketch(files)
    passed = sketch.before(element) if element else None
    found: dict[str, Variable] = {name: _variable(name, name, kind, "start", None) for name, kind in GIVEN}
    for each in sketch.elements.values():
        if each.id == element:
            found.update({said["name"]: said for said in _item(each)})
        if passed is None or each.id in passed:
            for said in _written(each, files, sketch, answers or {}):
                found.setdefault(said["name"], said)
    return list(found.values())


def title_of(form: bytes) -> str:
    """The title of a form, or "" where it has none."""
    try:
        found = json.loads(form)
        return str(found.get("title") or found.get("name") or "")
    except (ValueError, AttributeError):
        return ""


def _written(
    element: Element, files: Mapping[str, bytes], sketch: authoring.Sketch, answers: Mapping[str, list[str]]
) -> Iterator[Variable]:
    prefix = element.properties.get("variable", "")
    if element.properties.get(FORM):
        yield from _of_form(element, files, prefix)
    if decision := sketch.decisions.get(element.decision):
        yield from _of_decision(element, decision, prefix or element.id)
    if element.operator and element.operator.result:
        yield _variable(element.operator.result, element.name, "object", "service", element)
        for name in answers.get(element.operator.service, []):
            yield _variable(f"{element.operator.result}.{name}", name, "any", "service", element)
    for source, _line in element.scripts.values():
        yield from (_variable(name, name, "any", "script", element) for name in _assigned(source))
    if element.loop and element.loop.output:
        yield _variable(element.loop.output, element.name, "list", "loop", element)
    if element.events and prefix and not element.properties.get(FORM):
        yield _variable(prefix, element.name, "object", "message", element)


def _item(element: Element) -> Iterator[Variable]:
    if element.loop and element.loop.item:
        yield _variable(element.loop.item, element.loop.item, "any", "loop", element)


def _of_form(element: Element, files: Mapping[str, bytes], prefix: str) -> Iterator[Variable]:
    name = element.properties[FORM]
    data = files.get(normpath(join(dirname(element.path), name))) or files.get(name)
    if prefix:
        yield _variable(prefix, element.name, "object", "form", element)
    try:
        components = json.loads(data or b"{}").get("components", [])
        yield from _fields(components, f"{prefix}." if prefix else "", element)
    except (ValueError, AttributeError, TypeError):
        return


def _fields(components: Any, prefix: str, element: Element) -> Iterator[Variable]:
    for component in components:
        kind = component.get("type", "")
        key = component.get("key") or component.get("path") or ""
        if kind == "group":
            yield from _fields(component.get("components", []), f"{prefix}{key}." if key else prefix, element)
        elif key and kind not in SILENT:
            said = _variable(
                prefix + key, str(component.get("label") or key), TYPES.get(kind, "string"), "form", element
            )
            values = component.get("values")
            yield said | ({"values": [_value(each) for each in values]} if isinstance(values, list) else {})


def _value(option: Any) -> dict[str, Any]:
    return {"value": option.get("value"), "label": option.get("label", option.get("value"))}


def _of_decision(element: Element, decision: Any, name: str) -> Iterator[Variable]:
    yield _variable(name, decision.name, "list" if decision.is_list else "object", "decision", element)
    if not decision.is_list:
        for output in decision.outputs:
            yield _variable(f"{name}.{output}", output, "any", "decision", element)


def _assigned(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _variable(name: str, label: str, kind: str, what: str, element: Element | None) -> Variable:
    where = {"path": element.path if element else None, "element": element.id if element else None, "what": what}
    return {"name": name, "label": label or name, "type": kind, "from": where}
