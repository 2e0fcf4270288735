"""A release to write tests about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.canonical import digest, dump
from processes.disclosure.publications import Publication, Recipient, plain_text
from processes.organisation import deciding


def release(school: Any, scope: str = "PUBLIC", *, to: tuple[str, ...] = (), **changes: Any) -> str:
    """The id of a publication of the organisation department, as the service would have released it."""
    at, html = school.clock.now, changes.get("html", "<p>上年度党费收缴情况。</p>")
    values = {
        "title": "党费收缴情况",
        "content": "",
        "html": html,
        "plain": plain_text(html),
        "text_hash": digest("text"),
        "scope": scope,
        "scope_note": "",
        "organisation": "orgdept",
        "units_json": dump(["组织部"]),
        "attachments_json": "[]",
        "proofs_json": dump({"LAN": "NONE"}),
        "on_portal": True,
        "display_duration": "永久",
        "released_at": at,
        "released_by": None,
        "feedback_open_until": at + timedelta(days=15),
        **changes,
    }
    number = digest(dump([scope, list(to), values["title"], values["organisation"]]))[:32]
    with school.parts.database.write() as session:
        values.setdefault("deciding", deciding(session, values["organisation"]))
        session.add(Publication(id=number, matter_id=f"m{number[1:]}", call_id=number, **values))
        session.flush()
        session.add_all(Recipient(publication_id=number, person_id=school.person(login).id) for login in to)
    return number
