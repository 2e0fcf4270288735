"""A row of the catalogue as the plan of a finished matter foresees it, for the keeper to complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from processes.catalogue import CHANNELS, SCOPES, CatalogueVersion
from processes.organisation import Organisation

REMARK = "由目录外事项转入"


def governed_by(session: Session, unit: str) -> str:
    """Whose catalogue the row belongs in: the one that counts for the unit, or the unit's own where there is none.

    A unit without a catalogue of its own stays in that of its superior: a catalogue of one row would hide the others.
    """
    version = CatalogueVersion.governing(session, unit)
    return version.organisation if version else unit


def row_of(session: Session, unit: str, plan: Mapping[str, Any]) -> dict[str, str]:
    """Column → text, as people write the annex's table. The approval procedure is the keeper's to say."""
    remarks = [str(plan.get("remarks") or "").strip().rstrip("。；"), REMARK]
    return {
        "content": str(plan.get("content") or plan.get("title") or ""),
        "audience_scope": _scope(plan),
        "approval_procedure": "",
        "channel": "、".join(CHANNELS[channel][0] for channel in plan.get("channels") or [] if channel in CHANNELS),
        "start_point": str(plan.get("start_point") or ""),
        "display_duration": str(plan.get("display_duration") or ""),
        "responsible_unit": Organisation.of(session, unit).name,
        "collaborators": "、".join(Organisation.of(session, code).name for code in plan.get("co_units") or []),
        "remarks": "；".join(filter(None, remarks)),
    }


def _scope(plan: Mapping[str, Any]) -> str:
    return SCOPES[plan["scope"]][0] if plan.get("scope") in SCOPES else str(plan.get("scope_note") or "")
