"""The check of a draft: everything that hinders its deployment, and what makes it hard to read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from time import perf_counter
from typing import Any

from flask import Response, jsonify, render_template

from engine import check, drafting, drawing
from engine.canonical import digest, dump
from engine.refusals import Finding
from web.designer.blueprint import bp, draft_of, overlaid, said_json
from web.designer.mending import called, spoken
from web.wiring import check_form, parts

REMEMBERED = 50
_known: OrderedDict[str, list[Finding]] = OrderedDict()
_lock = Lock()


@bp.post("/drafts/<draft_id>/check")
def checked(draft_id: str) -> Response:
    """Findings as JSON, with unsaved states of the editor laid over the draft."""
    begun = perf_counter()
    with parts().database.read() as session:
        files = overlaid(session, draft_id, said_json())
    found, names = findings(files), called(files)
    return jsonify(
        {
            "findings": [spoken(finding, names) for finding in found],
            "errors": sum(finding.level == "error" for finding in found),
            "warnings": sum(finding.level != "error" for finding in found),
            "digest": _key(files),
            "milliseconds": round(1000 * (perf_counter() - begun)),
        }
    )


@bp.get("/drafts/<draft_id>/findings")
def listed(draft_id: str) -> str:
    """The same as a page."""
    with parts().database.read() as session:
        draft = draft_of(session, draft_id)
        files = drafting.files(session, draft_id)
    names = called(files)
    told = [spoken(finding, names) for finding in findings(files)]
    return render_template("designer/findings.html", page="designer", draft=draft, findings=told)


def findings(files: Mapping[str, bytes]) -> list[Finding]:
    """All findings, mistakes first; the same files are checked once."""
    key = _key(files)
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    found = sorted(_findings(files), key=lambda finding: finding.level != "error")
    with _lock:
        _known[key] = found
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return found


def _findings(files: Mapping[str, bytes]) -> list[Finding]:
    faults = check(files, sorted(parts().engine.services))
    rules = [] if any(each.level == "error" for each in faults) else parts().engine.rules_broken(files)
    forms = [each for path in sorted(files) if path.endswith(".form.json") for each in check_form(path, files[path])]
    return [*faults, *rules, *forms, *drawing.faults(files)]


def _key(files: Mapping[str, Any]) -> str:
    services = sorted(parts().engine.services)
    return digest(dump([{path: digest(data) for path, data in files.items()}, services]))
