"""The addresses of programs, each declared once: what it takes and gives, which its description tells too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import getdoc
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from engine.canonical import dump
from engine.refusals import Invalid, Refusal
from web import refusals
from web.api import shapes, tokens
from web.api.tokens import ApiToken
from web.auth import csrf, current
from web.wiring import parts

LARGEST = 2 * 1024 * 1024
"""Bytes of a request."""
bp = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(bp)  # nothing here looks at a cookie

Act = Callable[..., Mapping[str, Any]]


class NoJson(Refusal):
    """The request has no JSON object: {reason}"""


@dataclass(frozen=True, slots=True)
class Operation:
    """One address as its description tells it; `path` is Flask's, below /api."""

    method: str
    path: str
    name: str
    takes: type[shapes.Asked]
    gives: type[shapes.Told]
    says: str


OPERATIONS: list[Operation] = []


def operation(method: str, path: str, takes: type[shapes.Asked], gives: type[shapes.Told]) -> Callable[[Act], Act]:
    """Serve `act(token, **path parameters, **what was asked)` there, for whoever has a token."""

    def register(act: Act) -> Act:
        @wraps(act)
        def view(**place: str) -> Response:
            token = bearer()
            said = shapes.read(takes, asked())
            return jsonify(gives().dump(act(token, **place, **said)))

        OPERATIONS.append(Operation(method, path, act.__name__, takes, gives, getdoc(act) or ""))
        bp.add_url_rule(path, act.__name__, view, methods=[method])
        return act

    return register


def bearer() -> ApiToken:
    """The token of this request. NoToken, WrongToken."""
    scheme, _, spelling = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not spelling.strip():
        raise tokens.NoToken(reason="")
    with parts().database.read() as reading:
        found = tokens.read(reading, spelling.strip())
    if not tokens.is_used_lately(found, current.now()):
        with parts().database.write() as writing:
            tokens.used(writing, found, current.now())
    return found


def asked() -> dict[str, Any]:
    """The request's JSON object, or its query where it has no body. NoJson."""
    if request.method == "DELETE":
        return request.args.to_dict()
    request.max_content_length = LARGEST
    try:
        said = json.loads(request.get_data(), parse_constant=_no_number)
        dump(said).encode()
    except RecursionError:
        raise NoJson(reason=_("it is nested too deeply")) from None
    except ValueError as error:
        raise NoJson(reason=str(error)) from None
    if not isinstance(said, dict):
        raise NoJson(reason=_("it is something else"))
    return said


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> tuple[Response, int]:
    """A refusal as JSON: its code, its message in the asker's language, wrong fields by name."""
    code = 401 if isinstance(refusal, tokens.NoToken | tokens.WrongToken) else refusals.status(refusal)
    fields = refusal.errors if isinstance(refusal, Invalid) else None
    return _error(code, code_of(refusal), refusals.said(refusal), fields)


@bp.errorhandler(HTTPException)
def failed(error: HTTPException) -> tuple[Response, int]:
    """An error of HTTP as JSON."""
    code = error.code or 500
    return _error(code, f"http_{code}", str(refusals.HEADINGS.get(code, refusals.HEADINGS[400])))


@bp.errorhandler(Exception)
def unexpected(error: Exception) -> tuple[Response, int]:
    """A bug as JSON: nothing of it is told, all of it is in the log; 503 where one asks again with the same key."""
    _page, code = refusals.unexpected(error)
    return _error(code, f"http_{code}", str(refusals.HEADINGS[code]))


def code_of(refusal: Refusal) -> str:
    """The name of a refusal for programs: `NoReceiver` is `no_receiver`."""
    name = type(refusal).__name__
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")


def _error(code: int, name: str, message: str, fields: Any = None) -> tuple[Response, int]:
    told = {"code": name, "message": message} | ({"fields": fields} if fields else {})
    answer = jsonify({"error": told})
    if code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer, code


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
