"""The description of the addresses for programs, in OpenAPI 3.1, made from what serves them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from inspect import getdoc
from typing import Any

from marshmallow import Schema, fields, missing

from web.api import shapes
from web.api.blueprint import Operation

KINDS: Mapping[type[fields.Field[Any]], dict[str, Any]] = {
    fields.String: {"type": "string"},
    fields.Integer: {"type": "integer"},
    fields.Boolean: {"type": "boolean"},
    fields.AwareDateTime: {"type": "string", "format": "date-time"},
    fields.Dict: {"type": "object", "additionalProperties": True},
    fields.Raw: {},
}
REFUSALS = {
    "401": "No token, or one that is not known",
    "403": "The token is not for this",
    "404": "There is no such thing, or not any more",
    "409": "It was asked at the wrong moment: nothing waits, several do, somebody else holds it, the key is used",
    "422": "A field is wrong; `fields` names each",
}


def description(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    used: dict[str, Any] = {"Refused": _refused()}
    for each in operations:
        paths.setdefault(path_of(each), {})[each.method.lower()] = _operation(each)
        for shape in (each.takes, each.gives) if each.method != "DELETE" else (each.gives,):
            _add(used, shape)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mingtang", "version": "1", "description": "Messages and work for programs outside."},
        "servers": [{"url": "/api"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": used,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def path_of(operation: Operation) -> str:
    """`/external-tasks/<task>/lock` is `/external-tasks/{task}/lock` there."""
    return re.sub(r"<(\w+)>", r"{\1}", operation.path)


def _operation(each: Operation) -> dict[str, Any]:
    place = [_parameter(name, "path", {"type": "string"}) for name in re.findall(r"<(\w+)>", each.path)]
    answers = {"200": {"description": getdoc(each.gives) or "", "content": _content(each.gives.__name__)}}
    said: dict[str, Any] = {"operationId": each.name, "summary": each.says, "responses": answers | _refusals()}
    if each.method == "DELETE":
        place += [_parameter(name, "query", _field(field)) for name, field in each.takes().fields.items()]
    else:
        said["requestBody"] = {"required": True, "content": _content(each.takes.__name__)}
    return said | ({"parameters": place} if place else {})


def _parameter(name: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": schema}


def _refusals() -> dict[str, Any]:
    return {code: {"description": why, "content": _content("Refused")} for code, why in REFUSALS.items()}


def _content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _add(used: dict[str, Any], shape: type[Schema]) -> None:
    if shape.__name__ in used:
        return
    known = shape().fields
    used[shape.__name__] = {
        "type": "object",
        "description": getdoc(shape) or "",
        "properties": {name: _field(field) for name, field in known.items()},
        "required": sorted(name for name, field in known.items() if field.required),
        "additionalProperties": not issubclass(shape, shapes.Asked),
    }
    for field in known.values():
        if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            _add(used, type(field.inner.schema))


def _field(field: fields.Field[Any]) -> dict[str, Any]:
    said = _bounds(field) | _kind(field)
    if field.allow_none and "type" in said:
        said["type"] = [said["type"], "null"]
    if field.load_default is not missing and not callable(field.load_default):
        said["default"] = field.load_default
    if told := field.metadata.get("description"):
        said["description"] = told
    return said


def _kind(field: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        return {"$ref": f"#/components/schemas/{type(field.schema).__name__}"}
    if isinstance(field, fields.List):
        return {"type": "array", "items": _field(field.inner)}
    return dict(next(kind for known, kind in KINDS.items() if isinstance(field, known)))


def _bounds(field: fields.Field[Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for check in field.validators:
        if (longest := getattr(check, "longest", None)) is not None:
            said |= {"minLength": 1, "maxLength": longest}
        if (bounds := getattr(check, "bounds", None)) is not None:
            said |= {"minimum": bounds[0], "maximum": bounds[1]}
        if (most := getattr(check, "most", None)) is not None:
            said |= {"minItems": 1, "maxItems": most}
    return said


def _refused() -> dict[str, Any]:
    text = {"type": "string"}
    error = {
        "type": "object",
        "properties": {"code": text, "message": text, "fields": {"type": "object", "additionalProperties": True}},
        "required": ["code", "message"],
    }
    return {"type": "object", "properties": {"error": error}, "required": ["error"]}
