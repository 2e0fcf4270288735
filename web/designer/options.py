"""What the properties panel offers: posts, forms, decisions, services, processes, periods, words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from inspect import getdoc
from posixpath import dirname, relpath
from typing import Any

from flask import Response, jsonify, request
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Definition, Service, authoring, deadline, topic_of
from engine.clock import SHANGHAI
from processes.organisation import POSTS
from processes.settings import LIMITS
from web import i18n, names, versions
from web.auth import current
from web.designer.blueprint import bp, draft_of, overlaid, said_json
from web.designer.variables import known, title_of
from web.wiring import parts

PERIODS = ("30m", "2h", "24h", "1wd", "2wd", "3wd", "5wd", "10wd", "15wd", "7d", "15d", "30d")
ANSWERS = re.compile(r"→\s*\{([\w,\s]+)\}")
FUNCTIONS: tuple[tuple[str, str, Any], ...] = (
    ("defined", 'defined("name")', _("Is there such a variable?")),
    ("deadline", 'deadline("2wd")', _("The moment when a period from now ends")),
    ("reminder", 'reminder("2wd")', _("The moment half way to that end")),
    ("len", "len(list)", _("How many")),
    ("any", "any(test for item in list)", _("Does one of them hold?")),
    ("all", "all(test for item in list)", _("Do all of them hold?")),
    ("min", "min(a, b)", _("The least")),
    ("max", "max(a, b)", _("The greatest")),
    ("sum", "sum(list)", _("The sum")),
    ("sorted", "sorted(list)", _("In order")),
    ("round", "round(number)", _("Rounded")),
    ("str", "str(value)", _("As text")),
    ("int", "int(text)", _("As a whole number")),
)


@bp.get("/drafts/<draft_id>/options.json")
def options(draft_id: str) -> Response:
    """Everything the panel offers for this draft."""
    with parts().database.read() as session:
        draft_of(session, draft_id)
        files = overlaid(session, draft_id, {})
        used = _in_force(session)
    return jsonify(offered(files, used))


@bp.route("/drafts/<draft_id>/variables.json", methods=["GET", "POST"])
def variables(draft_id: str) -> Response:
    """The variables known at an element, or anywhere in the draft."""
    with parts().database.read() as session:
        files = overlaid(session, draft_id, said_json())
    element = request.args.get("element") or None
    return jsonify({"variables": known(files, element, answers())})


@bp.get("/timer.json")
def timer() -> Response:
    """A period in words, and when it would end, day by day."""
    spec, kind = request.args.get("spec", "").strip(), request.args.get("kind", "deadline")
    return jsonify(_timer(spec, kind, _from(request.args.get("from")) or current.now()))


@bp.post("/drafts/<draft_id>/expression")
def expression(draft_id: str) -> Response:
    """Is the text an expression, a script or a test of a table?"""
    said = said_json()
    wrong = authoring.tell(str(said.get("text") or ""), str(said.get("kind") or "expression"))
    line, reason = wrong or (None, "")
    return jsonify({"is_valid": wrong is None, "line": line, "reason": i18n.phrase(reason)})


def offered(files: Mapping[str, bytes], used: Mapping[str, bytes]) -> dict[str, Any]:
    """The lists. `used`: the files of the procedures in force, from which parameters and words are learnt."""
    own, others = authoring.sketch(files), authoring.sketch(used)
    elements = [*own.elements.values(), *others.elements.values()]
    return {
        "posts": [{"value": code, "label": i18n.named(post)} for code, post in POSTS.items()],
        "organisations": _organisations(),
        "forms": list(_forms(files, own.start)),
        "decisions": [_decision(each) for each in own.decisions.values()],
        "services": _services(elements),
        "processes": [{"value": key, "label": name, "path": path} for key, (name, path) in own.processes.items()],
        "periods": [{"value": spec, "label": i18n.period(spec)} for spec in PERIODS],
        "settings": [_setting(key) for key in LIMITS],
        "acts": _words(elements, "act"),
        "states": _words(elements, "state"),
        "articles": sorted({said for each in elements if (said := each.properties.get("basis"))}),
        "messages": _events(elements, "message"),
        "signals": _events(elements, "signal"),
        "errors": _events(elements, "error"),
        "escalations": _events(elements, "escalation"),
        "functions": [{"name": name, "signature": how, "help": str(told)} for name, how, told in FUNCTIONS],
        "languages": ["zh", "en"],
    }


def answers() -> dict[str, list[str]]:
    """Service → the names in its answer, where it says them."""
    return {name: _answer(service) for name, service in parts().engine.services.items()}


def _in_force(session: Session) -> dict[str, bytes]:
    """The files of all procedures in force, each under the key of its procedure."""
    found: dict[str, bytes] = {}
    for key, version in session.execute(select(Definition.key, Definition.in_force)):
        if version:
            found |= {f"{key}/{path}": data for path, data in versions.files_of(session, version).items()}
    return found


def _organisations() -> list[dict[str, str]]:
    words = [("organisation", _("The organisation of the matter"))]
    words += [(f'seats["{code}"]', post) for code, post in POSTS.items()]
    offered = [
        {"value": value, "label": i18n.named(said) if value != "organisation" else str(said)} for value, said in words
    ]
    return offered + [{"value": f'"{code}"', "label": name} for code, name in names.organisations().items()]


def _forms(files: Mapping[str, bytes], start: str | None) -> Iterator[dict[str, str]]:
    for path in sorted(files):
        if path.endswith(".form.json"):
            yield {
                "value": relpath(path, dirname(start or "") or "."),
                "label": title_of(files[path]) or path,
                "path": path,
            }


def _decision(decision: Any) -> dict[str, Any]:
    return {
        "value": decision.id,
        "label": decision.name,
        "path": decision.path,
        "inputs": [{"label": each.source, "expression": each.source} for each in decision.inputs],
        "outputs": list(decision.outputs),
        "policy": decision.policy,
    }


def _services(elements: list[Any]) -> list[dict[str, Any]]:
    uses: dict[str, dict[str, str]] = defaultdict(dict)
    results: dict[str, str] = {}
    labels: dict[str, str] = {}
    for element in elements:
        if operator := element.operator:
            for name, value in operator.parameters.items():
                uses[operator.service].setdefault(name, value)
            results.setdefault(operator.service, operator.result)
            labels.setdefault(operator.service, i18n.named({"name": element.name, "en": element.properties.get("en")}))
    ours: dict[str, Service | None] = dict(parts().engine.services)
    outside = dict.fromkeys(name for name in uses | results if topic_of(name))
    return [
        {
            "value": name,
            "label": labels.get(name) or name,
            "inside": service is not None and service.inside,
            "documentation": (getdoc(service.run) if service else str(_("A program outside does it, by topic."))) or "",
            "parameters": [{"name": each, "example": value} for each, value in uses[name].items()],
            "result": results.get(name, ""),
            "answers": _answer(service) if service else [],
        }
        for name, service in sorted((outside | ours).items())
    ]


def _answer(service: Service) -> list[str]:
    found = ANSWERS.search(getdoc(service.run) or "")
    return [name.strip() for name in found[1].split(",") if name.strip()] if found else []


def _setting(key: str) -> dict[str, str]:
    limit = LIMITS[key]
    said = {"value": key, "label": i18n.named(limit), "default": limit.default, "words": i18n.period(limit.default)}
    return {**said, "expression": f'settings["{key}"]'}


def _words(elements: list[Any], name: str) -> list[dict[str, str]]:
    found = sorted({said for each in elements if (said := each.properties.get(name))})
    return [{"value": said, "label": said} for said in found]


def _events(elements: list[Any], kind: str) -> list[str]:
    return sorted({event.name for each in elements for event in each.events if event.kind == kind and event.name})


def _from(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _timer(spec: str, kind: str, start: datetime) -> dict[str, Any]:
    calendar = parts().engine.calendar()
    try:
        end = deadline(spec, start, calendar)
    except (ValueError, OverflowError):
        return {"is_valid": False, "spec": spec, "error": str(_("Write a number and wd (working days), d, h, m or s."))}
    at = start + (end.at - start) / 2 if kind == "reminder" else end.at
    return {
        "is_valid": True,
        "spec": spec,
        "words": i18n.period(spec),
        "from": start.isoformat(),
        "at": at.isoformat(),
        "at_words": i18n.moment(at) if kind == "reminder" else i18n.deadline(at),
        "counted": end.how.get("counted", []),
        "skipped": end.how.get("skipped", []),
    }
